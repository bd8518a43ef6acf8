use super::{all, of, one, pages, with};
use crate::testing::{extract, values};

#[test]
fn clauses_say_what_another_company_is() {
    for (text, name, relationship) in [
        ("Acme is backed by Redwood Capital and Point Nine.", "Redwood Capital", "investor"),
        ("Acme is backed by Redwood Capital and Point Nine.", "Point Nine", "investor"),
        ("Acme is a subsidiary of Grundfos Holding A/S.", "Grundfos Holding A/S", "parent"),
        ("We are part of the Northwind Group.", "Northwind Group", "parent"),
        ("In 2023 Acme was acquired by Xylem Inc.", "Xylem Inc", "acquirer"),
        ("In 2020 we acquired Redhill Sensors Ltd.", "Redhill Sensors Ltd", "acquired"),
        ("We partnered with John Deere.", "John Deere", "partner"),
        ("Our customers include Northwind Farms, Arla and Redhill Dairy.", "Redhill Dairy", "customer"),
        ("We compete with Grundfos and KSB.", "KSB", "competitor"),
        ("Certified by TÜV Rheinland.", "TÜV Rheinland", "certifier"),
        ("As featured in TechCrunch and Wired.", "TechCrunch", "press"),
        ("Zu unseren Kunden zählen Siemens und Bosch.", "Bosch", "customer"),
        ("Finanziert von Redwood Capital.", "Redwood Capital", "investor"),
    ] {
        let found = of("https://acme.example/about", "about", text);
        let other = one(&found, "organisation", name);
        assert_eq!(all(other, "relationship"), [relationship], "{text}");
        assert_eq!(all(other, "basis"), ["explicit"], "{text}");
        assert_eq!(other.evidence[0].method, "clause");
    }
}

#[test]
fn what_is_no_company_gives_none() {
    for text in [
        "Trusted by thousands of farmers.",
        "We are part of the European Union and part of the solution.",
        "Backed by London and Paris.",
        "Northwind Farms, backed by Sequoia, uses our pumps.",
        "Partnered with love. Used by you.",
        "Our customers include many small farms.",
        "Make sure to use a GROUP BY clause as part of GROUP BY.",
        "© 2025 Privacy Policy",
    ] {
        let found = of("https://acme.example/about", "about", text);
        assert_eq!(values(&found, "organisation"), [] as [&str; 0], "{text}");
    }
}

#[test]
fn lists_under_headings_name_customers_and_partners() {
    let found = of(
        "https://acme.example/customers",
        "customers",
        "# Acme
         ## Our customers
         - Northwind Farms
         - Redhill Dairy
         - Read case study
         - We help farms of every size save water.
         ## Technology partners
         [1] Siemens
         [2] John Deere
         [3] Learn more",
    );
    let mut got = with(&found, "organisation", "relationship");
    got.retain(|o| o.1 != "self");
    assert_eq!(
        got,
        [
            ("John Deere".to_owned(), "partner".to_owned()),
            ("Northwind Farms".into(), "customer".into()),
            ("Redhill Dairy".into(), "customer".into()),
            ("Siemens".into(), "partner".into()),
        ]
    );
    assert_eq!(all(one(&found, "organisation", "Siemens"), "basis"), ["section"]);
}

#[test]
fn the_company_itself_is_known_by_its_copyright_line_and_its_legal_page() {
    let found = extract(&pages(&[
        ("https://acme.example/", "home", "# Pumps\n{footer} © 2024 Acme Pumps Ltd. All rights reserved."),
        (
            "https://acme.example/legal",
            "legal",
            "# Legal notice\nAcme Pumps Limited is registered in England and Wales, company number 01234567.",
        ),
    ]));
    let own: Vec<_> = found.iter().filter(|e| all(e, "relationship").contains(&"self".to_owned())).collect();
    assert_eq!(own.len(), 1, "{own:#?}");
    assert!(all(own[0], "legal_name").iter().any(|n| n.starts_with("Acme Pumps L")));
    assert_eq!(own[0].conflicts, [] as [&str; 0], "Ltd and Limited are one form");
    assert_eq!(all(own[0], "identifier"), ["gb_company:01234567"]);
    assert_eq!(all(own[0], "domain"), ["acme.example"]);
}

#[test]
fn two_legal_names_are_a_conflict() {
    let found = of(
        "https://acme.example/legal",
        "legal",
        "# Legal\nAcme Pumps Ltd runs this site.\nAcme Water GmbH is responsible for its content.",
    );
    let own = found.iter().find(|e| all(e, "relationship").contains(&"self".to_owned())).unwrap();
    assert_eq!(own.conflicts, ["legal_name"]);
}

#[test]
fn a_competitor_is_one_only_when_the_site_says_so() {
    let found = of("https://acme.example/", "home", "Grundfos and KSB build pumps too. Siemens is large.");
    assert_eq!(values(&found, "organisation"), [] as [&str; 0]);
}
