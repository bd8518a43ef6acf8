//! The admin port: what probes and Prometheus ask. Reads, never writes.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, web};
use prometheus::TextEncoder;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::service::Deps;

/// How long a part may take to answer before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the probes see of the process.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    /// Set once everything was found.
    deps: Arc<OnceLock<Deps>>,
    stop: CancellationToken,
    /// The connections belong to this runtime, not to the one that serves the probes.
    home: Handle,
}

/// The answer of `/readyz`: each part with `ok` or what is wrong.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Parts>,
}

#[derive(Debug, Serialize)]
struct Parts {
    store: String,
    queue: String,
    ephemeral: &'static str,
}

impl Condition {
    /// Of a process that has just begun, on the current runtime.
    pub(crate) fn starting(stop: CancellationToken) -> Self {
        Self { deps: Arc::default(), stop, home: Handle::current() }
    }

    pub(crate) fn started(&self, deps: Deps) {
        // Never an error: a process starts once.
        let _ = self.deps.set(deps);
    }

    async fn readiness(self) -> Readiness {
        let Some(deps) = self.deps.get() else {
            return Readiness { ready: false, state: "starting", parts: None };
        };
        let (store, queue) = tokio::join!(answer(deps.store.ping()), answer(deps.broker.ping()));
        let is_whole = store.is_ok() && queue.is_ok();
        // Alone, a process still does its work.
        let ephemeral = if deps.ephemeral.is_degraded() { "alone" } else { "ok" };
        let said = |part: Result<(), String>| part.err().unwrap_or_else(|| "ok".to_owned());
        let parts = Some(Parts { store: said(store), queue: said(queue), ephemeral });
        let is_draining = self.stop.is_cancelled();
        let state = match (is_draining, is_whole) {
            (true, _) => "draining",
            (false, true) => "working",
            (false, false) => "waiting",
        };
        Readiness { ready: is_whole && !is_draining, state, parts }
    }
}

async fn answer<E: std::fmt::Display>(asked: impl Future<Output = Result<(), E>>) -> Result<(), String> {
    match timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {PATIENCE:?}")),
    }
}

/// The server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Admin(ServerHandle);

impl Admin {
    /// Serves from a thread of its own, so that a busy process still answers.
    pub(crate) fn start(bind: SocketAddr, condition: Condition) -> std::io::Result<Self> {
        let condition = web::Data::new(condition);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(condition.clone())
                .route("/livez", web::get().to(|| async { "alive\n" }))
                .route("/readyz", web::get().to(readyz))
                .route("/metrics", web::get().to(metrics))
        })
        .workers(1)
        .disable_signals()
        .bind(bind)?;
        for address in server.addrs() {
            tracing::info!(%address, "probes and metrics are answered");
        }
        let server = server.run();
        let handle = server.handle();
        std::thread::Builder::new().name("admin".to_owned()).spawn(move || {
            if let Err(error) = actix_web::rt::System::new().block_on(server) {
                tracing::error!(error = &error as &dyn std::error::Error, "the admin port died");
            }
        })?;
        Ok(Self(handle))
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        // Told at once; nobody waits for the answer.
        drop(self.0.stop(false));
    }
}

async fn readyz(condition: web::Data<Condition>) -> HttpResponse {
    let condition = condition.get_ref().clone();
    match condition.home.clone().spawn(condition.readiness()).await {
        Ok(readiness) if readiness.ready => HttpResponse::Ok().json(readiness),
        Ok(readiness) => HttpResponse::ServiceUnavailable().json(readiness),
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}

async fn metrics() -> HttpResponse {
    match TextEncoder::new().encode_to_string(&prometheus::gather()) {
        Ok(text) => HttpResponse::Ok().insert_header(("content-type", prometheus::TEXT_FORMAT)).body(text),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "metrics cannot be written");
            HttpResponse::InternalServerError().insert_header(ContentType::plaintext()).finish()
        }
    }
}
