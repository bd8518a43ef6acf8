//! What holds for any graph with any outcomes, and for any order of spending.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{BlockedOn, Fence, Job, MicroUsd, RunState};
use pipelines::Node;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use store::{Effects, Ending, NewRun, Reserved, Scope};

use super::world::{LEASE, Says, World, at, documents, new_run, node, problem};

/// A server takes longer per case than a file.
fn runner(world: &World) -> TestRunner {
    let cases = if world.settings.url.starts_with("sqlite") { 96 } else { 16 };
    TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() })
}

/// Runs a case to its end inside the test's runtime.
fn wait<T>(case: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(case))
}

/// A node as drawn: bits say which of the nodes before it it needs and is fed by.
#[derive(Debug, Clone)]
struct Drawn {
    needs: u8,
    feeds: u8,
    when: &'static str,
    optional: bool,
    grouped: bool,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let when = prop_oneof![
        6 => Just(""),
        1 => Just("true"),
        2 => Just("false"),
        1 => Just("state.n0 == 'done'"),
        1 => Just("n1.x > 1"),
    ];
    let feeds = prop_oneof![2 => Just(0_u8), 1 => any::<u8>()];
    (any::<u8>(), feeds, when, any::<bool>(), any::<bool>())
        .prop_map(|(needs, feeds, when, optional, grouped)| Drawn { needs, feeds, when, optional, grouped })
}

fn graph(drawn: &[Drawn]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (place, draw) in drawn.iter().enumerate() {
        let chosen = |bits: u8| {
            (0..place)
                .filter(|before| bits >> (before % 8) & 1 == 1)
                .map(|before| format!("n{before}"))
                .collect()
        };
        let made = node(&format!("n{place}"));
        let when = if draw.when.is_empty() { Vec::new() } else { vec![draw.when.to_owned()] };
        let group = draw.grouped.then(|| "g".to_owned());
        let (needs, for_each) = (chosen(draw.needs), chosen(draw.feeds & !draw.needs));
        nodes.push(Node { needs, for_each, when, optional: draw.optional, group, ..made });
    }
    nodes
}

/// What happens next to a running job.
fn ending(draw: u8) -> Ending {
    match draw % 16 {
        0 => Ending::Yield { after: Duration::ZERO },
        1 | 2 => Ending::Retry { problem: problem("slow"), after: Duration::ZERO },
        3 => Ending::Released,
        4 => Ending::Blocked { on: BlockedOn::Host, until: Some(at(0)), problem: problem("closed") },
        5 => Ending::Failed { problem: problem("broken") },
        _ => Ending::Done { output: serde_json::json!({"x": draw}) },
    }
}

