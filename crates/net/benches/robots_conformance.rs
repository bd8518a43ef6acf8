//! Conformance to robots.txt as Google tests it (google/robotstxt-spec-test): `correctness` must be whole, `stress`
//! are files like real ones. Prints `x of y`, or `not run` where the data is absent; what failed goes before it.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use net::Robots;

struct Case {
    robots: Vec<u8>,
    url: String,
    agent: String,
    allowed: bool,
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = std::env::var_os("ASSAY_DATA")
        .map_or_else(|| root.join("../shared/data"), PathBuf::from)
        .join("robots");
    let mut complete = true;
    for set in ["correctness", "stress"] {
        let cases = cases(&data.join(set));
        if cases.is_empty() {
            println!("robots {set}: not run (no cases under {})", data.join(set).display());
            continue;
        }
        let started = Instant::now();
        let failed: Vec<&Case> = cases.iter().filter(|case| verdict(case) != case.allowed).collect();
        let took = started.elapsed();
        for case in &failed {
            println!(
                "{} {} should be {}allowed by {:?}",
                case.agent,
                case.url,
                if case.allowed { "" } else { "dis" },
                String::from_utf8_lossy(&case.robots)
            );
        }
        println!("robots {set}: {} of {} in {took:.1?}", cases.len() - failed.len(), cases.len());
        complete &= failed.is_empty();
    }
    std::process::exit(i32::from(!complete));
}

fn verdict(case: &Case) -> bool {
    Robots::parse_for(&case.robots, &case.agent).allows_target(target(&case.url))
}

/// Path and query as they stand in a URL, unchanged: the cases also ask about URLs that are not encoded as they should.
fn target(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or("/");
    path.split('#').next().unwrap_or("/")
}

fn cases(folder: &Path) -> Vec<Case> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "textproto"));
    files.sort();
    files.iter().flat_map(|file| read(&std::fs::read_to_string(file).unwrap())).collect()
}

/// Just enough of the text format: `field: "text" "goes on"`, `field: WORD`, brackets and comments skipped.
fn read(text: &str) -> Vec<Case> {
    let (mut cases, mut robots, mut url, mut agent) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut field = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let mut rest = line;
        if !line.starts_with('"') {
            let Some((name, value)) = line.split_once(':') else { continue };
            field = name.trim().to_owned();
            rest = value.trim();
            match field.as_str() {
                "robotstxt" => robots.clear(),
                "testurl" => url.clear(),
                "useragent" => agent.clear(),
                "expected_outcome" => {
                    let [url, agent] =
                        [&url, &agent].map(|text: &Vec<u8>| String::from_utf8_lossy(text).into_owned());
                    cases.push(Case { robots: robots.clone(), url, agent, allowed: rest == "ALLOWED" });
                }
                _ => {}
            }
        }
        match field.as_str() {
            "robotstxt" => robots.extend(quoted(rest)),
            "testurl" => url.extend(quoted(rest)),
            "useragent" => agent.extend(quoted(rest)),
            _ => {}
        }
    }
    cases
}

fn quoted(text: &str) -> Vec<u8> {
    let inner = text.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
    let (mut bytes, mut chars) = (Vec::new(), inner.chars());
    let mut buffer = [0; 4];
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            continue;
        }
        match chars.next() {
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('x') => {
                let digits: String = chars.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).expect("hex"));
            }
            Some(octal @ '0'..='7') => {
                let digits: String = std::iter::once(octal).chain(chars.by_ref().take(2)).collect();
                bytes.push(u8::from_str_radix(&digits, 8).expect("octal"));
            }
            Some(other) => bytes.extend_from_slice(other.encode_utf8(&mut buffer).as_bytes()),
            None => {}
        }
    }
    bytes
}
