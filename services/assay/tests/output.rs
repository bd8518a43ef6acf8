//! What is printed and what is written: whatever standard error is, whatever the web says, wherever the files go.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{Machine, Said, read};
use testkit::web::SampleWeb;

const SMALL: [&str; 4] = ["--set", "mode=quick", "--set", "max_pages=3"];

#[test]
fn a_standard_error_that_is_closed_or_full_stops_nothing() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web);
    let closed = || Stdio::from(std::io::pipe().unwrap().1);
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for (name, stderr) in [("closed", closed()), ("full", full())] {
        let run = [&["run", "company", "http://nordwind.example", "--out", name], &SMALL[..]].concat();
        let said = machine.assay_to(&run, stderr);
        assert_eq!(said.code, Some(0), "{name}: {said:?}");
        assert_eq!(std::fs::read_dir(machine.path(name)).unwrap().count(), 3, "{name}");
    }
    for stderr in [closed(), full()] {
        assert_eq!(machine.assay_to(&["run", "compny", "acme.example"], stderr).code, Some(2));
    }
}

#[test]
fn a_failure_is_told_by_the_command_and_not_by_the_log_too() {
    let run = ["run", "company", "http://gone.example"];
    let said = on_zeta().assay(&[&run[..], &["--quiet"]].concat());
    let lines: Vec<&str> = said.err.lines().collect();
    assert!(matches!(lines.as_slice(), [line] if line.starts_with("assay: run_")), "{said:?}");
    let said = on_zeta().assay(&run);
    assert!(said.err.contains("note: net.resolve") && !said.err.contains("WARN"), "{said:?}");
    assert_eq!(said.err.matches("could be kept").count(), 2, "the job's line and the last one: {said:?}");
    let said = on_zeta().with("RUST_LOG", "warn").assay(&run);
    assert!(said.err.contains("WARN the job failed") && !said.err.contains('\u{1b}'), "no colours: {said:?}");
}

/// A company whose name commands a terminal.
const ZETA: &str = r#"<!doctype html><html lang="en"><head><title>Zeta</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Organization", "name": "Zeta \u001b[31mRED\u001b[0m\u202e Works"}
</script></head><body><main><h1>About us</h1><p>Zeta builds small looms for weavers in the north, and repairs the looms
of others. It was founded in 1999 in Aberdeen by two weavers who could not find a loom that fitted through their door.</p>
<p>Today eleven people work here. Every loom is made to order, from ash and steel, and comes with a book that tells how to
mend it. Our customers are schools, museums and weavers who work at home. We ship to the whole of Europe.</p>
<p>The looms are sold by the hour that it takes to build them, and a repair costs what the wood costs.</p></main></body>
</html>"#;

/// Answers every host with that one page, but for `gone.example`, where nothing is.
fn zeta() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head: Vec<String> = BufReader::new(&stream)
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let is_gone = head.iter().any(|line| line.ends_with("gone.example"));
            let is_home = !is_gone && head.first().is_some_and(|line| line.starts_with("GET / "));
            let (status, body) = if is_home { ("200 OK", ZETA) } else { ("404 Not Found", "nothing here") };
            let kind = if is_home { "text/html; charset=utf-8" } else { "text/plain" };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

fn on_zeta() -> Machine {
    Machine::new()
        .with("ASSAY__NET__RESOLVE", &format!("*.example={}", zeta()))
        .with("ASSAY__NET__PACE__INTERVAL_SECONDS", "0")
}

/// Panics where a character would be obeyed.
fn harmless(what: &str, text: &str) {
    let obeyed = |c: char| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
    assert!(!text.chars().any(obeyed), "{what}: {text:?}");
}

#[test]
fn what_a_terminal_would_obey_reaches_no_terminal_and_no_file() {
    let machine = on_zeta();
    let said = machine.assay(&["run", "company", "http://zeta.example"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("RED"), "the name is from the page: {said:?}");
    let run = said.out.split(['(', ')']).find(|word| word.starts_with("run_")).unwrap().to_owned();
    let mut all = vec![said];
    for more in [&[][..], &["--json"], &["--pages"], &["--events"], &["--events", "--json"]] {
        all.push(machine.assay(&[&["show", run.as_str()], more].concat()));
    }
    all.push(machine.assay(&["runs"]));
    for format in ["md", "html", "json"] {
        all.push(machine.assay(&["report", &run, "--format", format]));
    }
    for Said { code, out, err } in all {
        assert_eq!(code, Some(0));
        harmless("printed", &out);
        harmless("told", &err);
    }
    for entry in std::fs::read_dir(machine.out()).unwrap() {
        let path = entry.unwrap().path();
        harmless("the name", path.file_name().unwrap().to_str().unwrap());
        harmless("the file", &read(&path));
    }
}

#[test]
fn two_companies_of_one_name_have_files_of_their_own() {
    let machine = on_zeta();
    let names = |said: &serde_json::Value| -> Vec<String> {
        said["files"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let first = machine.run("company", "http://zeta.example", &["--format", "html"]);
    let second = machine.run("company", "http://other.example", &[]);
    assert!(!names(&first)[0].contains("example"), "{first}");
    assert!(names(&second).iter().all(|name| name.contains("other-example-v1")), "{second}");
    let first_html = read(&machine.path(&names(&first)[0]));
    assert!(first_html.contains("http://zeta.example/") && !first_html.contains("other.example"));
    let run = first["run"].as_str().unwrap();
    let again = machine.assay(&["report", run, "--format", "html,md", "--out", "out"]);
    assert_eq!(again.out.lines().next(), Some(names(&first)[0].as_str()), "a report may be written again");
    assert_eq!(std::fs::read_dir(machine.out()).unwrap().count(), 5);
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_anything_is_done() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web);
    std::fs::write(machine.path("taken"), "a file").unwrap();
    for folder in ["taken", "taken/deeper"] {
        let said = machine.assay(&["run", "company", "http://nordwind.example", "--out", folder]);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains("taken"), "{}", said.err);
    }
    assert_eq!(machine.assay(&["runs", "--json"]).json(), serde_json::json!([]));
    assert!(web.asked().is_empty(), "{:?}", web.asked());
}

#[test]
fn a_report_that_cannot_be_written_is_kept_and_the_last_word_says_how_to_have_it() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web);
    let run = ["run", "company", "http://nordwind.example", "--json", "--quiet"];
    let child = machine.start(&[&run[..], &SMALL[..]].concat());
    let deadline = Instant::now() + Duration::from_secs(60);
    while web.asked().is_empty() {
        assert!(Instant::now() < deadline, "the crawl did not start");
        std::thread::sleep(Duration::from_millis(2));
    }
    std::fs::remove_dir_all(machine.out()).unwrap();
    std::fs::write(machine.out(), "a file where the folder was").unwrap();
    let said: Said = child.wait_with_output().unwrap().into();
    assert_eq!(said.code, Some(1), "{said:?}");
    let json = said.json();
    assert_eq!((&json["state"], &json["problem"]["code"]), (&"done".into(), &"report_not_written".into()));
    let run = json["run"].as_str().unwrap();
    assert!(said.err.contains(&format!("assay report {run} --out DIR")), "{}", said.err);
    assert_eq!(machine.assay(&["report", run, "--out", "free"]).code, Some(0));
}
