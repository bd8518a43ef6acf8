//! The shipped rules on invented companies.

use domain::{Candidate, Entity, Finding, FindingKind, FrontierState, Level, Verdict};
use serde_json::json;

use super::super::output::{Scored, State};
use super::super::scene::Scene;
use super::{Rules, score};
use crate::attributes::fixture::{entity, evidence};
use crate::builtin::file;
use crate::confidence::Weigher;
use crate::defaults::Defaults;
use crate::reading::Reading;
use crate::reading::fixture::candidate;
use crate::sample::{Sample, brightwater, names};
use crate::sources::Sources;
use crate::sources::fixture::Site;

fn scored(sample: &Sample, frontier: &[Candidate]) -> (Scored, Vec<Finding>) {
    asked_for(None, sample, frontier)
}

/// What comes of a sample that was asked for by an address.
fn asked_for(asked: Option<&str>, sample: &Sample, frontier: &[Candidate]) -> (Scored, Vec<Finding>) {
    let sources = Sources::new(&sample.pairs, |_, _| false);
    let defaults = Defaults::load().unwrap();
    let scene = Scene {
        sources: &sources,
        entities: &sample.entities,
        frontier,
        reading: &Reading::new(&sources, frontier),
        weigher: &Weigher::new(&defaults.confidence, &sources),
        names: &names(),
        asked,
        at: "2025-03-02T10:00:00Z".parse().unwrap(),
    };
    score(&scene, "checks", &file("checks.toml")).unwrap()
}

fn state(scored: &Scored, fact: &str) -> State {
    scored.facts.iter().find(|known| known.id == fact).unwrap().state
}

fn flags(scored: &Scored) -> Vec<&str> {
    scored.flags.iter().map(|flag| flag.id.as_str()).collect()
}

/// A company of one sentence on its about page, and what extraction found.
fn small(sentence: &str, entities: impl Fn(domain::DocumentId) -> Vec<Entity>) -> Sample {
    let mut site = Site::new();
    let about = site.page("/about", "about").paragraph(sentence).id();
    Sample { entities: entities(about), pairs: site.pairs() }
}

#[test]
fn there_are_24_key_facts_and_each_is_found_absent_or_not_looked_at() {
    assert_eq!(Rules::parse(&file("checks.toml"), &names()).unwrap().facts.len(), 24);
    let blocked = candidate("careers", FrontierState::Done, Some(Verdict::Blocked), "robots");
    let (scored, findings) = scored(&brightwater(), &[blocked]);
    for fact in
        ["legal_name", "founded", "headcount", "description", "pricing", "founders", "customers", "email"]
    {
        assert_eq!(state(&scored, fact), State::Found, "{fact}");
    }
    assert_eq!((state(&scored, "board"), state(&scored, "stack")), (State::Absent, State::NotLookedAt));
    let stack = scored.facts.iter().find(|fact| fact.id == "stack").unwrap();
    assert_eq!(stack.reason.as_deref(), Some("careers: blocked (robots)"));
    let coverage = scored.coverage;
    assert_eq!((coverage.total, coverage.found + coverage.absent + coverage.not_looked_at), (24, 24));
    for fact in &scored.facts {
        assert_eq!(
            fact.state == State::Found,
            fact.value.is_some() && !fact.findings.is_empty(),
            "{}",
            fact.id
        );
        for id in &fact.findings {
            let finding = findings.iter().find(|finding| finding.id == *id).unwrap();
            assert!(finding.topic == fact.id && !finding.evidence.is_empty(), "{}", finding.statement);
        }
    }
    let founded = scored.facts.iter().find(|fact| fact.id == "founded").unwrap();
    assert_eq!((founded.value.as_deref(), founded.level), (Some("2014"), Some(Level::High)));
}

#[test]
fn two_founding_years_are_both_kept_as_one_conflict_and_one_flag() {
    let (scored, findings) = scored(&brightwater(), &[]);
    let conflicts: Vec<&Finding> =
        findings.iter().filter(|finding| finding.kind == FindingKind::Conflict).collect();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].statement, "Sources disagree on the founding year: 2014, 2012");
    let quotes: Vec<&str> = conflicts[0].evidence.iter().map(|piece| piece.quote.as_str()).collect();
    assert!(quotes.contains(&"Since 2012 we have") && quotes.contains(&"founded in 2014"));
    let flag = scored.flags.iter().find(|flag| flag.id == "conflict_founded").unwrap();
    let flagged = findings.iter().find(|finding| finding.id == flag.finding).unwrap();
    assert_eq!(
        (flagged.cites.as_slice(), flagged.severity.as_deref()),
        (&[conflicts[0].id][..], Some("medium"))
    );
}

#[test]
fn a_failed_checksum_is_a_high_flag_and_flags_come_most_severe_first() {
    let (scored, findings) = scored(&brightwater(), &[]);
    assert_eq!(flags(&scored)[..3], ["identifier_invalid", "conflict_founded", "free_mail_only"]);
    assert_eq!(scored.flags[0].severity, "high");
    for flag in &scored.flags {
        let finding = findings.iter().find(|finding| finding.id == flag.finding).unwrap();
        assert!(finding.because.is_some() && finding.kind == FindingKind::Flag);
        assert!(!finding.evidence.is_empty() || !finding.looked_in.is_empty(), "{}", finding.statement);
        assert!(!finding.statement.contains(['{', '}']), "{}", finding.statement);
    }
}

