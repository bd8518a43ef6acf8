//! Every error of the API as one shape: RFC 9457.

use actix_web::error::{JsonPayloadError, QueryPayloadError};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use domain::{FieldError, Problem};
use serde::Serialize;

/// A request that is not done, and why. The envelope adds what only it knows: the request's id and address.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .problem.detail)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) problem: Problem,
}

/// As it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    code: &'a str,
    request_id: &'a str,
    retryable: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self { status, problem: Problem::new(code, detail) }
    }

    pub(crate) fn bad(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(crate) fn missing(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no such {what}"))
    }

    /// A bug or a broken row: told in the log, not to the caller.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        let detail = "the gateway could not answer; the log under this request's id says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    pub(crate) fn body<'a>(&'a self, instance: &'a str, request_id: &'a str) -> Body<'a> {
        Body {
            r#type: format!("/problems/{}", self.problem.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.problem.detail,
            instance,
            code: &self.problem.code,
            request_id,
            retryable: self.problem.retryable,
            errors: &self.problem.errors,
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status).finish();
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound { what } => Self::missing(what),
            store::Error::Conflict(problem) => {
                let is_other_body = problem.code.contains("idempotency");
                let status =
                    if is_other_body { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT };
                Self { status, problem }
            }
            error if error.is_retryable() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database does not answer");
                let problem =
                    Problem::new("unavailable", "the database does not answer; try again").retryable();
                Self { status: StatusCode::SERVICE_UNAVAILABLE, problem }
            }
            error => Self::internal(&error),
        }
    }
}

/// A refused input.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, problem }
    }
}

/// How bodies are read.
pub(crate) fn json(limit: usize) -> web::JsonConfig {
    web::JsonConfig::default().limit(limit).error_handler(move |error, _| {
        let refusal = match &error {
            JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                format!("a body has at most {limit} bytes"),
            ),
            JsonPayloadError::ContentType => Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "the body has to be JSON, with `Content-Type: application/json`",
            ),
            JsonPayloadError::Deserialize(error) => Refusal::bad("invalid_body", error.to_string()),
            _ => Refusal::bad("invalid_body", "the body could not be read"),
        };
        refusal.into()
    })
}

/// How queries are read.
pub(crate) fn query() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|error, _| {
        let detail = match &error {
            QueryPayloadError::Deserialize(error) => error.to_string(),
            _ => "the query could not be read".to_owned(),
        };
        Refusal::bad("invalid_query", detail).into()
    })
}
