//! The sample company, from its address to the brief, without a model.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Machine, read};
use testkit::web::{DEMO_URL, SampleWeb};

/// One brief, read by many tests.
struct Brief {
    machine: Machine,
    web: SampleWeb,
    said: Value,
    report: Value,
}

static BRIEF: LazyLock<Brief> = LazyLock::new(|| {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web);
    let said = machine.run("company", DEMO_URL, &[]);
    let report = machine.report(said["run"].as_str().unwrap());
    Brief { machine, web, said, report }
});

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no list `{key}`"))
}

fn file(extension: &str) -> String {
    let files = list(&BRIEF.said, "files");
    let name =
        files.iter().map(|file| file.as_str().unwrap()).find(|name| name.ends_with(extension)).unwrap();
    read(&BRIEF.machine.path("").join(name))
}

fn findings() -> Vec<&'static Value> {
    list(&BRIEF.report, "sections").iter().flat_map(|section| list(section, "findings")).collect()
}

fn fact(id: &str) -> &'static Value {
    list(&BRIEF.report, "facts")
        .iter()
        .find(|fact| fact["id"] == id)
        .unwrap_or_else(|| panic!("no fact `{id}`"))
}

fn entities(kind: &str) -> Vec<&'static Value> {
    list(&BRIEF.report, "entities").iter().filter(|entity| entity["kind"] == kind).collect()
}

#[test]
fn every_quote_stands_at_its_offsets_in_the_stored_text() {
    let mut checked = 0;
    let mut texts = std::collections::HashMap::new();
    for finding in findings() {
        for evidence in list(finding, "evidence").iter().filter(|evidence| evidence["layer"] == "text") {
            let document = evidence["document"].as_str().unwrap();
            let text = texts.entry(document).or_insert_with(|| BRIEF.machine.assay(&["text", document]).out);
            let range =
                evidence["start"].as_u64().unwrap() as usize..evidence["end"].as_u64().unwrap() as usize;
            assert_eq!(evidence["verdict"], "verified", "{finding}");
            assert_eq!(&text[range], evidence["quote"].as_str().unwrap(), "{finding}");
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked} quotes");
}

#[test]
fn a_range_of_a_document_prints_its_quote() {
    let evidence = findings()
        .into_iter()
        .flat_map(|finding| list(finding, "evidence"))
        .find(|e| e["layer"] == "text")
        .unwrap();
    let range = format!("{}..{}", evidence["start"], evidence["end"]);
    let said = BRIEF.machine.assay(&["text", evidence["document"].as_str().unwrap(), "--range", &range]);
    assert_eq!(said.out.trim_end_matches('\n'), evidence["quote"].as_str().unwrap());
}

#[test]
fn the_brief_says_who_they_are_and_what_they_sell() {
    for (id, expected) in [
        ("legal_name", "Brightwater Pumps Ltd"),
        ("headquarters", "Leeds"),
        ("headcount", "34"),
        ("pricing", "£49"),
        ("founders", "Mara Lind"),
        ("executives", "Tomas Weil"),
        ("email", "hello@brightwater.example"),
        ("phone", "+441134960123"),
        ("identifier", "08734521"),
        ("customers", "Hollin Dairy"),
    ] {
        let fact = fact(id);
        assert_eq!(fact["state"], "found", "{fact}");
        assert!(fact["value"].as_str().unwrap().contains(expected), "{fact}");
    }
    assert_eq!(list(&BRIEF.report, "facts").len(), 24);
}

#[test]
fn sources_that_disagree_are_a_conflict_and_a_flag() {
    let markdown = file("md");
    let founded = findings().into_iter().find(|finding| {
        finding["statement"].as_str().unwrap().contains("2014")
            && finding["statement"].as_str().unwrap().contains("2012")
    });
    let founded = founded.unwrap_or_else(|| panic!("no conflict about the founding year in\n{markdown}"));
    assert!(list(founded, "evidence").len() >= 2, "{founded}");
}

#[test]
fn every_sentence_of_the_summary_has_a_footnote() {
    let summary =
        list(&BRIEF.report, "sections").iter().find(|section| section["id"] == "executive_summary").unwrap();
    assert!(!list(summary, "findings").is_empty());
    for finding in list(summary, "findings") {
        assert!(!list(finding, "cites").is_empty() || !list(finding, "evidence").is_empty(), "{finding}");
    }
    let markdown = file("md");
    let text = markdown.split("## Summary").nth(1).unwrap().split("\n## ").next().unwrap();
    for sentence in text.lines().filter(|line| !line.trim().is_empty()) {
        assert!(sentence.contains("[^"), "{sentence}");
    }
}

#[test]
fn without_a_model_it_says_so_and_costs_nothing() {
    assert_eq!(BRIEF.report["run"]["method"], "extractive");
    assert_eq!(BRIEF.said["cost_micro_usd"], 0);
    assert!(file("md").contains("extractive") && file("html").contains("extractive"));
}

#[test]
fn the_same_findings_stand_in_all_three_formats() {
    let (html, markdown, json) = (file("html"), file("md"), file("json"));
    let citations = list(&BRIEF.report, "citations").len();
    assert_eq!(html.matches("<li id=\"e").count(), citations);
    assert_eq!(
        markdown.lines().filter(|line| line.starts_with("[^") && line.contains("]: ")).count(),
        citations
    );
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["sections"], BRIEF.report["sections"]);
    assert!(!html.contains("<script") && !html.contains("javascript:"));
}

