use domain::Entity;

use super::{of, one, pages};
use crate::testing::{extract, values};

fn people(found: &[Entity]) -> Vec<(&str, usize)> {
    found.iter().filter(|e| e.kind == "person").map(|e| (e.value.as_str(), e.maybe_same_as.len())).collect()
}

#[test]
fn an_initial_between_two_full_names_stays_alone() {
    let found = of(
        "https://acme.example/team",
        "team",
        "John Smith, CTO, wrote it. Jane Smith, CTO, read it. J. Smith, CTO, signed it.",
    );
    let mut got = people(&found);
    got.sort_unstable();
    assert_eq!(got, [("J. Smith", 2), ("Jane Smith", 1), ("John Smith", 1)]);
}

#[test]
fn an_initial_beside_one_full_name_of_the_same_role_is_one() {
    let found =
        of("https://acme.example/team", "team", "John Smith, CTO, wrote it. J. Smith, CTO, signed it.");
    assert_eq!(values(&found, "person"), ["John Smith"]);
    let john = one(&found, "person", "John Smith");
    assert!(john.merged_by.contains(&"person.initial".to_owned()));
    assert_eq!(john.variants, ["J. Smith", "John Smith"]);
    let other =
        of("https://acme.example/team", "team", "John Smith, CTO, wrote it. J. Smith, CFO, signed it.");
    assert_eq!(values(&other, "person").len(), 2, "another role, no other sign");
}

#[test]
fn a_missing_middle_name_joins_only_one_candidate() {
    let found =
        of("https://acme.example/team", "team", "John A. Smith, CTO, wrote it. John Smith, CTO, signed it.");
    assert_eq!(values(&found, "person").len(), 1);
    let two = of(
        "https://acme.example/team",
        "team",
        "John A. Smith, CTO, wrote it. John B. Smith, CFO, read it. John Smith, CTO, signed it.",
    );
    assert_eq!(values(&two, "person").len(), 3);
}

#[test]
fn companies_are_one_by_name_without_legal_form_and_never_by_likeness() {
    let found = of(
        "https://acme.example/customers",
        "customers",
        "# Our customers
         - Google
         - Google Inc.
         - Google LLC
         - Meta
         - Metabase
         - Apple
         - Pineapple Corp",
    );
    assert_eq!(values(&found, "organisation"), ["Apple", "Google", "Meta", "Metabase", "Pineapple Corp"]);
    assert_eq!(one(&found, "organisation", "Google").variants, ["Google", "Google Inc.", "Google LLC"]);
    assert!(one(&found, "organisation", "Google").merged_by.contains(&"organisation.legal_form".to_owned()));
}

#[test]
fn different_sums_are_different_entities() {
    let found =
        of("https://acme.example/news/x", "news", "Acme raised $10 million. Later it raised $12 million.");
    assert_eq!(found.iter().filter(|e| e.kind == "money").count(), 2);
}

#[test]
fn the_same_block_on_many_pages_is_one_piece_of_evidence() {
    let footer = "{footer} Write to info@acme.example today";
    let once = extract(&pages(&[("https://acme.example/", "home", footer)]));
    let often = extract(&pages(&[
        ("https://acme.example/", "home", footer),
        ("https://acme.example/a", "about", footer),
        ("https://acme.example/b", "team", footer),
    ]));
    let (a, b) = (one(&once, "email", "info@acme.example"), one(&often, "email", "info@acme.example"));
    assert!((a.confidence - b.confidence).abs() < 1e-9);
    assert_eq!((b.documents, b.mentions, b.evidence.len()), (3, 3, 1));
    let apart = extract(&pages(&[
        ("https://acme.example/", "home", footer),
        ("https://acme.example/a", "about", "Questions? Mail info@acme.example"),
    ]));
    let c = one(&apart, "email", "info@acme.example");
    assert!(c.confidence > a.confidence && c.confidence <= 0.99);
    assert_eq!(c.evidence.len(), 2);
}

#[test]
fn the_same_pages_give_the_same_entities() {
    let list = pages(&[
        (
            "https://acme.example/team",
            "team",
            "# Team\n[1] Mara Lind\n[1] CEO\n[2] Bo Li\n[2] CTO\n[3] Al Ek\n[3] CFO",
        ),
        (
            "https://acme.example/",
            "home",
            "Acme was founded in 2014. Trusted by Google, Northwind Farms and Redhill Dairy.",
        ),
    ]);
    assert_eq!(extract(&list), extract(&list));
}

#[test]
fn a_person_of_several_mentions_keeps_every_fact() {
    let found = extract(&pages(&[
        (
            "https://acme.example/team",
            "team",
            "# Team\n[1] Mara Lind\n[1] CEO\n[2] Bo Li\n[2] CTO\n[3] Al Ek\n[3] CFO",
        ),
        ("https://acme.example/about", "about", "Mara Lind, managing director, founded Acme in 2014."),
    ]));
    let mara = one(&found, "person", "Mara Lind");
    let titles: Vec<&str> =
        mara.attributes["roles"].iter().filter_map(|r| r.value["title"].as_str()).collect();
    assert_eq!(titles, ["CEO", "managing director"]);
    for role in &mara.attributes["roles"] {
        assert!(!role.evidence.is_empty());
        let title = role.value["title"].as_str().unwrap();
        assert!(role.evidence.iter().any(|e| mara.evidence[*e as usize].quote.contains(title)));
    }
    assert_eq!(mara.merged_by, ["person.name"]);
    assert_eq!(mara.documents, 2);
}
