//! What the scheduler owes to jobs, whatever the queue, the database and the clock do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::JobState;
use store::Signal;
use support::{House, LEASE};
use tokio::time::timeout;

/// One tick and no other.
const ONCE: Duration = Duration::from_secs(3600);
const OFTEN: Duration = Duration::from_millis(5);
/// Long enough for a second try to show itself, short enough to wait for every time.
const QUIET: Duration = Duration::from_millis(200);
const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_due_is_announced_at_once_however_much_it_is() {
    let house = House::open().await;
    house.start("many", 1100).await;
    let (scheduler, stop) = house.schedule(ONCE);
    house.until("all are announced", || async { house.announced().await == 1100 }).await;
    stop.cancel();
    timeout(SOON, scheduler).await.unwrap().unwrap();
    assert_eq!(house.asked(), 3, "in slices");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_refuses_is_asked_once_a_tick() {
    let house = House::open().await;
    house.start("many", 600).await;
    house.broker.refuses.store(true, Ordering::SeqCst);
    let (scheduler, stop) = house.schedule(ONCE);
    house.until("the queue was asked", || async { house.asked() > 0 }).await;
    let again = timeout(QUIET, house.until("it is asked again", || async { house.asked() > 1 })).await;
    assert!(again.is_err(), "it is asked again at once");
    stop.cancel();
    timeout(SOON, scheduler).await.expect("it stops when told to").unwrap();
    // The next process finds all of them.
    house.broker.refuses.store(false, Ordering::SeqCst);
    let (_scheduler, _stop) = house.schedule(ONCE);
    house.until("all are announced", || async { house.announced().await == 600 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_does_not_answer_does_not_keep_the_scheduler_from_stopping() {
    let house = House::open().await;
    house.start("one", 1).await;
    house.broker.hangs.store(true, Ordering::SeqCst);
    let (scheduler, stop) = house.schedule(OFTEN);
    house.until("the queue was asked", || async { house.asked() > 0 }).await;
    stop.cancel();
    timeout(SOON, scheduler).await.expect("it stops when told to").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_that_cannot_be_noted_do_not_pile_up() {
    let house = House::open().await;
    house.start("many", 600).await;
    house
        .sql(
            "create trigger refusing before update on jobs when old.state = 'ready' and new.state = 'ready'
             begin select raise(abort, 'no notes'); end",
        )
        .await;
    let (_scheduler, stop) = house.schedule(OFTEN);
    house.until("some ticks were made", || async { house.asked() > 5 }).await;
    assert_eq!(house.announced().await, 500, "the same ones again and again");
    stop.cancel();
    house.sql("drop trigger refusing").await;
    let (_scheduler, _stop) = house.schedule(OFTEN);
    house.until("all are announced", || async { house.announced().await == 600 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_leases_end_and_their_jobs_are_announced_again() {
    let house = House::open().await;
    let run = house.start("lost", 1).await;
    house.claim(run).await;
    house.leap(LEASE * 2);
    let (_scheduler, _stop) = house.schedule(OFTEN);
    house.until("it is announced", || async { house.announced().await == 1 }).await;
    let job = house.jobs(run).await.remove(0);
    assert_eq!((job.state, job.failures), (JobState::Ready, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_lease_that_cannot_be_reaped_hinders_no_announcement() {
    let house = House::open().await;
    let broken = house.start("broken", 1).await;
    house.claim(broken).await;
    house
        .sql(
            "create trigger refusing before update on jobs when old.state = 'running' and new.state = 'ready'
             begin select raise(abort, 'unreadable'); end",
        )
        .await;
    house.leap(LEASE * 2);
    house.start("whole", 3).await;
    let (_scheduler, _stop) = house.schedule(OFTEN);
    house.until("the others are announced", || async { house.announced().await == 3 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_slept_with_the_machine_keep_what_they_extend_and_others_lose_theirs() {
    let house = House::open().await;
    let (slept, dead) = (house.start("slept", 1).await, house.start("dead", 1).await);
    let (held, _) = (house.claim(slept).await.remove(0), house.claim(dead).await);
    let (_scheduler, _stop) = house.schedule(OFTEN);
    house.start("before", 1).await;
    house.until("it ticks", || async { house.announced().await == 1 }).await;
    house.leap(Duration::from_secs(3600));
    house.start("after", 1).await;
    house.until("it ticked after the leap", || async { house.announced().await == 2 }).await;
    let signals = house.store.heartbeat(&[held.fence()], LEASE, house.clock().now()).await.unwrap();
    assert_eq!(signals, [(held.fence(), Signal::Go)], "the lease still holds");
    house.until("the dead one's job is ready", || async { house.jobs(dead).await[0].failures == 1 }).await;
    assert_eq!(house.jobs(slept).await[0].state, JobState::Running);
}
