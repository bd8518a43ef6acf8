//! What a provider says went wrong, and which error that is.

use std::time::Duration;

use serde_json::Value;

use crate::error::shorten;
use crate::{Error, Kind};

/// What is shown of a provider's own words.
pub(crate) const LONGEST_DETAIL: usize = 300;

/// A provider's error in its own words.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// `type` and `code`, whatever there is of them.
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Complaint {
    /// `{"error": {"type", "code", "message"}}` (Anthropic, OpenAI) or `{"error": "text"}` (Ollama).
    pub(crate) fn in_body(body: &Value) -> Option<Self> {
        match body.get("error")? {
            Value::String(message) => Some(Self { code: String::new(), message: message.clone() }),
            Value::Object(error) => {
                let word = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
                let code = format!("{} {}", word("type"), word("code")).trim().to_owned();
                Some(Self { code, message: word("message").to_owned() })
            }
            _ => None,
        }
    }

    /// Which error a status and a provider's words mean. One table for all: their words do not overlap.
    pub(crate) fn means(
        &self,
        provider: Kind,
        model: &str,
        status: u16,
        retry_after: Option<Duration>,
        key: Option<&str>,
    ) -> Error {
        let detail = self.detail(key);
        let words = format!("{} {}", self.code, self.message).to_lowercase();
        let says = |any: &[&str]| any.iter().any(|phrase| words.contains(phrase));
        let unpaid = ["insufficient_quota", "credit balance", "spend limit", "usage limits", "billing"];
        let too_long = [
            "context_length_exceeded",
            "context length",
            "context window",
            "prompt is too long",
            "maximum context",
            "exceed context limit",
        ];
        let (model, named) = (model.to_owned(), says(&["model"]));
        match status {
            401..=403 => Error::Rejected { provider, detail },
            400 | 429 if says(&unpaid) => Error::Rejected { provider, detail },
            429 => Error::RateLimited { provider, retry_after, detail },
            503 | 529 => Error::Overloaded { provider, retry_after, detail },
            404 if named => Error::UnknownModel { provider, model, detail },
            413 => Error::PromptTruncated { provider, model, detail },
            400 | 422 | 500 if says(&too_long) => Error::PromptTruncated { provider, model, detail },
            400 if says(&["content_filter", "content_policy", "content management policy"]) => {
                Error::Refused { provider, model, detail }
            }
            400 if says(&["model_not_found", "invalid model", "does not exist"]) && named => {
                Error::UnknownModel { provider, model, detail }
            }
            408 | 409 | 425 | 500..=599 => Error::Unavailable { provider, detail },
            _ => Error::BadRequest { provider, detail },
        }
    }

    /// The provider's words, short, and without the key if it repeats it.
    pub(crate) fn detail(&self, key: Option<&str>) -> String {
        let text = match (self.code.is_empty(), self.message.is_empty()) {
            (false, false) => format!("{}: {}", self.code, self.message),
            (false, true) => self.code.clone(),
            (true, false) => self.message.clone(),
            (true, true) => "no reason given".to_owned(),
        };
        let text = match key {
            Some(key) => text.replace(key, "[key]"),
            None => text,
        };
        shorten(&text, LONGEST_DETAIL)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(status: u16, body: Value) -> &'static str {
        let complaint = Complaint::in_body(&body).unwrap();
        complaint.means(Kind::OpenAi, "m", status, None, None).code()
    }

    #[test]
    fn every_documented_error_has_its_name() {
        let error = |kind: &str, message: &str| json!({"error": {"type": kind, "message": message}});
        for (status, body, expected) in [
            (401, error("authentication_error", "invalid x-api-key"), "provider_rejected"),
            (403, error("permission_error", "no"), "provider_rejected"),
            (402, error("billing_error", "pay"), "provider_rejected"),
            (400, error("invalid_request_error", "Your credit balance is too low"), "provider_rejected"),
            (429, json!({"error": {"code": "insufficient_quota", "message": "quota"}}), "provider_rejected"),
            (429, error("rate_limit_error", "slow down"), "provider_rate_limited"),
            (529, error("overloaded_error", "Overloaded"), "provider_overloaded"),
            (503, json!({"error": "server busy, please try again"}), "provider_overloaded"),
            (500, error("api_error", "Internal"), "provider_unavailable"),
            (504, error("timeout_error", "late"), "provider_unavailable"),
            (404, error("not_found_error", "model: claude-x"), "unknown_model"),
            (404, json!({"error": "model \"x\" not found, try pulling it first"}), "unknown_model"),
            (404, error("invalid_request_error", "Invalid URL"), "provider_bad_request"),
            (413, error("request_too_large", "big"), "prompt_truncated"),
            (
                400,
                error("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"),
                "prompt_truncated",
            ),
            (400, json!({"error": {"code": "context_length_exceeded", "message": "m"}}), "prompt_truncated"),
            (400, json!({"error": "the input length exceeds the context length"}), "prompt_truncated"),
            (400, json!({"error": {"code": "content_filter", "message": "m"}}), "model_refused"),
            (400, error("invalid_request_error", "Unsupported parameter"), "provider_bad_request"),
            (302, json!({"error": "moved"}), "provider_bad_request"),
        ] {
            assert_eq!(code(status, body.clone()), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_key_that_a_provider_repeats_is_taken_out_and_long_words_are_shortened() {
        let complaint = Complaint { code: String::new(), message: "Incorrect API key: sk-secret".into() };
        assert_eq!(complaint.detail(Some("sk-secret")), "Incorrect API key: [key]");
        let long = Complaint { code: "c".into(), message: "x ".repeat(1000) };
        assert_eq!(long.detail(None).chars().count(), LONGEST_DETAIL + 1);
    }
}
