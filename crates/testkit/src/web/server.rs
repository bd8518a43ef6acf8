//! The server: looks at the Host header and answers for that company.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::http::header::HOST;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use super::site::Site;

/// One request as the server saw it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub host: String,
    /// With the query.
    pub path: String,
    pub user_agent: String,
    pub at: SystemTime,
}

/// One answer to be sent.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/html; charset=utf-8", body)
    }

    pub fn redirect(status: u16, to: impl Into<String>) -> Self {
        Self { status, headers: vec![("location", to.into())], body: Vec::new() }
    }
}

/// The running sample web. Stops when dropped.
#[derive(Debug)]
pub struct SampleWeb {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    handle: ServerHandle,
}

impl SampleWeb {
    /// Starts it on a free port of loopback, on threads of its own.
    ///
    /// # Errors
    /// If no port can be bound.
    pub fn start() -> std::io::Result<Self> {
        let log: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let state = web::Data::new(State { sites: Site::all(), log: Arc::clone(&log) });
        let server =
            HttpServer::new(move || App::new().app_data(state.clone()).default_service(web::to(answer)))
                .workers(2)
                .disable_signals()
                .bind(("127.0.0.1", 0))?;
        let address = server.addrs().first().copied().ok_or_else(|| std::io::Error::other("no address"))?;
        let server = server.run();
        let handle = server.handle();
        std::thread::Builder::new()
            .name("sample-web".to_owned())
            .spawn(move || actix_web::rt::System::new().block_on(server))?;
        Ok(Self { address, log, handle })
    }

    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// For the setting `net.resolve`: every host of the sample web, and every other `.example`, at this server.
    #[must_use]
    pub fn resolve(&self) -> String {
        format!("*.example={}", self.address)
    }

    /// What was asked so far, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The paths (with query) that were asked of a host, in order.
    #[must_use]
    pub fn paths(&self, host: &str) -> Vec<String> {
        self.asked().into_iter().filter(|asked| asked.host == host).map(|asked| asked.path).collect()
    }
}

impl Drop for SampleWeb {
    fn drop(&mut self) {
        // The future only waits for the stop; the stop itself is sent at once.
        drop(self.handle.stop(false));
    }
}

struct State {
    sites: Vec<Site>,
    log: Arc<Mutex<Vec<Asked>>>,
}

async fn answer(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = header(HOST.as_str()).split(':').next().unwrap_or_default().to_lowercase();
    let query = request.query_string();
    let path =
        if query.is_empty() { request.path().to_owned() } else { format!("{}?{query}", request.path()) };
    let asked = Asked {
        host: host.clone(),
        path,
        user_agent: header("user-agent").to_owned(),
        at: SystemTime::now(),
    };
    state.log.lock().unwrap_or_else(PoisonError::into_inner).push(asked);

    let answer = state
        .sites
        .iter()
        .find_map(|site| site.answer(&host, request.path(), query))
        .unwrap_or_else(|| Answer::new(404, "text/plain", "no such host"));
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK));
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    response.insert_header(("server", "nginx/1.24.0"));
    response.body(answer.body)
}
