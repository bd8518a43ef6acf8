//! What a failed fetch means for what comes next. The only place where that is decided.

use crate::verdict::Ruling;

/// How often one address is asked for again.
pub(crate) const MAX_RETRIES: u32 = 2;

/// Whether asking again within minutes may end better. A host that refuses connections is not asked again.
pub(crate) const fn is_worth_retrying(error: &net::Error) -> bool {
    matches!(error, net::Error::Timeout { .. } | net::Error::Reset { .. })
}

/// Whether an answer says "not now": 429 and 5xx.
pub(crate) fn is_passing(ruling: &Ruling) -> bool {
    matches!(ruling.reason.as_deref(), Some("rate_limited" | "http_5xx"))
}

/// Whether a host that gave this answer to a request for its robots.txt is not there at all: then there is nothing
/// whose rules could be waited for.
pub(crate) const fn is_dead(error: &net::Error) -> bool {
    matches!(
        error,
        net::Error::Dns { .. }
            | net::Error::Connect { .. }
            | net::Error::Tls { .. }
            | net::Error::Refused { .. }
            | net::Error::Invalid(_)
            | net::Error::Timeout { phase: net::Phase::Connect, .. }
    )
}

/// Whether an error says something about this machine or this job, not about the host.
pub(crate) const fn is_outage(error: &net::Error) -> bool {
    matches!(error, net::Error::Cancelled | net::Error::Unavailable(_) | net::Error::Setup(_))
}

/// What the job answers to an outage.
pub(crate) fn outage(error: net::Error) -> worker::Error {
    match error {
        net::Error::Cancelled => worker::Error::Cancelled,
        net::Error::Unavailable(_) => worker::Error::retry("ephemeral_unavailable", error.to_string()),
        other => worker::Error::fatal("outbound_unavailable", other.to_string()),
    }
}
