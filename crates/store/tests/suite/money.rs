//! Money: reservations, the journal, the bill.

use domain::{BlockedOn, Fence, JobId, MicroUsd, ModelCall, Run, RunState, Tokens};
use serde_json::{Value, json};
use store::{Ending, Error, NewRun, Reserved, Scope};

use super::world::{Says, World, at, done, failed, new_run, node, problem, stale};

pub(crate) fn call(seq: u32, cost: i64) -> ModelCall {
    ModelCall {
        seq,
        request_hash: format!("hash{seq}"),
        provider: "anthropic".to_owned(),
        model: "model".to_owned(),
        answer: json!({"z": "\u{0}", "a": 0.1}),
        tokens: Tokens { input: 1, cache_read: 2, cache_write: 3, output: 5_000_000_000, reasoning: 4 },
        cost: MicroUsd(cost),
        duration_ms: 1234,
        at: at(i64::from(seq)),
    }
}

async fn capped(world: &World, cap: Option<i64>) -> Run {
    let budget = cap.map(MicroUsd);
    world.run_with(NewRun { budget, ..new_run(&[node("a"), node("b"), node("c").needs(&["a"])]) }).await
}

async fn money(world: &World, run: &Run) -> (i64, i64) {
    let run = world.tenant().run(run.id).await.unwrap();
    (run.settled.0, run.reserved.0)
}

async fn reserve(world: &World, fence: Fence, seq: u32, amount: i64) -> Reserved {
    world.store.reserve(fence, seq, MicroUsd(amount), at(0)).await.unwrap()
}

pub(crate) async fn money_is_reserved_before_it_is_spent(world: World) {
    let run = capped(&world, Some(100)).await;
    let jobs = world.claim(&run, at(0)).await;
    let (a, b) = (jobs[0].fence(), jobs[1].fence());
    assert_eq!(reserve(&world, a, 0, 60).await, Reserved::Granted);
    let short = Reserved::Short { cap: MicroUsd(100), settled: MicroUsd(0), reserved: MicroUsd(60) };
    assert_eq!(reserve(&world, b, 0, 41).await, short);
    assert_eq!(reserve(&world, b, 0, 40).await, Reserved::Granted);
    world.store.settle(a, call(0, 35), at(1)).await.unwrap();
    assert_eq!(money(&world, &run).await, (35, 40));
    assert_eq!(reserve(&world, a, 1, 25).await, Reserved::Granted);
    world.store.release(b, 0).await.unwrap();
    world.store.release(b, 0).await.unwrap();
    assert_eq!(money(&world, &run).await, (35, 25));
    world.check(run.id).await;
    let negative = world.store.reserve(a, 9, MicroUsd(-5), at(0)).await;
    assert!(matches!(negative, Err(Error::Conflict(_))));
}

pub(crate) async fn without_a_budget_everything_is_granted_and_counted(world: World) {
    let run = capped(&world, None).await;
    let jobs = world.claim(&run, at(0)).await;
    assert_eq!(reserve(&world, jobs[0].fence(), 0, 1_000_000_000_000).await, Reserved::Granted);
    world.store.settle(jobs[0].fence(), call(0, 7), at(0)).await.unwrap();
    assert_eq!(money(&world, &run).await, (7, 0));
}

pub(crate) async fn a_reservation_left_by_a_crash_is_replaced(world: World) {
    let run = capped(&world, Some(100)).await;
    let a = world.claim(&run, at(0)).await[0].fence();
    reserve(&world, a, 0, 80).await;
    world.store.reap_all(run.id, at(0)).await.unwrap();
    assert_eq!(money(&world, &run).await, (0, 80), "the call may have been paid");
    let again = world.claim(&run, at(0)).await[0].fence();
    assert_eq!(reserve(&world, again, 0, 100).await, Reserved::Granted);
    assert_eq!(money(&world, &run).await, (0, 100));
    let short = Reserved::Short { cap: MicroUsd(100), settled: MicroUsd(0), reserved: MicroUsd(0) };
    assert_eq!(reserve(&world, again, 0, 101).await, short);
    assert_eq!(money(&world, &run).await, (0, 0));
}

