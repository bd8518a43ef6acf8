//! What can be asked.

mod documents;
mod events;
mod pipelines;
mod reports;
mod runs;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::refusal::Refusal;

pub(crate) fn configure(app: &mut web::ServiceConfig) {
    let one = "/v1/runs/{run}";
    app.route("/v1/health", web::get().to(health))
        .route("/v1/pipelines", web::get().to(pipelines::list))
        .route("/v1/pipelines/{name}", web::get().to(pipelines::read))
        .service(
            web::resource("/v1/runs").route(web::get().to(runs::list)).route(web::post().to(runs::create)),
        )
        .route(one, web::get().to(runs::read))
        .route(&format!("{one}/pause"), web::post().to(runs::pause))
        .route(&format!("{one}/resume"), web::post().to(runs::resume))
        .route(&format!("{one}/cancel"), web::post().to(runs::cancel))
        .route(&format!("{one}/retry"), web::post().to(runs::retry))
        .route(&format!("{one}/events"), web::get().to(events::follow))
        .route(&format!("{one}/report"), web::get().to(reports::negotiated))
        .route(&format!("{one}/report.{{format}}"), web::get().to(reports::named))
        .route("/v1/documents/{document}", web::get().to(documents::read))
        .route("/v1/documents/{document}/text", web::get().to(documents::text))
        .default_service(web::to(|| async {
            Err::<HttpResponse, _>(Refusal::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "there is no such address",
            ))
        }));
}

/// Whether requests are answered; whether the places behind answer, too, is for the admin port to say.
async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// An id of a path. What is none names nothing.
fn id<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::missing(what))
}
