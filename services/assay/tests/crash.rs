//! Processes are killed at random instants; what comes out equals a quiet run, row for row.
//!
//! `ASSAY_CRASH_RUNS` says how many runs are killed (default 8).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::collections::HashMap;
use std::process::Child;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::Value;
use support::{Machine, Said, rows};
use testkit::web::{DEMO_URL, SampleWeb};

/// Kills of one run before it is left alone.
const KILLS: u32 = 4;

#[test]
fn a_run_killed_at_random_instants_equals_a_quiet_one() {
    let web = SampleWeb::start().unwrap();
    let quiet = Machine::on(&web);
    let started = Instant::now();
    let run = id(&quiet.run("company", DEMO_URL, &[]));
    let usual = started.elapsed();
    let expected = rows(&quiet, &run);
    assert!(expected["pages"].as_array().unwrap().len() > 40, "the quiet run saw the site");

    let runs: u64 = std::env::var("ASSAY_CRASH_RUNS").map_or(8, |n| n.parse().unwrap());
    let mut random = Random(0x5eed);
    for round in 0..runs {
        let web = SampleWeb::start().unwrap();
        let machine = Machine::on(&web);
        let (run, kills) = killed_and_resumed(&machine, usual, &mut random);
        let got = rows(&machine, &run);
        for part in ["pages", "report"] {
            assert_eq!(got[part], expected[part], "round {round}, {kills} kills: {part}");
        }
        nothing_is_fetched_after_its_commit(&web, &machine, &run);
    }
}

/// Runs the sample company, kills the process a few times, resumes it until it is done.
fn killed_and_resumed(machine: &Machine, usual: Duration, random: &mut Random) -> (String, u32) {
    let mut child = machine.start(&["run", "company", DEMO_URL, "--quiet"]);
    let (mut run, mut kills) = (None, 0);
    loop {
        let finished = if kills < KILLS {
            wait(&mut child, usual.mul_f64(random.share()))
        } else {
            wait(&mut child, Duration::from_secs(120))
        };
        if finished {
            let said: Said = child.wait_with_output().unwrap().into();
            let run = run.or_else(|| only_run(machine)).unwrap();
            assert_eq!(said.code, Some(0), "{said:?}");
            return (run, kills);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        run = run.or_else(|| only_run(machine));
        child = match &run {
            Some(run) => machine.start(&["resume", run, "--quiet"]),
            // Killed before the run was accepted: nothing is owed.
            None => machine.start(&["run", "company", DEMO_URL, "--quiet"]),
        };
    }
}

fn wait(child: &mut Child, time: Duration) -> bool {
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    false
}

fn only_run(machine: &Machine) -> Option<String> {
    let said = machine.assay(&["runs", "--json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let runs = said.json();
    let runs = runs.as_array().unwrap();
    assert!(runs.len() <= 1, "one run was started: {runs:?}");
    runs.first().map(|run| run["id"].as_str().unwrap().to_owned())
}

fn id(said: &Value) -> String {
    said["run"].as_str().unwrap().to_owned()
}

/// Compares the server's log with the run's: a request for an address that was committed before is one too many.
fn nothing_is_fetched_after_its_commit(web: &SampleWeb, machine: &Machine, run: &str) {
    let mut committed: HashMap<String, DateTime<Utc>> = HashMap::new();
    for event in machine.events(run) {
        if event["type"].as_str().unwrap().starts_with("page.") {
            let url =
                event["data"]["requested_url"].as_str().or(event["data"]["url"].as_str()).unwrap().to_owned();
            committed.entry(url).or_insert(event["at"].as_str().unwrap().parse().unwrap());
        }
    }
    assert!(committed.len() > 30, "the log names what was fetched");
    for asked in web.asked() {
        let url = format!("http://{}{}", asked.host, asked.path);
        let at = DateTime::<Utc>::from(asked.at);
        if let Some(commit) = committed.get(&url) {
            assert!(at <= *commit, "{url} was fetched at {at}, after its commit at {commit}");
        }
    }
}

/// A small generator with a fixed seed, so that a failure can be repeated.
struct Random(u64);

impl Random {
    /// Between 0 and 1.
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}
