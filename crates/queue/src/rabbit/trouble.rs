//! What can go wrong with a broker, sorted by whether trying again helps.

use std::sync::Arc;
use std::time::Duration;

use lapin::ErrorKind;

use crate::Error;

/// Behind an [`Error::Unavailable`].
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("there is no connection: {0}")]
    Down(Arc<str>),
    #[error("the broker takes no messages now (its memory or disk is full)")]
    Blocked,
    #[error("the broker did not answer within {0:?}")]
    Silent(Duration),
    #[error("the queue `{0}` is gone; it is being declared again")]
    Unroutable(String),
    #[error("the broker could not keep a message for `{0}`")]
    Refused(String),
    #[error("the connection that delivered the message is gone")]
    Stale,
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        Self::unavailable(trouble)
    }
}

/// What the broker said while we were `doing` something.
pub(super) fn explain(doing: &str, error: lapin::Error) -> Error {
    match error.kind() {
        ErrorKind::ProtocolError(said) if needs_somebody(said.get_id()) => {
            Error::Unusable(format!("{doing}: {}", said.get_message()))
        }
        _ => Error::unavailable(error),
    }
}

/// AMQP 0-9-1 reply codes that stay until somebody changes rights, names or queues: access-refused, resource-locked,
/// precondition-failed, not-allowed (no such vhost), not-implemented (an older broker).
const fn needs_somebody(code: u16) -> bool {
    matches!(code, 403 | 405 | 406 | 530 | 540)
}

/// The whole chain in one line, for a state that is told to many callers.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}
