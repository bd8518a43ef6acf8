//! The verbs of the engine: announcing, claiming, heartbeats, endings, the fence, lost leases.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{BlockedOn, JobId, JobState, NewEvent, RunState, WorkerId};
use serde_json::{Value, json};
use store::{
    ANNOUNCE_AGAIN, BLOCKED_POLL, Committed, Doorbell, Effects, Ending, Error, Finish, MAX_FAILURES, Scope,
    Signal,
};

use super::world::{LEASE, Says, World, at, bells, documents, done, failed, node, problem, stale};

pub(crate) async fn what_is_ready_is_announced_once(world: World) {
    let run = world.run(&[node("a"), node("b"), node("c").needs(&["a"])]).await;
    let other = world.run(&[node("x")]).await;
    assert_eq!(world.store.unannounced(Scope::All, at(0), 10).await.unwrap().len(), 3);
    assert_eq!(world.store.unannounced(Scope::All, at(0), 2).await.unwrap().len(), 2);
    assert_eq!(world.store.next_due(Scope::Run(run.id)).await.unwrap(), Some(at(0)));
    let ready = world.store.unannounced(Scope::Run(run.id), at(0), 10).await.unwrap();
    assert_eq!(ready.len(), 2);
    world.store.announced(&ready, at(0)).await.unwrap();
    assert!(world.store.unannounced(Scope::Run(run.id), at(0), 10).await.unwrap().is_empty());
    let left = world.store.unannounced(Scope::All, at(0), 10).await.unwrap();
    assert_eq!(bells(&left), [world.job(&other, "x").await.id]);
    assert_eq!(world.store.claim(&ready, WorkerId::new(), LEASE, at(0)).await.unwrap().len(), 2);
}

pub(crate) async fn a_late_announcement_does_not_silence_a_job_that_came_back(world: World) {
    let run = world.run(&[node("a")]).await;
    let bell = world.store.unannounced(Scope::Run(run.id), at(0), 10).await.unwrap();
    let job = world.claim_one(&run, at(0)).await;
    world.finish(&job, Ending::Yield { after: Duration::ZERO }).await.unwrap();
    world.store.announced(&bell, at(1)).await.unwrap();
    assert_eq!(world.store.unannounced(Scope::Run(run.id), at(1), 10).await.unwrap().len(), 1);
}

pub(crate) async fn a_job_is_claimed_once_and_raises_its_attempt(world: World) {
    let run = world.run(&[node("a"), node("b").needs(&["a"])]).await;
    let a = world.store.unannounced(Scope::Run(run.id), at(0), 10).await.unwrap().pop().unwrap();
    let bells =
        [a, Doorbell { job: world.job(&run, "b").await.id, ..a }, Doorbell { job: JobId::new(), ..a }];
    let claimed = world.store.claim(&bells, WorkerId::new(), LEASE, at(0)).await.unwrap();
    assert_eq!(claimed.len(), 1, "what waits, and what nobody knows, is left out");
    let job = &claimed[0];
    assert_eq!((job.attempt, job.state, job.started_at), (1, JobState::Running, Some(at(0))));
    assert_eq!((job.run, job.tenant, job.subject), (run.id, run.tenant, run.subject));
    assert!(world.store.claim(&bells, WorkerId::new(), LEASE, at(0)).await.unwrap().is_empty());
    world.finish(job, Ending::Released).await.unwrap();
    let again = world.claim_one(&run, at(9)).await;
    assert_eq!((again.attempt, again.started_at), (2, Some(at(0))));
}

/// Messages come late, twice, or from before something changed.
pub(crate) async fn a_message_of_an_older_attempt_claims_nothing(world: World) {
    let run = world.run(&[node("a")]).await;
    let old = world.store.unannounced(Scope::Run(run.id), at(0), 10).await.unwrap();
    world.store.announced(&old, at(0)).await.unwrap();
    let twice = [old[0], old[0]];
    let job = world.store.claim(&twice, WorkerId::new(), LEASE, at(0)).await.unwrap().pop().unwrap();
    world.finish(&job, Ending::Yield { after: LEASE }).await.unwrap();
    assert!(world.store.claim(&old, WorkerId::new(), LEASE, at(99)).await.unwrap().is_empty());
    assert_eq!(world.claim_one(&run, at(30)).await.attempt, 2);
}

