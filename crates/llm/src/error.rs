//! What can come back instead of an answer, by what the caller can do about it.

use std::time::Duration;

use domain::{BlockedOn, MicroUsd, Problem};

use crate::Kind;

/// Why there is no answer. Never holds a key; what a provider wrote is shortened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{provider} limits the rate: {detail}")]
    RateLimited { provider: Kind, retry_after: Option<Duration>, detail: String },
    #[error("{provider} is overloaded: {detail}")]
    Overloaded { provider: Kind, retry_after: Option<Duration>, detail: String },
    #[error("{provider} cannot be reached: {detail}")]
    Unavailable { provider: Kind, detail: String },
    /// The answer broke off: no reason to stop was given.
    #[error("the answer of {provider} broke off: {detail}")]
    Interrupted { provider: Kind, detail: String },
    /// The key is wrong, lacks a permission, or the account cannot pay. Only a person can help.
    #[error("{provider} rejects the key or the account: {detail}")]
    Rejected { provider: Kind, detail: String },
    #[error("{provider} knows no model `{model}`: {detail}")]
    UnknownModel { provider: Kind, model: String, detail: String },
    /// The provider does not understand the request: a wrong base URL, or a parameter this model does not take.
    #[error("{provider} does not take the request: {detail}")]
    BadRequest { provider: Kind, detail: String },
    /// The model would not answer, or a content filter stopped it.
    #[error("{model} refused to answer: {detail}")]
    Refused { provider: Kind, model: String, detail: String },
    /// The answer reached its longest length: half an answer is no answer.
    #[error("the answer of {model} was cut off at {limit} tokens")]
    CutOff { provider: Kind, model: String, limit: u32 },
    /// The prompt does not fit the model, or only a part of it was read.
    #[error("the prompt does not fit {model}: {detail}")]
    PromptTruncated { provider: Kind, model: String, detail: String },
    /// Twice no answer that fits the schema.
    #[error("{model} gave no answer that fits the schema: {}", errors.join("; "))]
    Invalid { provider: Kind, model: String, errors: Vec<String> },
    #[error(
        "the price of `{model}` ({provider}) is not known: add it to `llm.prices`, or allow it by name in `llm.allow_unknown_price`"
    )]
    UnknownPrice { provider: Kind, model: String },
    /// The call would exceed what the run may spend.
    #[error(
        "the budget of {cap} is short: the call may cost {needed}, {settled} are spent and {reserved} reserved"
    )]
    Budget { needed: MicroUsd, cap: MicroUsd, settled: MicroUsd, reserved: MicroUsd },
    #[error("cancelled")]
    Cancelled,
    #[error("no model provider is configured")]
    NoProvider,
    /// What was asked cannot be asked: the schema is none.
    #[error("the schema of the answer is no JSON Schema: {0}")]
    Schema(String),
    #[error("settings of `llm`: {0}")]
    Settings(String),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// Whether the same request can succeed later without being changed. The only judge in this crate.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Overloaded { .. }
            | Self::Unavailable { .. }
            | Self::Interrupted { .. } => true,
            Self::Rejected { .. }
            | Self::UnknownModel { .. }
            | Self::BadRequest { .. }
            | Self::Refused { .. }
            | Self::CutOff { .. }
            | Self::PromptTruncated { .. }
            | Self::Invalid { .. }
            | Self::UnknownPrice { .. }
            | Self::Budget { .. }
            | Self::Cancelled
            | Self::NoProvider
            | Self::Schema(_)
            | Self::Settings(_) => false,
            Self::Store(error) => error.is_retryable(),
        }
    }

    /// When the provider asks to be asked again.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Overloaded { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What the job waits for, if it is nothing the job did wrong and no attempt should be spent on it. A wrong setting
    /// (model, price, address) would fail every job alike: it waits for whoever mends it.
    #[must_use]
    pub const fn blocked_on(&self) -> Option<BlockedOn> {
        match self {
            Self::RateLimited { .. }
            | Self::Overloaded { .. }
            | Self::Unavailable { .. }
            | Self::Rejected { .. }
            | Self::UnknownModel { .. }
            | Self::UnknownPrice { .. }
            | Self::BadRequest { .. } => Some(BlockedOn::Provider),
            Self::Budget { .. } => Some(BlockedOn::Budget),
            _ => None,
        }
    }

    /// The stable word for it in problems, events and logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "provider_rate_limited",
            Self::Overloaded { .. } => "provider_overloaded",
            Self::Unavailable { .. } => "provider_unavailable",
            Self::Interrupted { .. } => "provider_interrupted",
            Self::Rejected { .. } => "provider_rejected",
            Self::UnknownModel { .. } => "unknown_model",
            Self::BadRequest { .. } => "provider_bad_request",
            Self::Refused { .. } => "model_refused",
            Self::CutOff { .. } => "answer_cut_off",
            Self::PromptTruncated { .. } => "prompt_truncated",
            Self::Invalid { .. } => "invalid_answer",
            Self::UnknownPrice { .. } => "unknown_price",
            Self::Budget { .. } => "budget_exhausted",
            Self::Cancelled => "cancelled",
            Self::NoProvider => "no_provider",
            Self::Schema(_) => "invalid_schema",
            Self::Settings(_) => "invalid_settings",
            Self::Store(_) => "store",
        }
    }

    /// The same as a person or a program outside gets it.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let problem = Problem::new(self.code(), self.to_string());
        if self.is_retryable() || self.blocked_on().is_some() { problem.retryable() } else { problem }
    }
}

/// `text` on one line and no longer than `most` characters.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (n, c) in text.split_whitespace().collect::<Vec<_>>().join(" ").chars().enumerate() {
        if n == most {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_provider_or_for_money_says_so() {
        let limited = Error::RateLimited {
            provider: Kind::OpenAi,
            retry_after: Some(Duration::from_secs(7)),
            detail: "slow down".into(),
        };
        assert_eq!(limited.blocked_on(), Some(BlockedOn::Provider));
        assert_eq!(limited.retry_after(), Some(Duration::from_secs(7)));
        assert!(limited.is_retryable() && limited.problem().retryable);
        let rejected = Error::Rejected { provider: Kind::Anthropic, detail: "invalid x-api-key".into() };
        assert!(!rejected.is_retryable());
        assert_eq!(rejected.blocked_on(), Some(BlockedOn::Provider));
        let wrong = Error::BadRequest { provider: Kind::OpenAi, detail: "no such parameter".into() };
        assert_eq!((wrong.blocked_on(), wrong.is_retryable()), (Some(BlockedOn::Provider), false));
        let short = Error::Budget {
            needed: MicroUsd(2_000_000),
            cap: MicroUsd(1_000_000),
            settled: MicroUsd(250_000),
            reserved: MicroUsd::ZERO,
        };
        assert_eq!(short.blocked_on(), Some(BlockedOn::Budget));
        assert_eq!(
            short.to_string(),
            "the budget of $1.00 is short: the call may cost $2.00, $0.25 are spent and $0.00 reserved"
        );
    }

    #[test]
    fn a_long_text_is_shortened_at_a_character() {
        assert_eq!(shorten("a  b\n c", 10), "a b c");
        assert_eq!(shorten("ääääää", 3), "äää…");
    }
}
