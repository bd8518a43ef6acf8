//! The built processes on the real services: every stage on its own, killed and stopped, gives what one process gives.
//!
//! `ASSAY_FLEET_RUNS` says how many runs are disturbed (default 3).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod api;
mod fleet;
mod ground;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use fleet::{Fleet, WORKERS};
use ground::{Ground, Process, SOON, command};
use serde_json::{Value, json};
use support::{Machine, rows};
use testkit::web::{DEMO_URL, SampleWeb};

pub(crate) fn by_one_process(web: &SampleWeb) -> Value {
    let machine = Machine::on(web);
    let said = machine.run("company", DEMO_URL, &[]);
    rows(&machine, said["run"].as_str().unwrap())
}

pub(crate) fn assert_same(got: &Value, expected: &Value, what: &str) {
    for part in ["pages", "report"] {
        assert_eq!(got[part], expected[part], "{what}: {part}");
    }
}

#[test]
fn a_fleet_gives_what_one_process_gives_and_says_how_it_is() {
    let web = SampleWeb::start().unwrap();
    let expected = by_one_process(&web);
    let mut fleet = Fleet::start(&web);
    let run = fleet.accept();
    fleet.until_done(run);
    assert_same(&fleet.rows(run), &expected, "a quiet fleet");

    for (name, process) in &fleet.processes {
        assert_eq!(process.get("/livez"), (200, "alive\n".to_owned()), "{name}");
        let (status, body) = process.get("/readyz");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &body["state"]), (200, &json!("working")), "{name}: {body}");
        assert_eq!(body["parts"], json!({ "store": "ok", "queue": "ok", "ephemeral": "ok" }), "{name}");
    }
    let jobs = |uses: &str| -> f64 {
        let stage = uses.split('.').next().unwrap();
        let sample = format!("assay_jobs_total{{outcome=\"done\",stage=\"{stage}\",uses=\"{uses}\"}}");
        fleet.named(&format!("assay-{stage}")).map(|process| process.metric(&sample)).sum()
    };
    assert_eq!(jobs("crawl.site"), 1.0);
    assert_eq!(jobs("analyze.report"), 1.0);
    let pages =
        expected["pages"].as_array().unwrap().iter().filter(|page| !page["document"].is_null()).count();
    assert_eq!(jobs("extract.content"), pages as f64, "one job for each page kept");

    for (name, process) in &mut fleet.processes {
        assert_eq!(process.stop().code(), Some(0), "{name} stops as told");
    }
}

#[test]
fn killed_processes_and_deleted_queues_change_nothing() {
    let web = SampleWeb::start().unwrap();
    let expected = by_one_process(&web);
    let runs: u32 = std::env::var("ASSAY_FLEET_RUNS").map_or(3, |runs| runs.parse().unwrap());
    for round in 0..runs {
        let web = SampleWeb::start().unwrap();
        let mut fleet = Fleet::start(&web);
        let run = fleet.accept();
        // Another process each time, at instants that wander through the run.
        for blow in 0..4 {
            std::thread::sleep(Duration::from_millis(u64::from(150 + 70 * round + 130 * blow)));
            let victim = (round * 3 + blow * 5) as usize % fleet.processes.len();
            fleet.replace(victim);
            if blow == 2 {
                fleet.ground.delete_queues();
            }
        }
        fleet.until_done(run);
        assert_same(&fleet.rows(run), &expected, &format!("round {round}"));
    }
}

#[test]
fn a_process_that_was_frozen_past_its_lease_changes_nothing_any_more() {
    let web = SampleWeb::start().unwrap();
    let expected = by_one_process(&web);
    let fleet = Fleet::start(&web);
    let run = fleet.accept();
    let holds = |process: &&Process| process.metric("assay_jobs_running{stage=\"crawl\"}") > 0.0;
    let deadline = Instant::now() + SOON;
    let frozen = loop {
        if let Some(frozen) = fleet.named("assay-crawl").find(holds) {
            break frozen;
        }
        assert!(Instant::now() < deadline && !fleet.state(run).is_terminal(), "nobody holds the crawl");
    };
    frozen.signal("STOP");
    let since = Instant::now();
    let other = fleet.named("assay-crawl").find(|process| process.admin != frozen.admin).unwrap();
    while !holds(&other) {
        assert!(since.elapsed() < SOON, "nobody took over");
        std::thread::sleep(Duration::from_millis(50));
    }
    let waited = since.elapsed();
    // The lease is 15 s and was just extended; the rest is for a busy machine.
    assert!(waited < Duration::from_secs(30), "taken over after {waited:?}");
    frozen.signal("CONT");
    fleet.until_done(run);
    assert_same(&fleet.rows(run), &expected, "one frozen");
    let deadline = Instant::now() + SOON;
    while frozen.metric("assay_leases_lost_total") + frozen.metric("assay_late_writes_refused_total") < 1.0 {
        assert!(Instant::now() < deadline, "the frozen process does not know what it lost");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn settings_are_judged_before_anything_is_started() {
    let home = tempfile::tempdir().unwrap();
    let said = |name: &str, argument: &str, more: &[(&str, &str)]| {
        let mut environment = vec![("ASSAY_HOME".to_owned(), home.path().display().to_string())];
        environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let output = command(name, &environment).arg(argument).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let queue = ("ASSAY__QUEUE__URL", "amqp://me:hidden@127.0.0.1:1/");
    for name in WORKERS.into_iter().chain(["assay-scheduler", "assay-gateway"]) {
        let (code, text) = said(name, "--check-config", &[queue]);
        assert_eq!((code, text.as_str()), (Some(0), format!("{name}: the settings can be used\n").as_str()));
        let (code, text) = said(name, "--check-config", &[]);
        assert!(code == Some(1) && text.contains("`queue.url` is empty"), "{text}");
        let (code, text) = said(name, "--check-config", &[queue, ("ASSAY__WORKER__CRAWL", "0")]);
        assert!(code == Some(1) && text.contains("worker.crawl"), "{text}");
        let (code, text) = said(name, "--check-config", &[queue, ("ASSAY__ADMIN__BIND", "here")]);
        assert!(code == Some(1) && text.contains("`here` is no address and port"), "{text}");
        let (code, text) = said(name, "--chek-config", &[queue]);
        assert!(code == Some(2) && text.contains("--check-config"), "{text}");
    }
    let (code, text) = said("assay-crawl", "--check-config", &[queue, ("ASSAY__NET__RESOLVE", "nonsense")]);
    assert!(code == Some(1) && text.contains("net.resolve"), "{text}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_database_that_is_not_up_to_date_is_left_alone() {
    let ground = Ground::new();
    for name in WORKERS.into_iter().chain(["assay-scheduler", "assay-gateway"]) {
        let mut environment = ground.environment();
        environment.push(("ASSAY__STORE__BLOBS".to_owned(), "/nowhere".to_owned()));
        let output = command(name, &environment).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("(`assay migrate`)") && !text.contains("assay:assay"), "{text}");
    }
}