/// The machine that announces and the machine that works have clocks of their own.
pub(crate) async fn an_announced_job_is_claimed_whatever_the_workers_clock_says(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    world.finish(&job, Ending::Yield { after: Duration::from_secs(10) }).await.unwrap();
    let due = world.store.unannounced(Scope::All, at(10), 10).await.unwrap();
    world.store.announced(&due, at(10)).await.unwrap();
    assert_eq!(world.store.claim(&due, WorkerId::new(), LEASE, at(7)).await.unwrap().len(), 1);
}

pub(crate) async fn a_job_that_nobody_claims_is_announced_again_ever_more_rarely(world: World) {
    let run = world.run(&[node("a")]).await;
    let again = i64::try_from(ANNOUNCE_AGAIN.as_secs()).unwrap();
    let unannounced = async |now| world.store.unannounced(Scope::Run(run.id), at(now), 10).await.unwrap();
    let (mut now, mut pauses) = (0, Vec::new());
    for _ in 0..9 {
        let lost = unannounced(now).await;
        assert_eq!(lost.len(), 1);
        world.store.announced(&lost, at(now)).await.unwrap();
        let next = (world.store.next_due(Scope::All).await.unwrap().unwrap() - at(0)).num_seconds();
        assert!(unannounced(next - 1).await.is_empty());
        pauses.push((next - now) / again);
        now = next;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 64, 64], "in units of the first pause");

    let job = world.claim_one(&run, at(now)).await;
    assert!(unannounced(now * 2).await.is_empty(), "what runs is not announced");
    world.finish_with(&job, Ending::Released, Effects::default(), at(now)).await.unwrap();
    world.store.announced(&unannounced(now).await, at(now)).await.unwrap();
    assert_eq!(unannounced(now + again).await.len(), 1, "a job that came back counts anew");
}

pub(crate) async fn a_job_is_not_announced_before_it_is_due(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    let after = Duration::from_millis(1500);
    let committed = world.finish(&job, Ending::Yield { after }).await.unwrap();
    assert_eq!(committed, Committed::default());
    assert_eq!(world.store.next_due(Scope::All).await.unwrap(), Some(at(0) + TimeDelta::milliseconds(1500)));
    assert!(world.store.unannounced(Scope::All, at(1), 10).await.unwrap().is_empty());
    assert_eq!(world.claim_one(&run, at(2)).await.failures, 0);
}

pub(crate) async fn a_yield_that_is_due_rings_again(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    let effects = Effects { checkpoint: Some(json!({"page": 3})), ..Effects::default() };
    let yielded = Ending::Yield { after: Duration::ZERO };
    let committed = world.finish_with(&job, yielded, effects, at(0)).await.unwrap();
    assert_eq!((bells(&committed.ready), committed.ready[0].attempt), (vec![job.id], 1));
    let again = world.claim_one(&run, at(0)).await;
    assert_eq!((again.checkpoint, again.failures), (Some(json!({"page": 3})), 0));
}

pub(crate) async fn heartbeats_keep_the_lease(world: World) {
    let run = world.run(&[node("a"), node("b")]).await;
    let jobs = world.claim(&run, at(0)).await;
    let (kept, lost) = (jobs[0].fence(), jobs[1].fence());
    let beat = world.store.heartbeat(&[stale(kept), kept], LEASE, at(20)).await.unwrap();
    assert_eq!(beat, [(stale(kept), Signal::Lost), (kept, Signal::Go)]);
    let reaped = world.store.reap(Scope::All, at(31), 10).await.unwrap();
    assert_eq!(bells(&reaped), [lost.job]);
    let beat = world.store.heartbeat(&[kept, lost], LEASE, at(31)).await.unwrap();
    assert_eq!(beat, [(kept, Signal::Go), (lost, Signal::Lost)]);
}

