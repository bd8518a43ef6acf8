//! Encrypted connections: only to whom a trusted authority vouches for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;

use net::{Client, Error};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use support::{get, settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/certificate.pem");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/key.pem");

/// Serves one page over TLS, with a certificate for `site.example` that nobody signed but itself.
async fn serve() -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_file(KEY).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret")
                .await;
            let _ = stream.shutdown().await;
        }
    });
    addr
}

fn client(addr: SocketAddr) -> Client {
    Client::new(&settings(&format!("resolve = ['*.example={addr}']"))).unwrap()
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_is_refused() {
    let refused = get(&client(serve().await), "https://site.example/").await;
    assert!(matches!(&refused, Err(e @ Error::Tls { .. }) if !e.is_retryable()), "{refused:?}");
}

/// Run by the next test in a process of its own that trusts the server's certificate.
#[tokio::test]
#[ignore = "a part of the_machines_own_authorities_are_trusted"]
async fn fetches_from_a_trusted_server() {
    let client = client(serve().await);
    let fetched = get(&client, "https://site.example/").await.unwrap();
    assert_eq!((&fetched.body[..], fetched.tls), (&b"secret"[..], true));
    let refused = get(&client, "https://other.example/").await;
    assert!(matches!(refused, Err(Error::Tls { .. })), "the certificate is for another host: {refused:?}");
}

#[tokio::test]
async fn the_machines_own_authorities_are_trusted() {
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "fetches_from_a_trusted_server"]).env("SSL_CERT_FILE", CERTIFICATE);
    let output = child.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