#[test]
fn flags_from_pages_and_words() {
    let (with, _) = scored(&brightwater(), &[]);
    for flag in ["old_news", "anonymous_praise"] {
        assert!(flags(&with).contains(&flag), "{flag}: {:?}", flags(&with));
    }
    assert!(!flags(&with).contains(&"site_moved"));
    let mut site = Site::new();
    site.page("/", "home").paragraph("Lorem ipsum dolor sit amet.").attributes(json!({"forms": 1}));
    let moved = json!({"via": "seed", "requested_url": "https://acme.example/"});
    site.page("/about", "about").paragraph("We make things for people who like things.").attributes(moved);
    let mut rows: Vec<Candidate> = (0..6)
        .map(|n| {
            candidate(
                "other",
                FrontierState::Done,
                Some(if n < 4 { Verdict::Missing } else { Verdict::Content }),
                "",
            )
        })
        .collect();
    for (n, row) in rows.iter_mut().enumerate() {
        row.url = format!("http://brightwater.example/{n}");
    }
    let (scored, findings) = scored(&Sample { pairs: site.pairs(), entities: Vec::new() }, &rows);
    for flag in
        ["placeholder_text", "broken_links", "no_privacy", "no_people", "no_legal_identity", "site_moved"]
    {
        assert!(flags(&scored).contains(&flag), "{flag}: {:?}", flags(&scored));
    }
    for flag in ["old_news", "anonymous_praise", "insecure", "free_mail_only", "empty_praise"] {
        assert!(!flags(&scored).contains(&flag), "{flag}: {:?}", flags(&scored));
    }
    assert!(
        findings.iter().any(|finding| finding.statement.starts_with("67 % of the followed internal links"))
    );
}

#[test]
fn what_the_pages_deny_is_no_fact_and_no_stage() {
    let mut site = Site::new();
    for kind in ["home", "about", "trust", "customers", "pricing", "product"] {
        site.page(&format!("/{kind}"), kind)
            .paragraph("We have never had customers such as Shell. Nord Pumps is not ISO 9001 certified.")
            .paragraph("We do not offer phone support. Prices do not start at \u{20ac}99 per month.")
            .paragraph(
                "Nord Pumps is not listed on any stock exchange. We have never raised a Series A round.",
            );
    }
    let (scored, _) = scored(&Sample { pairs: site.pairs(), entities: Vec::new() }, &[]);
    for fact in ["customers", "credentials", "offerings", "pricing"] {
        let value = scored.facts.iter().find(|known| known.id == fact).unwrap().value.clone();
        assert_eq!((state(&scored, fact), value), (State::Absent, None), "{fact}");
    }
    assert_eq!(scored.stage.value, "unknown");
}

/// A start page under an address.
fn home_at(url: &str) -> Sample {
    let mut site = Site::new();
    site.page("/", "home").paragraph("We make pumps for small farms.");
    let mut pairs = site.pairs();
    pairs[0].0.url = Some(url.to_owned());
    Sample { pairs, entities: Vec::new() }
}

#[test]
fn a_site_without_encryption_is_flagged_when_encryption_was_asked_for() {
    let failed = Candidate {
        url: "https://shop.brightwater.example/".to_owned(),
        ..candidate("product", FrontierState::Done, Some(Verdict::Error), "tls")
    };
    let (http, https) = ("http://www.brightwater.example/", "https://www.brightwater.example/");
    for (asked, home, rows, expected) in [
        (Some("https://brightwater.example/"), http, &[][..], Some(("insecure", "high"))),
        (Some(https), https, &[failed], Some(("insecure", "high"))),
        (Some(http), http, &[], Some(("plain_http", "info"))),
        (Some(http), https, &[], None),
        (Some(https), https, &[], None),
        (None, http, &[], Some(("plain_http", "info"))),
    ] {
        let (scored, findings) = asked_for(asked, &home_at(home), rows);
        let raised = scored.flags.iter().find(|flag| ["insecure", "plain_http"].contains(&flag.id.as_str()));
        let seen = raised.map(|flag| (flag.id.as_str(), flag.severity.as_str()));
        assert_eq!(seen, expected, "{asked:?} {home}");
        let finding = raised.and_then(|flag| findings.iter().find(|finding| finding.id == flag.finding));
        assert!(finding.is_none_or(|finding| !finding.evidence.is_empty() || !finding.looked_in.is_empty()));
    }
}

#[test]
fn nothing_is_missed_on_pages_that_were_not_read() {
    let mut site = Site::new();
    site.page("/blog/a", "blog").paragraph("We like the weather in spring and in autumn.");
    let (scored, _) = scored(&Sample { pairs: site.pairs(), entities: Vec::new() }, &[]);
    assert_eq!(flags(&scored), Vec::<&str>::new());
    assert!(scored.facts.iter().all(|fact| fact.state == State::NotLookedAt));
}

