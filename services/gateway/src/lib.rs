//! The gateway: accepts runs over HTTP, stores them, announces their first jobs, and reads back what became of them.
//!
//! Not for any work itself: it never fetches a page and never calls a model. Read first: [`Gateway`], `routes` (what
//! can be asked), `refusal` (the one shape of every error), `caller` (who asks).

mod caller;
mod envelope;
mod refusal;
mod routes;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;
use chassis::service::Deps;
use pipelines::Library;
use tokio_util::sync::CancellationToken;
use worker::Bell;

pub use caller::{Scope, Secret};
pub use settings::{DEFAULTS, Settings};

/// How long requests under way may take once the gateway is told to stop. Streams end at once: their readers go on
/// elsewhere with the number they have seen.
const DRAIN: Duration = Duration::from_secs(10);

/// The API, to be served.
#[derive(Debug)]
pub struct Gateway {
    pub settings: Settings,
    pub library: Arc<Library>,
}

/// What every handler holds.
#[derive(Debug, Clone)]
struct State {
    deps: Deps,
    bell: Bell,
    library: Arc<Library>,
    stop: CancellationToken,
    /// Whether a request without a key is taken for the local tenant's.
    is_open: bool,
}

impl Gateway {
    /// Serves until `stop`, then lets requests under way finish.
    ///
    /// # Errors
    /// If nothing can be served at the address.
    pub async fn run(self, deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
        let server = self.listen(deps, stop.clone())?;
        let handle = server.handle();
        let drain = tokio::spawn(async move {
            stop.cancelled().await;
            handle.stop(true).await;
        });
        let served = server.await;
        drain.abort();
        Ok(served?)
    }

    fn listen(self, deps: Deps, stop: CancellationToken) -> anyhow::Result<Server> {
        let Settings { bind, max_body_bytes } = self.settings;
        let bell = Bell::new(deps.store.clone(), Arc::clone(&deps.broker), deps.clock.clone());
        let state = State { deps, bell, library: self.library, stop, is_open: bind.ip().is_loopback() };
        let state = web::Data::new(state);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .app_data(web::PayloadConfig::new(max_body_bytes.get()))
                .app_data(refusal::json(max_body_bytes.get()))
                .app_data(refusal::query())
                .wrap(from_fn(envelope::wrap))
                .configure(routes::configure)
        })
        .shutdown_timeout(DRAIN.as_secs())
        .disable_signals()
        .bind(bind)
        .with_context(|| format!("cannot listen on {bind} (gateway.bind)"))?;
        for address in server.addrs() {
            tracing::info!(api = %address, "requests are answered");
        }
        Ok(server.run())
    }
}
