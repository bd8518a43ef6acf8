//! What a pipeline's template may use is told in `pipelines`, where it is checked; here it is held to what a report
//! really offers. And no template, however it is made, ends the process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use pipelines::template::report::{FILTERS, FUNCTIONS, NAMES, TESTS};
use report::{Error, Format, Report, render};
use serde_json::json;

fn report() -> Report {
    let when = "2025-03-02T10:00:00Z";
    serde_json::from_value(json!({
        "schema": "assay.report/1", "title": "Acme", "pipeline": { "name": "p", "title": "P", "hash": "0123" },
        "subject": { "id": "sub_01920000000070008000000000000001", "key": "a.example", "name": "Acme" },
        "run": { "id": "run_01920000000070008000000000000001", "version": 1, "method": "extractive", "input": {},
                 "started_at": when, "published_at": when },
        "facts": [], "scores": null, "sections": [], "entities": [], "sources": [], "not_seen": [],
        "pages": { "kept": 0, "by_verdict": {}, "by_kind": {}, "limits_hit": [] },
        "cost": { "settled_micro_usd": 0, "calls": 0, "tokens": domain::Tokens::default(), "by_section": [] },
        "citations": [], "notes": []
    }))
    .unwrap()
}

fn rendered(template: &str) -> Result<String, Error> {
    render(&report(), template, Format::Markdown)
}

/// Of the names, those for which the template's condition does not hold.
fn lacking<'a>(names: &[&'a str], condition: impl Fn(&str) -> String) -> Vec<&'a str> {
    let holds = |name: &str| {
        let template = format!("{{% if {} %}}yes{{% endif %}}", condition(name));
        rendered(&template).unwrap_or_else(|error| panic!("{name}: {error}")).starts_with("yes")
    };
    names.iter().copied().filter(|name| !holds(name)).collect()
}

#[test]
fn a_report_offers_every_filter_test_function_and_name_that_pipelines_are_told_of() {
    assert_eq!(lacking(&FILTERS, |name| format!("'{name}' is filter")), Vec::<&str>::new());
    assert_eq!(lacking(&TESTS, |name| format!("'{name}' is test")), Vec::<&str>::new());
    assert_eq!(lacking(&FUNCTIONS, |name| format!("{name} is defined")), Vec::<&str>::new());
    assert_eq!(lacking(&NAMES, |name| format!("{name} is defined")), Vec::<&str>::new());
    assert_eq!(lacking(&["nothing"], |name| format!("'{name}' is filter")), ["nothing"]);
}

#[test]
fn pipelines_are_told_of_every_filter_function_and_name_that_is_ours() {
    let source = include_str!("../src/markdown.rs");
    let added = |call: &str| -> BTreeSet<&str> {
        source.split(call).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    };
    let (filters, functions) = (added("add_filter(\""), added("add_function(\""));
    assert!(filters.contains("cite") && functions.contains("footnotes"), "{filters:?} {functions:?}");
    assert!(filters.iter().all(|name| FILTERS.contains(name)), "{filters:?}");
    assert!(functions.iter().all(|name| FUNCTIONS.contains(name)), "{functions:?}");
    let fields = serde_json::to_value(report()).unwrap();
    let names: BTreeSet<&str> = fields.as_object().unwrap().keys().map(String::as_str).collect();
    let own: BTreeSet<&str> = NAMES.into_iter().filter(|name| *name != "quotes_by_section").collect();
    assert_eq!(own, names);
}

#[test]
fn a_template_that_could_not_be_read_without_harm_is_refused() {
    for template in [
        format!("{{{{ title{} }}}}", "|upper".repeat(20_000)),
        format!("{{{{ title{} }}}}", ".a".repeat(50_000)),
        "{% if title %}".repeat(10_000),
        format!("{{% if title %}}{}{{% endif %}}", "{% elif title %}".repeat(10_000)),
    ] {
        for format in [Format::Markdown, Format::Html] {
            let error = render(&report(), &template, format).unwrap_err();
            assert!(matches!(error, Error::Bounds(_)), "{error}");
        }
    }
}

#[test]
fn what_calls_itself_is_stopped_before_the_stack_ends() {
    for template in [
        "{% macro again(x) %}{{ again([x]) }}{% endmacro %}{{ again(1) }}",
        "{% macro again() %}{% if true %}{% for x in [1] %}{{ again() | upper }}{% endfor %}{% endif %}{% endmacro %}{{ again() }}",
        "{% macro again() %}{{ caller() }}{% endmacro %}{% macro more() %}{% call again() %}{{ more() }}{% endcall %}{% endmacro %}{{ more() }}",
        "{% for x in [[1]] recursive %}{{ loop([[x]]) }}{% endfor %}",
        "{% include 'report.md' %}",
        "{% import 'report.md' as all %}{{ all.x }}",
        "{% extends 'report.md' %}",
        "{% block a %}{{ self.a() }}{% endblock %}",
    ] {
        let asked =
            std::thread::Builder::new().stack_size(1 << 20).spawn(move || rendered(template).is_err());
        assert!(asked.unwrap().join().unwrap(), "{template}");
    }
}