pub(crate) async fn a_late_worker_changes_nothing(world: World) {
    let run = world.run(&[node("a"), node("b").needs(&["a"])]).await;
    let old = world.claim_one(&run, at(0)).await;
    world.store.reap(Scope::All, at(31), 10).await.unwrap();
    let new = world.claim_one(&run, at(31)).await;
    assert_eq!((old.id, old.attempt + 1), (new.id, new.attempt));
    let before = (world.log(&run).await, world.job(&run, "a").await);

    let effects = || Effects {
        events: vec![NewEvent::new("page.kept", json!({}))],
        report: Some(json!({})),
        ..documents(&old, &["late"])
    };
    assert!(matches!(world.store.commit(old.fence(), effects(), at(32)).await, Err(Error::Fenced)));
    for ending in [done(), failed(), Ending::Released, Ending::Yield { after: Duration::ZERO }] {
        let late = world.finish_with(&old, ending, effects(), at(32)).await;
        assert!(matches!(late, Err(Error::Fenced)));
    }
    assert_eq!((world.log(&run).await, world.job(&run, "a").await), before);
    assert!(world.tenant().documents(run.id).await.unwrap().is_empty());
    world.done(&new).await;
    assert!(matches!(world.finish(&new, done()).await, Err(Error::Fenced)), "a job ends once");
    assert_eq!(world.play(&run).await, ["b"]);
}

pub(crate) async fn one_late_ending_does_not_hinder_the_others(world: World) {
    let nodes: Vec<_> = (0..5).map(|n| node(&format!("n{n}"))).collect();
    let (one, two) = (world.run(&nodes).await, world.run(&nodes).await);
    let mut jobs = [world.claim(&one, at(0)).await, world.claim(&two, at(0)).await].concat();
    jobs.reverse();
    let finish =
        |job: &domain::Job| Finish { fence: job.fence(), ending: done(), effects: Effects::default() };
    let mut slice: Vec<_> = jobs.iter().map(finish).collect();
    slice[3].fence = stale(slice[3].fence);
    slice.push(slice[0].clone());
    slice.push(Finish { fence: domain::Fence { job: JobId::new(), attempt: 1 }, ..slice[0].clone() });
    let outcomes = world.store.finish(&slice, at(1)).await.unwrap();
    let fenced: Vec<_> =
        (0..outcomes.len()).filter(|place| matches!(outcomes[*place], Err(Error::Fenced))).collect();
    assert_eq!(fenced, [3, 10, 11], "the stale one, the second ending of one job, the unknown one");
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 9);
    let mut states = vec![world.state(&one).await, world.state(&two).await];
    states.sort_by_key(|state| state.as_str());
    assert_eq!(states, [RunState::Done, RunState::Running]);
}

pub(crate) async fn effects_that_the_database_refuses_do_not_hinder_the_others(world: World) {
    let run = world.run(&[node("a"), node("b"), node("c")]).await;
    let jobs = world.claim(&run, at(0)).await;
    let twice = documents(&jobs[1], &["one"]);
    let twice =
        Effects { documents: [twice.documents.clone(), twice.documents].concat(), ..Effects::default() };
    let slice = vec![
        Finish { fence: jobs[0].fence(), ending: done(), effects: documents(&jobs[0], &["kept"]) },
        Finish { fence: jobs[1].fence(), ending: done(), effects: twice },
        Finish { fence: jobs[2].fence(), ending: done(), effects: Effects::default() },
    ];
    let outcomes = world.store.finish(&slice, at(0)).await.unwrap();
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert!(matches!(outcomes[1], Err(Error::Corrupt { .. })), "{:?}", outcomes[1]);
    assert_eq!(world.job(&run, "b").await.state, JobState::Running);
    assert_eq!(world.tenant().documents(run.id).await.unwrap().len(), 1);
    world.check(run.id).await;
}

