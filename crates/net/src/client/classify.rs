//! From the client's one error type to what the caller can do.

use std::error::Error as StdError;
use std::io;

use crate::resolve::Unresolved;
use crate::{Error, Phase, Timeouts};

/// Reads the chain of causes: the types in it say what happened, texts are never looked at.
pub(crate) fn classify(error: reqwest::Error, host: &str, timeouts: &Timeouts) -> Error {
    // The URL may hold what must not be logged.
    let error = error.without_url();
    let host = host.to_owned();
    if error.is_builder() {
        return Error::Invalid(format!("no request can be made for {host}"));
    }
    if error.is_timeout() && error.is_connect() {
        return Error::Timeout { host, phase: Phase::Connect, limit: timeouts.connect };
    }
    for cause in causes(&error) {
        if let Some(unresolved) = cause.downcast_ref::<Unresolved>() {
            return match unresolved {
                Unresolved::Refused => Error::Refused { host },
                Unresolved::NoAddress => Error::Dns { host, source: None },
                Unresolved::Failed(e) => {
                    Error::Dns { host, source: Some(io::Error::new(e.kind(), e.to_string())) }
                }
            };
        }
        if let Some(reason) = cause.downcast_ref::<rustls::Error>() {
            return Error::Tls { host, reason: reason.to_string() };
        }
        if let Some(hyper) = cause.downcast_ref::<hyper::Error>()
            && hyper.is_parse()
        {
            return Error::Invalid(format!("{host} does not answer in HTTP"));
        }
    }
    if error.is_connect() {
        Error::Connect { host, source: Some(error) }
    } else {
        Error::Reset { host, source: Some(error) }
    }
}

/// An I/O error does not show what it wraps as its source, and TLS errors travel wrapped in one or two of them.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => (*error).source(),
        }
    })
}
