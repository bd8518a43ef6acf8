//! Pausing: nothing starts, nothing is lost, nothing is looked at; resuming goes on where it was.

use domain::{JobState, MicroUsd, RunState, WorkerId};
use serde_json::json;
use store::{Doorbell, Ending, Error, NewRun, Scope, Signal};

use super::world::{LEASE, Says, World, at, documents, new_run, node, number};

pub(crate) async fn a_paused_run_keeps_its_place(world: World) {
    let run = world.run(&[node("a"), node("b"), node("c").needs(&["a"])]).await;
    let jobs = world.claim_some(&run, 1).await;
    let waiting = world.store.unannounced(Scope::Run(run.id), at(0), 10).await.unwrap();
    world.store.announced(&waiting, at(0)).await.unwrap();
    let paused = world.tenant().pause(run.id, at(1)).await.unwrap();
    assert_eq!(paused.state, RunState::Paused);
    assert_eq!(world.tenant().pause(run.id, at(1)).await.unwrap().state, RunState::Paused);
    let beat = world.store.heartbeat(&[jobs[0].fence()], LEASE, at(1)).await.unwrap();
    assert_eq!(beat, [(jobs[0].fence(), Signal::Pause)]);
    assert!(world.store.claim(&waiting, WorkerId::new(), LEASE, at(1)).await.unwrap().is_empty());
    world.store.commit(jobs[0].fence(), documents(&jobs[0], &["kept"]), at(1)).await.unwrap();
    let committed = world.done(&jobs[0]).await;
    assert!(committed.ready.is_empty(), "nothing is announced of a paused run");
    assert_eq!(world.job(&run, "c").await.state, JobState::Ready);
    assert!(world.store.unannounced(Scope::All, at(9), 10).await.unwrap().is_empty());
    assert_eq!(world.store.next_due(Scope::All).await.unwrap(), None);

    let resumed = world.tenant().resume(run.id, at(2)).await.unwrap();
    assert_eq!(resumed.state, RunState::Running);
    world.store.announced(&waiting, at(2)).await.unwrap();
    let ready = world.store.unannounced(Scope::Run(run.id), at(2), 10).await.unwrap();
    assert_eq!(ready.len(), 2, "also what an announcement under way at the pause would have marked");
    assert_eq!(world.play(&run).await.len(), 2);
    assert_eq!(world.state(&run).await, RunState::Done);
    let log = world.log(&run).await;
    assert_eq!(log.iter().filter(|kind| ["run.paused", "run.resumed"].contains(&kind.as_str())).count(), 2);
    world.check(run.id).await;
}

/// However long a run is paused and however much of it is ready, whoever announces never comes across it.
pub(crate) async fn nothing_of_a_paused_run_is_looked_at(world: World) {
    let nodes: Vec<_> = (0..40).map(|n| node(&format!("n{n}"))).collect();
    let run = world.run(&nodes).await;
    let ringing = async || {
        let rows = "select count(*) from jobs where state = 'ready' and ring_at is not null";
        number(&world.settings, rows).await
    };
    let some = world.store.unannounced(Scope::Run(run.id), at(0), 10).await.unwrap();
    world.store.announced(&some, at(0)).await.unwrap();
    let running = world.claim_some(&run, 10).await;
    assert_eq!(ringing().await, 30);
    world.tenant().pause(run.id, at(1)).await.unwrap();
    world.store.announced(&some, at(1)).await.unwrap();
    let back = [Ending::Released, Ending::Yield { after: LEASE }];
    for (job, ending) in running.iter().zip(back.into_iter().cycle()) {
        world.finish(job, ending).await.unwrap();
    }
    world.tenant().set_budget(run.id, Some(MicroUsd(1)), at(1)).await.unwrap();
    assert_eq!(ringing().await, 0);
    let some = some.iter().map(|bell| Doorbell { attempt: bell.attempt + 1, ..*bell });
    let all = some.clone().chain(some.map(|bell| Doorbell { attempt: bell.attempt - 1, ..bell }));
    let all: Vec<_> = all.collect();
    assert!(world.store.claim(&all, WorkerId::new(), LEASE, at(2)).await.unwrap().is_empty());
    assert!(world.store.unannounced(Scope::All, at(1_000_000), 100).await.unwrap().is_empty());

    world.store.reap_all(run.id, at(3)).await.unwrap();
    assert_eq!(ringing().await, 0, "a crash does not resume a run");
    world.tenant().resume(run.id, at(4)).await.unwrap();
    assert_eq!(world.claim(&run, at(4)).await.len(), 35, "also what was announced before");
    assert_eq!(world.claim(&run, at(30)).await.len(), 5, "what is due later is announced later");
}

pub(crate) async fn the_input_of_a_paused_run_can_be_edited(world: World) {
    let run = world.run_with(NewRun { input: json!({ "a": 1, "b": 2 }), ..new_run(&[node("a")]) }).await;
    let (tenant, edited) = (world.tenant(), json!({ "a": 1, "b": 3 }));
    let running = tenant.edit_input(run.id, &edited, at(0)).await;
    assert!(matches!(running, Err(Error::Conflict(problem)) if problem.code == "run_state"));
    tenant.pause(run.id, at(0)).await.unwrap();
    assert_eq!(tenant.edit_input(run.id, &edited, at(0)).await.unwrap().input, edited);
    tenant.resume(run.id, at(0)).await.unwrap();
    assert_eq!(world.store.scope(run.id).await.unwrap()["input"], edited, "jobs see it");
    let event = world.events(run.id).await.into_iter().find(|event| event.kind == "run.edited").unwrap();
    assert_eq!(event.data["input"], json!({ "b": 3 }), "the log says what changed");
}

pub(crate) async fn a_released_job_of_a_paused_run_is_ready_after_it(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    world.tenant().pause(run.id, at(0)).await.unwrap();
    assert!(world.finish(&job, Ending::Released).await.unwrap().ready.is_empty());
    world.tenant().resume(run.id, at(0)).await.unwrap();
    let again = world.claim_one(&run, at(0)).await;
    assert_eq!((again.id, again.failures), (job.id, 0));
}