pub(crate) async fn one_retry_too_many_fails_with_the_last_problem(world: World) {
    let run = world.run(&[node("a")]).await;
    for failures in 1..=MAX_FAILURES {
        let job = world.claim_one(&run, at(0)).await;
        let retry = Ending::Retry { problem: problem(&format!("p{failures}")), after: Duration::ZERO };
        let committed = world.finish(&job, retry).await.unwrap();
        assert_eq!(committed.ready.len(), 1);
        assert_eq!(world.job(&run, "a").await.failures, failures);
    }
    let job = world.claim_one(&run, at(0)).await;
    assert_eq!((job.attempt, job.problem.as_ref().unwrap().code.as_str()), (MAX_FAILURES + 1, "p5"));
    let last = Ending::Retry { problem: problem("last"), after: Duration::ZERO };
    assert_eq!(world.finish(&job, last).await.unwrap().run_ended, Some(RunState::Failed));
    let job = world.job(&run, "a").await;
    assert_eq!((job.state, job.problem.unwrap().code), (JobState::Failed, "last".to_owned()));
    let log = world.log(&run).await;
    assert_eq!(log.iter().filter(|kind| *kind == "job.retried").count(), 5);
    assert_eq!(log[log.len() - 2..], ["job.failed", "run.failed"]);
}

pub(crate) async fn progress_starts_the_count_of_failures_anew(world: World) {
    let run = world.run(&[node("a")]).await;
    for _ in 0..3 * MAX_FAILURES {
        let job = world.claim_one(&run, at(0)).await;
        world.store.commit(job.fence(), Effects::default(), at(0)).await.unwrap();
        let retry = Ending::Retry { problem: problem("slow"), after: Duration::ZERO };
        world.finish(&job, retry).await.unwrap();
    }
    assert_eq!(world.job(&run, "a").await.failures, 1);
    let job = world.claim_one(&run, at(0)).await;
    world.done(&job).await;
    assert_eq!(world.job(&run, "a").await.problem, None);
}

pub(crate) async fn a_blocked_run_says_why_until_something_moves(world: World) {
    let run = world.run(&[node("a"), node("b")]).await;
    let jobs = world.claim(&run, at(0)).await;
    let blocked = |on, until| Ending::Blocked { on, until, problem: problem("closed") };
    world.finish(&jobs[0], blocked(BlockedOn::Provider, Some(at(50)))).await.unwrap();
    let waiting = world.tenant().run(run.id).await.unwrap();
    assert_eq!((waiting.blocked_on, waiting.blocked_until), (Some(BlockedOn::Provider), Some(at(50))));
    let job = world.job(&run, "a").await;
    assert_eq!((job.blocked_on, job.due_at, job.failures), (Some(BlockedOn::Provider), at(50), 0));
    world.finish(&jobs[1], blocked(BlockedOn::Host, None)).await.unwrap();
    let poll = TimeDelta::from_std(BLOCKED_POLL).unwrap();
    assert_eq!(world.job(&run, "b").await.due_at, at(0) + poll);
    assert_eq!(world.tenant().run(run.id).await.unwrap().blocked_until, None);

    let again = world.claim_one(&run, at(50)).await;
    assert_eq!((again.node.as_str(), again.blocked_on), ("a", None));
    assert_eq!(world.tenant().run(run.id).await.unwrap().blocked_on, None);
    let events = world.events(run.id).await;
    let blocked: Vec<&Value> =
        events.iter().filter(|event| event.kind == "job.blocked").map(|event| &event.data["on"]).collect();
    assert_eq!(blocked, ["provider", "host"]);
}

pub(crate) async fn lost_leases_count_as_failures(world: World) {
    let run = world.run(&[node("a")]).await;
    for round in 0..=i64::from(MAX_FAILURES) {
        let now = at(round * 100);
        assert_eq!(world.claim_one(&run, now).await.failures, i32::try_from(round).unwrap());
        assert!(world.store.reap(Scope::All, now + TimeDelta::seconds(30), 10).await.unwrap().is_empty());
        let reaped = world.store.reap(Scope::Run(run.id), now + TimeDelta::seconds(31), 10).await.unwrap();
        assert_eq!(reaped.len(), usize::from(round < i64::from(MAX_FAILURES)));
    }
    let job = world.job(&run, "a").await;
    assert_eq!((job.state, job.problem.unwrap().code), (JobState::Failed, "lease_lost".to_owned()));
    assert_eq!(world.state(&run).await, RunState::Failed);
    world.check(run.id).await;
}

