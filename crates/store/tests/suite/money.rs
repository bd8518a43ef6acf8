//! Money: reservations, the journal, the bill.

use chrono::TimeDelta;
use domain::{BlockedOn, Fence, JobId, MicroUsd, ModelCall, Run, RunState, Tokens};
use serde_json::{Value, json};
use store::{Effects, Ending, Error, Finish, LONGEST_CALL, NewRun, Reserved, Scope};

use super::world::{LEASE, Says, World, at, done, failed, new_run, node, problem, stale};

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

/// Gives back what `fence` holds, as one whose worker fell silent, and claims it anew.
async fn lose(world: &World, run: &Run, fence: Fence) -> Fence {
    let late = at(0) + TimeDelta::from_std(LEASE).unwrap() * 2;
    let kept = world.tenant().jobs(run.id).await.unwrap().into_iter().filter(|job| job.id != fence.job);
    let kept: Vec<_> = kept.map(|job| job.fence()).collect();
    world.store.heartbeat(&kept, LEASE * 4, at(0)).await.unwrap();
    assert_eq!(world.store.reap(Scope::Run(run.id), late, 10).await.unwrap().len(), 1);
    let again = world.claim(run, late).await.into_iter().find(|job| job.id == fence.job).unwrap();
    again.fence()
}

pub(crate) async fn a_crash_frees_what_was_reserved(world: World) {
    let run = capped(&world, Some(100)).await;
    let a = world.claim(&run, at(0)).await[0].fence();
    reserve(&world, a, 0, 80).await;
    world.store.reap_all(run.id, at(0)).await.unwrap();
    assert_eq!(money(&world, &run).await, (0, 0), "whoever could have settled it is dead");
    let again = world.claim(&run, at(0)).await[0].fence();
    assert_eq!(reserve(&world, again, 0, 100).await, Reserved::Granted);
}

pub(crate) async fn a_reservation_is_replaced_by_the_same_attempt(world: World) {
    let run = capped(&world, Some(100)).await;
    let a = world.claim(&run, at(0)).await[0].fence();
    for amount in [80, 0, 0, 100] {
        assert_eq!(reserve(&world, a, 0, amount).await, Reserved::Granted);
        assert_eq!(money(&world, &run).await, (0, amount));
    }
    let short = Reserved::Short { cap: MicroUsd(100), settled: MicroUsd(0), reserved: MicroUsd(0) };
    assert_eq!(reserve(&world, a, 0, 101).await, short);
    assert_eq!(money(&world, &run).await, (0, 0));
}

pub(crate) async fn a_late_answer_exceeds_no_cap(world: World) {
    let run = capped(&world, Some(100)).await;
    let old = world.claim(&run, at(0)).await[0].fence();
    assert_eq!(reserve(&world, old, 0, 60).await, Reserved::Granted);
    let new = lose(&world, &run, old).await;
    let short = Reserved::Short { cap: MicroUsd(100), settled: MicroUsd(0), reserved: MicroUsd(60) };
    assert_eq!(reserve(&world, new, 0, 60).await, short, "the first call may still be answered");
    assert_eq!(reserve(&world, new, 0, 40).await, Reserved::Granted);
    world.store.settle(old, call(0, 60), at(1)).await.unwrap();
    assert_eq!(money(&world, &run).await, (60, 40));
    world.check(run.id).await;
    let answer = world.store.journaled(new.job, 0, "hash0").await.unwrap();
    assert_eq!(answer, Some(call(0, 60)), "the new attempt finds the answer that was paid");
}

pub(crate) async fn a_late_worker_reserves_nothing_and_releases_only_what_is_its_own(world: World) {
    let run = capped(&world, Some(100)).await;
    let old = world.claim(&run, at(0)).await[0].fence();
    reserve(&world, old, 0, 30).await;
    reserve(&world, old, 1, 10).await;
    let new = lose(&world, &run, old).await;
    assert!(matches!(world.store.reserve(old, 2, MicroUsd(1), at(1)).await, Err(Error::Fenced)));
    reserve(&world, new, 0, 50).await;
    assert_eq!(money(&world, &run).await, (0, 90));
    world.store.release(old, 0).await.unwrap();
    assert_eq!(money(&world, &run).await, (0, 60));
    let late = Finish { fence: old, ending: done(), effects: Effects::default() };
    assert!(matches!(world.store.finish(&[late], at(1)).await.unwrap()[..], [Err(Error::Fenced)]));
    assert_eq!(money(&world, &run).await, (0, 50), "it says itself that it is over");
}

