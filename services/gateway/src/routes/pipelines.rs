//! `/v1/pipelines`

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::State;
use crate::caller::Caller;
use crate::refusal::Refusal;

pub(super) async fn list(state: web::Data<State>, _: Caller) -> HttpResponse {
    let all: Vec<_> = state
        .library
        .list()
        .map(
            |pipeline| json!({ "name": pipeline.name, "title": pipeline.title, "subject": pipeline.subject }),
        )
        .collect();
    HttpResponse::Ok().json(json!({ "data": all, "next_cursor": null }))
}

/// The graph and the schema of the input.
pub(super) async fn read(
    state: web::Data<State>,
    _: Caller,
    name: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let pipeline = state.library.get(&name).map_err(|_| Refusal::missing("pipeline"))?;
    Ok(HttpResponse::Ok().json(&*pipeline))
}
