//! What holds for any graph with any outcomes.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{BlockedOn, Fence, Job, RunState};
use pipelines::Node;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use store::{Ending, Scope};

use super::world::{LEASE, World, at, documents, node, problem};

/// A server takes longer per case than a file.
pub(crate) fn runner(world: &World) -> TestRunner {
    let cases = if world.settings.url.starts_with("sqlite") { 96 } else { 16 };
    TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() })
}

/// Runs a case to its end inside the test's runtime.
pub(crate) fn wait<T>(case: impl Future<Output = T>) -> T {
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
        ends_in_order(world, &run, nodes).await;
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

/// No node ends before those that it needs and that feed it, unless the run ends before its time.
async fn ends_in_order(world: &World, run: &domain::Run, nodes: &[Node]) {
    let places = world.tenant().nodes(run.id).await.unwrap();
    let has_ended = |id: &str| places.iter().any(|place| place.node == id && place.state.is_terminal());
    if ![RunState::Running, RunState::Done].contains(&world.state(run).await) {
        return;
    }
    for spec in nodes.iter().filter(|spec| has_ended(&spec.id)) {
        for before in spec.needs.iter().chain(&spec.for_each) {
            assert!(has_ended(before), "`{}` has ended before `{before}`: {places:?}", spec.id);
        }
    }
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
