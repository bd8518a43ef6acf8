//! Runs: creating, reading, pausing, resuming, cancelling, retrying; whose they are.

use domain::run::{ModelTier, RunOptions};
use domain::{JobState, MicroUsd, RunId, RunState};
use serde_json::json;
use store::{Effects, Ending, Error, NewRun, Scope, Signal};

use super::world::{
    LEASE, Says, World, at, document, documents, done, failed, new_run, node, problem, refuse_updates,
};

pub(crate) async fn a_run_is_stored_as_it_was_asked_for(world: World) {
    let mut new = new_run(&[node("a")]);
    new.input = json!({"z": 1, "a": {"y": [1.5, 0.1, 12_345_678_901_234_567_890_u64], "b": "\u{0}ü"}});
    new.options = RunOptions { model_tier: ModelTier::Fast, priority: -3 };
    new.budget = Some(MicroUsd(1_500_000));
    new.subject_key = "acme.example".to_owned();
    new.subject_name = Some("Acme".to_owned());
    let pipeline = new.pipeline.clone();
    let run = world.run_with(new.clone()).await;
    assert_eq!(world.tenant().run(run.id).await.unwrap(), run);
    assert_eq!((run.input.to_string(), run.options), (new.input.to_string(), new.options));
    assert_eq!((run.state, run.budget), (RunState::Running, new.budget));
    assert_eq!((run.created_at, run.started_at, run.ended_at), (at(0), Some(at(0)), None));
    assert_eq!(*world.store.snapshot(run.id).await.unwrap(), *pipeline);
    let subject = world.tenant().subject(run.subject).await.unwrap();
    assert_eq!((subject.key.as_str(), subject.kind.as_str()), ("acme.example", "company"));
    assert_eq!((subject.name.as_deref(), subject.latest_version), (Some("Acme"), None));
}

pub(crate) async fn a_snapshot_is_read_back_exactly_by_another_process(world: World) {
    let nodes = [node("b").needs(&["a"]).when(&["x > 1"]).group("g").optional(), node("a").for_each(&["b"])];
    let mut new = new_run(&nodes);
    let mut pipeline = (*new.pipeline).clone();
    pipeline.files.insert("prompt.md".to_owned(), "Say \"hi\"\n\u{0}\u{1F600}".to_owned());
    pipeline.input = json!({"z": {}, "a": [{"y": null, "b": 0.30000000000000004}]});
    new.pipeline = std::sync::Arc::new(pipeline.clone());
    let run = world.run_with(new).await;
    let other = store::Store::open(&world.settings).await.unwrap();
    let read = other.snapshot(run.id).await.unwrap();
    assert_eq!(serde_json::to_string(&*read).unwrap(), serde_json::to_string(&pipeline).unwrap());
}

pub(crate) async fn the_same_key_gives_the_same_subject(world: World) {
    let named = |key: &str, name: Option<&str>| NewRun {
        subject_key: key.to_owned(),
        subject_name: name.map(str::to_owned),
        ..new_run(&[node("a")])
    };
    let first = world.run_with(named("acme", Some("Acme"))).await;
    let second = world.run_with(named("acme", None)).await;
    let other = world.run_with(named("other", None)).await;
    assert_eq!(first.subject, second.subject);
    assert_ne!(first.subject, other.subject);
    let subject = world.tenant().subject(first.subject).await.unwrap();
    assert_eq!(subject.name.as_deref(), Some("Acme"), "no name does not take a name away");
    let long = world.tenant().create_run(named(&"x".repeat(2000), None), at(0)).await;
    assert!(matches!(long, Err(Error::Conflict(problem)) if problem.code == "invalid_input"));
}

pub(crate) async fn runs_are_listed_page_by_page_latest_first(world: World) {
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(world.run(&[node("a")]).await.id);
    }
    made.reverse();
    let ids = |runs: Vec<domain::Run>| runs.into_iter().map(|run| run.id).collect::<Vec<_>>();
    let first = ids(world.tenant().runs(2, None).await.unwrap());
    let rest = ids(world.tenant().runs(10, first.last().copied()).await.unwrap());
    assert_eq!([first, rest].concat(), made);
}

