//! Reserved before, settled after, never more than the cap.

use std::time::Duration;

use domain::{BlockedOn, MicroUsd, Tokens};
use llm::{Desk, Error, Kind};
use testkit::llm::{Break, FakeLlm, Refusal, Reply};
use tokio_util::sync::CancellationToken;

use crate::world::{World, desk, plain, section, settings, silence};

#[tokio::test]
async fn a_budget_that_is_short_stops_the_call_before_it_is_made() {
    for kind in [Kind::Anthropic, Kind::OpenAi] {
        let (world, fake) = (World::with_budget(Some(MicroUsd(100))).await, FakeLlm::start().unwrap());
        let error = world.ask(&desk(&fake, kind), &section()).await.unwrap_err();
        let Error::Budget { needed, cap, .. } = &error else { panic!("{error:?}") };
        assert!(*needed > *cap && *cap == MicroUsd(100));
        assert_eq!((error.blocked_on(), error.is_retryable()), (Some(BlockedOn::Budget), false));
        assert!(fake.requests().is_empty());
        world.assert_settled(0).await;
    }
}

#[tokio::test]
async fn a_free_model_needs_no_budget() {
    let (world, fake) = (World::with_budget(Some(MicroUsd::ZERO)).await, FakeLlm::start().unwrap());
    let answer = world.ask(&desk(&fake, Kind::Ollama), &section()).await.unwrap();
    assert_eq!(answer.cost, MicroUsd::ZERO);
    assert_eq!(world.bill().await.len(), 1, "tokens are on the bill all the same");
}

#[tokio::test]
async fn while_a_call_is_under_way_its_dearest_end_is_reserved() {
    let (world, fake) = (World::with_budget(Some(MicroUsd(1_000_000))).await, FakeLlm::start().unwrap());
    fake.push(Reply::broken("Robots", Break::Silence));
    let (asked, request) = (desk(&fake, Kind::Anthropic), plain());
    let (outcome, during) = tokio::join!(world.ask(&asked, &request), async {
        silence(&fake, 1).await;
        let during = world.state().await;
        world.cancel.cancel();
        during
    });
    // 1,000 tokens of answer at $5 per million, and the prompt.
    assert!((5_000..8_000).contains(&during.reserved.0), "{}", during.reserved);
    assert!(matches!(outcome, Err(Error::Cancelled)));
    let after = world.state().await;
    assert_eq!(after.reserved, MicroUsd::ZERO);
    assert!(after.settled > MicroUsd::ZERO && after.settled < during.reserved, "what was read is paid");
}

#[tokio::test]
async fn what_was_paid_for_nothing_is_settled_as_the_provider_counted_it() {
    let spent = Tokens { input: 1_000, output: 400, ..Tokens::default() };
    for reply in [Reply::cut_off("{"), Reply::refused("No.")] {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(reply.with_usage(spent));
        world.ask(&desk(&fake, Kind::Anthropic), &plain()).await.unwrap_err();
        world.assert_settled(1_000 + 400 * 5).await;
    }
}

#[tokio::test]
async fn what_broke_off_is_settled_with_what_was_seen_of_it() {
    for kind in [Kind::Anthropic, Kind::OpenAi] {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::broken("Robots move pallets of up to 900 kg.", Break::Abort));
        world.ask(&desk(&fake, kind), &plain()).await.unwrap_err();
        let bill = world.bill().await;
        let tokens = bill[0].tokens;
        assert!(tokens.input > 50 && (8..20).contains(&tokens.output), "{kind} {tokens:?}");
        world.assert_settled(bill[0].cost.0).await;
    }
}

#[tokio::test]
async fn what_was_never_read_by_a_model_is_given_back() {
    for refusal in [
        Refusal::WrongKey,
        Refusal::Internal,
        Refusal::ContextLength,
        Refusal::Overloaded { retry_after: None },
    ] {
        let (world, fake) = (World::with_budget(Some(MicroUsd(10_000))).await, FakeLlm::start().unwrap());
        fake.push(refusal);
        world.ask(&desk(&fake, Kind::Anthropic), &plain()).await.unwrap_err();
        world.assert_settled(0).await;
        world.ask(&desk(&fake, Kind::Anthropic), &plain()).await.unwrap();
    }
}

