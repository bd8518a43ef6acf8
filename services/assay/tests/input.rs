//! What the command line refuses, and how it says so. No network is needed for any of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use support::Machine;

/// Nothing was created: no run is listed.
fn nothing_was_created(machine: &Machine) {
    assert_eq!(machine.assay(&["runs", "--json"]).json(), serde_json::json!([]));
}

#[test]
fn what_is_no_web_site_is_refused_with_its_field() {
    let machine = Machine::new();
    for source in [
        "",
        "just-text",
        "ftp://acme.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://u:p@h.example",
        "http://127.0.0.1",
        "http://169.254.169.254",
        "http://[::1]",
        "http://0x7f.1",
        "http://localhost",
    ] {
        let said = machine.assay(&["run", "company", source]);
        assert_eq!(said.code, Some(2), "{source}: {said:?}");
        assert!(said.err.contains("url"), "{source}: {}", said.err);
    }
    nothing_was_created(&machine);
}

#[test]
fn a_profile_elsewhere_is_refused_with_a_hint() {
    let machine = Machine::new();
    let said = machine.assay(&["run", "company", "https://www.linkedin.com/company/acme"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("own web site"), "{}", said.err);
    nothing_was_created(&machine);
}

#[test]
fn an_unknown_field_is_named_with_the_nearest_one() {
    let machine = Machine::new();
    let said = machine.assay(&["run", "company", "acme.example", "--set", "max_page=3"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("max_pages"), "{}", said.err);
    let said = machine.assay(&["run", "company", "acme.example", "--set", "follow_linkedin=true"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("follow_linkedin"), "{}", said.err);
    nothing_was_created(&machine);
}

#[test]
fn an_unknown_pipeline_is_named_with_the_nearest_one() {
    let said = Machine::new().assay(&["run", "compny", "acme.example"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("compny") && said.err.contains("company"), "{}", said.err);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_creates_nothing() {
    let machine = Machine::new();
    let said = machine.assay(&[
        "run",
        "company",
        "acme.example",
        "--set",
        "mode=quick",
        "--set",
        "max_pages=40",
        "--dry-run",
        "--json",
    ]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let plan = said.json();
    assert_eq!(
        (&plan["input"]["url"], &plan["input"]["max_pages"]),
        (&"https://acme.example/".into(), &40.into())
    );
    assert_eq!((&plan["input"]["max_depth"], &plan["input"]["time_limit_minutes"]), (&2.into(), &10.into()));
    assert!(plan["max_model_calls"].as_u64().unwrap() > 0, "{plan}");
    assert_eq!(
        (&plan["max_documents"], &plan["max_cost_micro_usd"]),
        (&40.into(), &0.into()),
        "without a model: {plan}"
    );
    let question = "questions=Do they sell abroad, or only at home?";
    let asked =
        ["--set", question, "--set", "questions=Since when?", "--set", "languages=de,en", "--dry-run"];
    let said = machine.assay(&[&["run", "company", "acme.example"], &asked[..]].concat());
    assert!(
        said.out.contains("  questions           Do they sell abroad, or only at home?\n"),
        "{}",
        said.out
    );
    assert!(said.out.contains("                      Since when?\n"), "{}", said.out);
    assert!(said.out.contains("  languages           de, en\n"), "{}", said.out);
    let priced = machine.with("ANTHROPIC_API_KEY", "sk-never-used");
    let said = priced.assay(&["run", "company", "acme.example", "--dry-run", "--json"]);
    assert!(said.json()["max_cost_micro_usd"].as_i64().unwrap() > 0, "{said:?}");
    let machine = priced;
    nothing_was_created(&machine);
}

#[test]
fn an_input_file_is_read_and_its_mistakes_are_named() {
    let machine = Machine::new();
    std::fs::write(
        machine.path("input.json"),
        r#"{"url": " http://Acme.example:8080/x?b=2&a=1 ", "name": " "}"#,
    )
    .unwrap();
    let said = machine.assay(&["run", "company", "--input", "input.json", "--dry-run"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("name"), "{}", said.err);
    let said = machine.assay(&[
        "run",
        "company",
        "--input",
        "input.json",
        "--set",
        "name=Acme",
        "--dry-run",
        "--json",
    ]);
    assert_eq!(said.json()["input"]["url"], "http://acme.example:8080/x?b=2&a=1", "{said:?}");
    std::fs::write(machine.path("bad.json"), "{\"url\": ").unwrap();
    let said = machine.assay(&["run", "company", "--input", "bad.json"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("bad.json") && said.err.contains("line 1"), "{}", said.err);
}

#[test]
fn a_tier_that_needs_a_model_is_refused_without_one() {
    let machine = Machine::new();
    let said = machine.assay(&["run", "company", "acme.example", "--model-tier", "deep"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("no_provider"), "{}", said.err);
    nothing_was_created(&machine);
}

#[test]
fn ids_formats_and_amounts_that_are_none_are_refused() {
    let machine = Machine::new();
    for arguments in [
        vec!["show", "run_1"],
        vec!["resume", "job_01920000000070008000000000000001"],
        vec!["run", "company", "acme.example", "--format", "xls"],
        vec!["run", "company", "acme.example", "--budget", "ten"],
        vec!["run", "company", "acme.example", "--set", "novalue"],
        vec!["report", "run_01920000000070008000000000000001"],
    ] {
        let said = machine.assay(&arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {said:?}");
        assert!(!said.err.is_empty());
    }
}

#[test]
fn an_unknown_setting_is_named_with_the_nearest_one() {
    let said = Machine::new().with("ASSAY__NET__RESOLV", "x").assay(&["runs"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("net.resolv") && said.err.contains("net.resolve"), "{}", said.err);
}
