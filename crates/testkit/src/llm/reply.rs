//! What the fake answers: a text, a documented error, or a stream that breaks.

use domain::Tokens;
use serde_json::Value;

/// One answer, the same for every wire format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A whole stream, or a whole body.
    Text {
        text: String,
        stop: Stop,
        /// None: the prompt and the text are counted.
        usage: Option<Tokens>,
    },
    /// An error before any answer.
    Refusal(Refusal),
    /// A stream that begins with `text` and ends badly.
    Broken { text: String, how: Break },
}

/// Why the text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    Complete,
    /// `max_tokens`, `length`.
    CutOff,
    /// `refusal`; OpenAI gives the text as `refusal` instead of `content`. Ollama has no such reason: complete.
    Refused,
    /// `content_filter` of OpenAI; `refusal` of Anthropic.
    Filtered,
}

/// A documented error status with its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 401
    WrongKey,
    /// 429 `insufficient_quota`, 400 `credit balance is too low`.
    Unpaid,
    /// 429, with `Retry-After` in seconds.
    RateLimited { retry_after: Option<u64> },
    /// 529 of Anthropic, 503 of the others.
    Overloaded { retry_after: Option<u64> },
    /// 500
    Internal,
    /// 400: the prompt is longer than the model's context.
    ContextLength,
    /// 404
    UnknownModel,
    /// 400, with these words.
    BadRequest(String),
}

/// How a stream breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The connection is closed in the middle of the body.
    Abort,
    /// The body ends well, but no stop reason was given.
    NoStopReason,
    /// An error event: overloaded.
    ErrorEvent,
    /// An event that is no JSON.
    NotJson,
    /// Nothing more is sent, and the connection stays open.
    Silence,
}

impl Reply {
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), stop: Stop::Complete, usage: None }
    }

    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::text(value.to_string())
    }

    #[must_use]
    pub fn cut_off(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), stop: Stop::CutOff, usage: None }
    }

    #[must_use]
    pub fn refused(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), stop: Stop::Refused, usage: None }
    }

    #[must_use]
    pub fn broken(text: impl Into<String>, how: Break) -> Self {
        Self::Broken { text: text.into(), how }
    }

    /// The same text with these counts.
    #[must_use]
    pub fn with_usage(self, tokens: Tokens) -> Self {
        match self {
            Self::Text { text, stop, .. } => Self::Text { text, stop, usage: Some(tokens) },
            other => other,
        }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}
