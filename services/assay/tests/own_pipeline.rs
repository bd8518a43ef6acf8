//! A user's own pipeline: a folder of data, no code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::path::Path;

use support::{Machine, read};
use testkit::web::SampleWeb;

#[test]
fn a_folder_of_data_runs_as_a_pipeline() {
    let web = SampleWeb::start().unwrap();
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/pipelines/tests/fixtures/reading-notes");
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
