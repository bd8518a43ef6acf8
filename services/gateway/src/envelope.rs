//! What every answer has in common: an id, headers that keep browsers from guessing, and problems with their place.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::refusal::Refusal;

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // A report shows what strangers wrote: it may look like something, and do nothing.
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
        ),
    ),
];

/// The header with the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long a client should wait before it asks a place again that did not answer.
const SECONDS_TO_RETRY: HeaderValue = HeaderValue::from_static("1");

pub(crate) async fn wrap(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (id, began) = (Uuid::now_v7().simple().to_string(), Instant::now());
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let span = tracing::info_span!("request", request.id = id);
    let mut response = next.call(request).instrument(span).await?.map_into_boxed_body();
    let refusal =
        response.response().extensions().get::<Refusal>().cloned().or_else(|| unnamed(response.status()));
    if let Some(refusal) = refusal {
        let body = serde_json::to_string(&refusal.body(&path, &id))?;
        response = response.map_body(|head, _| {
            let problem = HeaderValue::from_static("application/problem+json");
            head.headers_mut().insert(header::CONTENT_TYPE, problem);
            if refusal.problem.retryable {
                head.headers_mut().insert(header::RETRY_AFTER, SECONDS_TO_RETRY);
            }
            BoxBody::new(body)
        });
    }
    dress(response.headers_mut(), &id);
    let route = response.request().match_pattern();
    tracing::info!(
        request.id = id, %method, route, status = response.status().as_u16(),
        milliseconds = began.elapsed().as_millis() as u64, "answered"
    );
    Ok(response)
}

/// A refusal by the framework, which has no words of its own for it.
fn unnamed(status: StatusCode) -> Option<Refusal> {
    (status.is_client_error() || status.is_server_error()).then(|| {
        Refusal::new(status, "refused", status.canonical_reason().unwrap_or("refused").to_lowercase())
    })
}

fn dress(headers: &mut HeaderMap, id: &str) {
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}
