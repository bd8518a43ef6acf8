//! Everything a provider can do wrong has a name.

use std::time::{Duration, Instant};

use domain::BlockedOn;
use llm::{Desk, Error, Kind};
use testkit::llm::{Break, FakeLlm, Refusal, Reply, Stop};

use crate::world::{World, desk, plain, section, settings, silence};

/// What comes of one reply, and that nothing stays reserved.
async fn outcome(kind: Kind, reply: impl Into<Reply>) -> Error {
    let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
    fake.push(reply);
    let error = world.ask(&desk(&fake, kind), &plain()).await.unwrap_err();
    assert_eq!(fake.requests().len(), 1, "{kind}: nothing is tried again here");
    assert_eq!(world.state().await.reserved.0, 0, "{kind}: {error}");
    error
}

#[tokio::test]
async fn a_wrong_key_blocks_on_the_provider() {
    for kind in [Kind::Anthropic, Kind::OpenAi] {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        let mut settings = settings(&fake, kind);
        settings.anthropic.key = Some("sk-wrong".into());
        settings.openai.key = Some("sk-wrong".into());
        let error = world.ask(&Desk::new(&settings).unwrap(), &plain()).await.unwrap_err();
        assert!(matches!(error, Error::Rejected { .. }), "{error:?}");
        assert_eq!((error.blocked_on(), error.is_retryable()), (Some(BlockedOn::Provider), false));
        world.assert_settled(0).await;
    }
}

