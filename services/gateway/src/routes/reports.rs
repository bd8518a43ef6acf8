//! `/v1/runs/{run}/report`: what the run published, in the format that is asked for.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, Accept, Header as _};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::RunId;
use report::Format;
use sha2::{Digest as _, Sha256};
use store::Tenant;

use super::id;
use crate::State;
use crate::caller::Caller;
use crate::refusal::Refusal;

/// In the order in which they are offered to whoever takes anything.
const OFFERED: [Format; 3] = [Format::Json, Format::Html, Format::Markdown];

const fn content_type(format: Format) -> &'static str {
    match format {
        Format::Html => "text/html; charset=utf-8",
        Format::Markdown => "text/markdown; charset=utf-8",
        Format::Json => "application/json",
    }
}

pub(super) async fn negotiated(
    state: web::Data<State>,
    Caller(tenant): Caller,
    run: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let format = wanted(&request)?;
    answer(&state, &tenant, id(&run, "run")?, format, &request).await
}

pub(super) async fn named(
    state: web::Data<State>,
    Caller(tenant): Caller,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let (run, format) = path.into_inner();
    let format = format.parse().map_err(|_| Refusal::missing("format of a report"))?;
    answer(&state, &tenant, id(&run, "run")?, format, &request).await
}

/// The first of the accepted types that a report can be had as.
fn wanted(request: &HttpRequest) -> Result<Format, Refusal> {
    let [first, ..] = OFFERED;
    if !request.headers().contains_key(header::ACCEPT) {
        return Ok(first);
    }
    let none = || {
        let offered = OFFERED.map(content_type).join(", ");
        Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            "not_acceptable",
            format!("a report can be had as {offered}"),
        )
    };
    let accepted = Accept::parse(request).map_err(|_| none())?.ranked();
    let fits = |format: &Format, mime: &str| {
        mime == "*/*" || content_type(*format).starts_with(mime.trim_end_matches('*'))
    };
    accepted
        .iter()
        .find_map(|mime| OFFERED.into_iter().find(|format| fits(format, mime.essence_str())))
        .ok_or_else(none)
}

async fn answer(
    state: &State,
    tenant: &Tenant,
    run: RunId,
    format: Format,
    request: &HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let Some(published) = tenant.report(run).await? else {
        let run = tenant.run(run).await?;
        let detail = format!("the run has no report: it is {}", run.state.as_str());
        return Err(Refusal::new(StatusCode::CONFLICT, "no_report", detail));
    };
    let snapshot = state.deps.store.snapshot(run).await?;
    let (report, template) = report::published(published.body, published.version, &snapshot)
        .map_err(|error| Refusal::internal(&error))?;
    let text = report::render(&report, template, format).map_err(|error| Refusal::internal(&error))?;
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(&text)));
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::ETAG, tag.clone()))
        .insert_header((header::VARY, "accept, authorization"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(answer.insert_header((header::CONTENT_TYPE, content_type(format))).body(text))
}
