//! What a job does when there is no answer. Decided here and nowhere else.

use worker::Error;

/// The provider's word as the runner takes it: wait for the provider or for money, try again, or give the section up.
pub(super) fn refusal(error: llm::Error, now: chrono::DateTime<chrono::Utc>) -> Error {
    let problem = error.problem();
    let after = error.retry_after();
    if let Some(on) = error.blocked_on() {
        let until = after.and_then(|after| chrono::TimeDelta::from_std(after).ok()).map(|after| now + after);
        return Error::Blocked { on, until, problem };
    }
    match error {
        llm::Error::Cancelled => Error::Cancelled,
        llm::Error::Store(error) => error.into(),
        error if error.is_retryable() => Error::Retry { problem, after },
        _ => Error::Fatal(problem),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{BlockedOn, MicroUsd};
    use llm::{Error as Llm, Kind};

    use super::*;

    fn of(error: Llm) -> Error {
        refusal(error, "2025-03-02T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_limit_or_a_rejected_key_waits_for_the_provider_and_short_money_for_the_budget() {
        let limited = Llm::RateLimited {
            provider: Kind::Anthropic,
            retry_after: Some(Duration::from_secs(30)),
            detail: String::new(),
        };
        let Error::Blocked { on, until, .. } = of(limited) else { panic!("not blocked") };
        assert_eq!((on, until), (BlockedOn::Provider, Some("2025-03-02T10:00:30Z".parse().unwrap())));
        let rejected = Llm::Rejected { provider: Kind::OpenAi, detail: "invalid key".into() };
        assert!(matches!(of(rejected), Error::Blocked { on: BlockedOn::Provider, until: None, .. }));
        let zero = MicroUsd::ZERO;
        let short = Llm::Budget { needed: zero, cap: zero, settled: zero, reserved: zero };
        assert!(matches!(of(short), Error::Blocked { on: BlockedOn::Budget, .. }));
    }

    #[test]
    fn an_answer_that_broke_off_is_tried_again_and_a_refused_one_is_not() {
        let interrupted = Llm::Interrupted { provider: Kind::Ollama, detail: String::new() };
        assert!(matches!(of(interrupted), Error::Retry { .. }));
        let cut = Llm::CutOff { provider: Kind::Ollama, model: "m".into(), limit: 100 };
        assert!(matches!(of(cut), Error::Retry { .. }));
        let refused = Llm::Refused { provider: Kind::Ollama, model: "m".into(), detail: String::new() };
        assert!(matches!(of(refused), Error::Fatal(_)));
        assert!(matches!(of(Llm::Cancelled), Error::Cancelled));
    }
}
