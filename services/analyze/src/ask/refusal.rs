//! What a job does when there is no answer. Decided here and nowhere else.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use worker::Error;

/// A provider that does not say when to come back is asked again after this, after twice this, and so on.
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);

/// The provider's word as the runner takes it: wait for the provider or for money, try again, or give the section up.
/// Trouble that passes by itself is waited for until a time; what a person has to mend (a key, an account, a setting, a
/// budget) has none. `attempt` is the job's: waiting raises it.
pub(super) fn refusal(error: llm::Error, now: DateTime<Utc>, attempt: i32) -> Error {
    let problem = error.problem();
    let after = error.retry_after();
    if let Some(on) = error.blocked_on() {
        let wait = error.is_retryable().then(|| after.unwrap_or_else(|| backoff(attempt)));
        let until = wait.and_then(|wait| TimeDelta::from_std(wait).ok()).map(|wait| now + wait);
        return Error::Blocked { on, until, problem };
    }
    match error {
        llm::Error::Cancelled => Error::Cancelled,
        llm::Error::Store(error) => error.into(),
        error if error.is_retryable() => Error::Retry { problem, after },
        _ => Error::Fatal(problem),
    }
}

/// Equal jitter over an exponential, so that sections that were refused together do not come back together.
fn backoff(attempt: i32) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or(0);
    let ceiling = FIRST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST);
    ceiling.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use domain::{BlockedOn, MicroUsd};
    use llm::{Error as Llm, Kind};

    use super::*;

    fn now() -> DateTime<Utc> {
        "2025-03-02T10:00:00Z".parse().unwrap()
    }

    fn of(error: Llm) -> Error {
        refusal(error, now(), 1)
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
    fn a_provider_that_does_not_say_when_is_asked_again_later_and_later() {
        let troubles: [fn() -> Llm; 3] = [
            || Llm::RateLimited { provider: Kind::OpenAi, retry_after: None, detail: String::new() },
            || Llm::Overloaded { provider: Kind::OpenAi, retry_after: None, detail: String::new() },
            || Llm::Unavailable { provider: Kind::OpenAi, detail: String::new() },
        ];
        for trouble in troubles {
            for (attempt, seconds) in [(1, 2), (2, 4), (5, 32), (6, 60), (40, 60)] {
                let Error::Blocked { on: BlockedOn::Provider, until: Some(until), .. } =
                    refusal(trouble(), now(), attempt)
                else {
                    panic!("it waits until a time")
                };
                let wait = (until - now()).num_milliseconds();
                assert!((seconds * 500..=seconds * 1000).contains(&wait), "{attempt}: {wait} ms");
            }
        }
    }

    #[test]
    fn what_a_person_has_to_mend_is_waited_for_without_a_time() {
        let (provider, model, detail) = (Kind::OpenAi, "m".to_owned(), String::new());
        for error in [
            Llm::Rejected { provider, detail: detail.clone() },
            Llm::BadRequest { provider, detail: detail.clone() },
            Llm::UnknownModel { provider, model: model.clone(), detail },
            Llm::UnknownPrice { provider, model },
        ] {
            let refused = of(error);
            assert!(
                matches!(refused, Error::Blocked { on: BlockedOn::Provider, until: None, .. }),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn an_answer_that_broke_off_is_tried_again_and_a_refused_one_is_not() {
        let interrupted = Llm::Interrupted { provider: Kind::Ollama, detail: String::new() };
        assert!(matches!(of(interrupted), Error::Retry { .. }));
        let cut = Llm::CutOff { provider: Kind::Ollama, model: "m".into(), limit: 100 };
        assert!(matches!(of(cut), Error::Fatal(_)), "it was asked with more room already");
        let refused = Llm::Refused { provider: Kind::Ollama, model: "m".into(), detail: String::new() };
        assert!(matches!(of(refused), Error::Fatal(_)));
        assert!(matches!(of(Llm::Cancelled), Error::Cancelled));
    }
}
