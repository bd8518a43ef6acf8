//! A user's own pipeline: a folder of data, no code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use assay::app::readers;
use pipelines::uses::catalog;
use support::{Machine, read};
use testkit::web::SampleWeb;

fn pipelines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/pipelines")
}

#[test]
fn a_folder_of_data_runs_as_a_pipeline() {
    let web = SampleWeb::start().unwrap();
    let folder = pipelines().join("tests/fixtures/reading-notes");
    let machine = Machine::on(&web).with("ASSAY__PIPELINES__FOLDERS", folder.to_str().unwrap());
    assert_eq!(machine.assay(&["pipelines", "validate", folder.to_str().unwrap()]).code, Some(0));
    assert!(machine.assay(&["pipelines", "list"]).out.contains("reading-notes"));
    let said = machine.run("reading-notes", "http://nordwind.example", &[]);
    let report = machine.report(said["run"].as_str().unwrap());
    assert_eq!(report["pipeline"]["name"], "reading-notes");
    let findings = report["sections"][0]["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert!(
        findings.iter().flat_map(|f| f["evidence"].as_array().unwrap()).all(|e| e["verdict"] == "verified")
    );
    let markdown = said["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file.as_str().unwrap())
        .find(|file| file.ends_with(".md"));
    assert!(
        read(&machine.path("").join(markdown.unwrap()))
            .contains(findings[0]["statement"].as_str().unwrap().get(..20).unwrap())
    );
}

#[test]
fn a_file_that_its_worker_would_refuse_is_refused_before_there_is_a_run() {
    let machine = Machine::new();
    let folder = machine.path("notes");
    fs::create_dir(&folder).unwrap();
    for entry in pipelines().join("tests/fixtures/reading-notes").read_dir().unwrap().flatten() {
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let hints = read(&folder.join("notes.schema.json")).replace("\"only_patterns\"", "\"only_pattern\"");
    fs::write(folder.join("notes.schema.json"), hints).unwrap();
    fs::write(folder.join("kinds.toml"), "fillers = []\ngarbage = 1\n").unwrap();
    let folder = folder.to_str().unwrap();
    let machine = machine.with("ASSAY__PIPELINES__FOLDERS", folder);
    for command in [&["pipelines", "validate", folder][..], &["run", "reading-notes", "essays.example"]] {
        let said = machine.assay(command);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains("kinds.toml:2:1: unknown field `garbage`"), "{said:?}");
        assert!(
            said.err.contains("notes.schema.json: x-extractive: unknown field `only_pattern`"),
            "{said:?}"
        );
    }
    let runs = machine.assay(&["runs", "--json"]);
    assert_eq!(runs.json().as_array().map(Vec::len), Some(0), "{runs:?}");
}

#[test]
fn every_file_that_an_argument_names_has_somebody_who_judges_it() {
    let readers = readers();
    for worker in catalog() {
        let arguments = serde_json::to_value(&worker.arguments).unwrap();
        for (name, argument) in arguments["properties"].as_object().unwrap() {
            let shape = argument.to_string();
            let is_file =
                ["pipeline-file", "$defs/File", "$defs/SchemaFile"].iter().any(|word| shape.contains(word));
            let read = readers.get(worker.uses, name);
            assert!(read.is_none_or(|read| read("garbage = 1\n").is_err()), "{} {name}", worker.uses);
            let is_judged = read.is_some() || shape.contains("pipeline-template");
            // Any text is a prompt.
            assert!(!is_file || is_judged || name == "prompt", "{} {name}", worker.uses);
        }
    }
    assert!(readers.get("crawl.site", "kinds").is_some());
}

#[test]
fn the_built_in_pipeline_is_judged_as_any_other() {
    let company = pipelines::load_with(&pipelines().join("builtin/company"), &readers());
    assert_eq!(
        company.map(|snapshot| snapshot.name).unwrap_or_else(|invalid| panic!("{invalid}")),
        "company"
    );
}