pub(crate) async fn what_a_lost_attempt_reserved_stays_as_long_as_a_call_may_take(world: World) {
    let run = capped(&world, Some(100)).await;
    let jobs = world.claim(&run, at(0)).await;
    let old = jobs[0].fence();
    reserve(&world, old, 0, 60).await;
    let new = lose(&world, &run, old).await;
    let finish = Finish { fence: new, ending: done(), effects: Effects::default() };
    world.store.finish(&[finish], at(1)).await.unwrap().pop().unwrap().unwrap();
    assert_eq!(money(&world, &run).await, (0, 60), "also beyond the end of its job");
    let after = at(0) + TimeDelta::from_std(LONGEST_CALL).unwrap();
    let reserve = async |now| world.store.reserve(jobs[1].fence(), 0, MicroUsd(41), now).await.unwrap();
    assert!(matches!(reserve(after).await, Reserved::Short { .. }));
    assert_eq!(reserve(after + TimeDelta::microseconds(1)).await, Reserved::Granted);
    assert_eq!(money(&world, &run).await, (0, 41));
}

pub(crate) async fn a_run_that_is_done_or_cancelled_keeps_no_money_for_lost_attempts(world: World) {
    for ending in [done(), failed()] {
        let run = world.run_with(NewRun { budget: Some(MicroUsd(100)), ..new_run(&[node("a")]) }).await;
        let old = world.claim_one(&run, at(0)).await.fence();
        reserve(&world, old, 0, 60).await;
        let new = lose(&world, &run, old).await;
        let may_be_retried = ending == failed();
        let finish = Finish { fence: new, ending, effects: Effects::default() };
        world.store.finish(&[finish], at(1)).await.unwrap().pop().unwrap().unwrap();
        assert_eq!(money(&world, &run).await, (0, if may_be_retried { 60 } else { 0 }));
        if may_be_retried {
            world.tenant().retry(run.id, at(1)).await.unwrap();
            let third = world.claim_one(&run, at(1)).await.fence();
            assert!(matches!(reserve(&world, third, 0, 41).await, Reserved::Short { .. }));
            world.tenant().cancel(run.id, at(1)).await.unwrap();
            let finish = Finish { fence: third, ending: Ending::Released, effects: Effects::default() };
            world.store.finish(&[finish], at(1)).await.unwrap().pop().unwrap().unwrap();
            assert_eq!(money(&world, &run).await, (0, 0));
        }
    }
}

pub(crate) async fn a_job_short_of_money_is_not_woken_by_its_own(world: World) {
    let run = capped(&world, Some(100)).await;
    let job = world.claim(&run, at(0)).await.remove(0);
    reserve(&world, job.fence(), 0, 60).await;
    let blocked = Ending::Blocked { on: BlockedOn::Budget, until: None, problem: problem("short") };
    world.finish(&job, blocked).await.unwrap();
    assert_eq!(money(&world, &run).await, (0, 0));
    assert!(world.claim(&run, at(1)).await.is_empty(), "or it would ask again and again");
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

pub(crate) async fn an_attempt_that_ends_frees_what_it_left_reserved(world: World) {
    let retry = Ending::Retry { problem: problem("slow"), after: LEASE };
    for ending in [done(), failed(), Ending::Released, retry] {
        let run = capped(&world, Some(100)).await;
        let jobs = world.claim(&run, at(0)).await;
        reserve(&world, jobs[0].fence(), 0, 30).await;
        reserve(&world, jobs[0].fence(), 1, 30).await;
        reserve(&world, jobs[1].fence(), 0, 40).await;
        world.finish(&jobs[0], ending).await.unwrap();
        assert_eq!(money(&world, &run).await, (0, 40));
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