#[test]
fn size_follows_the_bands_of_stated_headcount() {
    for (people, class) in [
        ("3", "micro"),
        ("9", "micro"),
        ("10", "small"),
        ("49", "small"),
        ("50", "medium"),
        ("250", "large"),
        ("1,200", "large"),
    ] {
        let sample = small("We work.", |about| {
            let quote = vec![evidence(about, &format!("{people} people"), "pattern")];
            vec![entity("metric", people, json!({"name": "employees", "value": people}), quote)]
        });
        let (scored, _) = scored(&sample, &[]);
        assert_eq!(scored.size_class.value, class, "{people}");
    }
    let (unknown, _) = scored(&small("We work.", |_| Vec::new()), &[]);
    assert_eq!((unknown.size_class.value.as_str(), unknown.size_class.finding), ("unknown", None));
}

fn employees(about: domain::DocumentId, people: &str) -> Entity {
    entity(
        "metric",
        people,
        json!({"name": "employees", "value": people}),
        vec![evidence(about, people, "pattern")],
    )
}

#[test]
fn the_stage_is_what_the_first_rule_that_holds_says() {
    for (sentence, stage) in [
        ("Brightwater has ceased trading in 2022.", "defunct"),
        ("Brightwater was acquired by Big Water Holding in 2021 after its Series A round.", "acquired"),
        ("Our shares are traded as LSE: BWP since our funding round.", "public"),
        ("In 2020 we closed a pre-seed round of \u{a3}200,000.", "seed"),
        ("We raised a seed round in 2019 and a Series B round in 2022.", "early"),
        ("Brightwater raised \u{a3}40 million in a Series C round.", "growth"),
        ("A management buy-out was financed in 2020.", "mature"),
        ("We sell seeds and were never acquired by anybody.", "unknown"),
        ("Series A trains are what we invest our time in.", "unknown"),
    ] {
        let (scored, findings) = scored(&small(sentence, |_| Vec::new()), &[]);
        assert_eq!(scored.stage.value, stage, "{sentence}");
        let finding = findings.iter().find(|finding| Some(finding.id) == scored.stage.finding).unwrap();
        assert_eq!(stage == "unknown", finding.kind == FindingKind::Gap, "{sentence}");
    }
}

#[test]
fn without_a_round_the_stage_is_the_middle_of_what_can_be_counted() {
    let sample = small("We work.", |about| {
        let founded = json!({"value": "2005", "role": "founded"});
        vec![
            employees(about, "300"),
            entity("date", "2005", founded, vec![evidence(about, "2005", "clause")]),
        ]
    });
    let (known, _) = scored(&sample, &[]);
    assert_eq!((known.stage.value.as_str(), known.stage.confidence), ("mature", 0.5));
    assert_eq!(known.stage.missing, ["footprint"]);
    let (one, _) = scored(&small("We work.", |about| vec![employees(about, "300")]), &[]);
    assert_eq!(one.stage.value, "unknown");
    assert_eq!(one.stage.missing, ["round", "age", "footprint"]);
}

#[test]
fn a_seed_round_and_800_people_are_a_conflict() {
    let sample = small("In 2023 we raised a seed round.", |about| vec![employees(about, "800")]);
    let (_, findings) = scored(&sample, &[]);
    let conflict = findings.iter().find(|finding| finding.kind == FindingKind::Conflict).unwrap();
    assert_eq!(conflict.statement, "The latest round named is Seed, yet 800 people are stated");
    assert_eq!(conflict.evidence.len(), 2);
    let calm = small("In 2023 we raised a seed round.", |about| vec![employees(about, "8")]);
    assert!(!scored(&calm, &[]).1.iter().any(|finding| finding.kind == FindingKind::Conflict));
}

#[test]
fn rules_that_cannot_be_read_are_refused_with_their_place() {
    let broken = file("checks.toml").replace("[size]", "[size]\nbandss = 1");
    let error = Rules::parse(&broken, &names()).unwrap_err().to_string();
    assert!(error.contains("bandss"), "{error}");
}

#[test]
fn the_output_keeps_its_words() {
    let (scored, _) = scored(&brightwater(), &[]);
    let value = serde_json::to_value(&scored).unwrap();
    let keys = |pointer: &str| -> Vec<String> {
        value.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(""), ["facts", "coverage", "stage", "size_class", "flags", "metrics", "notes"]);
    assert_eq!(
        keys("/facts/0"),
        ["id", "label", "state", "value", "level", "confidence", "findings", "looked_in"]
    );
    assert_eq!(keys("/coverage"), ["found", "absent", "not_looked_at", "total", "share"]);
    assert_eq!(keys("/stage"), ["value", "label", "confidence", "level", "basis", "missing", "finding"]);
    assert_eq!(keys("/stage/basis/0"), ["signal", "says", "points_to"]);
    assert_eq!(keys("/size_class"), ["value", "label", "headcount", "as_of", "finding"]);
    assert_eq!(keys("/flags/0"), ["id", "topic", "severity", "finding"]);
    assert_eq!(value["facts"][0]["state"], "found");
}
