//! What a failed fetch means for what comes next. The only place where that is decided.

use std::time::Duration;

use domain::Verdict;
use net::Cause;

use crate::settings::Settings;
use crate::verdict::{Ruling, failed};

/// How often one address is asked for again.
pub(crate) const MAX_RETRIES: u32 = 2;

/// What becomes of a host that did not give its robots.txt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Without {
    /// It is asked again, after that time.
    Again(Duration),
    /// None of its pages is requested; each ends like this.
    GivenUp(Ruling),
}

/// How often a host was asked for its robots.txt in vain.
#[derive(Debug)]
pub(crate) struct Vain<'a> {
    /// It answered, but not with rules.
    pub(crate) answered: &'a mut u32,
    /// No connection came about.
    pub(crate) silent: &'a mut u32,
}

/// Whether asking again within minutes may end better. A host that refuses connections is not asked again.
pub(crate) const fn is_worth_retrying(error: &net::Error) -> bool {
    matches!(error, net::Error::Timeout { .. } | net::Error::Reset { .. })
}

/// Whether an answer says "not now": 429 and 5xx.
pub(crate) fn is_passing(ruling: &Ruling) -> bool {
    matches!(ruling.reason.as_deref(), Some("rate_limited" | "http_5xx"))
}

/// No rules, no requests: a host that answers without giving them is asked again in 1, 5 and 15 minutes. One that is
/// not there at all has no rules that could be waited for: it is asked twice more, within seconds, in case the network
/// hiccupped; and what cannot change by itself ends at once.
pub(crate) fn without_rules(cause: &Cause, vain: Vain<'_>, settings: &Settings) -> Without {
    let asked = match cause {
        Cause::Fetch(error) if is_dead(error) => {
            if is_final(error) || *vain.silent >= MAX_RETRIES {
                return Without::GivenUp(failed(error));
            }
            *vain.silent += 1;
            return Without::Again(settings.retry);
        }
        Cause::Fetch(_) => Duration::ZERO,
        Cause::Status { closed_for, .. } => closed_for.unwrap_or_default(),
    };
    let wait = usize::try_from(*vain.answered).ok().and_then(|tries| settings.robots_waits.get(tries));
    let Some(wait) = wait else {
        return Without::GivenUp(Ruling::new(Verdict::Blocked, "robots_unreachable"));
    };
    *vain.answered += 1;
    Without::Again(asked.max(*wait))
}

/// Whether asking again cannot bring anything else: there is no such name, it must not be reached, it speaks no HTTP.
fn is_final(error: &net::Error) -> bool {
    error.is_unknown_host() || matches!(error, net::Error::Refused { .. } | net::Error::Invalid(_))
}

/// Whether a host that gave this answer to a request for its robots.txt is not there at all.
const fn is_dead(error: &net::Error) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Duration = Duration::from_secs(5);

    /// What becomes of a host that gives this answer again and again.
    fn course(cause: impl Fn() -> Cause) -> Vec<Without> {
        let (mut answered, mut silent) = (0, 0);
        let mut course = Vec::new();
        loop {
            let vain = Vain { answered: &mut answered, silent: &mut silent };
            course.push(without_rules(&cause(), vain, &Settings::default()));
            if matches!(course.last(), Some(Without::GivenUp(_))) {
                return course;
            }
        }
    }

    fn given_up(verdict: Verdict, reason: &str) -> Without {
        Without::GivenUp(Ruling::new(verdict, reason))
    }

    fn host() -> String {
        "acme.example".to_owned()
    }

    #[test]
    fn a_host_that_cannot_be_connected_to_is_asked_twice_more() {
        let dns = || Some(std::io::Error::other("Temporary failure in name resolution"));
        for (error, reason) in [
            (&(|| net::Error::Dns { host: host(), source: dns() }) as &dyn Fn() -> net::Error, "dns"),
            (&|| net::Error::Connect { host: host(), source: None }, "connect"),
            (&|| net::Error::Tls { host: host(), reason: String::new() }, "tls"),
            (&|| net::Error::Timeout { host: host(), phase: net::Phase::Connect, limit: RETRY }, "timeout"),
        ] {
            let again = Without::Again(RETRY);
            let expected = [again.clone(), again, given_up(Verdict::Error, reason)];
            assert_eq!(course(|| Cause::Fetch(error())), expected, "{reason}");
        }
    }

    #[test]
    fn what_cannot_change_by_itself_ends_at_once() {
        let unknown = || std::io::Error::from(std::io::ErrorKind::NotFound);
        for (error, reason) in [
            (
                &(|| net::Error::Dns { host: host(), source: Some(unknown()) }) as &dyn Fn() -> net::Error,
                "dns",
            ),
            (&|| net::Error::Dns { host: host(), source: None }, "dns"),
            (&|| net::Error::Refused { host: host() }, "refused_address"),
            (&|| net::Error::Invalid(String::new()), "invalid"),
        ] {
            assert_eq!(course(|| Cause::Fetch(error())), [given_up(Verdict::Error, reason)], "{reason}");
        }
    }

    #[test]
    fn a_host_that_answers_without_rules_is_waited_for_ever_longer() {
        let [short, long] = [60, 1200].map(Duration::from_secs);
        let status = |closed_for| move || Cause::Status { status: 503, closed_for };
        let expected = |waits: [u64; 3]| {
            let mut course = waits.map(|wait| Without::Again(Duration::from_secs(wait))).to_vec();
            course.push(given_up(Verdict::Blocked, "robots_unreachable"));
            course
        };
        assert_eq!(course(status(None)), expected([60, 300, 900]));
        assert_eq!(course(status(Some(short))), expected([60, 300, 900]));
        assert_eq!(course(status(Some(long))), expected([1200; 3]));
    }
}
