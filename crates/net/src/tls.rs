//! TLS: rustls on ring, trusting the machine's certificate authorities.
//!
//! Where the machine has none (a bare Debian without `ca-certificates`), Mozilla's list that is built in is trusted
//! instead, and said so once: a first run needs nothing installed. `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.

use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

use crate::Error;

/// Makes ring the process's provider for every TLS user that asks for the default one. Safe to call often.
pub fn install_crypto() {
    if CryptoProvider::get_default().is_none() {
        // Somebody else was quicker: then there is a default, which is all that is wanted.
        drop(ring::default_provider().install_default());
    }
}

/// A client's TLS settings.
pub(crate) fn config() -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Setup(format!("TLS: {e}")))?
        .with_root_certificates(Arc::clone(roots()))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Read once: some hundred files.
fn roots() -> &'static Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    ROOTS.get_or_init(|| Arc::new(trusted(rustls_native_certs::load_native_certs().certs)))
}

fn trusted(found: Vec<rustls::pki_types::CertificateDer<'static>>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(found);
    if store.is_empty() {
        tracing::warn!(
            "no certificate authorities found on this machine, the built-in list is trusted; to use your own, install ca-certificates or set SSL_CERT_FILE"
        );
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    store
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installing_twice_is_fine() {
        install_crypto();
        install_crypto();
        assert!(CryptoProvider::get_default().is_some());
    }

    #[test]
    fn a_machine_without_authorities_still_trusts_the_built_in_ones() {
        assert!(trusted(Vec::new()).len() > 50);
    }
}