#[test]
fn what_was_not_seen_is_listed_with_its_reason() {
    let not_seen = list(&BRIEF.report, "not_seen");
    for (path, verdict) in [
        ("/investors", "blocked"),
        ("/portal", "login"),
        ("/media/diagram", "empty"),
        ("/files/price-list-2015.pdf", "needs_ocr"),
    ] {
        let page = not_seen.iter().find(|page| page["url"].as_str().unwrap().ends_with(path));
        assert_eq!(page.map(|page| &page["verdict"]), Some(&verdict.into()), "{path} in {not_seen:?}");
    }
    assert_eq!(BRIEF.report["pages"]["limits_hit"], serde_json::json!(["max_depth"]));
    assert!(file("md").contains("- Links more than 4 hops from the start page were not followed.\n"));
    let asked = BRIEF.web.paths("www.brightwater.example");
    assert!(!asked.iter().any(|path| path.starts_with("/investors")), "robots.txt closes it");
    let calendar = asked.iter().filter(|path| path.starts_with("/events/")).count();
    assert!(calendar < 40, "the calendar has no end, the crawl has: {calendar}");
}

#[test]
fn the_crawl_keeps_query_pages_and_joins_twins() {
    let urls: Vec<&str> =
        list(&BRIEF.report, "sources").iter().filter_map(|source| source["url"].as_str()).collect();
    for page in [
        "/news?page=2",
        "/news?page=3",
        "/about/press",
        "/files/fact-sheet.pdf",
        "/files/company-profile.docx",
    ] {
        assert!(urls.iter().any(|url| url.ends_with(page)), "{page} in {urls:?}");
    }
    assert!(!urls.iter().any(|url| url.contains("utm_")), "{urls:?}");
    assert!(!urls.iter().any(|url| url.ends_with("/about-us")), "the same text under a second address");
    assert!(urls.iter().all(|url| url.starts_with("http://www.brightwater.example/")), "{urls:?}");
    let mut asked = BRIEF.web.paths("www.brightwater.example");
    asked.sort();
    // The rules are read once for each of the two hosts, and one leads to the other.
    let twice: Vec<_> =
        asked.windows(2).filter(|pair| pair[0] == pair[1] && pair[0] != "/robots.txt").collect();
    assert!(twice.is_empty(), "asked for twice: {twice:?}");
}

#[test]
fn a_finding_from_a_pdf_names_its_page() {
    let markdown = file("md");
    let of_pdf = list(&BRIEF.report, "sources")
        .iter()
        .find(|source| source["content_type"] == "application/pdf")
        .unwrap();
    let entity = list(&BRIEF.report, "entities").iter().flat_map(|entity| list(entity, "evidence"));
    let pages: Vec<_> =
        entity.filter(|e| e["document"] == of_pdf["id"]).filter_map(|e| e["page"].as_u64()).collect();
    assert!(pages.contains(&2), "{pages:?} in\n{markdown}");
}

#[test]
fn people_have_their_own_titles_and_strangers_are_not_the_team() {
    let people = entities("person");
    for (name, title) in [
        ("Mara Lind", "Chief Executive"),
        ("Tomas Weil", "Chief Technology Officer"),
        ("Aoife Brennan", "Director of Operations"),
    ] {
        let person = people
            .iter()
            .find(|person| person["value"] == name)
            .unwrap_or_else(|| panic!("{name} in {people:?}"));
        let roles = person["attributes"]["roles"].to_string();
        assert!(roles.contains(title), "{roles}");
        for (_, other) in [("", "Chief Technology Officer"), ("", "Director of Operations")]
            .iter()
            .filter(|(_, other)| *other != title)
        {
            assert!(!roles.contains(other), "{name}: {roles}");
        }
    }
    let markdown = file("md");
    let team = markdown.split("## People").nth(1).unwrap().split("\n## ").next().unwrap();
    assert!(team.contains("Mara Lind") && !team.contains("Joan Hollin"), "{team}");
}

#[test]
fn profiles_are_links_and_their_hosts_see_no_request() {
    let networks: Vec<_> = entities("profile")
        .iter()
        .map(|profile| profile["attributes"]["network"][0]["value"].clone())
        .collect();
    for network in ["linkedin", "x", "youtube", "github"] {
        assert!(networks.iter().any(|found| found == network), "{network} in {networks:?}");
    }
    assert!(BRIEF.web.asked().iter().all(|asked| asked.host.ends_with(".example")));
}