pub(crate) async fn reaping_takes_no_more_than_asked_and_only_of_the_scope(world: World) {
    let (one, two) = (world.run(&[node("a"), node("b")]).await, world.run(&[node("a")]).await);
    world.claim(&one, at(0)).await;
    world.claim(&two, at(0)).await;
    assert_eq!(world.store.reap(Scope::Run(two.id), at(100), 10).await.unwrap().len(), 1);
    assert_eq!(world.store.reap(Scope::All, at(100), 1).await.unwrap().len(), 1);
    assert_eq!(world.store.reap(Scope::All, at(100), 10).await.unwrap().len(), 1);
    assert!(world.store.reap(Scope::All, at(100), 10).await.unwrap().is_empty());
}

pub(crate) async fn a_lost_job_of_an_ended_run_is_cancelled(world: World) {
    let run = world.run(&[node("a"), node("b")]).await;
    let jobs = world.claim(&run, at(0)).await;
    world.finish(&jobs[0], failed()).await.unwrap();
    assert!(world.store.reap(Scope::All, at(100), 10).await.unwrap().is_empty());
    assert_eq!(world.job(&run, "b").await.state, JobState::Cancelled);
}

pub(crate) async fn after_a_crash_everything_goes_on_without_blame(world: World) {
    let run = world.run(&[node("a"), node("b"), node("c").needs(&["a", "b"])]).await;
    let ready = world.store.unannounced(Scope::Run(run.id), at(0), 10).await.unwrap();
    world.store.announced(&ready, at(0)).await.unwrap();
    let running = world.store.claim(&ready[..1], WorkerId::new(), LEASE, at(0)).await.unwrap();
    assert_eq!(world.store.reap_all(run.id, at(1)).await.unwrap(), 1);
    world.store.announced(&ready, at(1)).await.unwrap();
    let again = world.claim(&run, at(1)).await;
    assert_eq!(again.len(), 2, "also what was announced on a queue that is gone");
    assert!(again.iter().all(|job| job.failures == 0));
    assert!(matches!(world.finish(&running[0], done()).await, Err(Error::Fenced)));
    for job in &again {
        world.done(job).await;
    }
    assert_eq!(world.play(&run).await, ["c"]);
    world.check(run.id).await;
    assert!(!world.log(&run).await.contains(&"job.retried".to_owned()));
}

pub(crate) async fn events_of_workers_and_store_share_one_numbering(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    let say = |word: &str| Effects {
        events: vec![NewEvent::new(word, json!({"b": 1, "a": 2}))],
        ..Effects::default()
    };
    world.store.commit(job.fence(), say("page.kept"), at(1)).await.unwrap();
    world.finish_with(&job, done(), say("site.done"), at(2)).await.unwrap();
    let events = world.events(run.id).await;
    let kinds: Vec<_> = events.iter().map(|event| (event.seq, event.kind.as_str())).collect();
    let expected =
        ["run.created", "run.started", "page.kept", "site.done", "job.done", "run.done"].into_iter().zip(1..);
    assert_eq!(kinds, expected.map(|(kind, seq)| (seq, kind)).collect::<Vec<_>>());
    let kept = &events[2];
    assert_eq!(
        (kept.job, kept.at, kept.data.to_string().as_str()),
        (Some(job.id), at(1), r#"{"b":1,"a":2}"#)
    );
    assert_eq!((events[4].job, &events[4].data), (Some(job.id), &json!({"node": "a"})));
    let page = world.tenant().events(run.id, 2, 2).await.unwrap();
    assert_eq!(page, events[2..4]);
}
