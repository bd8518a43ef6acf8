//! The graph: what becomes ready, what is skipped, what fails, when the run ends.

use domain::{JobState, RunState};
use serde_json::json;
use store::Ending;

use super::world::{Says, World, at, documents, done, failed, node};
use JobState::{Cancelled, Done, Failed, Ready, Running, Skipped, Waiting};

pub(crate) async fn a_chain_runs_in_order_and_ends_the_run(world: World) {
    let run = world.run(&[node("c").needs(&["b"]), node("a"), node("b").needs(&["a"])]).await;
    assert_eq!(world.jobs(&run).await, [("a", Ready), ("b", Waiting), ("c", Waiting)].map(one).into());
    assert_eq!(world.play(&run).await, ["a", "b", "c"]);
    let ended = world.tenant().run(run.id).await.unwrap();
    assert_eq!((ended.state, ended.ended_at), (RunState::Done, Some(at(0))));
    assert_eq!(
        world.log(&run).await,
        ["run.created", "run.started", "job.done", "job.done", "job.done", "run.done"]
    );
    world.check(run.id).await;
}

fn one((node, state): (&str, JobState)) -> (String, Vec<JobState>) {
    (node.to_owned(), vec![state])
}

pub(crate) async fn finishing_tells_what_became_ready_and_that_the_run_ended(world: World) {
    let run = world.run(&[node("a"), node("b").needs(&["a"])]).await;
    let a = world.claim_one(&run, at(0)).await;
    let committed = world.done(&a).await;
    let b = world.job(&run, "b").await;
    assert_eq!(super::world::bells(&committed.ready), [b.id]);
    assert_eq!(committed.run_ended, None);
    let b = world.claim_one(&run, at(0)).await;
    assert_eq!(world.done(&b).await.run_ended, Some(RunState::Done));
}

pub(crate) async fn a_job_waits_for_all_its_needs(world: World) {
    let run = world.run(&[node("a"), node("b"), node("c").needs(&["a", "b", "a"])]).await;
    let jobs = world.claim(&run, at(0)).await;
    world.done(&jobs[0]).await;
    assert!(world.claim(&run, at(0)).await.is_empty());
    world.done(&jobs[1]).await;
    assert_eq!(world.claim_one(&run, at(0)).await.node, "c");
}

pub(crate) async fn a_pipeline_without_jobs_is_done_at_once(world: World) {
    let run = world.run(&[]).await;
    assert_eq!(run.state, RunState::Done);
    assert_eq!(world.log(&run).await, ["run.created", "run.started", "run.done"]);
}

pub(crate) async fn documents_fan_out_while_their_parent_runs(world: World) {
    let nodes = [
        node("site"),
        node("page").for_each(&["site"]),
        node("entities").needs(&["page"]),
        node("links").needs(&["site"]),
    ];
    let run = world.run(&nodes).await;
    let site = world.claim_one(&run, at(0)).await;
    let effects = documents(&site, &["one", "two"]);
    let expected: Vec<_> = effects.documents.iter().map(|document| Some(document.id)).collect();
    let committed = world.store.commit(site.fence(), effects, at(1)).await.unwrap();
    assert_eq!(committed.ready.len(), 2);
    let mut pages = world.claim(&run, at(1)).await;
    assert_eq!(pages.iter().map(|page| page.document).collect::<Vec<_>>(), expected);
    assert_eq!(world.job(&run, "site").await.state, Running);

    for page in &pages {
        world.done(page).await;
    }
    assert_eq!(world.node_state(&run, "page").await, Running, "its feeder still runs");
    world.finish_with(&site, done(), documents(&site, &["three"]), at(2)).await.unwrap();
    let jobs = world.jobs(&run).await;
    assert_eq!((jobs["page"].clone(), jobs["entities"].clone()), (vec![Done, Done, Ready], vec![Waiting]));
    assert_eq!(jobs["links"], [Ready], "`needs` on the feeder does not wait for what it feeds");

    pages = world.claim(&run, at(2)).await;
    assert_eq!(pages.len(), 2);
    world.check(run.id).await;
    for job in pages {
        world.done(&job).await;
    }
    assert_eq!(world.claim_one(&run, at(2)).await.node, "entities");
    world.check(run.id).await;
}

