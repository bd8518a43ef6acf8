//! What can go wrong outside, by what the caller can do about it.

use std::time::Duration;

/// A fetch that brought no usable answer. Messages name hosts, never addresses: they may be shown to whoever named
/// the host.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The host is, or resolves or redirects to, an address that is not globally routable. No connection was made.
    #[error("{host} is an address that must not be reached from here")]
    Refused { host: String },
    /// Without a source, or with one of kind `NotFound`, there is no such host; else nobody could tell just now.
    #[error("{host} has no address")]
    Dns {
        host: String,
        #[source]
        source: Option<std::io::Error>,
    },
    #[error("{host} does not accept connections")]
    Connect {
        host: String,
        #[source]
        source: Option<reqwest::Error>,
    },
    #[error("no trusted encrypted connection to {host}: {reason}")]
    Tls { host: String, reason: String },
    #[error("{host} was too slow ({phase}, limit {} s)", .limit.as_secs_f64())]
    Timeout { host: String, phase: Phase, limit: Duration },
    /// The connection broke before the answer was complete.
    #[error("{host} broke the connection off")]
    Reset {
        host: String,
        #[source]
        source: Option<reqwest::Error>,
    },
    #[error("more than {limit} redirects")]
    TooManyRedirects { limit: usize },
    #[error("redirected in a circle to {url}")]
    RedirectLoop { url: url::Url },
    #[error("the answer has more than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the answer unpacks to more than {limit} times its size")]
    Ratio { limit: u64 },
    /// The body does not unpack, or was packed over and over.
    #[error("the answer cannot be unpacked: {0}")]
    BadEncoding(String),
    #[error("cancelled")]
    Cancelled,
    /// The request or the answer breaks the protocol: asking again brings the same.
    #[error("{0}")]
    Invalid(String),
    /// Gates and caches cannot be reached, so nobody knows whether the host may be asked now.
    #[error(transparent)]
    Unavailable(#[from] ephemeral::Error),
    /// This machine cannot make outbound requests at all.
    #[error("outbound requests cannot be set up: {0}")]
    Setup(String),
}

/// Which of a fetch's clocks ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Resolution, connection and TLS.
    Connect,
    /// The head of the answer.
    FirstByte,
    /// Too few bytes over too long.
    Stall,
    /// All hops together.
    Whole,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::FirstByte => "first byte",
            Self::Stall => "too few bytes",
            Self::Whole => "whole fetch",
        })
    }
}

impl Error {
    /// Whether the same request, sent again within minutes, can end better. Statuses (429, 5xx) are not errors here.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Reset { .. } | Self::Connect { .. } | Self::Unavailable(_) => true,
            Self::Dns { .. } => !self.is_unknown_host(),
            Self::Refused { .. }
            | Self::Tls { .. }
            | Self::TooManyRedirects { .. }
            | Self::RedirectLoop { .. }
            | Self::TooLarge { .. }
            | Self::Ratio { .. }
            | Self::BadEncoding(_)
            | Self::Cancelled
            | Self::Invalid(_)
            | Self::Setup(_) => false,
        }
    }

    /// Whether it says that the host does not exist.
    #[must_use]
    pub fn is_unknown_host(&self) -> bool {
        match self {
            Self::Dns { source, .. } => {
                source.as_ref().is_none_or(|error| error.kind() == std::io::ErrorKind::NotFound)
            }
            _ => false,
        }
    }

    /// The stable word for it, as verdicts and problems spell it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused_address",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Reset { .. } => "reset",
            Self::TooManyRedirects { .. } | Self::RedirectLoop { .. } => "redirect_loop",
            Self::TooLarge { .. } | Self::Ratio { .. } => "too_large",
            Self::BadEncoding(_) => "bad_encoding",
            Self::Cancelled => "cancelled",
            Self::Invalid(_) => "invalid",
            Self::Unavailable(_) => "unavailable",
            Self::Setup(_) => "setup",
        }
    }
}
