use super::{all, of, one, with};
use crate::testing::{first, values};

#[test]
fn addresses_are_read_by_the_rules_of_their_country() {
    for (url, text, value) in [
        (
            "https://a.example/",
            "Acme Ltd, 12 Mill Lane, Leeds LS1 4AP, United Kingdom",
            "12 Mill Lane, LS1 4AP Leeds, United Kingdom",
        ),
        ("https://a.example/", "12 Mill Lane Leeds LS1 4AP", "12 Mill Lane, LS1 4AP Leeds, United Kingdom"),
        (
            "https://a.example/",
            "Unit 4, 12 Mill Lane, Otley, West Yorkshire, LS21 3AB",
            "Unit 4, 12 Mill Lane, LS21 3AB Otley, West Yorkshire, United Kingdom",
        ),
        (
            "https://a.example/",
            "350 Main Street, Suite 200, Springfield, IL 62701",
            "350 Main Street, Suite 200, 62701 Springfield, IL, United States",
        ),
        (
            "https://a.example/",
            "100 King Street West, Toronto, ON M5X 1A9",
            "100 King Street West, M5X 1A9 Toronto, ON, Canada",
        ),
        (
            "https://a.example/",
            "1 Harbour Street, Sydney NSW 2000",
            "1 Harbour Street, 2000 Sydney, NSW, Australia",
        ),
        ("https://a.example/", "25 Grafton Street, Dublin 2", "25 Grafton Street, Dublin, Ireland"),
        (
            "https://a.example/",
            "Acme GmbH Musterstraße 12 10115 Berlin",
            "Musterstraße 12, 10115 Berlin, Germany",
        ),
        (
            "https://a.example/",
            "Alte Schönhauser Straße 3a, D-10119 Berlin",
            "Alte Schönhauser Straße 3a, 10119 Berlin, Germany",
        ),
        ("https://a.example/", "Am Markt 5, 50667 Köln, Deutschland", "Am Markt 5, 50667 Köln, Germany"),
        (
            "https://a.example/",
            "Mariahilfer Straße 10, A-1070 Wien",
            "Mariahilfer Straße 10, 1070 Wien, Austria",
        ),
        (
            "https://a.example/",
            "Bahnhofstrasse 1, 8001 Zürich, Schweiz",
            "Bahnhofstrasse 1, 8001 Zürich, Switzerland",
        ),
        ("https://a.example/", "12 rue de la Paix, 75002 Paris", "12 rue de la Paix, 75002 Paris, France"),
        ("https://a.example/", "Calle Mayor, 12, 28013 Madrid", "Calle Mayor, 12, 28013 Madrid, Spain"),
        ("https://a.example/", "Via Roma 12, 20121 Milano (MI)", "Via Roma 12, 20121 Milano, MI, Italy"),
        (
            "https://a.example/",
            "Keizersgracht 123, 1015 CJ Amsterdam",
            "Keizersgracht 123, 1015 CJ Amsterdam, Netherlands",
        ),
        ("https://a.example/", "Wetstraat 16, B-1000 Brussel", "Wetstraat 16, 1000 Brussel, Belgium"),
        (
            "https://a.example/",
            "Rua Augusta, 12, 1100-048 Lisboa",
            "Rua Augusta, 12, 1100-048 Lisboa, Portugal",
        ),
        ("https://a.de/", "Hinterhof 7, 99999 Kleinstadt", "Hinterhof 7, 99999 Kleinstadt, Germany"),
    ] {
        let found = of(url, "contact", text);
        assert_eq!(values(&found, "address"), [value], "{text}");
    }
}

#[test]
fn lines_of_an_address_may_be_blocks_of_their_own() {
    let text = "Besuchen Sie uns: Musterstraße 12, 10115 Berlin. Wir freuen uns.";
    let found = of("https://a.example/", "contact", text);
    assert_eq!(values(&found, "address"), ["Musterstraße 12, 10115 Berlin, Germany"]);
    let found = of("https://a.example/", "contact", "Acme GmbH\nMusterstraße 12\n10115 Berlin\nDeutschland");
    assert_eq!(values(&found, "address"), ["Musterstraße 12, 10115 Berlin, Germany"]);
}

