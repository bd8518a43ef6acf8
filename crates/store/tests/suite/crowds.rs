//! Many at once: nothing is done twice, nothing is lost, nobody is told that the database is busy.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::{JobId, JobState, MicroUsd, NewEvent, RunState, TenantId, WorkerId};
use serde_json::json;
use store::{Effects, Ending, Error, Finish, NewRun, Reserved, Scope, Store};

use super::world::{LEASE, Says, World, at, documents, done, failed, new_run, node, problem, statistic};

pub(crate) async fn a_job_is_claimed_by_one_of_many(world: World) {
    let nodes: Vec<_> = (0..200).map(|n| node(&format!("n{n}"))).collect();
    let run = world.run(&nodes).await;
    let ready = world.store.unannounced(Scope::Run(run.id), at(0), 1000).await.unwrap();
    let claimers = (0..8).map(|claimer| {
        let (store, mut mine) = (world.store.clone(), ready.clone());
        mine.rotate_left(claimer * 13);
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            for slice in mine.chunks(10) {
                claimed.extend(store.claim(slice, WorkerId::new(), LEASE, at(0)).await.unwrap());
            }
            claimed
        })
    });
    let mut claimed = Vec::new();
    for claimer in claimers.collect::<Vec<_>>() {
        claimed.extend(claimer.await.unwrap());
    }
    assert_eq!(claimed.len(), 200, "each once, none forgotten");
    assert_eq!(claimed.iter().map(|job| job.id).collect::<HashSet<_>>().len(), 200);
    assert!(claimed.iter().all(|job| job.attempt == 1));
}

pub(crate) async fn an_announcement_under_way_hides_no_job_from_its_claim(world: World) {
    for _ in 0..20 {
        let nodes: Vec<_> = (0..20).map(|n| node(&format!("n{n}"))).collect();
        let run = world.run(&nodes).await;
        let ready = world.store.unannounced(Scope::Run(run.id), at(0), 100).await.unwrap();
        let (announced, claimed) = tokio::join!(
            world.store.announced(&ready, at(0)),
            world.store.claim(&ready, WorkerId::new(), LEASE, at(0))
        );
        announced.unwrap();
        assert_eq!(claimed.unwrap().len(), 20);
    }
}