#[tokio::test]
async fn calls_within_a_budget_never_exceed_it() {
    let (world, fake) = (World::with_budget(Some(MicroUsd(20_000))).await, FakeLlm::start().unwrap());
    let asked = desk(&fake, Kind::Anthropic);
    let mut answered = 0;
    let short = loop {
        let request = llm::Request { user: format!("{} ({answered})", section().user), ..section() };
        match asked.ask(&world.call(), answered, &request).await {
            Ok(_) => answered += 1,
            Err(error) => break error,
        }
        let run = world.state().await;
        assert!(run.settled + run.reserved <= MicroUsd(20_000));
        assert!(answered < 100, "the budget never ends");
    };
    assert!(matches!(short, Error::Budget { .. }) && answered > 1, "{answered} {short:?}");
}

#[tokio::test]
async fn a_model_without_a_price_is_refused_unless_it_is_allowed_by_name() {
    let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
    let mut settings = settings(&fake, Kind::OpenAi);
    settings.openai.models.standard = "qwen3-8b".into();
    let error = world.ask(&Desk::new(&settings).unwrap(), &section()).await.unwrap_err();
    assert!(matches!(&error, Error::UnknownPrice { model, .. } if model == "qwen3-8b"));
    assert!(fake.requests().is_empty() && error.to_string().contains("allow_unknown_price"));
    settings.allow_unknown_price = vec!["qwen3-8b".into()];
    let answer = world.ask(&Desk::new(&settings).unwrap(), &section()).await.unwrap();
    assert_eq!(answer.cost, MicroUsd::ZERO);
    assert_eq!(fake.requests()[0].body["max_tokens"], 1_000);
}

#[tokio::test]
async fn an_attempt_that_is_over_cannot_spend() {
    let (mut world, fake) = (World::new().await, FakeLlm::start().unwrap());
    let late = world.fence;
    world.run_again().await;
    let call = llm::Call { fence: late, ..world.call() };
    let error = desk(&fake, Kind::Anthropic).ask(&call, 0, &section()).await.unwrap_err();
    assert!(matches!(error, Error::Store(store::Error::Fenced)), "{error:?}");
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_the_settings_say() {
    for (most, expected) in [(2, 2), (1, 1)] {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::broken("Rob", Break::Silence));
        fake.push(Reply::broken("Rob", Break::Silence));
        let mut settings = settings(&fake, Kind::OpenAi);
        settings.openai.max_concurrency = most;
        let asked = Desk::new(&settings).unwrap();
        let patience = CancellationToken::new();
        let call = llm::Call { cancel: &patience, ..world.call() };
        let (request, other) = (plain(), llm::Request { user: "Another?".into(), ..plain() });
        let (first, second, ()) =
            tokio::join!(asked.ask(&call, 0, &request), asked.ask(&call, 1, &other), async {
                // Long enough for a second request to arrive if it were sent; the first case shows that it does.
                let deadline =
                    tokio::time::Instant::now() + Duration::from_secs(if most == 1 { 1 } else { 20 });
                while fake.requests().len() < 2 && tokio::time::Instant::now() < deadline {
                    tokio::task::yield_now().await;
                }
                assert_eq!(fake.requests().len(), expected);
                patience.cancel();
            });
        assert!(matches!((first, second), (Err(Error::Cancelled), Err(Error::Cancelled))));
    }
}

#[tokio::test]
async fn the_key_is_never_told() {
    for kind in [Kind::Anthropic, Kind::OpenAi] {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        let settings = settings(&fake, kind);
        let asked = Desk::new(&settings).unwrap();
        let words = format!("Incorrect API key provided: {}. {}", FakeLlm::KEY, "x ".repeat(500));
        fake.push(Refusal::BadRequest(words));
        let error = world.ask(&asked, &plain()).await.unwrap_err();
        assert!(error.to_string().contains("[key]") && error.to_string().len() < 500, "{error}");
        fake.push(Reply::refused(format!("Your key is {}", FakeLlm::KEY)));
        let refused = world.ask(&asked, &plain()).await.unwrap_err();
        let shown = [
            format!("{settings:?} {asked:?} {error:?} {refused:?} {refused} {:?}", refused.problem()),
            serde_json::to_string(&settings).unwrap(),
            world.journal().await,
        ];
        assert!(shown.iter().all(|text| !text.contains(FakeLlm::KEY)), "{shown:?}");
    }
}