#[test]
fn what_is_no_address_gives_none() {
    for text in [
        "SKU 4155550132",
        "Call 030 123456 or 10115 people",
        "In 2024 10115 Berlin residents voted",
        "Version 12, 2024 Release",
        "Order 12345 Widgets now",
        "LS1 4AP",
        "We sold 350 pumps, IL 62701",
    ] {
        let found = of("https://a.example/", "contact", text);
        assert_eq!(values(&found, "address"), [] as [&str; 0], "{text}");
    }
}

#[test]
fn the_label_the_heading_or_the_page_says_what_sort_of_address_it_is() {
    for (kind, text, is) in [
        ("home", "Registered office: 12 Mill Lane, Leeds LS1 4AP", "registered"),
        ("contact", "## Headquarters\n12 Mill Lane, Leeds LS1 4AP", "headquarters"),
        ("legal", "12 Mill Lane, Leeds LS1 4AP", "registered"),
        ("contact", "12 Mill Lane, Leeds LS1 4AP", "office"),
        ("contact", "## Our showroom\n12 Mill Lane, Leeds LS1 4AP", "store"),
    ] {
        let found = of("https://a.example/", kind, text);
        let address = found.iter().find(|e| e.kind == "address").unwrap();
        assert_eq!(first(address, "type").as_deref(), Some(is), "{text}");
    }
}

#[test]
fn an_address_in_the_footer_is_an_entity_and_a_hidden_one_is_not() {
    let found = of("https://a.example/", "home", "# Pumps\n{footer} Acme, 12 Mill Lane, Leeds LS1 4AP");
    assert_eq!(values(&found, "address").len(), 1);
    let hidden = of("https://a.example/", "home", "# Pumps\n{hidden} Acme, 12 Mill Lane, Leeds LS1 4AP");
    assert_eq!(values(&hidden, "address").len(), 0);
}

#[test]
fn clauses_say_where_the_company_sits_and_sells() {
    let found = of(
        "https://acme.example/about",
        "about",
        "We are headquartered in Leeds, UK, with offices in Berlin, Paris and São Paulo.",
    );
    assert_eq!(
        with(&found, "location", "type"),
        [
            ("Berlin, Germany".to_owned(), "office".to_owned()),
            ("Leeds, United Kingdom".into(), "headquarters".into()),
            ("Paris, France".into(), "office".into()),
            ("São Paulo, Brazil".into(), "office".into()),
        ]
    );
    assert_eq!(all(one(&found, "organisation", "Acme"), "headquarters"), ["Leeds, United Kingdom"]);
}

#[test]
fn two_headquarters_are_a_conflict() {
    let found = of(
        "https://acme.example/about",
        "about",
        "We are headquartered in Leeds.\nOur company is based in Berlin.",
    );
    assert_eq!(one(&found, "organisation", "Acme").conflicts, ["headquarters"]);
    let same = of(
        "https://acme.example/about",
        "about",
        "We are headquartered in Leeds.\nOur company is based in Leeds, UK.",
    );
    assert_eq!(one(&same, "organisation", "Acme").conflicts, [] as [&str; 0]);
}

#[test]
fn the_seat_of_another_company_is_not_ours() {
    let found =
        of("https://acme.example/about", "about", "Northwind Farms, based in Berlin, uses our pumps.");
    assert_eq!(values(&found, "location"), [] as [&str; 0]);
    let behind = of(
        "https://acme.example/about",
        "about",
        "Headquartered in Berlin with a large team, Northwind serves farms.",
    );
    assert_eq!(values(&behind, "location"), [] as [&str; 0]);
}

#[test]
fn states_and_provinces_place_a_town() {
    for (text, value, region) in [
        ("We are based in Cambridge, Massachusetts.", "Cambridge, United States", Some("MA")),
        ("We are based in Springfield, IL.", "Springfield, United States", Some("IL")),
        ("We are based in London, Ontario, and like it.", "London, Canada", Some("ON")),
        ("We are based in Cambridge.", "Cambridge, United Kingdom", Some("England")),
    ] {
        let found = of("https://acme.example/about", "about", text);
        assert_eq!(values(&found, "location"), [value], "{text}");
        assert_eq!(first(one(&found, "location", value), "region").as_deref(), region, "{text}");
    }
}
