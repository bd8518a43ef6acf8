//! The sample company end to end: wall time and memory of the real binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testkit::web::{DEMO_URL, SampleWeb};

const ROUNDS: usize = 5;

fn main() {
    let web = SampleWeb::start().unwrap();
    let mut seconds = Vec::new();
    let mut peaks = Vec::new();
    for round in 0..ROUNDS {
        let home = tempfile::tempdir().unwrap();
        let started = Instant::now();
        let run = ["run", "company", DEMO_URL, "--set", "max_pages=40", "--quiet"];
        let (peak, kept) = finish(assay(&web.resolve(), home.path(), &run));
        seconds.push(started.elapsed().as_secs_f64());
        peaks.push(peak);
        println!("round {round}: {:.2} s, peak {:.0} MB, {kept}", seconds[round], peak);
    }
    println!("end to end, 40 pages: median {:.2} s (reach: 8 s)", median(&mut seconds));
    println!("peak memory: most {:.0} MB (reach: 350 MB)", peaks.iter().copied().fold(0.0, f64::max));
    println!("memory of a waiting process: {:.0} MB (reach: 60 MB)", waiting());
}

fn assay(resolve: &str, home: &std::path::Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_assay"))
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .env("ASSAY_HOME", home.join("home"))
        .env("ASSAY__NET__RESOLVE", resolve)
        .env("ASSAY__NET__PACE__INTERVAL_SECONDS", "0")
        .env("ASSAY__NET__PACE__DELAY_FACTOR", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Waits for the process; its peak resident memory in MB, and the first line it printed.
fn finish(mut child: Child) -> (f64, String) {
    let mut peak: f64 = 0.0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(memory(child.id(), "VmHWM").unwrap_or(0.0));
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the run failed");
    (peak, String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

/// A process whose only page never answers has nothing to do.
fn waiting() -> f64 {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = tempfile::tempdir().unwrap();
    let resolve = format!("silent.example={}", silent.local_addr().unwrap());
    let mut child = assay(&resolve, home.path(), &["run", "company", "http://silent.example", "--quiet"]);
    std::thread::sleep(Duration::from_secs(3));
    let resident = memory(child.id(), "VmRSS").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    resident
}

fn memory(pid: u32, field: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
