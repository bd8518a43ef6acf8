//! A user's own pipeline: data only, and the README tells the truth about it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pipelines::template::report;
use pipelines::{Library, describe, input, load};
use serde_json::{Map, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reading-notes")
}

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

#[test]
fn it_is_valid_and_can_be_run_beside_the_built_in_ones() {
    let snapshot = load(&folder()).unwrap_or_else(|invalid| panic!("{invalid}"));
    let ids: Vec<&str> = snapshot.nodes.iter().map(|node| node.id.as_str()).collect();
    assert_eq!(ids, ["site", "page", "notes", "report"]);
    let library = Library::load(&[folder()]);
    assert_eq!(library.get("reading-notes").unwrap().hash, snapshot.hash);
}

#[test]
fn it_keeps_every_file_that_it_names() {
    let names: Vec<String> = load(&folder()).unwrap().files.into_keys().collect();
    assert_eq!(names, ["input.schema.json", "kinds.toml", "notes.md", "notes.schema.json", "report.md"]);
}

#[test]
fn its_input_and_subject_come_from_its_schema() {
    let snapshot = load(&folder()).unwrap();
    let mut fields = Map::new();
    input::place(&snapshot.input, &mut fields, "www.essays.example/why").unwrap();
    let resolved = input::resolve(&snapshot.input, fields).unwrap();
    assert_eq!(resolved, json!({ "url": "https://www.essays.example/why", "pages": 10 }));
    assert_eq!(input::subject_key(&snapshot, &resolved).unwrap(), "essays.example");
    let with =
        pipelines::template::render(&snapshot.node("report").unwrap().with, &json!({ "input": resolved }))
            .unwrap();
    assert_eq!(with["title"], "Notes on essays.example");
}

#[test]
fn it_is_shown_in_words() {
    let snapshot = load(&folder()).unwrap();
    let text = describe::show(&snapshot).replace(&snapshot.hash[..12], "[hash]");
    insta::assert_snapshot!(text);
}

/// The blocks of the README that follow a line `**\`name\`**`.
fn shown(readme: &str) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("**`").and_then(|rest| rest.strip_suffix("`**")) else { continue };
        let block = lines
            .by_ref()
            .skip_while(|line| !line.starts_with("```"))
            .skip(1)
            .take_while(|line| *line != "```");
        shown.insert(name.to_owned(), block.map(|line| format!("{line}\n")).collect());
    }
    shown
}

#[test]
fn the_readme_shows_it_word_for_word() {
    let shown = shown(&readme());
    let written: BTreeMap<String, String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    assert_eq!(shown, written);
}

#[test]
fn the_readme_names_every_key_worker_filter_and_function() {
    let readme = readme();
    let workers = pipelines::uses::catalog().into_iter().map(|worker| worker.uses);
    let keys = [
        "name",
        "title",
        "subject",
        "subject_key",
        "input",
        "profile",
        "id",
        "uses",
        "with",
        "needs",
        "for_each",
        "when",
        "optional",
        "group",
        "x-editable",
        "x-presets",
        "x-positional",
        "x-extractive",
        "web-site",
        "not-blank",
        "glob",
    ];
    for name in workers.chain(pipelines::template::FILTERS).chain(keys).chain(report::NAMES) {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
    for used in ["| cite`", "| marks`", "| origin`", "| details`", "| link(", "| host`", "| day`", "| usd`"] {
        assert!(readme.contains(&used.replace('|', "\\|")), "{used}");
    }
    assert!(readme.contains("`chart(") && readme.contains("`footnotes("));
}

#[test]
fn the_readme_quotes_mistakes_as_they_are_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mistakes");
    let told = load(&folder).unwrap_err().to_string();
    let readme = readme();
    let quoted: Vec<&str> = readme
        .lines()
        .skip_while(|line| *line != "```text")
        .skip(1)
        .take_while(|line| *line != "```")
        .collect();
    assert!(quoted.len() > 5);
    for line in quoted {
        assert!(told.contains(line), "{line}");
    }
}
