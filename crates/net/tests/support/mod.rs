//! A web server on loopback that does exactly as told, and clients that find it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ephemeral::{Ephemeral, Memory};
use net::{Client, Error, Fetched, Follow, Lookup, Pace, Polite, Request, Settings, Url};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// What the server does with a request.
pub(crate) enum Answer {
    /// A complete answer; the connection stays open for the next request.
    Full { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// These bytes, then the connection ends.
    Raw(Vec<u8>),
    /// The head, then `piece` again and again for as long as the client listens.
    Endless { head: &'static str, piece: Vec<u8>, every: Duration },
    /// Nothing at all.
    Silence,
}

pub(crate) fn page(body: &str) -> Answer {
    status(200, body)
}

pub(crate) fn status(status: u16, body: &str) -> Answer {
    Answer::Full { status, headers: vec![("content-type", "text/html".into())], body: body.into() }
}

pub(crate) fn redirect(to: impl Into<String>) -> Answer {
    Answer::Full { status: 302, headers: vec![("location", to.into())], body: b"moved".to_vec() }
}

pub(crate) fn packed(encoding: &str, body: Vec<u8>) -> Answer {
    Answer::Full { status: 200, headers: vec![("content-encoding", encoding.into())], body }
}

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) at: Instant,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) addr: SocketAddr,
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Handler = Arc<dyn Fn(&Seen) -> Answer + Send + Sync>;

impl Web {
    pub(crate) async fn serve(handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve_at("127.0.0.1:0", handler).await
    }

    pub(crate) async fn serve_at(
        addr: &str,
        handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(addr).await.unwrap();
        let web = Self {
            addr: listener.local_addr().unwrap(),
            connections: Arc::default(),
            open: Arc::default(),
            seen: Arc::default(),
        };
        let (at, handler): (Self, Handler) = (web.clone(), Arc::new(handler));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                at.connections.fetch_add(1, Ordering::SeqCst);
                at.open.fetch_add(1, Ordering::SeqCst);
                let (at, handler) = (at.clone(), Arc::clone(&handler));
                tokio::spawn(async move {
                    let _ = at.talk(stream, handler).await;
                    at.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        web
    }

    async fn talk(&self, mut stream: TcpStream, handler: Handler) -> io::Result<()> {
        while let Some(head) = head(&mut stream).await? {
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let seen = Seen { path, head, at: Instant::now() };
            self.seen.lock().unwrap().push(seen.clone());
            match handler(&seen) {
                Answer::Full { status, headers, body } => {
                    let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
                    for (name, value) in headers {
                        head.push_str(&format!("{name}: {value}\r\n"));
                    }
                    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
                    stream.write_all(&body).await?;
                }
                Answer::Raw(bytes) => {
                    stream.write_all(&bytes).await?;
                    return stream.shutdown().await;
                }
                Answer::Endless { head, piece, every } => {
                    stream.write_all(head.as_bytes()).await?;
                    loop {
                        stream.write_all(&piece).await?;
                        tokio::time::sleep(every).await;
                    }
                }
                Answer::Silence => {
                    let mut rest = Vec::new();
                    stream.read_to_end(&mut rest).await?;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.addr).parse().unwrap()
    }

    /// How many connections were ever accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many are open now.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.path).collect()
    }
}

async fn head(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) => return Err(e),
        }
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Answers by name, and counts the questions. A name's answers are given in turn; the last one stays.
#[derive(Debug, Default)]
pub(crate) struct Names {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    pub(crate) asked: AtomicUsize,
}

impl Names {
    pub(crate) fn new(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let parse = |answers: &[&[&str]]| {
            answers.iter().map(|ips| ips.iter().map(|ip| ip.parse().unwrap()).collect()).rev().collect()
        };
        let answers = names.iter().map(|(name, answers)| ((*name).to_owned(), parse(answers))).collect();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let turns = answers.get_mut(host).ok_or(io::ErrorKind::NotFound)?;
        Ok(if turns.len() > 1 { turns.pop().unwrap() } else { turns[0].clone() })
    }
}

pub(crate) fn settings(text: &str) -> Settings {
    toml::from_str(text).unwrap()
}

/// Settings that find every host under `.example` at the server.
pub(crate) fn settings_for(web: &Web) -> Settings {
    settings(&format!("resolve = '*.example={}'", web.addr))
}

pub(crate) fn client_for(web: &Web) -> Client {
    Client::new(&settings_for(web)).unwrap()
}

pub(crate) async fn fetch(
    client: &Client,
    request: &Request,
    follow: &mut dyn Follow,
) -> Result<Fetched, Error> {
    let never = CancellationToken::new();
    let fetching = client.fetch(request, follow, &never);
    tokio::time::timeout(Duration::from_secs(20), fetching).await.expect("an end in time")
}

pub(crate) async fn get(client: &Client, url: &str) -> Result<Fetched, Error> {
    fetch(client, &Request::get(url.parse().unwrap()), &mut net::Anywhere).await
}

/// Waits until `holds` does.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Longer than any wait of a test.
pub(crate) const PATIENT: Duration = Duration::from_secs(20);

pub(crate) fn polite(web: &Web, memory: &Arc<Memory>, pace: Pace) -> Polite {
    let place: Arc<dyn Ephemeral> = Arc::<Memory>::clone(memory);
    Polite::new(Client::new(&settings_for(web)).unwrap(), place, pace)
}

pub(crate) fn url(path: &str) -> Url {
    format!("http://site.example{path}").parse().unwrap()
}