pub(crate) async fn a_node_may_be_fed_by_several(world: World) {
    let nodes = [node("site"), node("extra"), node("page").for_each(&["site", "extra"])];
    let run = world.run(&nodes).await;
    for job in world.claim(&run, at(0)).await {
        world.finish_with(&job, done(), documents(&job, &[&job.node]), at(0)).await.unwrap();
    }
    assert_eq!(world.jobs(&run).await["page"], [Ready, Ready]);
    world.play(&run).await;
    assert_eq!(world.state(&run).await, RunState::Done);
}

pub(crate) async fn what_a_fed_node_emits_feeds_the_next(world: World) {
    let nodes = [
        node("audio"),
        node("speech").for_each(&["audio"]),
        node("text").for_each(&["speech"]),
        node("end").needs(&["text"]),
    ];
    let run = world.run(&nodes).await;
    let audio = world.claim_one(&run, at(0)).await;
    world.finish_with(&audio, done(), documents(&audio, &["a", "b"]), at(0)).await.unwrap();
    for speech in world.claim(&run, at(0)).await {
        world.finish_with(&speech, done(), documents(&speech, &["t"]), at(0)).await.unwrap();
    }
    assert_eq!(world.jobs(&run).await["text"], [Ready, Ready]);
    assert_eq!(world.play(&run).await, ["text", "text", "end"]);
    assert_eq!(world.state(&run).await, RunState::Done);
}

pub(crate) async fn a_fed_node_without_documents_is_done(world: World) {
    let run =
        world.run(&[node("site"), node("page").for_each(&["site"]), node("end").needs(&["page"])]).await;
    assert_eq!(world.play(&run).await, ["site", "end"]);
    assert_eq!(world.node_state(&run, "page").await, Done);
}

pub(crate) async fn jobs_of_a_fed_node_wait_for_its_needs_too(world: World) {
    let run =
        world.run(&[node("site"), node("rules"), node("page").for_each(&["site"]).needs(&["rules"])]).await;
    let jobs = world.claim(&run, at(0)).await;
    let (site, rules) = (&jobs[0], &jobs[1]);
    world.store.commit(site.fence(), documents(site, &["one"]), at(0)).await.unwrap();
    assert_eq!(world.jobs(&run).await["page"], [Waiting]);
    let committed = world.done(rules).await;
    assert_eq!(committed.ready.len(), 1);
    world.store.commit(site.fence(), documents(site, &["two"]), at(0)).await.unwrap();
    assert_eq!(world.jobs(&run).await["page"], [Ready, Ready]);
    world.check(run.id).await;
}

pub(crate) async fn a_fed_node_does_not_end_before_what_it_needs(world: World) {
    let nodes = [
        node("site"),
        node("rules"),
        node("page").for_each(&["site"]).needs(&["rules"]),
        node("end").needs(&["page"]),
    ];
    let run = world.run(&nodes).await;
    let jobs = world.claim(&run, at(0)).await;
    let (site, rules) = (&jobs[0], &jobs[1]);
    assert!(world.done(site).await.ready.is_empty(), "`page` still waits for `rules`, and `end` with it");
    assert_eq!(world.node_state(&run, "page").await, Waiting);
    world.done(rules).await;
    assert_eq!(world.node_state(&run, "page").await, Done);
    assert_eq!(world.play(&run).await, ["end"]);
    assert_eq!(world.state(&run).await, RunState::Done);
}