pub(crate) async fn the_same_request_twice_is_one_run(world: World) {
    let ask = |input: &str, key: &str| NewRun {
        subject_key: "acme".to_owned(),
        input: serde_json::from_str(input).unwrap(),
        idempotency_key: Some(key.to_owned()),
        ..new_run(&[node("a")])
    };
    let first = world.run_with(ask(r#"{"a":1,"b":{"c":2,"d":3}}"#, "k1")).await;
    let again = world.run_with(ask(r#"{"b":{"d":3,"c":2},"a":1}"#, "k1")).await;
    assert_eq!(first.id, again.id);
    let other_body = world.tenant().create_run(ask(r#"{"a":2}"#, "k1"), at(0)).await;
    assert!(matches!(other_body, Err(Error::Conflict(problem)) if problem.code == "idempotency_mismatch"));
    let other_key = world.run_with(ask(r#"{"a":1,"b":{"c":2,"d":3}}"#, "k2")).await;
    assert_ne!(first.id, other_key.id);
    let neighbour = world.store.create_tenant("neighbour", at(0)).await.unwrap();
    let theirs = world.store.tenant(neighbour).create_run(ask(r#"{"a":2}"#, "k1"), at(0)).await.unwrap();
    assert_ne!(first.id, theirs.id);
    assert_eq!(world.tenant().runs(10, None).await.unwrap().len(), 2);
}

pub(crate) async fn a_refused_run_leaves_nothing_behind(world: World) {
    let bad =
        NewRun { subject_key: String::new(), idempotency_key: Some("k".to_owned()), ..new_run(&[node("a")]) };
    let refused = world.tenant().create_run(bad.clone(), at(0)).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert!(world.tenant().runs(10, None).await.unwrap().is_empty());
    let good = NewRun { subject_key: "acme".to_owned(), ..bad };
    world.run_with(good).await;
}

/// An input may have megabytes, and every event changes the run's row.
pub(crate) async fn only_what_changed_of_a_run_is_written(world: World) {
    let run = world.run(&[node("site"), node("page").for_each(&["site"])]).await;
    refuse_updates(&world.settings, "runs", "input").await;
    refuse_updates(&world.settings, "runs", "options").await;
    let site = world.claim_one(&run, at(0)).await;
    world.store.commit(site.fence(), documents(&site, &["one"]), at(0)).await.unwrap();
    world.store.reserve(site.fence(), 0, MicroUsd(10), at(0)).await.unwrap();
    world.store.settle(site.fence(), super::money::call(0, 7), at(0)).await.unwrap();
    world.tenant().pause(run.id, at(1)).await.unwrap();
    world.tenant().resume(run.id, at(1)).await.unwrap();
    world.done(&site).await;
    world.play(&run).await;
    let ended = world.tenant().run(run.id).await.unwrap();
    assert_eq!((ended.state, ended.settled, ended.reserved), (RunState::Done, MicroUsd(7), MicroUsd(0)));
    assert_eq!(ended.ended_at, Some(at(0)));
    world.check(run.id).await;

    let other = world.run(&[node("a")]).await;
    world.tenant().pause(other.id, at(0)).await.unwrap();
    assert!(
        world.tenant().edit_input(other.id, &json!({"b": 1}), at(0)).await.is_err(),
        "it is refused here"
    );
}

pub(crate) async fn a_cancelled_run_ends_every_job(world: World) {
    let nodes = [node("a"), node("b"), node("c").needs(&["a"]), node("d"), node("e")];
    let run = world.run(&nodes).await;
    let jobs = world.claim_some(&run, 4).await;
    let cancelled = world.tenant().cancel(run.id, at(1)).await.unwrap();
    assert_eq!((cancelled.state, cancelled.ended_at), (RunState::Cancelled, Some(at(1))));
    assert_eq!(world.tenant().cancel(run.id, at(2)).await.unwrap().state, RunState::Cancelled);
    let beats = world.store.heartbeat(&[jobs[0].fence()], LEASE, at(1)).await.unwrap();
    assert_eq!(beats, [(jobs[0].fence(), Signal::Cancel)]);
    world.check(run.id).await;

    let done = world.finish_with(&jobs[0], done(), documents(&jobs[0], &["late"]), at(2)).await.unwrap();
    assert_eq!(done, store::Committed::default());
    world.finish(&jobs[1], Ending::Released).await.unwrap();
    let late = world.store.commit(jobs[2].fence(), documents(&jobs[2], &["late"]), at(2)).await;
    assert!(matches!(late, Err(Error::Fenced)));
    assert!(world.store.reap(Scope::All, at(100), 10).await.unwrap().is_empty());
    for (node, states) in world.jobs(&run).await {
        assert_eq!(states, [JobState::Cancelled], "{node}");
    }
    assert!(world.tenant().documents(run.id).await.unwrap().is_empty());
    assert_eq!(world.log(&run).await.last().unwrap(), "run.cancelled");
    world.check(run.id).await;
}

pub(crate) async fn what_has_ended_is_not_paused_resumed_or_cancelled(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    world.finish(&job, failed()).await.unwrap();
    let tenant = world.tenant();
    for answer in [
        tenant.pause(run.id, at(0)).await,
        tenant.resume(run.id, at(0)).await,
        tenant.cancel(run.id, at(0)).await,
    ] {
        assert!(matches!(answer, Err(Error::Conflict(problem)) if problem.code == "run_state"));
    }
    assert_eq!(world.state(&run).await, RunState::Failed);
}

pub(crate) async fn a_retried_run_repeats_only_what_failed(world: World) {
    let nodes = [
        node("a"),
        node("b").needs(&["a"]),
        node("c").needs(&["b"]),
        node("d").needs(&["a"]),
        node("e").needs(&["c", "d"]),
    ];
    let run = world.run(&nodes).await;
    let a = world.claim_one(&run, at(0)).await;
    world.done(&a).await;
    let jobs = world.claim(&run, at(0)).await;
    let (b, d) = (&jobs[0], &jobs[1]);
    world.finish(b, failed()).await.unwrap();
    world.finish(d, done()).await.unwrap();
    assert_eq!(world.job(&run, "d").await.state, JobState::Cancelled);

    let retried = world.tenant().retry(run.id, at(5)).await.unwrap();
    assert_eq!((retried.state, retried.problem, retried.ended_at), (RunState::Running, None, None));
    let states = world.jobs(&run).await;
    use JobState::{Done, Ready, Waiting};
    let expected = [("a", Done), ("b", Ready), ("c", Waiting), ("d", Ready), ("e", Waiting)]
        .map(|(n, s)| (n.to_owned(), vec![s]));
    assert_eq!(states, expected.into());
    world.check(run.id).await;
    let again = world.claim(&run, at(5)).await;
    assert!(again.iter().all(|job| job.failures == 0 && job.problem.is_none()));
    for job in &again {
        world.done(job).await;
    }
    assert_eq!(world.play(&run).await, ["c", "e"]);
    assert_eq!(world.state(&run).await, RunState::Done);
    world.check(run.id).await;
    assert!(matches!(world.tenant().retry(run.id, at(5)).await, Err(Error::Conflict(_))));
}

pub(crate) async fn a_retry_goes_on_with_the_documents_that_are_there(world: World) {
    let run =
        world.run(&[node("site"), node("page").for_each(&["site"]), node("end").needs(&["page"])]).await;
    let site = world.claim_one(&run, at(0)).await;
    world.store.commit(site.fence(), documents(&site, &["one", "two", "three"]), at(0)).await.unwrap();
    let pages = world.claim_some(&run, 2).await;
    world.done(&pages[0]).await;
    world.finish(&pages[1], failed()).await.unwrap();
    assert_eq!(world.state(&run).await, RunState::Failed);
    world.tenant().retry(run.id, at(0)).await.unwrap();
    assert_eq!(world.job(&run, "site").await.state, JobState::Running, "it never stopped");
    world.done(&site).await;
    use JobState::{Done, Ready};
    assert_eq!(world.jobs(&run).await["page"], [Done, Ready, Ready]);
    assert_eq!(world.play(&run).await, ["page", "page", "end"]);
    assert_eq!(world.state(&run).await, RunState::Done);
}

pub(crate) async fn an_optional_failure_is_repeated_only_if_nobody_went_on_without_it(world: World) {
    let nodes = [
        node("used").optional(),
        node("unused").optional(),
        node("went_on").needs(&["used"]),
        node("breaks").needs(&["went_on"]),
        node("waits").needs(&["unused", "breaks"]),
    ];
    let run = world.run(&nodes).await;
    for job in world.claim(&run, at(0)).await {
        world.finish(&job, failed()).await.unwrap();
    }
    let went_on = world.claim_one(&run, at(0)).await;
    world.done(&went_on).await;
    let breaks = world.claim_one(&run, at(0)).await;
    world.finish(&breaks, failed()).await.unwrap();
    world.tenant().retry(run.id, at(1)).await.unwrap();
    let mut nodes: Vec<_> = world.claim(&run, at(1)).await.into_iter().map(|job| job.node).collect();
    nodes.sort();
    assert_eq!(nodes, ["breaks", "unused"]);
    assert_eq!(world.job(&run, "used").await.state, JobState::Failed);
}

pub(crate) async fn a_retried_condition_is_decided_anew(world: World) {
    let run = world.run(&[node("a"), node("b").needs(&["a"]).when(&["1 +"])]).await;
    world.play(&run).await;
    assert_eq!(world.state(&run).await, RunState::Failed);
    assert_eq!(world.tenant().retry(run.id, at(1)).await.unwrap().state, RunState::Failed);
    assert_eq!(world.job(&run, "b").await.problem.unwrap().code, "condition_failed");
}

pub(crate) async fn what_belongs_to_another_tenant_is_not_found(world: World) {
    let run = world.run(&[node("a")]).await;
    let job = world.claim_one(&run, at(0)).await;
    let page = document(&job, "page");
    let effects = Effects { documents: vec![page.clone()], report: Some(json!({})), ..Effects::default() };
    world.store.commit(job.fence(), effects, at(0)).await.unwrap();
    let neighbour = world.store.create_tenant("neighbour", at(0)).await.unwrap();
    let theirs = world.store.tenant(neighbour);
    let id = run.id;
    let refused = [
        theirs.run(id).await.err(),
        theirs.progress(id).await.err(),
        theirs.nodes(id).await.err(),
        theirs.jobs(id).await.err(),
        theirs.documents(id).await.err(),
        theirs.contents(id).await.err(),
        theirs.entities(id).await.err(),
        theirs.findings(id).await.err(),
        theirs.events(id, 0, 10).await.err(),
        theirs.frontier(id).await.err(),
        theirs.usage(id).await.err(),
        theirs.journal(id).await.err(),
        theirs.report(id).await.err(),
        theirs.pause(id, at(0)).await.err(),
        theirs.resume(id, at(0)).await.err(),
        theirs.cancel(id, at(0)).await.err(),
        theirs.retry(id, at(0)).await.err(),
        theirs.set_budget(id, None, at(0)).await.err(),
        theirs.document(page.id).await.err(),
        theirs.content(page.id).await.err(),
        theirs.subject(run.subject).await.err(),
    ];
    for (place, error) in refused.into_iter().enumerate() {
        assert!(matches!(error, Some(Error::NotFound { .. })), "{place}: {error:?}");
    }
    assert!(theirs.runs(10, None).await.unwrap().is_empty());
    assert_eq!(theirs.report_version(run.subject, 1).await.unwrap(), None);
    assert!(world.tenant().report_version(run.subject, 1).await.unwrap().is_some());
    let same_key = NewRun { subject_key: "acme".to_owned(), ..new_run(&[node("a")]) };
    let mine = world.tenant().create_run(same_key.clone(), at(0)).await.unwrap();
    let other = theirs.create_run(same_key, at(0)).await.unwrap();
    assert_ne!(mine.subject, other.subject);
}

pub(crate) async fn what_is_not_there_is_not_found(world: World) {
    let nobody = RunId::new();
    assert!(matches!(world.tenant().run(nobody).await, Err(Error::NotFound { what: "run" })));
    assert!(matches!(world.tenant().pause(nobody, at(0)).await, Err(Error::NotFound { .. })));
    assert!(matches!(world.store.snapshot(nobody).await, Err(Error::NotFound { .. })));
    assert!(matches!(world.store.scope(nobody).await, Err(Error::NotFound { .. })));
    assert!(matches!(world.store.reap_all(nobody, at(0)).await, Err(Error::NotFound { .. })));
}

pub(crate) async fn progress_counts_jobs_documents_and_addresses(world: World) {
    let nodes = [node("site"), node("page").for_each(&["site"]).group("read"), node("end").needs(&["page"])];
    let run = world.run(&nodes).await;
    let site = world.claim_one(&run, at(0)).await;
    let frontier = vec![super::effects::candidate("a", 1.0), super::effects::candidate("b", 1.0)];
    let effects = Effects { frontier, ..documents(&site, &["one", "two", "three"]) };
    world.store.commit(site.fence(), effects, at(0)).await.unwrap();
    let pages = world.claim_some(&run, 2).await;
    world.done(&pages[0]).await;
    let progress = world.tenant().progress(run.id).await.unwrap();
    assert_eq!((progress.jobs.discovered, progress.jobs.unfinished(), progress.documents), (5, 4, 3));
    assert_eq!((progress.frontier.waiting, progress.frontier.done), (2, 0));
    let page = &progress.nodes[1];
    assert_eq!(
        (page.node.as_str(), page.group.as_deref(), page.state),
        ("page", Some("read"), JobState::Running)
    );
    assert_eq!((page.jobs.done, page.jobs.running, page.jobs.ready), (1, 1, 1));
    assert_eq!((progress.nodes[2].state, progress.nodes[2].jobs.waiting), (JobState::Waiting, 1));
    world.finish(&pages[1], Ending::Retry { problem: problem("slow"), after: LEASE }).await.unwrap();
    world.check(run.id).await;
}

pub(crate) async fn the_time_left_is_told_once_enough_was_seen(world: World) {
    use super::effects::candidate;
    let run = world.run(&[node("site"), node("page").for_each(&["site"])]).await;
    let site = world.claim_one(&run, at(0)).await;
    let seen = |n: usize| {
        let seen = |n| domain::Candidate {
            state: domain::FrontierState::Done,
            ..candidate(&format!("seen{n}"), 1.0)
        };
        (0..n).map(seen).chain([candidate("next", 1.0), candidate("last", 1.0)]).collect::<Vec<_>>()
    };
    let left = async |now| {
        let progress = world.tenant().progress(run.id).await.unwrap();
        world.tenant().time_left(&progress, at(now)).await.unwrap()
    };
    let effects = Effects { frontier: seen(4), ..documents(&site, &["one", "two"]) };
    world.store.commit(site.fence(), effects, at(8)).await.unwrap();
    let pages = world.claim(&run, at(8)).await;
    world.finish_with(&pages[0], done(), Effects::default(), at(11)).await.unwrap();
    assert_eq!(left(20).await, None, "four pages are too few");
    let more = Effects { frontier: seen(5), ..Effects::default() };
    world.store.commit(site.fence(), more, at(20)).await.unwrap();
    // Two addresses at 4 s each, the crawl and a page at 3 s each.
    assert_eq!(left(20).await, Some(std::time::Duration::from_secs(14)));
    world.tenant().pause(run.id, at(20)).await.unwrap();
    assert_eq!(left(20).await, None, "nothing moves");
}
