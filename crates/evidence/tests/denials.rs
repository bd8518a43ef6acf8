//! A claim that says yes where its page says no, or no where it says yes, is never carried by a quote; one that says
//! what its page says is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use evidence::{Polarity, QuoteVerdict, locate};

/// As whoever checks claims puts the parts together.
fn carries(page: &str, quote: &str, statement: &str) -> bool {
    let found = locate(page, quote);
    assert_eq!(found.verdict, QuoteVerdict::Verified, "`{quote}` stands in `{page}`");
    let (said, quoted) = (Polarity::of(statement), Polarity::of_quote(page, &(found.start..found.end)));
    if said.denies() {
        said.is_backed_by(&quoted) && !said.is_denied_by(&quoted)
    } else {
        !found.negated && !said.is_denied_by(&quoted)
    }
}

/// Page, quote, and a claim that turns it round.
const TURNED: &[(&str, &str, &str)] = &[
    (
        "We don\u{2019}t sell personal data to anyone.",
        "sell personal data to anyone",
        "Zeta sells personal data to anyone.",
    ),
    (
        "We don\u{2019}t sell personal data to anyone.",
        "We don\u{2019}t sell personal data to anyone",
        "Zeta sells personal data to anyone.",
    ),
    (
        "We have not yet been certified to ISO 27001.",
        "certified to ISO 27001",
        "Zeta is certified to ISO 27001.",
    ),
    (
        "We haven\u{2019}t, as of today, been certified to ISO 27001.",
        "been certified to ISO 27001",
        "Zeta is certified to ISO 27001.",
    ),
    ("None of our products are approved.", "our products are approved", "Its products are approved."),
    ("None of our products are approved.", "None of our products are approved", "Its products are approved."),
    ("Neither the pump nor its sensor is approved.", "its sensor is approved", "The sensor is approved."),
    ("Zeta sells through dealers.", "sells through dealers", "Zeta does not sell through dealers."),
    (
        "Zeta sells through dealers.",
        "Zeta sells through dealers",
        "Zeta doesn\u{2019}t sell through dealers.",
    ),
    (
        "We do not sell, rent or share personal data.",
        "share personal data",
        "Zeta shares personal data with others.",
    ),
    ("We sell your data to no one.", "We sell your data", "Zeta sells data of its customers."),
    ("Nobody outside the company owns shares in it.", "owns shares in it", "Others own shares in it."),
    ("Prices do not start at \u{20ac}99.", "start at \u{20ac}99", "Prices start at \u{20ac}99."),
    ("Wir verkaufen Ihre Daten nicht.", "verkaufen Ihre Daten", "Zeta verkauft Daten."),
    ("Wir verkaufen Ihre Daten nicht.", "Wir verkaufen Ihre Daten nicht", "Zeta sells your data."),
    (
        "Daten unserer Kunden verkaufen wir grunds\u{e4}tzlich nicht.",
        "Daten unserer Kunden verkaufen wir",
        "Zeta sells its customers\u{2019} data.",
    ),
    ("Wir haben noch nie Investoren gehabt.", "Investoren gehabt", "Zeta has had investors."),
    (
        "Keines unserer Produkte ist zugelassen.",
        "unserer Produkte ist zugelassen",
        "Its products are approved.",
    ),
    (
        "Nous n\u{2019}avons jamais vendu vos donn\u{e9}es.",
        "vendu vos donn\u{e9}es",
        "Zeta a vendu des donn\u{e9}es.",
    ),
    (
        "Nous ne sommes pas encore certifi\u{e9}s ISO 27001.",
        "certifi\u{e9}s ISO 27001",
        "Zeta is certified to ISO 27001.",
    ),
    (
        "Aucun de nos produits n\u{2019}est agr\u{e9}\u{e9}.",
        "nos produits n\u{2019}est agr\u{e9}\u{e9}",
        "Its products are approved.",
    ),
    ("No vendemos sus datos a terceros.", "vendemos sus datos a terceros", "Zeta vende datos a terceros."),
    ("Nunca hemos vendido datos de clientes.", "vendido datos de clientes", "Zeta has sold customer data."),
    (
        "Ning\u{fa}n producto nuestro est\u{e1} aprobado.",
        "producto nuestro est\u{e1} aprobado",
        "Its products are approved.",
    ),
];

