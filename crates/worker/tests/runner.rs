//! What the runner owes to jobs, whatever their workers do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use domain::{BlockedOn, JobState, NewEvent, Problem, RunState, TenantId, WorkerId};
use serde_json::json;
use store::{Effects, Scope};
use support::{House, memory};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use worker::{Error, Outcome, Registry, Settings};

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_jobs_runs_in_order_and_ends_the_run() {
    let mut house = House::open().await;
    house.work(Settings::default());
    let run = house.start(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])]).await;
    house.until_run(run, RunState::Done).await;
    let (a, b, c) = (house.job(run, "a").await, house.job(run, "b").await, house.job(run, "c").await);
    assert!(a.ended_at <= b.started_at && b.ended_at <= c.started_at);
    assert_eq!((c.output, c.attempt), (Some(json!("c")), 1));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_are_filled_in_from_the_input_and_outputs() {
    let mut house = House::open().await;
    house.script("a", |_, args| async move { Ok(Outcome::done(json!(args.number))) });
    house.work(Settings::default());
    let run = house.start_with(&[("a", &[])], json!({ "number": "{{ input.n }}" })).await;
    house.until_run(run, RunState::Done).await;
    assert_eq!(house.job(run, "a").await.output, Some(json!(7)));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_argument_fails_the_job_and_names_the_argument() {
    let mut house = House::open().await;
    house.work(Settings::default());
    let run = house.start_with(&[("a", &[])], json!({ "number": "many" })).await;
    house.until_run(run, RunState::Failed).await;
    let problem = house.run(run).await.problem.unwrap();
    assert_eq!(problem.code, "invalid_arguments");
    assert!(problem.detail.contains("with.number"), "{}", problem.detail);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_retry_and_the_fifth_one_too_many_fails_the_job() {
    let mut house = House::open().await;
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    house.script("a", move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { panic!("a case nobody thought of") }
    });
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house
        .until("the run failed", || async {
            let job = house.job(run, "a").await;
            // Only while it waits for its time: a leap while it runs would cost it its lease.
            if job.state == JobState::Ready && job.due_at > house.clock().now() {
                house.pass(Duration::from_secs(600));
            }
            house.run(run).await.state == RunState::Failed
        })
        .await;
    assert_eq!(house.run(run).await.problem.unwrap().code, "worker_panicked");
    assert_eq!(calls.load(Ordering::SeqCst) as i32, store::MAX_FAILURES + 1);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_waits_its_time_and_then_succeeds() {
    let mut house = House::open().await;
    house.script("a", |ctx, _| async move {
        match ctx.job().failures {
            0 => Err(Error::Retry {
                problem: Problem::new("busy", "not now"),
                after: Some(Duration::from_secs(60)),
            }),
            _ => Ok(Outcome::done(json!("then"))),
        }
    });
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house.until("it is to be tried again", || async { house.job(run, "a").await.failures == 1 }).await;
    assert_eq!(house.job(run, "a").await.state, JobState::Ready);
    house.pass(Duration::from_secs(61));
    house.until_run(run, RunState::Done).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_job_says_why_and_spends_no_failure() {
    let mut house = House::open().await;
    let now = house.clock().now();
    house.script("a", move |ctx, _| async move {
        if ctx.now() < now + chrono::TimeDelta::seconds(100) {
            let until = Some(now + chrono::TimeDelta::seconds(100));
            return Err(Error::Blocked {
                on: BlockedOn::Host,
                until,
                problem: Problem::new("slow_host", "patience"),
            });
        }
        Ok(Outcome::done(json!(ctx.job().failures)))
    });
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house
        .until("the run says what it waits for", || async { house.run(run).await.blocked_on.is_some() })
        .await;
    assert_eq!(house.run(run).await.blocked_on, Some(BlockedOn::Host));
    house.pass(Duration::from_secs(101));
    house.until_run(run, RunState::Done).await;
    assert_eq!((house.job(run, "a").await.output, house.run(run).await.blocked_on), (Some(json!(0)), None));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yield_goes_on_from_its_checkpoint() {
    let mut house = House::open().await;
    house.script("a", |ctx, _| async move {
        let done = ctx.job().checkpoint.as_ref().and_then(|saved| saved.as_u64()).unwrap_or(0);
        if done == 3 {
            return Ok(Outcome::done(json!(ctx.job().failures)));
        }
        let events = vec![NewEvent::new("step.done", json!({ "step": done }))];
        ctx.commit(Effects { checkpoint: Some(json!(done + 1)), events, ..Effects::default() }).await?;
        Ok(Outcome::Yield { after: Duration::ZERO })
    });
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house.until_run(run, RunState::Done).await;
    assert_eq!(house.job(run, "a").await.output, Some(json!(0)));
    let events = house.store.tenant(TenantId::LOCAL).events(run, 0, 100).await.unwrap();
    let steps: Vec<_> =
        events.iter().filter(|e| e.kind == "step.done").map(|e| e.data["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [0, 1, 2], "each step once");
    assert!(events.iter().map(|e| e.seq).eq(1..=events.len() as i64), "numbered without gaps");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_heard_within_two_seconds_and_resume_finishes() {
    let mut house = House::open().await;
    let first = Arc::new(AtomicU32::new(0));
    let calls = Arc::clone(&first);
    house.script("a", move |ctx, _| {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        async move {
            if call == 0 {
                ctx.cancelled().cancelled().await;
                return Err(Error::Cancelled);
            }
            Ok(Outcome::done(json!(ctx.job().failures)))
        }
    });
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house.until_job(run, "a", JobState::Running).await;
    let (tenant, asked) = (house.store.tenant(TenantId::LOCAL), Instant::now());
    tenant.pause(run, house.clock().now()).await.unwrap();
    house.until_job(run, "a", JobState::Ready).await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    tenant.resume(run, house.clock().now()).await.unwrap();
    house.until_run(run, RunState::Done).await;
    assert_eq!(house.job(run, "a").await.output, Some(json!(0)), "a pause is no failure");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_does_not_listen_is_dropped() {
    let mut house = House::open().await;
    house.script("a", |_, _| std::future::pending());
    house.work(Settings { grace: Duration::from_millis(50), ..Settings::default() });
    let run = house.start(&[("a", &[])]).await;
    house.until_job(run, "a", JobState::Running).await;
    house.store.tenant(TenantId::LOCAL).cancel(run, house.clock().now()).await.unwrap();
    house.until_job(run, "a", JobState::Cancelled).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_gives_jobs_back_and_another_process_finishes_them() {
    let mut house = House::open().await;
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    house.script("a", move |ctx, _| {
        let call = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            if call == 0 {
                ctx.cancelled().cancelled().await;
                return Err(Error::Cancelled);
            }
            Ok(Outcome::done(json!(ctx.job().failures)))
        }
    });
    let first = house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house.until_job(run, "a", JobState::Running).await;
    first.cancel();
    house.until_job(run, "a", JobState::Ready).await;
    // What the first process announced died with its queue.
    house.store.reap_all(run, house.clock().now()).await.unwrap();
    house.work(Settings::default());
    house.until_run(run, RunState::Done).await;
    assert_eq!(house.job(run, "a").await.output, Some(json!(0)));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_worker_loses_its_job_and_its_late_word_is_refused() {
    let mut house = House::open().await;
    let (thawed, calls) = (Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
    let (thaw, counted) = (Arc::clone(&thawed), Arc::clone(&calls));
    house.script("a", move |_, _| {
        let (call, thaw) = (counted.fetch_add(1, Ordering::SeqCst), Arc::clone(&thaw));
        async move {
            if call == 0 {
                thaw.notified().await;
            }
            Ok(Outcome::done(json!(call)))
        }
    });
    // A heart that never beats is what a frozen process looks like from outside.
    let settings = Settings { heartbeat: Duration::from_secs(3600), ..Settings::default() };
    let (broker, stop) = (memory(), CancellationToken::new());
    let frozen = tokio::spawn(house.runner(&broker, settings).run(stop.clone()));
    let run = house.start(&[("a", &[]), ("b", &["a"])]).await;
    house.ring(&broker).await;
    house.until("the first attempt is under way", || async { calls.load(Ordering::SeqCst) == 1 }).await;
    house.work(Settings::default());
    house.pass(Duration::from_secs(20));
    house.until_run(run, RunState::Done).await;
    thawed.notify_one();
    stop.cancel();
    frozen.await.unwrap().unwrap();
    house.stop().await;
    let job = house.job(run, "a").await;
    assert_eq!((job.output, job.attempt), (Some(json!(1)), 2), "the second attempt's word stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_is_stopped_by_the_next_one_in_the_same_process() {
    let mut house = House::open().await;
    let (calls, stopped) = house.script_stoppable("a");
    // A heart that never beats, and outcomes that wait for each other: both attempts end in one transaction.
    let (heartbeat, linger) = (Duration::from_secs(3600), Duration::from_millis(300));
    house.work(Settings { heartbeat, linger, ..Settings::default() });
    let run = house.start(&[("a", &[])]).await;
    house.until("the first attempt is under way", || async { calls.load(Ordering::SeqCst) == 1 }).await;
    house.pass(Duration::from_secs(20));
    house.until_run(run, RunState::Done).await;
    house.until("the first attempt stopped", || async { stopped.load(Ordering::SeqCst) == 1 }).await;
    let job = house.job(run, "a").await;
    assert_eq!((job.output, job.attempt), (Some(json!(1)), 2), "the second attempt's word stands");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_slept_goes_on_with_its_jobs() {
    let mut house = House::open().await;
    let (woken, calls) = (Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
    let (wake, counted) = (Arc::clone(&woken), Arc::clone(&calls));
    house.script("a", move |_, _| {
        let (call, wake) = (counted.fetch_add(1, Ordering::SeqCst), Arc::clone(&wake));
        async move {
            wake.notified().await;
            Ok(Outcome::done(json!(call)))
        }
    });
    // Somebody who will not come back has a job, too.
    let gone = house.start(&[("gone", &[])]).await;
    let due = house.store.unannounced(Scope::All, house.clock().now(), 1).await.unwrap();
    let lease = Settings::default().lease;
    house.store.claim(&due, WorkerId::new(), lease, house.clock().now()).await.unwrap();
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house.until("it is under way", || async { calls.load(Ordering::SeqCst) == 1 }).await;
    house.pass(Duration::from_secs(3600));
    house.until_run(gone, RunState::Done).await;
    assert_eq!(house.job(gone, "gone").await.failures, 1, "its lease was lost");
    woken.notify_one();
    house.until_run(run, RunState::Done).await;
    let job = house.job(run, "a").await;
    assert_eq!((job.attempt, job.failures), (1, 0), "the one that was awake again in time lost nothing");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_for_an_unknown_worker_is_left_to_a_process_that_knows_it() {
    let mut house = House::open().await;
    let old = house.work_with(Registry::new(), Settings::default());
    let run = house.start(&[("a", &[])]).await;
    for attempt in 1..=store::MAX_FAILURES + 2 {
        house
            .until("it was put off", || async {
                let job = house.job(run, "a").await;
                job.attempt == attempt && job.state == JobState::Ready
            })
            .await;
        let job = house.job(run, "a").await;
        assert_eq!(job.failures, 0, "not knowing is no failure of the job");
        assert!(job.due_at > house.clock().now() + Duration::from_secs(20), "{}", job.due_at);
        if attempt <= store::MAX_FAILURES + 1 {
            house.pass(Duration::from_secs(31));
        }
    }
    old.cancel();
    house.work(Settings::default());
    house.pass(Duration::from_secs(31));
    house.until_run(run, RunState::Done).await;
    house.stop().await;
}
