//! Panics where no worker is to blame: in the runner's own tasks. The log is where a test can have one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::{JobState, RunState};
use support::{House, memory};
use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};
use worker::Settings;

/// Where the log panics, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// When a job's span is made.
    Span,
    /// When a job's span is entered.
    Entry,
    /// When this is said.
    Message(&'static str),
}

struct Saboteur {
    at: At,
    armed: AtomicBool,
}

impl Saboteur {
    /// For everything on this thread, until the answer is dropped.
    fn hired(at: At) -> DefaultGuard {
        tracing::subscriber::set_default(Self { at, armed: AtomicBool::new(true) })
    }

    fn strike(&self, at: At) {
        assert!(self.at != at || !self.armed.swap(false, Ordering::SeqCst), "sabotage");
    }
}

impl Subscriber for Saboteur {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("worker")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        self.strike(At::Span);
        Id::from_u64(1)
    }

    fn enter(&self, _: &Id) {
        self.strike(At::Entry);
    }

    fn event(&self, event: &Event<'_>) {
        if let At::Message(message) = self.at {
            let mut said = Said { message, found: false };
            event.record(&mut said);
            if said.found {
                self.strike(self.at);
            }
        }
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Said {
    message: &'static str,
    found: bool,
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.found |= field.name() == "message" && format!("{value:?}") == self.message;
    }
}

#[tokio::test]
async fn a_job_whose_task_dies_is_let_go_and_runs_again() {
    let _sabotage = Saboteur::hired(At::Span);
    let mut house = House::open().await;
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house.until_job(run, "a", JobState::Running).await;
    house.pass(Duration::from_secs(20));
    house.until_run(run, RunState::Done).await;
    assert_eq!(house.job(run, "a").await.attempt, 2);
    house.stop().await;
}

#[tokio::test]
async fn a_panic_outside_of_the_worker_is_a_retry_as_well() {
    let _sabotage = Saboteur::hired(At::Entry);
    let mut house = House::open().await;
    house.work(Settings::default());
    let run = house.start(&[("a", &[])]).await;
    house.until("it is to be tried again", || async { house.job(run, "a").await.failures == 1 }).await;
    assert_eq!(house.job(run, "a").await.problem.unwrap().code, "worker_panicked");
    house.pass(Duration::from_secs(600));
    house.until_run(run, RunState::Done).await;
    house.stop().await;
}

#[tokio::test]
async fn a_runner_that_cannot_write_outcomes_any_more_stops() {
    let _sabotage = Saboteur::hired(At::Message("an outcome was refused"));
    let house = House::open().await;
    house
        .sql(
            "create trigger refusing before update on jobs when new.state = 'done' and new.node = 'a'
             begin select raise(abort, 'not like this'); end",
        )
        .await;
    let (broker, run) = (memory(), house.start(&[("a", &[])]).await);
    let runner = tokio::spawn(house.runner(&broker, Settings::default()).run(CancellationToken::new()));
    house.ring(&broker).await;
    house.until_job(run, "a", JobState::Running).await;
    house
        .until("no more runs are finished", || async {
            house.start(&[("b", &[])]).await;
            house.ring(&broker).await;
            runner.is_finished()
        })
        .await;
    let halted = runner.await.unwrap().unwrap_err();
    assert!(halted.to_string().contains("outcomes"), "{halted}");
}