pub(crate) async fn outputs_of_fed_nodes_are_in_no_scope(world: World) {
    let run = world.run(&[node("site"), node("page").for_each(&["site"])]).await;
    let site = world.claim_one(&run, at(0)).await;
    world.store.commit(site.fence(), documents(&site, &["one", "two"]), at(0)).await.unwrap();
    for job in world.claim(&run, at(0)).await.iter().chain([&site]) {
        world.finish(job, Ending::Done { output: json!(job.node) }).await.unwrap();
    }
    let scope = world.store.scope(run.id).await.unwrap();
    assert_eq!((&scope["site"], scope.get("page")), (&json!("site"), None));
}

pub(crate) async fn skips_run_down_the_graph_in_the_same_transaction(world: World) {
    let nodes = [
        node("a"),
        node("b").needs(&["a"]).when(&["input.deep"]),
        node("c").needs(&["b"]),
        node("d").needs(&["c", "a"]),
        node("e").for_each(&["c"]),
        node("f").needs(&["e"]),
        node("g").needs(&["c"]).when(&["true"]),
    ];
    let run = world.run(&nodes).await;
    let a = world.claim_one(&run, at(0)).await;
    world.done(&a).await;
    let jobs = world.jobs(&run).await;
    assert_eq!((jobs["b"].clone(), jobs["c"].clone()), (vec![Skipped], vec![Skipped]));
    assert_eq!(jobs["d"], [Ready], "one of its needs was not skipped");
    assert_eq!(world.node_state(&run, "e").await, Skipped);
    assert_eq!(jobs["f"], [Skipped]);
    assert_eq!(jobs["g"], [Ready], "it has a condition of its own");
    assert_eq!(world.play(&run).await, ["d", "g"]);
    assert_eq!(world.state(&run).await, RunState::Done);
    assert_eq!(world.log(&run).await.iter().filter(|kind| *kind == "job.skipped").count(), 3);
    world.check(run.id).await;
}

pub(crate) async fn a_condition_sees_input_subject_states_and_outputs(world: World) {
    let nodes = [
        node("a"),
        node("b").optional(),
        node("yes").needs(&["a", "b"]).when(&["false", "a.score > 3"]),
        node("no").needs(&["a"]).when(&["a.score > 4", "subject.latest_version", "missing.name"]),
        node("state").needs(&["a", "b"]).when(&["state.b == 'failed' && state.a == 'done'"]),
        node("input").needs(&["a"]).when(&["input.mode == 'deep' && subject.key == 'acme'"]),
    ];
    let mut new = super::world::new_run(&nodes);
    new.input = json!({"mode": "deep"});
    new.subject_key = "acme".to_owned();
    let run = world.run_with(new).await;
    let jobs = world.claim(&run, at(0)).await;
    world.finish(&jobs[1], failed()).await.unwrap();
    world.finish(&jobs[0], Ending::Done { output: json!({"score": 4}) }).await.unwrap();
    let jobs = world.jobs(&run).await;
    assert_eq!((jobs["yes"].clone(), jobs["no"].clone()), (vec![Ready], vec![Skipped]));
    assert_eq!((jobs["state"].clone(), jobs["input"].clone()), (vec![Ready], vec![Ready]));
    let scope = world.store.scope(run.id).await.unwrap();
    assert_eq!(scope["a"], json!({"score": 4}));
    assert_eq!((&scope["state"]["b"], &scope["state"]["no"]), (&json!("failed"), &json!("skipped")));
    assert_eq!((&scope["subject"]["key"], &scope["b"]), (&json!("acme"), &json!(null)));
}

pub(crate) async fn a_condition_that_cannot_be_decided_fails_its_job(world: World) {
    let run = world.run(&[node("a"), node("b").needs(&["a"]).when(&["1 +"])]).await;
    let a = world.claim_one(&run, at(0)).await;
    assert_eq!(world.done(&a).await.run_ended, Some(RunState::Failed));
    let b = world.job(&run, "b").await;
    assert_eq!(b.state, Failed);
    assert_eq!(b.problem.unwrap().code, "condition_failed");
    assert_eq!(world.tenant().run(run.id).await.unwrap().problem.unwrap().code, "condition_failed");
    world.check(run.id).await;
}

