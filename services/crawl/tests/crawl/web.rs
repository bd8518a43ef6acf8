//! A web on loopback: every host name leads to one server, which answers as the test says and remembers who asked.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request that came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) host: String,
    /// Path and query.
    pub(crate) path: String,
}

/// What the server answers.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Bytes(Vec<u8>),
    /// Never ends.
    Endless,
    /// A byte now and then.
    Trickle,
    /// Never comes.
    Silence,
    /// The connection breaks off.
    Reset,
}

impl Reply {
    pub(crate) fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", kind.to_owned())], body: Body::Bytes(body.into()) }
    }

    pub(crate) fn html(body: impl AsRef<str>) -> Self {
        Self::new(200, "text/html; charset=utf-8", body.as_ref())
    }

    pub(crate) fn text(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/plain", body)
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::new(status, "text/html", format!("<h1>{status}</h1>"))
    }

    pub(crate) fn missing() -> Self {
        Self::status(404)
    }

    pub(crate) fn to(location: &str) -> Self {
        Self::status(301).with("location", location)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(body: Body) -> Self {
        Self { status: 200, headers: vec![("content-type", "text/html".to_owned())], body }
    }
}

type Handler = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// The server. Stops with the runtime it was started on.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) address: std::net::SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Web {
    pub(crate) async fn start(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let web = Self { address: listener.local_addr().unwrap(), log: Arc::default() };
        let (log, handler): (_, Handler) = (Arc::clone(&web.log), Arc::new(handler));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&handler)));
            }
        });
        web
    }

    pub(crate) fn log(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// Host and path of every request, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.log().into_iter().map(|asked| format!("{}{}", asked.host, asked.path)).collect()
    }

    /// Those that are pages, not robots, sitemaps or probes.
    pub(crate) fn pages(&self) -> Vec<String> {
        self.asked().into_iter().filter(|asked| !is_probe(asked)).collect()
    }

    pub(crate) fn count(&self, asked: &str) -> usize {
        self.asked().iter().filter(|other| *other == asked).count()
    }
}

fn is_probe(asked: &str) -> bool {
    let path = asked.split_once('/').map_or("", |(_, path)| path);
    ["robots.txt", "llms.txt", "sitemap.xml", "sitemap_index.xml"].contains(&path)
        || (path.len() == 16 && path.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Asked>>>, handler: Handler) {
    let Some(asked) = read(&mut stream).await else { return };
    log.lock().unwrap().push(asked.clone());
    let reply = handler(&asked);
    let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match reply.body {
        Body::Bytes(bytes) => {
            head.push_str(&format!("content-length: {}\r\n\r\n", bytes.len()));
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Body::Endless => {
            head.push_str("\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            let block = "<p>and on and on</p>\n".repeat(3000);
            while stream.write_all(block.as_bytes()).await.is_ok() {}
        }
        Body::Trickle => {
            head.push_str("content-length: 100000\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(b"<").await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
        Body::Silence => {
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        }
        Body::Reset => {
            head.push_str("content-length: 100000\r\n\r\n<p>");
            let _ = stream.write_all(head.as_bytes()).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&buffer[..read]);
        if head[0] == 0x16 {
            // Somebody tries TLS.
            let _ = stream.write_all(b"HTTP/1.1 400 X\r\n\r\n").await;
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let path = head.split(' ').nth(1)?.to_owned();
    let host = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim().to_owned())
    })?;
    Some(Asked { at: Instant::now(), host, path })
}

/// A page that says enough to be one, and something of its own.
pub(crate) fn page(title: &str, more: &str) -> Reply {
    Reply::html(html(title, more))
}

pub(crate) fn html(title: &str, more: &str) -> String {
    let own: String = (0..12)
        .map(|n| format!("In {title} sentence {n} we tell what {title} means to farms and their {n} pumps. "))
        .collect();
    format!(
        "<!doctype html><html lang=en><head><title>{title}</title></head><body><main><h1>{title}</h1><p>{own}</p>{more}</main></body></html>"
    )
}

pub(crate) fn links<S: AsRef<str>>(hrefs: impl IntoIterator<Item = S>) -> String {
    hrefs.into_iter().map(|href| format!("<p><a href=\"{0}\">more on {0}</a></p>", href.as_ref())).collect()
}