#[tokio::test]
async fn an_account_that_cannot_pay_is_rejected_too() {
    for kind in Kind::ALL {
        let error = outcome(kind, Refusal::Unpaid).await;
        assert!(matches!(error, Error::Rejected { .. }), "{kind} {error:?}");
    }
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    for kind in Kind::ALL {
        let error = outcome(kind, Refusal::RateLimited { retry_after: Some(7) }).await;
        assert!(matches!(error, Error::RateLimited { .. }), "{kind} {error:?}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert_eq!((error.blocked_on(), error.is_retryable()), (Some(BlockedOn::Provider), true));
    }
}

#[tokio::test]
async fn trouble_on_the_other_side_can_be_tried_again() {
    for kind in Kind::ALL {
        let error = outcome(kind, Refusal::Overloaded { retry_after: Some(3) }).await;
        assert!(matches!(error, Error::Overloaded { retry_after: Some(_), .. }), "{kind} {error:?}");
        assert!(error.is_retryable());
        let error = outcome(kind, Refusal::Internal).await;
        assert!(matches!(error, Error::Unavailable { .. }), "{kind} {error:?}");
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    for kind in Kind::ALL {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        let mut settings = settings(&fake, kind);
        // A port that was free a moment ago.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        for endpoint in [&mut settings.anthropic, &mut settings.openai, &mut settings.ollama] {
            endpoint.base_url = format!("http://127.0.0.1:{port}");
        }
        let error = world.ask(&Desk::new(&settings).unwrap(), &plain()).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        assert!(error.to_string().contains("refused"), "{error}");
        world.assert_settled(0).await;
    }
}

#[tokio::test]
async fn what_only_a_person_can_change_is_not_tried_again() {
    for kind in Kind::ALL {
        let error = outcome(kind, Refusal::UnknownModel).await;
        assert!(matches!(&error, Error::UnknownModel { .. }) && !error.is_retryable(), "{kind} {error:?}");
        assert_eq!(error.blocked_on(), Some(BlockedOn::Provider));
        let error = outcome(kind, Refusal::BadRequest("Unsupported parameter: 'foo'".into())).await;
        assert!(matches!(&error, Error::BadRequest { .. }) && !error.is_retryable(), "{kind} {error:?}");
        assert!(error.to_string().contains("'foo'"), "{error}");
        assert_eq!(error.blocked_on(), Some(BlockedOn::Provider));
    }
}

#[tokio::test]
async fn a_prompt_that_the_provider_finds_too_long_is_named_so() {
    for kind in Kind::ALL {
        let error = outcome(kind, Refusal::ContextLength).await;
        assert!(matches!(&error, Error::PromptTruncated { .. }) && !error.is_retryable(), "{kind} {error:?}");
    }
}

#[tokio::test]
async fn a_prompt_that_cannot_fit_is_not_sent() {
    for kind in Kind::ALL {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        let request = llm::Request { user: "All robots move pallets. ".repeat(25_000), ..plain() };
        let error = world.ask(&desk(&fake, kind), &request).await.unwrap_err();
        assert!(matches!(&error, Error::PromptTruncated { .. }), "{kind} {error:?}");
        assert!(fake.requests().is_empty() && error.to_string().contains("nothing was sent"));
        world.assert_settled(0).await;
    }
}

#[tokio::test]
async fn ollama_reading_only_a_part_of_the_prompt_is_noticed() {
    let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
    fake.limit_context(2_048);
    let request = llm::Request { user: crate::world::USER.repeat(60), ..plain() };
    let error = world.ask(&desk(&fake, Kind::Ollama), &request).await.unwrap_err();
    assert!(matches!(&error, Error::PromptTruncated { .. }), "{error:?}");
    assert!(error.to_string().contains("read 2048 tokens"), "{error}");
    fake.limit_context(0);
    let asked = desk(&fake, Kind::Ollama);
    assert!(matches!(world.ask(&asked, &request).await, Err(Error::PromptTruncated { .. })), "remembered");
    assert_eq!(fake.requests().len(), 1);
    let answer = asked.ask(&world.call(), 1, &request).await.unwrap();
    assert!(answer.tokens.input > 4_000, "the same prompt fits when the model takes it");
    let context = fake.requests()[1].body["options"]["num_ctx"].as_u64().unwrap();
    assert!(context > answer.tokens.input, "{context}");
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_none() {
    for kind in Kind::ALL {
        let error = outcome(kind, Reply::cut_off("{\"claims\": [")).await;
        assert!(matches!(&error, Error::CutOff { limit: 1_000, .. }), "{kind} {error:?}");
        assert!(!error.is_retryable(), "with the same room it would be cut off again");
    }
}

#[tokio::test]
async fn a_refusal_is_no_answer() {
    for kind in [Kind::Anthropic, Kind::OpenAi] {
        for stop in [Stop::Refused, Stop::Filtered] {
            let reply = Reply::Text { text: "I cannot help with that.".into(), stop, usage: None };
            let error = outcome(kind, reply).await;
            assert!(matches!(&error, Error::Refused { .. }) && !error.is_retryable(), "{kind} {error:?}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_is_never_half_an_answer() {
    for kind in Kind::ALL {
        for how in [Break::Abort, Break::NoStopReason, Break::NotJson] {
            let error = outcome(kind, Reply::broken("{\"claims\": []}", how)).await;
            assert!(matches!(&error, Error::Interrupted { .. }), "{kind} {how:?} {error:?}");
            assert!(error.is_retryable());
        }
    }
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_has_the_same_name_as_before_it() {
    for kind in [Kind::Anthropic, Kind::OpenAi] {
        let error = outcome(kind, Reply::broken("Rob", Break::ErrorEvent)).await;
        assert!(matches!(&error, Error::Overloaded { .. }), "{kind} {error:?}");
    }
    let error = outcome(Kind::Ollama, Reply::broken("Rob", Break::ErrorEvent)).await;
    assert!(matches!(&error, Error::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn silence_and_endlessness_have_their_limits() {
    for kind in Kind::ALL {
        for (idle, total, words) in [(1.5, 60.0, "silent"), (60.0, 0.2, "not done")] {
            let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
            fake.push(Reply::broken("Robots", Break::Silence));
            let mut settings = settings(&fake, kind);
            for endpoint in [&mut settings.anthropic, &mut settings.openai, &mut settings.ollama] {
                endpoint.idle_timeout = Duration::from_secs_f64(idle);
                endpoint.total_timeout = Duration::from_secs_f64(total);
            }
            let error = world.ask(&Desk::new(&settings).unwrap(), &plain()).await.unwrap_err();
            assert!(matches!(&error, Error::Interrupted { .. }), "{kind} {error:?}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

#[tokio::test]
async fn two_answers_that_do_not_fit_are_an_error_that_says_why() {
    for kind in Kind::ALL {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::text("I think they make robots."));
        fake.push(Reply::text("{\"claims\": [], \"summary\": []}"));
        let error = world.ask(&desk(&fake, kind), &section()).await.unwrap_err();
        let Error::Invalid { errors, .. } = &error else { panic!("{kind} {error:?}") };
        assert!(errors[0].starts_with("at /claims"), "{errors:?}");
        assert_eq!((fake.requests().len(), error.is_retryable()), (2, false));
    }
}

#[tokio::test]
async fn a_call_is_cancelled_before_it_and_in_the_middle_of_it() {
    for kind in Kind::ALL {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::broken("Robots", Break::Silence));
        let (desk, request) = (desk(&fake, kind), plain());
        let started = Instant::now();
        let (asked, ()) = tokio::join!(world.ask(&desk, &request), async {
            silence(&fake, 1).await;
            world.cancel.cancel();
        });
        assert!(matches!(asked, Err(Error::Cancelled)), "{kind} {asked:?}");
        assert!(started.elapsed() < Duration::from_secs(60), "{kind}: the idle timeout was waited for");
        assert!(matches!(world.ask(&desk, &section()).await, Err(Error::Cancelled)));
        assert_eq!(fake.requests().len(), 1, "nothing is sent for a cancelled job");
        assert_eq!(world.state().await.reserved.0, 0);
    }
}