#[test]
fn a_claim_that_turns_its_page_round_is_carried_by_no_quote() {
    for (page, quote, statement) in TURNED {
        assert!(!carries(page, quote, statement), "`{statement}` from `{quote}` in `{page}`");
    }
}

#[test]
fn a_quote_that_leaves_the_no_of_its_clause_out_says_so() {
    let mut cut = 0;
    for (page, quote, statement) in TURNED {
        let whole = Polarity::of(quote).denies() || Polarity::of(statement).denies();
        assert!(whole || locate(page, quote).negated, "`{quote}` in `{page}`");
        cut += usize::from(!whole);
    }
    assert!(cut >= 12, "{cut} quotes");
}

#[test]
fn the_apostrophe_of_the_page_does_not_matter() {
    for (page, quote, statement) in TURNED {
        let page = page.replace('\u{2019}', "'");
        assert!(!carries(&page, quote, statement), "`{statement}` from `{quote}` in `{page}`");
    }
}

#[test]
fn a_claim_that_says_what_its_page_says_is_carried() {
    for (page, quote, statement) in [
        (
            "We don\u{2019}t sell personal data to anyone.",
            "don\u{2019}t sell personal data",
            "Zeta does not sell personal data.",
        ),
        (
            "We have not yet been certified to ISO 27001.",
            "certified to ISO 27001",
            "It is not certified yet.",
        ),
        (
            "We are certified to ISO 9001 but we are not certified to ISO 27001.",
            "We are certified to ISO 9001",
            "Zeta is certified to ISO 9001.",
        ),
        (
            "We are certified to ISO 9001 but we are not certified to ISO 27001.",
            "certified to ISO 9001 but we are not certified to ISO 27001",
            "Zeta is certified to ISO 9001.",
        ),
        (
            "FlowSense helps farmers cut water use by up to 30 % without walking the fields.",
            "helps farmers cut water use by up to 30 % without walking the fields",
            "FlowSense helps to cut water use by up to 30 %.",
        ),
        (
            "We do not use plastic, every lamp is made by hand.",
            "every lamp is made by hand",
            "Lamps are hand-made.",
        ),
        (
            "We never rest. Our pumps run in 12 countries.",
            "Our pumps run in 12 countries",
            "Pumps run in 12 countries.",
        ),
        (
            "Basic costs \u{a3}49 per month, with no contract.",
            "Basic costs \u{a3}49 per month",
            "Basic costs \u{a3}49 per month.",
        ),
        ("We ship worldwide at no extra cost.", "We ship worldwide", "Zeta ships worldwide."),
        (
            "Not only farms but also cities buy our pumps.",
            "farms but also cities buy our pumps",
            "Farms and cities buy the pumps.",
        ),
        (
            "Zeta Ltd, company no. 08734521, is based in Leeds.",
            "company no. 08734521, is based in Leeds",
            "Zeta is based in Leeds.",
        ),
        (
            "Our paints are free of solvents.",
            "paints are free of solvents",
            "The paints contain no solvents.",
        ),
        (
            "Wir liefern weltweit und verkaufen Ihre Daten nicht.",
            "Wir liefern weltweit",
            "Zeta delivers worldwide.",
        ),
        ("Unsere Pumpen brauchen keine Wartung.", "brauchen keine Wartung", "The pumps need no maintenance."),
        (
            "Gegr\u{fc}ndet wurde Zeta im Mai 2016 in Bonn.",
            "im Mai 2016 in Bonn",
            "Zeta was founded in May 2016.",
        ),
        (
            "Nous avons plus de 40 clients en Suisse.",
            "plus de 40 clients en Suisse",
            "Zeta has more than 40 clients.",
        ),
        (
            "Somos l\u{ed}deres no mercado desde 2001, com uma equipa de 20.",
            "no mercado desde 2001",
            "It is on the market since 2001.",
        ),
    ] {
        assert!(carries(page, quote, statement), "`{statement}` from `{quote}` in `{page}`");
    }
}

/// A blank line parts two blocks although no full stop does.
#[test]
fn a_negation_does_not_reach_into_the_next_block() {
    for page in ["Not included\n\nPhone support from 8 to 6", "Never late \u{2022} Phone support from 8 to 6"]
    {
        assert!(carries(page, "Phone support from 8 to 6", "It offers phone support."), "{page}");
    }
}
