//! The company pipeline's own template, over reports that something is missing from.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use report::{Format, Report, render};
use serde_json::{Value, json};

const TEMPLATE: &str = include_str!("../../pipelines/builtin/company/report.md");
const DOCUMENT: &str = "doc_01920000000070008000000000000001";

fn section(id: &str, state: &str, findings: &[Value], more: Value) -> Value {
    let mut section = json!({ "id": id, "title": id, "state": state, "reason": null, "method": "extractive",
                              "findings": findings, "output": null });
    section.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    section
}

fn finding(number: u32, statement: &str, quote: (u64, &str)) -> Value {
    let evidence = json!({ "document": DOCUMENT, "layer": "text", "start": quote.0, "end": quote.0 + quote.1.len() as u64,
                           "quote": quote.1, "verdict": "verified", "method": "extractive" });
    json!({ "id": format!("fnd_0192000000007000800000000000{number:04x}"), "section": "team", "ordinal": number,
            "topic": "t", "kind": "fact", "statement": statement, "confidence": 0.9, "level": "high",
            "evidence": [evidence] })
}

fn person(value: &str, attributes: &[(&str, &[Value])]) -> Value {
    let listed = |values: &[Value]| -> Vec<Value> {
        values.iter().map(|value| json!({ "value": value, "confidence": 0.9, "evidence": [] })).collect()
    };
    let attributes: Value =
        attributes.iter().map(|(name, values)| ((*name).to_owned(), json!(listed(values)))).collect();
    json!({ "id": "ent_01920000000070008000000000000001", "kind": "person", "key": value, "value": value,
            "attributes": attributes, "variants": [], "mentions": 1, "documents": 1, "confidence": 0.9,
            "evidence": [], "merged_by": [], "maybe_same_as": [], "conflicts": [] })
}

fn report(sections: &[Value], entities: &[Value], limits_hit: &[&str]) -> Report {
    let when = "2025-03-02T10:00:00Z";
    let source = json!({ "id": DOCUMENT, "url": "https://a.example/team", "title": "Team", "kind": "team",
                         "kind_confidence": 1.0, "kind_reason": "path", "language": "en",
                         "content_type": "text/html", "words": 12, "fetched_at": when });
    let sections = [sections, &[section("checks", "done", &[], json!({}))]].concat();
    let report = json!({
        "schema": "assay.report/1", "title": "Acme",
        "pipeline": { "name": "company", "title": "Company intelligence", "hash": "0123456789abcdef" },
        "subject": { "id": "sub_01920000000070008000000000000001", "key": "a.example", "name": "Acme" },
        "run": { "id": "run_01920000000070008000000000000001", "version": 1, "method": "extractive",
                 "input": { "url": "https://a.example/", "mode": "quick", "max_pages": 25, "max_depth": 2, "max_files": 3,
                            "time_limit_minutes": 10, "scope": "site", "people": "roles" },
                 "started_at": when, "published_at": when },
        "facts": [], "scores": null, "sections": sections, "entities": entities, "sources": [source],
        "not_seen": [], "pages": { "kept": 1, "by_verdict": {}, "by_kind": {}, "limits_hit": limits_hit },
        "cost": { "settled_micro_usd": 0, "calls": 0, "tokens": domain::Tokens::default(), "by_section": [] }, "citations": [], "notes": []
    });
    let mut report: Report = serde_json::from_value(report).unwrap();
    report.cite(|_| report::Context::default());
    report
}

fn markdown(report: &Report) -> String {
    render(report, TEMPLATE, Format::Markdown).unwrap()
}

/// The part under one heading.
fn part(markdown: &str, heading: &str) -> String {
    let part = markdown.split(&format!("# {heading}\n")).nth(1).unwrap();
    part.split("\n#").next().unwrap().trim().to_owned()
}