pub(crate) async fn a_late_worker_reserves_nothing_but_what_it_paid_is_kept(world: World) {
    let run = capped(&world, Some(100)).await;
    let old = world.claim(&run, at(0)).await[0].fence();
    reserve(&world, old, 0, 30).await;
    world.store.reap_all(run.id, at(0)).await.unwrap();
    let new = world.claim(&run, at(0)).await[0].fence();
    assert!(matches!(world.store.reserve(old, 1, MicroUsd(1), at(1)).await, Err(Error::Fenced)));
    reserve(&world, new, 0, 50).await;
    world.store.release(old, 0).await.unwrap();
    assert_eq!(money(&world, &run).await, (0, 50), "not the reservation of the new attempt");
    world.store.settle(old, call(0, 20), at(1)).await.unwrap();
    assert_eq!(money(&world, &run).await, (20, 50));
    let answer = world.store.journaled(new.job, 0, "hash0").await.unwrap();
    assert_eq!(answer, Some(call(0, 20)), "the new attempt finds the answer that was paid");
    world.store.release(new, 0).await.unwrap();
    assert_eq!(money(&world, &run).await, (20, 0));
}

pub(crate) async fn a_call_is_settled_once(world: World) {
    let run = capped(&world, Some(100)).await;
    let a = world.claim(&run, at(0)).await[0].fence();
    reserve(&world, a, 0, 30).await;
    for _ in 0..3 {
        world.store.settle(a, call(0, 20), at(1)).await.unwrap();
    }
    assert_eq!(money(&world, &run).await, (20, 0));
    let paid_again = ModelCall { at: at(9), answer: json!("other"), ..call(0, 15) };
    world.store.settle(a, paid_again, at(9)).await.unwrap();
    assert_eq!(money(&world, &run).await, (35, 0));
    assert_eq!(
        world.store.journaled(a.job, 0, "hash0").await.unwrap(),
        Some(call(0, 20)),
        "the first answer stays"
    );
    let usage = world.tenant().usage(run.id).await.unwrap();
    assert_eq!(usage.iter().map(|row| row.cost.0).collect::<Vec<_>>(), [20, 15]);
    assert!(matches!(
        world.store.settle(Fence { job: JobId::new(), attempt: 1 }, call(0, 1), at(0)).await,
        Err(Error::NotFound { what: "job" })
    ));
}

