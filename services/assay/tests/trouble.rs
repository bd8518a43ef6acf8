//! A database that cannot be used, a disk that is full, a pipeline that cannot be read, a site that is not there:
//! a clear message, an exit code, nothing lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use support::{Machine, Said};
use testkit::web::{DEMO_URL, SampleWeb};

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let machine = Machine::new();
    assert_eq!(machine.assay(&["runs"]).code, Some(0));
    let database = machine.home().join("assay.db");
    let change =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_000000_from_the_future', 0)";
    sqlite(&database, change);
    let before = std::fs::read(&database).unwrap();
    let said = machine.assay(&["runs"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("newer version") && said.err.contains("from_the_future"), "{}", said.err);
    assert_eq!(std::fs::read(&database).unwrap(), before);
}

/// Python ships with Debian and with it SQLite; the test needs no tool of its own.
fn sqlite(database: &std::path::Path, statement: &str) {
    let script =
        "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()";
    let done =
        Command::new("python3").args(["-c", script, database.to_str().unwrap(), statement]).status().unwrap();
    assert!(done.success());
}

#[test]
fn what_is_no_database_is_named() {
    let machine = Machine::new();
    std::fs::create_dir_all(machine.home()).unwrap();
    std::fs::write(
        machine.home().join("assay.db"),
        "this is a letter, not a database, and it is long enough",
    )
    .unwrap();
    let said = machine.assay(&["runs"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("assay.db") && said.err.contains("no SQLite database"), "{}", said.err);
}

/// Waits until the crawl of the run in the database is over, then fills the disk while the process stands still.
const FILL_AFTER_THE_CRAWL: &str = r#"
import os, signal, sqlite3, sys, time
database, process, ballast = sys.argv[1], int(sys.argv[2]), sys.argv[3]

def ask(question):
    try:
        return sqlite3.connect(database, timeout=0).execute(question).fetchone()
    except sqlite3.Error:
        return None

while ask("select state from jobs where node = 'site'") != ("done",):
    time.sleep(0.003)
# Room inside of the log is room, too: it is taken away while nobody writes.
while True:
    os.kill(process, signal.SIGSTOP)
    if (ask("pragma wal_checkpoint(truncate)") or [1])[0] == 0:
        break
    os.kill(process, signal.SIGCONT)
    time.sleep(0.003)
try:
    with open(ballast, "wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))
except OSError:
    pass
os.kill(process, signal.SIGCONT)
"#;

/// Runs a script with `$assay`, a `$source` and a `$disk` of its own, which only its namespace sees; within two minutes.
fn on_a_small_disk(size: &str, script: &str) -> Said {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::new();
    let disk = machine.path("disk");
    std::fs::create_dir_all(&disk).unwrap();
    let script = format!("set -e; mount -t tmpfs -o size={size} none \"$disk\"\n{script}");
    let output = Command::new("timeout")
        .args([
            "--kill-after=5",
            "120",
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            &script,
        ])
        .current_dir(machine.path(""))
        .env("disk", &disk)
        .env("assay", env!("CARGO_BIN_EXE_assay"))
        .env("source", DEMO_URL)
        .env("fill_after_the_crawl", FILL_AFTER_THE_CRAWL)
        .env("ASSAY_HOME", disk.join("home"))
        .env("ASSAY__NET__RESOLVE", web.resolve())
        .env("ASSAY__NET__PACE__INTERVAL_SECONDS", "0")
        .env("ASSAY__NET__PACE__DELAY_FACTOR", "0")
        .env("ASSAY__LOG__FILTER", "error")
        .output()
        .expect("timeout from coreutils, unshare from util-linux");
    output.into()
}

#[test]
fn a_full_disk_is_a_message_and_room_lets_the_run_go_on() {
    let said = on_a_small_disk(
        "24m",
        r#"
        "$assay" runs >/dev/null
        head -c 23m /dev/zero > "$disk/ballast" 2>/dev/null || true
        code=0; "$assay" run company "$source" --quiet || code=$?
        echo "full: $code"
        rm "$disk/ballast"
        run=$("$assay" runs --json | sed -n 's/.*"id": "\(run_[0-9a-f]*\)".*/\1/p' | head -1)
        code=0
        if [ -n "$run" ]; then "$assay" resume "$run" --quiet || code=$?; else "$assay" run company "$source" --quiet || code=$?; fi
        echo "freed: $code"
        "#,
    );
    assert!(said.out.contains("full: 1"), "{said:?}");
    assert!(said.err.contains("full") || said.err.contains("No space"), "{said:?}");
    assert!(said.out.contains("freed: 0"), "{said:?}");
}

#[test]
fn a_disk_that_fills_up_after_the_crawl_is_a_message_and_room_lets_the_run_go_on() {
    let script = r#"
        "$assay" run company "$source" --quiet --out "$PWD" & process=$!
        python3 -c "$fill_after_the_crawl" "$ASSAY_HOME/assay.db" $process "$disk/ballast"
        code=0; wait $process || code=$?
        echo "full: $code"
        rm "$disk/ballast"
        run=$("$assay" runs --json | sed -n 's/.*"id": "\(run_[0-9a-f]*\)".*/\1/p' | head -1)
        code=0; "$assay" resume "$run" --quiet --out "$PWD" || code=$?
        echo "freed: $code"
    "#;
    let said = on_a_small_disk("64m", script);
    assert!(said.out.contains("full: 1"), "{said:?}");
    assert!(said.err.contains("the disk is full") && said.err.contains("make room"), "{said:?}");
    assert!(said.out.contains("freed: 0"), "{said:?}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let machine = Machine::new();
    std::fs::write(machine.home(), "a file where the folder should be").unwrap();
    let said = machine.assay(&["runs"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("home"), "{}", said.err);
}

#[test]
fn a_manifest_that_cannot_be_read_is_named_and_the_others_still_run() {
    let machine = Machine::new();
    let broken = machine.path("mine").join("broken");
    std::fs::create_dir_all(&broken).unwrap();
    std::fs::write(
        broken.join("pipeline.toml"),
        "name = \"broken\"\n[[job]]\nid = \"a\"\nuses = \"crawl.sit\"\n",
    )
    .unwrap();
    let said = machine.assay(&["pipelines", "validate", broken.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("pipeline.toml:4") && said.err.contains("crawl.site"), "{}", said.err);
    let machine = machine.with("ASSAY__PIPELINES__FOLDERS", broken.parent().unwrap().to_str().unwrap());
    let said = machine.assay(&["pipelines", "list"]);
    assert!(said.out.contains("company"), "{said:?}");
    assert!(format!("{}{}", said.out, said.err).contains("broken"), "{said:?}");
    std::fs::write(broken.join("pipeline.toml"), [0xff, 0xfe, 0x00]).unwrap();
    let said = machine.assay(&["pipelines", "validate", broken.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    std::fs::set_permissions(broken.join("pipeline.toml"), std::fs::Permissions::from_mode(0o000)).unwrap();
    std::fs::remove_file(broken.join("pipeline.toml")).unwrap();
    let said = machine.assay(&["pipelines", "validate", broken.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("pipeline.toml"), "{}", said.err);
}

#[test]
fn a_site_that_is_not_there_fails_the_run_and_says_why() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let machine = Machine::new()
        .with("ASSAY__NET__RESOLVE", &format!("gone.example={closed}"))
        .with("ASSAY__NET__PACE__INTERVAL_SECONDS", "0");
    let started = Instant::now();
    let said = machine.assay(&["run", "company", "http://gone.example", "--quiet", "--json"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("gone.example"), "{}", said.err);
    assert!(started.elapsed() < Duration::from_secs(120));
    let run = said.json()["run"].as_str().unwrap().to_owned();
    let said = machine.assay(&["report", &run]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("failed"), "{}", said.err);
}

#[test]
fn an_address_inside_is_refused_and_sees_no_connection() {
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    // Ending in a dot-less public name is refused at once; a name that resolves inside is refused when it is asked.
    let said = Machine::new().assay(&["run", "company", &format!("http://localtest.me:{port}"), "--quiet"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(inside.accept().is_err(), "the listener saw a connection");
}

/// A run that got Ctrl-C while it crawled.
fn interrupted(web: &SampleWeb, machine: &Machine) -> String {
    let mut child = machine.start(&["run", "company", "http://nordwind.example", "--quiet"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while web.asked().len() < 5 {
        assert!(Instant::now() < deadline, "the crawl did not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let asked = Instant::now();
    let code = child.wait().unwrap().code();
    assert_eq!(code, Some(130));
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
    machine.assay(&["runs", "--json"]).json()[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_interrupt_leaves_a_run_that_resume_finishes() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web).with("ASSAY__NET__PACE__INTERVAL_SECONDS", "0.2");
    let run = interrupted(&web, &machine);
    let said = machine.assay(&["resume", &run, "--quiet"]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[test]
fn the_scope_of_an_interrupted_run_can_be_changed() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web).with("ASSAY__NET__PACE__INTERVAL_SECONDS", "0.2");
    let run = interrupted(&web, &machine);
    let said = machine.assay(&["resume", &run, "--set", "scope=host"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("cannot be changed"), "{}", said.err);
    let before = web.asked().len();
    let said = machine.assay(&["resume", &run, "--quiet", "--set", "exclude=*"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let excluded = machine.pages(&run).iter().filter(|page| page["reason"] == "excluded").count();
    assert!(excluded > 5, "{excluded} addresses were left out");
    let asked = web.asked().split_off(before);
    // Only what says where pages are, and how a missing one looks.
    let is_probe = |path: &str| {
        ["/robots.txt", "/llms.txt"].contains(&path) || path.contains("sitemap") || path.len() == 17
    };
    let pages: Vec<_> = asked.iter().filter(|asked| !is_probe(&asked.path)).collect();
    assert!(pages.is_empty(), "{pages:?}");
}

#[test]
fn two_processes_never_work_on_one_run() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web).with("ASSAY__NET__PACE__INTERVAL_SECONDS", "0.5");
    let mut child = machine.start(&["run", "company", "http://nordwind.example", "--quiet"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while web.asked().len() < 2 {
        assert!(Instant::now() < deadline, "the crawl did not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    let run = machine.assay(&["runs", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    let said = machine.assay(&["resume", &run]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("another process"), "{}", said.err);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_demo_needs_no_network_and_no_settings() {
    let machine = Machine::new();
    let said = machine.assay(&["demo", "--quiet", "--out", "brief"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let mut names: Vec<_> = std::fs::read_dir(machine.path("brief"))
        .unwrap()
        .map(|entry| entry.unwrap().path().extension().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["html", "json", "md"]);
}

#[test]
fn an_interrupted_demo_goes_on_with_its_own_web() {
    let machine = Machine::new();
    assert_eq!(machine.assay(&["runs", "--json"]).json(), serde_json::json!([]));
    let mut child = machine.start(&["demo", "--quiet"]);
    let deadline = Instant::now() + Duration::from_secs(60);
    let run = loop {
        assert!(Instant::now() < deadline, "the demo did not start");
        let runs = machine.assay(&["runs", "--json"]).json();
        let Some(run) = runs[0]["id"].as_str().map(str::to_owned) else { continue };
        if machine.assay(&["show", &run, "--json"]).json()["pages"]["kept"].as_u64() > Some(0) {
            break run;
        }
    };
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let said = machine.assay(&["resume", &run]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("note: net.resolve: *.example"), "what may be reached is told: {}", said.err);
    let report = machine.report(&run);
    assert!(report["pages"]["kept"].as_u64() > Some(40), "{}", report["pages"]);
    assert!(report["pages"]["by_verdict"]["error"].is_null(), "{}", report["pages"]);
}

#[test]
fn the_doctor_says_what_is_here_and_what_is_not() {
    let said = Machine::new().assay(&["doctor"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("company") && said.out.contains("extractive"), "{}", said.out);
    let said = Machine::new().with("OLLAMA_BASE_URL", "http://127.0.0.1:9").assay(&["doctor"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("FAIL models"), "{}", said.out);
}