pub(crate) async fn events_are_seen_in_order_without_gaps_while_many_write(world: World) {
    let nodes: Vec<_> = (0..8).map(|n| node(&format!("n{n}"))).collect();
    let run = world.run(&nodes).await;
    let jobs = world.claim(&run, at(0)).await;
    let over = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (tenant, over) = (world.tenant(), Arc::clone(&over));
        async move {
            let mut seen = 0;
            loop {
                let last_look = over.load(Ordering::SeqCst);
                for event in tenant.events(run.id, seen, 7).await.unwrap() {
                    assert_eq!(event.seq, seen + 1, "nobody sees 5 before 4");
                    seen = event.seq;
                }
                if last_look && tenant.events(run.id, seen, 1).await.unwrap().is_empty() {
                    return seen;
                }
            }
        }
    });
    let writers = jobs.into_iter().map(|job| {
        let store = world.store.clone();
        tokio::spawn(async move {
            for n in 0..15 {
                let say = |word: &str| NewEvent::new(format!("{word}.said"), json!({ "n": n }));
                let effects = Effects { events: vec![say("one"), say("two")], ..Effects::default() };
                store.commit(job.fence(), effects, at(0)).await.unwrap();
            }
            let finish = Finish { fence: job.fence(), ending: done(), effects: Effects::default() };
            store.finish(&[finish], at(0)).await.unwrap().pop().unwrap().unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    let expected = 2 + 8 * (2 * 15 + 1) + 1;
    assert_eq!(reader.await.unwrap(), expected, "created, started, what was said, 8 × done, the end");
    world.check(run.id).await;
}

pub(crate) async fn one_request_sent_many_times_at_once_is_one_run(world: World) {
    let new = NewRun {
        subject_key: "acme".to_owned(),
        idempotency_key: Some("k".to_owned()),
        ..new_run(&[node("a")])
    };
    let requests = (0..12).map(|_| {
        let (tenant, new) = (world.tenant(), new.clone());
        tokio::spawn(async move { tenant.create_run(new, at(0)).await.unwrap().id })
    });
    let mut ids = HashSet::new();
    for request in requests.collect::<Vec<_>>() {
        ids.insert(request.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(world.tenant().runs(10, None).await.unwrap().len(), 1);
}

pub(crate) async fn reports_published_at_once_get_one_number_each(world: World) {
    let mut runs = Vec::new();
    for _ in 0..10 {
        let new = NewRun { subject_key: "acme".to_owned(), ..new_run(&[node("a")]) };
        let run = world.run_with(new).await;
        let job = world.claim_one(&run, at(0)).await;
        runs.push((run, job));
    }
    let publishers = runs.iter().map(|(run, job)| {
        let (store, fence, id) = (world.store.clone(), job.fence(), run.id);
        tokio::spawn(async move {
            let effects = Effects { report: Some(json!({"run": id})), ..Effects::default() };
            let effects =
                Effects { facts: json!({id.to_string(): 1}).as_object().unwrap().clone(), ..effects };
            let finish = Finish { fence, ending: done(), effects };
            store.finish(&[finish], at(0)).await.unwrap().pop().unwrap().unwrap();
            store.tenant(TenantId::LOCAL).report(id).await.unwrap().unwrap().version
        })
    });
    let mut versions = Vec::new();
    for publisher in publishers.collect::<Vec<_>>() {
        versions.push(publisher.await.unwrap());
    }
    versions.sort_unstable();
    assert_eq!(versions, (1..=10).collect::<Vec<_>>());
    let subject = world.tenant().subject(runs[0].0.subject).await.unwrap();
    assert_eq!((subject.latest_version, subject.facts.len()), (Some(10), 10), "no fact overwrites another");
}

pub(crate) async fn many_reserving_at_once_never_exceed_the_cap(world: World) {
    let nodes: Vec<_> = (0..8).map(|n| node(&format!("n{n}"))).collect();
    let run = world.run_with(NewRun { budget: Some(MicroUsd(1000)), ..new_run(&nodes) }).await;
    let spenders = world.claim(&run, at(0)).await.into_iter().map(|job| {
        let store = world.store.clone();
        tokio::spawn(async move {
            let mut spent = 0;
            for seq in 0..20 {
                let amount = i64::from(seq) * 7 + 3;
                match store.reserve(job.fence(), seq, MicroUsd(amount), at(0)).await.unwrap() {
                    Reserved::Granted => {
                        let paid = super::money::call(seq, amount - 2);
                        store.settle(job.fence(), paid, at(0)).await.unwrap();
                        spent += amount - 2;
                    }
                    Reserved::Short { cap, settled, reserved } => {
                        assert!(settled + reserved <= cap);
                        assert!(settled + reserved + MicroUsd(amount) > cap);
                    }
                }
                let seen = store.tenant(TenantId::LOCAL).run(job.run).await.unwrap();
                assert!(seen.settled + seen.reserved <= MicroUsd(1000), "{seen:?}");
            }
            spent
        })
    });
    let mut spent = 0;
    for spender in spenders.collect::<Vec<_>>() {
        spent += spender.await.unwrap();
    }
    let run = world.tenant().run(run.id).await.unwrap();
    assert_eq!((run.settled, run.reserved), (MicroUsd(spent), MicroUsd(0)));
    assert!(spent > 900, "the money is there to be spent");
}

/// 16 tasks on two stores do everything there is to do, at once.
pub(crate) async fn a_crowd_on_two_stores_hears_of_no_lock(world: World) {
    let other = Store::open(&world.settings).await.unwrap();
    let tasks = (0..16).map(|task| {
        let store = if task % 2 == 0 { world.store.clone() } else { other.clone() };
        tokio::spawn(async move {
            for round in 0..4 {
                one_life(&store, task * 10 + round).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let runs = world.tenant().runs(1000, None).await.unwrap();
    assert_eq!(runs.len(), 64);
    for run in runs {
        assert!(run.state.is_terminal(), "{run:?}");
        world.check(run.id).await;
        for job in world.tenant().jobs(run.id).await.unwrap() {
            assert!(job.state.is_terminal(), "{job:?}");
        }
    }
}

/// One run from its creation to its end, reads and money included; tasks help each other with what is ready.
async fn one_life(store: &Store, number: u64) -> Result<(), Error> {
    let nodes = [node("site"), node("page").for_each(&["site"]).optional(), node("end").needs(&["page"])];
    let tenant = store.tenant(TenantId::LOCAL);
    let new = NewRun { subject_key: format!("subject {}", number % 3), ..new_run(&nodes) };
    let run = tenant.create_run(NewRun { budget: Some(MicroUsd(1_000_000)), ..new }, at(0)).await?;
    let mut turn = number;
    while !tenant.run(run.id).await?.state.is_terminal() {
        let ready = store.unannounced(Scope::Run(run.id), at(0), 10).await?;
        store.announced(&ready, at(0)).await?;
        let jobs = store.claim(&ready, WorkerId::new(), LEASE, at(0)).await?;
        let mut finishes = Vec::new();
        for job in jobs {
            turn += 1;
            store.heartbeat(&[job.fence()], LEASE, at(0)).await?;
            if job.node == "site" {
                store.commit(job.fence(), documents(&job, &["a", "b", "c"]), at(0)).await?;
            }
            store.reserve(job.fence(), 0, MicroUsd(10), at(0)).await?;
            store.settle(job.fence(), super::money::call(0, 5), at(0)).await?;
            let ending = match turn % 5 {
                0 => Ending::Yield { after: Duration::ZERO },
                1 => Ending::Retry { problem: problem("slow"), after: Duration::ZERO },
                2 if job.node == "page" => failed(),
                _ => done(),
            };
            let facts = json!({ job.id.to_string(): 1 }).as_object().cloned().unwrap_or_default();
            finishes.push(Finish {
                fence: job.fence(),
                ending,
                effects: Effects { facts, ..Effects::default() },
            });
        }
        for outcome in store.finish(&finishes, at(0)).await? {
            outcome?;
        }
        tenant.progress(run.id).await?;
    }
    Ok(())
}

/// Everybody works on every run, in any order, while runs are paused, resumed and cancelled under their hands.
pub(crate) async fn slices_across_runs_wait_for_each_other_in_one_order(world: World) {
    let nodes: Vec<_> = (0..24).map(|n| node(&format!("n{n}"))).collect();
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(world.run_with(NewRun { budget: Some(MicroUsd(1000)), ..new_run(&nodes) }).await.id);
    }
    let workers = (0..6_usize).map(|worker| {
        let store = world.store.clone();
        let order = move |job: JobId| job.uuid().as_u128().wrapping_mul(u128::MAX / (worker as u128 * 2 + 3));
        tokio::spawn(async move {
            for _ in 0..12 {
                let mut slice = store.unannounced(Scope::All, at(0), 1000).await.unwrap();
                slice.sort_by_key(|bell| order(bell.job));
                slice.truncate(9);
                let jobs = store.claim(&slice, WorkerId::new(), LEASE, at(0)).await.unwrap();
                let mut fences: Vec<_> = jobs.iter().map(domain::Job::fence).collect();
                fences.reverse();
                let finish = |job: &domain::Job| Finish {
                    fence: job.fence(),
                    ending: done(),
                    effects: Effects::default(),
                };
                let finishes: Vec<_> = jobs.iter().rev().map(finish).collect();
                for fence in fences.iter().take(2) {
                    let reserved = store.reserve(*fence, 0, MicroUsd(1), at(0)).await;
                    assert!(matches!(reserved, Ok(_) | Err(Error::Fenced)), "{reserved:?}");
                }
                let (beats, ended) =
                    tokio::join!(store.heartbeat(&fences, LEASE, at(0)), store.finish(&finishes, at(0)));
                beats.unwrap();
                assert!(ended.unwrap().iter().all(Result::is_ok));
            }
        })
    });
    let workers: Vec<_> = workers.collect();
    let tenant = world.tenant();
    for round in 0..8 {
        for run in &runs {
            tenant.pause(*run, at(0)).await.ok();
            tenant.resume(*run, at(0)).await.ok();
            tenant.set_budget(*run, Some(MicroUsd(1000 + round)), at(0)).await.ok();
        }
    }
    tenant.cancel(runs[0], at(0)).await.ok();
    for worker in workers {
        worker.await.unwrap();
    }
    for run in runs {
        world.check(run).await;
        while !tenant.run(run).await.unwrap().state.is_terminal() {
            let left = world.store.unannounced(Scope::Run(run), at(0), 100).await.unwrap();
            for job in world.store.claim(&left, WorkerId::new(), LEASE, at(0)).await.unwrap() {
                world.done(&job).await;
            }
        }
        let jobs = tenant.jobs(run).await.unwrap();
        assert!(jobs.iter().all(|job| job.state.is_terminal()));
    }
}

/// Two slices of endings that name the same subjects in opposite orders.
pub(crate) async fn slices_that_write_to_the_same_subjects_never_wait_in_a_circle(world: World) {
    let run = async |key: &str| {
        let new = NewRun { subject_key: key.to_owned(), ..new_run(&[node("a")]) };
        world.run_with(new).await
    };
    let slices = [[run("one").await, run("two").await], [run("two").await, run("one").await]];
    for round in 0..25 {
        let finish = async |run: &domain::Run| {
            let facts = json!({ run.id.to_string(): round }).as_object().unwrap().clone();
            let effects = Effects { facts, ..Effects::default() };
            Finish { fence: world.claim_one(run, at(0)).await.fence(), ending: Ending::Released, effects }
        };
        let [[a, b], [c, d]] = &slices;
        let (one, two) = ([finish(a).await, finish(b).await], [finish(c).await, finish(d).await]);
        let (one, two) = tokio::join!(world.store.finish(&one, at(0)), world.store.finish(&two, at(0)));
        assert!(one.unwrap().iter().chain(&two.unwrap()).all(Result::is_ok));
    }
    assert_eq!(deadlocks(world).await, 0);
}

/// How many transactions the server has sent back.
async fn deadlocks(world: World) -> i64 {
    if world.settings.url.starts_with("sqlite://") {
        return 0;
    }
    world.store.close().await;
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    statistic(&world.settings, deadlocks).await
}

/// Whatever is cut off in the middle has happened wholly or not at all.
pub(crate) async fn a_write_that_is_cut_off_leaves_nothing_half_done(world: World) {
    let nodes = [node("site"), node("page").for_each(&["site"]), node("end").needs(&["page"])];
    for round in 0..30_u64 {
        let run = world.run(&nodes).await;
        let site = world.claim_one(&run, at(0)).await;
        let effects = || Effects {
            events: vec![NewEvent::new("site.read", json!({}))],
            report: Some(json!({})),
            ..documents(&site, &["a", "b"])
        };
        let finish = Finish { fence: site.fence(), ending: done(), effects: effects() };
        let cut = Duration::from_micros(round * round * 20);
        let outcome = tokio::time::timeout(cut, world.store.finish(&[finish], at(0))).await;
        world.check(run.id).await;
        let (state, documents) =
            (world.job(&run, "site").await.state, world.tenant().documents(run.id).await.unwrap().len());
        let pages = world.jobs(&run).await.get("page").map_or(0, Vec::len);
        let log = world.log(&run).await.len();
        let happened = state == JobState::Done;
        assert!(happened || outcome.is_err());
        assert_eq!((documents, pages, log), if happened { (2, 2, 5) } else { (0, 0, 2) });
        if !happened {
            world.finish_with(&site, done(), effects(), at(0)).await.unwrap();
        }
        world.play(&run).await;
        assert_eq!(world.state(&run).await, RunState::Done);
    }
}