pub(crate) async fn conditions_of_the_first_jobs_are_decided_at_creation(world: World) {
    let run = world.run(&[node("a").when(&["input.missing"]), node("b").needs(&["a"])]).await;
    assert_eq!(run.state, RunState::Done);
    assert_eq!(world.jobs(&run).await, [("a", Skipped), ("b", Skipped)].map(one).into());
}

pub(crate) async fn a_failed_optional_need_counts_as_met(world: World) {
    let run = world.run(&[node("a").optional(), node("b").needs(&["a"])]).await;
    let a = world.claim_one(&run, at(0)).await;
    let committed = world.finish(&a, failed()).await.unwrap();
    assert_eq!((committed.ready.len(), committed.run_ended), (1, None));
    assert_eq!(world.node_state(&run, "a").await, Failed);
    assert_eq!(world.play(&run).await, ["b"]);
    assert_eq!(world.state(&run).await, RunState::Done);
}

pub(crate) async fn single_jobs_of_an_optional_fed_node_may_fail(world: World) {
    let run = world.run(&[node("site"), node("page").for_each(&["site"]).optional()]).await;
    let site = world.claim_one(&run, at(0)).await;
    world.finish_with(&site, done(), documents(&site, &["one", "two"]), at(0)).await.unwrap();
    let pages = world.claim(&run, at(0)).await;
    world.finish(&pages[0], failed()).await.unwrap();
    assert_eq!(world.state(&run).await, RunState::Running);
    world.done(&pages[1]).await;
    assert_eq!(world.node_state(&run, "page").await, Done);
    assert_eq!(world.state(&run).await, RunState::Done);
    assert_eq!(world.tenant().progress(run.id).await.unwrap().jobs.failed, 1);
}

pub(crate) async fn a_failure_ends_the_run_and_cancels_the_rest(world: World) {
    let nodes = [node("a"), node("b"), node("c").needs(&["a"]), node("d")];
    let run = world.run(&nodes).await;
    let jobs = world.claim_some(&run, 2).await;
    let committed = world.finish(&jobs[0], failed()).await.unwrap();
    assert_eq!(committed.run_ended, Some(RunState::Failed));
    let ended = world.tenant().run(run.id).await.unwrap();
    assert_eq!((ended.state, ended.problem.unwrap().code), (RunState::Failed, "broken".to_owned()));
    let states = world.jobs(&run).await;
    assert_eq!((states["a"].clone(), states["b"].clone()), (vec![Failed], vec![Running]));
    assert_eq!((states["c"].clone(), states["d"].clone()), (vec![Cancelled], vec![Cancelled]));
    assert_eq!(world.log(&run).await.last().unwrap(), "run.failed");
    world.check(run.id).await;

    let late = world.finish_with(&jobs[1], done(), documents(&jobs[1], &["late"]), at(1)).await.unwrap();
    assert_eq!(late, store::Committed::default());
    assert_eq!(world.jobs(&run).await["b"], [Cancelled]);
    assert!(world.tenant().documents(run.id).await.unwrap().is_empty());
    assert_eq!(world.state(&run).await, RunState::Failed);
    world.check(run.id).await;
}

pub(crate) async fn a_group_ends_once_with_its_last_job(world: World) {
    let nodes = [
        node("a").group("wave1"),
        node("b").group("wave1").when(&["false"]),
        node("c").group("wave1").needs(&["a"]),
        node("d").group("wave2").needs(&["c"]),
    ];
    let run = world.run(&nodes).await;
    let a = world.claim_one(&run, at(0)).await;
    world.done(&a).await;
    assert!(!world.log(&run).await.contains(&"group.ended".to_owned()));
    world.play(&run).await;
    let events = world.events(run.id).await;
    let groups: Vec<_> = events.iter().filter(|event| event.kind == "group.ended").collect();
    assert_eq!(groups.len(), 2);
    assert_eq!((&groups[0].data, &groups[1].data), (&json!({"group": "wave1"}), &json!({"group": "wave2"})));
}