#[test]
fn a_failed_and_an_empty_section_say_so_once_and_as_markup() {
    let sections = [
        section("executive_summary", "failed", &[], json!({ "reason": "a * b < c_d [x](y)" })),
        section("overview", "failed", &[], json!({ "reason": "the model `x_1` *refused*" })),
        section("team", "done", &[], json!({ "output": { "looked_in": ["about", "legal_notice"] } })),
        section("market", "done", &[], json!({})),
        section("technology", "skipped", &[], json!({})),
    ];
    let report = report(&sections, &[], &[]);
    let markdown = markdown(&report);
    let parts: Vec<String> = ["Summary", "overview", "team", "market"]
        .map(|heading| format!("{heading}: {}", part(&markdown, heading)))
        .into();
    insta::assert_snapshot!(parts.join("\n"));
    let html = render(&report, TEMPLATE, Format::Html).unwrap();
    assert!(html.contains("<em>Nothing found; looked in about, legal_notice.</em>"), "{html}");
    assert!(html.contains("<em>Not analysed: the model `x_1` *refused*</em>"), "{html}");
}

#[test]
fn a_claim_that_three_topics_make_is_written_once_with_all_its_quotes() {
    let team = [
        finding(1, "Mara Lind, Chief Executive", (0, "Mara Lind")),
        finding(2, "Mara Lind, Chief Executive", (0, "Mara Lind")),
        finding(3, "Tomas Weil, CTO", (20, "Tomas Weil")),
        finding(4, "Mara Lind, Chief Executive", (40, "M. Lind")),
    ];
    let markdown = markdown(&report(&[section("team", "done", &team, json!({}))], &[], &[]));
    assert_eq!(
        part(&markdown, "team"),
        "- Mara Lind, Chief Executive [^1][^3] *(fact, HIGH)*\n- Tomas Weil, CTO [^2] *(fact, HIGH)*"
    );
}

#[test]
fn a_person_is_described_as_a_reader_would() {
    let role = |title: &str, more: Value| {
        let mut role =
            json!({ "title": title, "function": "general", "seniority": "c_level", "current": true });
        role.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        role
    };
    let mara = person(
        "Mara Lind",
        &[
            ("name", &[json!("Mara Lind")]),
            ("group", &[json!("founder"), json!("executive")]),
            ("profiles", &[json!("https://www.linkedin.com/in/mara")]),
            (
                "roles",
                &[
                    role("Head of Field", json!({ "current": false, "organisation": "Oasis" })),
                    role("Chief Executive", json!({})),
                    role("co-founder", json!({})),
                ],
            ),
        ],
    );
    let joan = person(
        "Joan Hollin",
        &[("group", &[json!("testimonial")]), ("roles", &[role("CEO", json!({ "organisation": "Hollin" }))])],
    );
    let markdown = markdown(&report(&[], &[mara, joan], &[]));
    assert!(
        markdown.contains(
            "| Mara Lind | Chief Executive; co-founder; formerly Head of Field (Oasis); \
             [linkedin.com/in/mara](https://www.linkedin.com/in/mara) | 90 % |"
        ),
        "{markdown}"
    );
    assert!(markdown.contains("| Joan Hollin | CEO (Hollin); quoted as a customer | 90 % |"), "{markdown}");
}

#[test]
fn every_page_was_read_only_if_no_limit_ended_the_crawl() {
    assert_eq!(part(&markdown(&report(&[], &[], &[])), "Not seen"), "*Every page that was found was read.*");
    let limits =
        ["host_share", "max_depth", "max_fetches", "max_files", "max_pages", "new_one", "query_variants"];
    let limited = report(&[], &[], &[&limits[..], &["sitemaps", "time"]].concat());
    insta::assert_snapshot!(part(&markdown(&limited), "Not seen"));
    let old = serde_json::from_value::<Report>({
        let mut body = serde_json::to_value(&limited).unwrap();
        body["pages"].as_object_mut().unwrap().remove("limits_hit");
        body
    });
    assert!(old.unwrap().pages.limits_hit.is_empty(), "a report that was stored before is read");
}