pub(crate) async fn any_graph_with_any_outcomes_ends_with_every_job_ended(world: World) {
    let strategy = (vec(drawn(), 1..8), vec(any::<(u8, u8)>(), 4..60));
    let outcome = runner(&world).run(&strategy, |(drawn, draws)| {
        wait(live(&world, &graph(&drawn), &draws));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Plays one run with what was drawn, retrying it once if it fails, and checks it after every write.
async fn live(world: &World, nodes: &[Node], draws: &[(u8, u8)]) {
    let run = world.run(nodes).await;
    let mut draws = draws.iter().copied().chain(std::iter::repeat((15, 0)));
    let mut running: Vec<Job> = Vec::new();
    let mut retries = 0;
    for _ in 0..500 {
        world.check(run.id).await;
        let (what, which) = draws.next().unwrap();
        running.extend(world.claim_some(&run, 2).await);
        if running.is_empty() {
            if world.state(&run).await == RunState::Failed && retries == 0 {
                retries = 1;
                world.tenant().retry(run.id, at(0)).await.unwrap();
                continue;
            }
            break;
        }
        let place = usize::from(which) % running.len();
        match what {
            240.. => {
                let fences: Vec<Fence> = running.drain(..).map(|job| job.fence()).collect();
                world.store.reap_all(run.id, at(0)).await.unwrap();
                let beats = world.store.heartbeat(&fences, LEASE, at(0)).await.unwrap();
                assert!(beats.iter().all(|(_, signal)| *signal == store::Signal::Lost));
            }
            224.. => {
                let job = &running[place];
                let late = world.store.commit(job.fence(), documents(job, &["mid"]), at(0)).await.is_err();
                if late {
                    running.remove(place);
                }
            }
            _ => {
                let job = running.remove(place);
                let names: Vec<String> = (0..which % 3).map(|n| format!("d{n}")).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                world.finish_with(&job, ending(what), documents(&job, &names), at(0)).await.unwrap();
            }
        }
    }
    ended(world, &run, nodes).await;
}

async fn ended(world: &World, run: &domain::Run, nodes: &[Node]) {
    world.check(run.id).await;
    let state = world.state(run).await;
    assert!([RunState::Done, RunState::Failed].contains(&state), "{state:?} {:?}", world.jobs(run).await);
    let progress = world.tenant().progress(run.id).await.unwrap();
    assert_eq!(progress.jobs.unfinished(), 0, "{:?}", world.jobs(run).await);
    assert!(progress.nodes.iter().all(|node| node.state.is_terminal()), "{:?}", progress.nodes);
    assert_eq!(world.store.next_due(Scope::Run(run.id)).await.unwrap(), None);
    if state == RunState::Done {
        assert_eq!(progress.jobs.cancelled, 0);
        for (spec, node) in nodes.iter().zip(&progress.nodes) {
            assert!(spec.optional || node.jobs.failed == 0, "{node:?}");
        }
        let ends = world.log(run).await.into_iter().filter(|kind| kind == "group.ended").count();
        assert!(ends >= usize::from(nodes.iter().any(|node| node.group.is_some())));
    }
    let documents = world.tenant().documents(run.id).await.unwrap();
    let mut by_node: BTreeMap<&str, u64> = BTreeMap::new();
    for document in &documents {
        *by_node.entry(document.node.as_str()).or_default() += 1;
    }
    for (spec, node) in nodes.iter().zip(&progress.nodes) {
        let fed: u64 = spec.for_each.iter().filter_map(|id| by_node.get(id.as_str())).sum();
        let expected = if spec.for_each.is_empty() { 1 } else { fed };
        assert_eq!(node.jobs.discovered, expected, "one job per document, in {node:?}");
    }
}

/// One move with the money of a run.
#[derive(Debug, Clone)]
enum Spend {
    Reserve { job: usize, seq: u32, amount: i64 },
    Settle { job: usize, seq: u32, percent: i64 },
    Release { job: usize, seq: u32 },
    Crash,
    GiveBack { job: usize },
    SetBudget { cap: i64 },
}

fn spend() -> impl Strategy<Value = Spend> {
    let (job, seq) = (|| 0..3_usize, || 0..3_u32);
    prop_oneof![
        6 => (job(), seq(), 0..400_i64).prop_map(|(job, seq, amount)| Spend::Reserve { job, seq, amount }),
        4 => (job(), seq(), 0..=100_i64).prop_map(|(job, seq, percent)| Spend::Settle { job, seq, percent }),
        2 => (job(), seq()).prop_map(|(job, seq)| Spend::Release { job, seq }),
        1 => Just(Spend::Crash),
        1 => job().prop_map(|job| Spend::GiveBack { job }),
        1 => (0..2000_i64).prop_map(|cap| Spend::SetBudget { cap }),
    ]
}

pub(crate) async fn no_order_of_spending_exceeds_the_cap(world: World) {
    let outcome = runner(&world).run(&(vec(spend(), 1..40), 200..1200_i64), |(moves, cap)| {
        wait(spend_all(&world, &moves, cap));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Plays the moves and keeps books beside the store's.
async fn spend_all(world: &World, moves: &[Spend], cap: i64) {
    let nodes = [node("a"), node("b"), node("c"), node("d").needs(&["a"])];
    let run = world.run_with(NewRun { budget: Some(MicroUsd(cap)), ..new_run(&nodes) }).await;
    let mut jobs = world.claim(&run, at(0)).await;
    let mut held: BTreeMap<(usize, u32), i64> = BTreeMap::new();
    let (mut settled, mut cap, mut clock) = (0, cap, 0);
    for one in moves {
        clock += 1;
        match *one {
            Spend::Reserve { job, seq, amount } => {
                held.remove(&(job, seq));
                let fits = settled + held.values().sum::<i64>() + amount <= cap;
                let answer =
                    world.store.reserve(jobs[job].fence(), seq, MicroUsd(amount), at(0)).await.unwrap();
                assert_eq!(answer == Reserved::Granted, fits);
                if fits {
                    held.insert((job, seq), amount);
                }
            }
            Spend::Settle { job, seq, percent } => {
                let Some(amount) = held.remove(&(job, seq)) else { continue };
                let cost = amount * percent / 100;
                let call = domain::ModelCall { at: at(clock), ..super::money::call(seq, cost) };
                world.store.settle(jobs[job].fence(), call.clone(), at(0)).await.unwrap();
                world.store.settle(jobs[job].fence(), call, at(0)).await.unwrap();
                settled += cost;
            }
            Spend::Release { job, seq } => {
                held.remove(&(job, seq));
                world.store.release(jobs[job].fence(), seq).await.unwrap();
            }
            Spend::Crash => {
                world.store.reap_all(run.id, at(0)).await.unwrap();
                jobs = world.claim(&run, at(0)).await;
                late_releases(world, &jobs, &held).await;
                reopen(world, &jobs, &mut held).await;
            }
            Spend::GiveBack { job } => {
                let ending = Ending::Released;
                world.finish_with(&jobs[job], ending, Effects::default(), at(0)).await.unwrap();
                let again = world.claim_one(&run, at(0)).await;
                jobs[job] = again;
                reopen(world, &jobs, &mut held).await;
            }
            Spend::SetBudget { cap: wanted } => {
                let fits = settled + held.values().sum::<i64>() <= wanted;
                let answer = world.tenant().set_budget(run.id, Some(MicroUsd(wanted)), at(0)).await;
                assert_eq!(answer.is_ok(), fits);
                cap = if fits { wanted } else { cap };
            }
        }
        world.check(run.id).await;
        let stored = world.tenant().run(run.id).await.unwrap();
        assert_eq!((stored.settled.0, stored.reserved.0), (settled, held.values().sum::<i64>()));
    }
    for job in &jobs {
        world.done(job).await;
    }
    let stored = world.tenant().run(run.id).await.unwrap();
    assert_eq!((stored.settled.0, stored.reserved.0), (settled, 0));
}

/// What a crash left is replaced or stays: a release by the new attempt does not touch it.
async fn late_releases(world: &World, jobs: &[Job], held: &BTreeMap<(usize, u32), i64>) {
    for (job, seq) in held.keys() {
        world.store.release(jobs[*job].fence(), *seq).await.unwrap();
    }
}

/// What an earlier attempt set aside is set aside anew, as a worker does before it repeats its calls.
async fn reopen(world: &World, jobs: &[Job], held: &mut BTreeMap<(usize, u32), i64>) {
    for ((job, seq), amount) in held.iter() {
        let answer = world.store.reserve(jobs[*job].fence(), *seq, MicroUsd(*amount), at(0)).await.unwrap();
        assert_eq!(answer, Reserved::Granted, "it was set aside already");
    }
}
