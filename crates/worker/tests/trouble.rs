//! What the runner owes to jobs when the database cannot keep what they bring, refuses it, or does not answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::{JobState, RunId, RunState};
use sqlx::Connection;
use support::{House, memory};
use tokio_util::sync::CancellationToken;
use worker::{Halted, Settings};

/// A table that SQLite cannot add to: for want of a number, but it says "full" as for want of room.
const NO_ROOM: &str = "create table room (number integer primary key autoincrement);
    insert into room values (9223372036854775807);";

/// Lets a runner by itself have one job, with the store's clock at rest, until the runner halts.
async fn halted(house: &House, run: RunId, settings: Settings) -> Halted {
    let broker = memory();
    let runner = tokio::spawn(house.runner(&broker, settings).run(CancellationToken::new()));
    house.ring(&broker).await;
    house.until("the runner stopped by itself", || async { runner.is_finished() }).await;
    assert_eq!(house.run(run).await.state, RunState::Running);
    runner.await.unwrap().unwrap_err()
}

/// Makes room, and another process goes on from what is there.
async fn finishes_once_there_is_room(house: &mut House, run: RunId) {
    house.sql("drop trigger full").await;
    house.store.reap_all(run, house.clock().now()).await.unwrap();
    house.work(Settings::default());
    house.until_run(run, RunState::Done).await;
    assert_eq!(house.job(run, "a").await.failures, 0, "a full disk is no failure of the job");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_finds_the_disk_full_stops_the_runner() {
    let mut house = House::open().await;
    let run = house.start(&[("a", &[])]).await;
    house.sql(NO_ROOM).await;
    house
        .sql(
            "create trigger full before update on jobs when old.state = 'ready' and new.state = 'running'
             begin insert into room values (null); end",
        )
        .await;
    let halted = halted(&house, run, Settings::default()).await;
    assert!(halted.to_string().contains("the disk is full"), "{halted}");
    finishes_once_there_is_room(&mut house, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_finds_the_disk_full_stops_the_runner() {
    let mut house = House::open().await;
    let run = house.start(&[("a", &[])]).await;
    house.sql(NO_ROOM).await;
    house
        .sql(
            "create trigger full before update on jobs when new.state = 'done'
             begin insert into room values (null); end",
        )
        .await;
    let halted = halted(&house, run, Settings::default()).await;
    assert!(halted.to_string().contains("the disk is full"), "{halted}");
    assert_eq!(house.job(run, "a").await.state, JobState::Running, "nothing was written of it");
    finishes_once_there_is_room(&mut house, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_that_finds_the_disk_full_stops_the_runner() {
    let mut house = House::open().await;
    let run = house.start(&[("a", &[])]).await;
    house.script_stoppable("a");
    house.sql(NO_ROOM).await;
    house
        .sql(
            "create trigger full before update on jobs when old.state = 'running' and new.state = 'running'
             begin insert into room values (null); end",
        )
        .await;
    let halted = halted(&house, run, Settings::default()).await;
    assert!(halted.to_string().contains("the disk is full"), "{halted}");
    assert_eq!(house.job(run, "a").await.state, JobState::Ready, "it was told to stop and given back");
    finishes_once_there_is_room(&mut house, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_the_store_refuses_fails_its_job_and_says_so() {
    let mut house = House::open().await;
    house
        .sql(
            "create trigger refusing before update on jobs when new.state = 'done' and new.node = 'a'
             begin select raise(abort, 'not like this'); end",
        )
        .await;
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    let other = house.start(&[("b", &[])]).await;
    house.until_run(run, RunState::Failed).await;
    let (job, problem) = (house.job(run, "a").await, house.run(run).await.problem.unwrap());
    assert_eq!((problem.code.as_str(), job.attempt), ("store_refused", 1), "{}", problem.detail);
    assert!(problem.detail.contains("not like this"), "{}", problem.detail);
    house.until_run(other, RunState::Done).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_even_be_failed_is_let_go_and_runs_again() {
    let mut house = House::open().await;
    house
        .sql(
            "create trigger refusing before update on jobs
             when new.state in ('done', 'failed') and new.attempt = 1
             begin select raise(abort, 'not at all'); end",
        )
        .await;
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house.until_job(run, "a", JobState::Running).await;
    // The first time may come while the runner still tries; then the lease is extended once more.
    for _ in 0..3 {
        house.pass(Duration::from_secs(20));
        let done = house.until_run(run, RunState::Done);
        if tokio::time::timeout(Duration::from_secs(6), done).await.is_ok() {
            break;
        }
    }
    let job = house.job(run, "a").await;
    assert_eq!((job.state, job.attempt), (JobState::Done, 2));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_stopped_when_its_lease_ends_while_the_database_hangs() {
    let mut house = House::open().await;
    let (calls, stopped) = house.script_stoppable("a");
    let (heartbeat, lease) = (Duration::from_millis(50), Duration::from_millis(500));
    house.work(Settings { heartbeat, lease, ..Settings::default() });
    let run = house.start(&[("a", &[])]).await;
    house.until("it is under way", || async { calls.load(Ordering::SeqCst) == 1 }).await;
    // Whoever writes waits for as long as this lasts, and for half a minute at least.
    let mut database = house.database().await;
    sqlx::raw_sql("begin immediate").execute(&mut database).await.unwrap();
    house.until("it was told to stop", || async { stopped.load(Ordering::SeqCst) == 1 }).await;
    sqlx::raw_sql("rollback").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    house.until_run(run, RunState::Done).await;
    house.stop().await;
}
