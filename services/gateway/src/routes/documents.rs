//! `/v1/documents`: the sources that evidence points to.

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use serde_json::json;

use super::id;
use crate::caller::Caller;
use crate::refusal::Refusal;

pub(super) async fn read(
    Caller(tenant): Caller,
    document: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let document = tenant.document(id(&document, "document")?).await?;
    Ok(HttpResponse::Ok().json(json!({
        "id": document.id, "run": document.run, "subject": document.subject, "url": document.url,
        "kind": document.kind, "content_type": document.content_type, "size_bytes": document.size_bytes,
        "attributes": document.attributes, "fetched_at": document.fetched_at,
        "links": { "text": format!("/v1/documents/{}/text", document.id) },
    })))
}

/// The text as it was read: the offsets of evidence count its bytes.
pub(super) async fn text(
    Caller(tenant): Caller,
    document: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let content = tenant.content(id(&document, "document")?).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body(content.text))
}
