//! What was paid is kept and used again.

use llm::{Desk, Error, Kind};
use testkit::llm::{FakeLlm, Reply};

use crate::world::{World, desk, plain, section, settings, small};

#[tokio::test]
async fn a_job_that_runs_again_pays_nothing_for_the_same_question() {
    for kind in Kind::ALL {
        let (mut world, fake) = (World::new().await, FakeLlm::start().unwrap());
        let first = world.ask(&desk(&fake, kind), &section()).await.unwrap();
        world.run_again().await;
        let again = world.ask(&desk(&fake, kind), &section()).await.unwrap();
        assert!(!first.reused && again.reused);
        assert_eq!((&again.value, again.tokens, again.cost), (&first.value, first.tokens, first.cost));
        assert_eq!(fake.requests().len(), 1, "{kind}");
        world.assert_settled(first.cost.0).await;
        assert_eq!(world.bill().await.len(), 1);
    }
}

#[tokio::test]
async fn the_journal_answers_without_a_network() {
    let world = World::new().await;
    let fake = FakeLlm::start().unwrap();
    let settings = settings(&fake, Kind::OpenAi);
    let first = world.ask(&Desk::new(&settings).unwrap(), &section()).await.unwrap();
    drop(fake);
    let again = world.ask(&Desk::new(&settings).unwrap(), &section()).await.unwrap();
    assert_eq!(again.value, first.value);
}

#[tokio::test]
async fn another_question_another_number_or_another_model_is_asked_anew() {
    let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
    let asked = desk(&fake, Kind::Anthropic);
    world.ask(&asked, &section()).await.unwrap();
    let other = llm::Request { user: format!("{} And why?", section().user), ..section() };
    assert!(!world.ask(&asked, &other).await.unwrap().reused);
    assert!(!asked.ask(&world.call(), 1, &section()).await.unwrap().reused);
    let longer = llm::Request { max_output_tokens: 2_000, ..section() };
    assert!(!world.ask(&asked, &longer).await.unwrap().reused);
    assert!(!world.ask(&desk(&fake, Kind::Ollama), &section()).await.unwrap().reused);
    assert_eq!(fake.requests().len(), 5);
    assert!(world.ask(&asked, &section()).await.unwrap().reused, "and the first is still known");
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_sent_back_once_with_what_is_wrong() {
    for kind in Kind::ALL {
        let (mut world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::text("{\"claims\": [{\"id\": 7}]}"));
        fake.push(Reply::json(&small()));
        let answer = world.ask(&desk(&fake, kind), &section()).await.unwrap();
        assert_eq!(answer.value, small());
        let requests = fake.requests();
        let turns = &requests[1].prompt.as_ref().unwrap().turns;
        assert_eq!(
            turns.iter().map(|turn| turn.role.as_str()).collect::<Vec<_>>(),
            ["user", "assistant", "user"]
        );
        assert_eq!(turns[1].text, "{\"claims\": [{\"id\": 7}]}");
        assert!(turns[2].text.contains("at /claims/0"), "{}", turns[2].text);
        let bill = world.bill().await;
        assert_eq!((bill.len(), bill[0].seq, bill[1].seq), (2, 0, 1), "both are on the bill");
        assert_eq!(answer.cost, bill[0].cost + bill[1].cost);
        world.assert_settled(answer.cost.0).await;

        world.run_again().await;
        let again = world.ask(&desk(&fake, kind), &section()).await.unwrap();
        assert!(again.reused && again.value == small());
        assert_eq!(fake.requests().len(), 2, "the repair is replayed too");
    }
}

#[tokio::test]
async fn two_bad_answers_are_not_paid_a_third_time() {
    let (mut world, fake) = (World::new().await, FakeLlm::start().unwrap());
    fake.push(Reply::text("no"));
    fake.push(Reply::text(""));
    let asked = desk(&fake, Kind::Anthropic);
    assert!(matches!(world.ask(&asked, &section()).await, Err(Error::Invalid { .. })));
    world.run_again().await;
    assert!(matches!(world.ask(&asked, &section()).await, Err(Error::Invalid { .. })));
    assert_eq!(fake.requests().len(), 2);
}

#[tokio::test]
async fn an_empty_answer_can_be_sent_back_too() {
    for kind in Kind::ALL {
        let (world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::text(""));
        world.ask(&desk(&fake, kind), &section()).await.unwrap();
        assert_eq!(fake.requests()[1].prompt.as_ref().unwrap().turns[1].text, "(nothing)", "{kind}");
    }
}

#[tokio::test]
async fn what_would_fail_the_same_way_is_not_paid_a_second_time() {
    for kind in Kind::ALL {
        let (mut world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::cut_off("{\"claims\": ["));
        let asked = desk(&fake, kind);
        let first = world.ask(&asked, &section()).await.unwrap_err();
        assert!(matches!(first, Error::CutOff { .. }), "{kind} {first:?}");
        world.run_again().await;
        let again = world.ask(&asked, &section()).await.unwrap_err();
        assert_eq!((again.code(), again.to_string()), (first.code(), first.to_string()), "{kind}");
        assert_eq!((fake.requests().len(), world.bill().await.len()), (1, 1), "{kind}");
        let longer = llm::Request { max_output_tokens: 2_000, ..section() };
        assert!(!asked.ask(&world.call(), 1, &longer).await.unwrap().reused, "with more room it is asked");
    }
}

#[tokio::test]
async fn a_refusal_is_remembered() {
    for kind in [Kind::Anthropic, Kind::OpenAi] {
        let (mut world, fake) = (World::new().await, FakeLlm::start().unwrap());
        fake.push(Reply::refused("I cannot help with that."));
        let asked = desk(&fake, kind);
        let first = world.ask(&asked, &section()).await.unwrap_err();
        world.run_again().await;
        let again = world.ask(&asked, &section()).await.unwrap_err();
        assert!(matches!(again, Error::Refused { .. }), "{kind} {again:?}");
        assert_eq!((again.to_string(), fake.requests().len()), (first.to_string(), 1), "{kind}");
    }
}

#[tokio::test]
async fn an_answer_that_broke_off_is_asked_for_again_and_both_are_paid() {
    let (mut world, fake) = (World::new().await, FakeLlm::start().unwrap());
    fake.push(Reply::broken("{\"claims\": [", testkit::llm::Break::NoStopReason));
    let asked = desk(&fake, Kind::OpenAi);
    assert!(matches!(world.ask(&asked, &section()).await, Err(Error::Interrupted { .. })));
    world.run_again().await;
    let answer = world.ask(&asked, &section()).await.unwrap();
    assert!(!answer.reused);
    world.run_again().await;
    assert!(world.ask(&asked, &section()).await.unwrap().reused);
    let bill = world.bill().await;
    assert_eq!((fake.requests().len(), bill.len()), (2, 2));
    world.assert_settled(bill[0].cost.0 + bill[1].cost.0).await;
}

#[tokio::test]
async fn a_failure_that_cost_nothing_leaves_no_trace() {
    let (mut world, fake) = (World::new().await, FakeLlm::start().unwrap());
    fake.push(testkit::llm::Refusal::RateLimited { retry_after: Some(1) });
    let asked = desk(&fake, Kind::Anthropic);
    world.ask(&asked, &plain()).await.unwrap_err();
    assert!(world.bill().await.is_empty());
    world.run_again().await;
    world.ask(&asked, &plain()).await.unwrap();
    assert_eq!(world.bill().await[0].seq, 0);
}