pub(crate) async fn answers_are_found_by_job_number_and_question(world: World) {
    let run = capped(&world, None).await;
    let jobs = world.claim(&run, at(0)).await;
    let (a, b) = (jobs[0].fence(), jobs[1].fence());
    let journaled = async |job, seq, hash: &str| world.store.journaled(job, seq, hash).await.unwrap();
    world.store.settle(a, call(3, 1), at(0)).await.unwrap();
    let other = ModelCall { request_hash: "other".to_owned(), answer: Value::Null, ..call(3, 2) };
    world.store.settle(a, other.clone(), at(0)).await.unwrap();
    let answer = journaled(a.job, 3, "hash3").await.unwrap();
    assert_eq!(serde_json::to_string(&answer.answer).unwrap(), r#"{"z":"\u0000","a":0.1}"#);
    assert_eq!(journaled(a.job, 3, "other").await, Some(other));
    assert_eq!(journaled(a.job, 4, "hash3").await, None);
    assert_eq!(journaled(b.job, 3, "hash3").await, None);
    let bill = world.tenant().usage(run.id).await.unwrap();
    assert_eq!((bill.len(), bill[0].section.as_str(), bill[0].tokens), (2, "a", call(0, 0).tokens));
    let journal = world.tenant().journal(run.id).await.unwrap();
    assert_eq!((journal.len(), journal[0].job, journal[0].section.as_str()), (2, a.job, "a"));
}

pub(crate) async fn a_job_that_ends_frees_what_it_left_reserved(world: World) {
    for ending in [done(), failed(), Ending::Released] {
        let run = capped(&world, Some(100)).await;
        let jobs = world.claim(&run, at(0)).await;
        reserve(&world, jobs[0].fence(), 0, 30).await;
        reserve(&world, jobs[0].fence(), 1, 30).await;
        reserve(&world, jobs[1].fence(), 0, 40).await;
        let keeps = ending == Ending::Released;
        world.finish(&jobs[0], ending).await.unwrap();
        assert_eq!(money(&world, &run).await, (0, if keeps { 100 } else { 40 }));
        world.tenant().cancel(run.id, at(0)).await.ok();
        world.finish(&jobs[1], done()).await.unwrap();
        assert_eq!(money(&world, &run).await, (0, 0));
    }
}

pub(crate) async fn a_cancelled_run_holds_no_money_of_jobs_that_do_not_run(world: World) {
    let run = capped(&world, Some(100)).await;
    let jobs = world.claim(&run, at(0)).await;
    reserve(&world, jobs[0].fence(), 0, 30).await;
    reserve(&world, jobs[1].fence(), 0, 40).await;
    world.finish(&jobs[0], Ending::Released).await.unwrap();
    world.tenant().cancel(run.id, at(0)).await.unwrap();
    assert_eq!(money(&world, &run).await, (0, 40));
    assert!(matches!(world.store.reserve(jobs[1].fence(), 1, MicroUsd(1), at(0)).await, Err(Error::Fenced)));
    world.store.settle(jobs[1].fence(), call(0, 35), at(0)).await.unwrap();
    assert_eq!(money(&world, &run).await, (35, 0), "an answer already paid for is kept");
}

pub(crate) async fn a_job_short_of_money_goes_on_when_there_is_more(world: World) {
    let run = capped(&world, Some(100)).await;
    let jobs = world.claim(&run, at(0)).await;
    reserve(&world, jobs[0].fence(), 0, 90).await;
    let blocked = || Ending::Blocked { on: BlockedOn::Budget, until: None, problem: problem("short") };
    world.finish(&jobs[1], blocked()).await.unwrap();
    assert_eq!(world.tenant().run(run.id).await.unwrap().blocked_on, Some(BlockedOn::Budget));
    assert!(world.claim(&run, at(1)).await.is_empty());
    let refused = world.tenant().set_budget(run.id, Some(MicroUsd(89)), at(1)).await;
    assert!(matches!(refused, Err(Error::Conflict(problem)) if problem.code == "budget_spent"));
    let raised = world.tenant().set_budget(run.id, Some(MicroUsd(150)), at(1)).await.unwrap();
    assert_eq!(raised.budget, Some(MicroUsd(150)));
    let b = world.claim_one(&run, at(1)).await;
    assert_eq!(b.node, "b");
    assert_eq!(reserve(&world, b.fence(), 0, 60).await, Reserved::Granted);
    world.store.release(b.fence(), 0).await.unwrap();
    world.finish(&b, blocked()).await.unwrap();
    world.store.settle(jobs[0].fence(), call(0, 10), at(2)).await.unwrap();
    let now = chrono::Utc::now();
    let ready = world.store.unannounced(Scope::Run(run.id), now, 10).await.unwrap();
    assert_eq!(ready.len(), 1, "money that was set aside is free again");
    world.check(run.id).await;
}

pub(crate) async fn a_retried_run_may_spend_what_is_left(world: World) {
    let run = capped(&world, Some(100)).await;
    let jobs = world.claim(&run, at(0)).await;
    world.store.settle(jobs[0].fence(), call(0, 70), at(0)).await.unwrap();
    world.finish(&jobs[0], failed()).await.unwrap();
    world.finish(&jobs[1], done()).await.unwrap();
    world.tenant().set_budget(run.id, Some(MicroUsd(90)), at(0)).await.unwrap();
    world.tenant().retry(run.id, at(0)).await.unwrap();
    let job = world.claim_some(&run, 1).await.pop().unwrap();
    assert!(world.store.journaled(job.id, 0, "hash0").await.unwrap().is_some());
    assert!(matches!(reserve(&world, job.fence(), 1, 21).await, Reserved::Short { .. }));
    assert_eq!(reserve(&world, job.fence(), 1, 20).await, Reserved::Granted);
    assert!(matches!(
        world.store.reserve(stale(job.fence()), 1, MicroUsd(1), at(0)).await,
        Err(Error::Fenced)
    ));
    assert_eq!(world.state(&run).await, RunState::Running);
}