#[test]
fn text_that_addresses_a_model_is_reported_and_changes_nothing() {
    let notes = BRIEF.report["notes"].to_string();
    assert!(notes.contains("/about/values") && notes.contains("addresses a model"), "{notes}");
    assert!(!file("html").contains("five stars"), "hidden text reached the report");
}

#[test]
fn boilerplate_is_in_no_claim_but_its_facts_are_entities() {
    for finding in findings() {
        let statement = finding["statement"].as_str().unwrap();
        assert!(!statement.contains("cookie") && !statement.contains("© 2024"), "{statement}");
    }
    assert!(
        entities("address").iter().any(|address| address["value"].as_str().unwrap().contains("LS11 5PS"))
    );
}

#[test]
fn a_second_run_of_the_same_company_is_its_second_version() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web);
    let first = machine.run("company", "http://harbourline.example", &["--set", "mode=quick"]);
    let second = machine.run("company", "http://www.harbourline.example/", &["--set", "mode=quick"]);
    assert_eq!((&first["subject"], &first["version"]), (&second["subject"], &1.into()));
    assert_eq!(second["version"], 2);
    assert!(
        machine.assay(&["report", first["run"].as_str().unwrap()]).out.contains("version 1"),
        "the first stays readable"
    );
}

#[test]
fn a_german_site_is_read_in_german() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web);
    let said = machine.run("company", "http://nordwind.example", &["--set", "languages=de,en"]);
    let report = machine.report(said["run"].as_str().unwrap());
    let facts = list(&report, "facts");
    for (id, expected) in [
        ("legal_name", "Nordwind Getriebe GmbH"),
        ("founded", "1987"),
        ("executives", "Katrin Petersen"),
        ("headquarters", "Flensburg"),
    ] {
        let fact = facts.iter().find(|fact| fact["id"] == id).unwrap();
        assert!(fact["value"].as_str().is_some_and(|value| value.contains(expected)), "{fact}");
    }
    let contact = list(&report, "sources")
        .iter()
        .find(|source| source["url"].as_str().unwrap().contains("/kontakt"))
        .unwrap();
    let text = machine.assay(&["text", contact["id"].as_str().unwrap()]).out;
    assert!(text.contains("Hafenstraße 12"), "windows-1252 is decoded: {text}");
}

#[test]
fn people_none_leaves_no_person_anywhere() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web);
    let said = machine.run("company", DEMO_URL, &["--set", "people=none", "--set", "mode=quick"]);
    let report = machine.report(said["run"].as_str().unwrap());
    let entities = list(&report, "entities");
    assert!(!entities.iter().any(|entity| entity["kind"] == "person"));
    assert!(!entities.iter().any(|entity| entity["value"].as_str().unwrap().contains("aoife.brennan")));
}

#[test]
fn the_resolved_input_is_in_the_run_and_in_the_report() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web);
    let said =
        machine.run("company", "http://nordwind.example", &["--set", "mode=quick", "--set", "max_pages=3"]);
    let run = said["run"].as_str().unwrap();
    let shown = machine.assay(&["show", run, "--json"]).json();
    for input in [&shown["run"]["input"], &machine.report(run)["run"]["input"]] {
        assert_eq!(
            (&input["max_pages"], &input["max_depth"], &input["time_limit_minutes"]),
            (&3.into(), &2.into(), &10.into())
        );
    }
    assert!(shown["pages"]["kept"].as_u64().unwrap() <= 3, "{shown}");
}

#[test]
fn the_time_left_is_told_once_five_pages_were_seen_and_no_count_passes_what_is_known() {
    let web = SampleWeb::start().unwrap();
    let machine = Machine::on(&web).with("ASSAY__NET__PACE__INTERVAL_SECONDS", "0.3");
    assert_eq!(machine.assay(&["runs"]).code, Some(0));
    let mut child = machine.start(&["run", "company", "http://nordwind.example", "--quiet"]);
    let deadline = Instant::now() + Duration::from_secs(120);
    let show = || {
        let runs = machine.assay(&["runs", "--json"]).json();
        Some(machine.assay(&["show", runs[0]["id"].as_str()?, "--json"]).json())
    };
    let mut told = 0;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "the run did not end");
        let Some(shown) = show() else { continue };
        let left = &shown["seconds_left"];
        let seen = shown["pages"]["seen"].as_u64().unwrap();
        assert!(seen >= 5 || left.is_null(), "after {seen} pages: {left}");
        told += u32::from(left.is_u64());
        for (node, jobs) in shown["jobs"].as_object().unwrap() {
            assert!(jobs["done"].as_u64() <= jobs["discovered"].as_u64(), "{node}: {jobs}");
        }
    }
    assert!(told > 0, "the time left was never told");
    let shown = show().unwrap();
    assert_eq!((&shown["run"]["state"], &shown["pages"]["waiting"]), (&"done".into(), &0.into()), "{shown}");
    assert!(shown["seconds_left"].is_null(), "{shown}");
}
