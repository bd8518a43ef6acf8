//! Statements 36 and 39–52 of the company pipeline's specification, over HTML.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]
#![allow(unreachable_pub)]

mod support;

use domain::Layer;
use entities::Options;
use support::{Site, all, one, roles, values};

#[test]
fn statement_36_the_address_in_the_footer_is_an_entity() {
    let found = Site::new()
        .page(
            "https://acme.example/",
            "<html lang=en><body><main><h1>Pumps</h1><p>Pumps that report their own health to whoever waits for water.</p></main>\
             <footer><p>Acme Ltd, 12 Mill Lane, Leeds LS1 4AP, United Kingdom</p></footer></body></html>",
        )
        .extract();
    assert_eq!(values(&found, "address"), ["12 Mill Lane, LS1 4AP Leeds, United Kingdom"]);
}

const TEAM: &str = "<html lang=en><body><main><h1>Our team</h1><div class=grid>\
    <div class=card><h3>Mara Lind</h3><p>CEO</p></div>\
    <div class=card><h3>Tomas Weil</h3><p>CTO</p></div>\
    <div class=card><h3>Ana Costa</h3><p>CFO</p></div></div></main></body></html>";

#[test]
fn statement_39_adjacent_cards_give_each_person_exactly_their_own_title() {
    let found = Site::new().page("https://acme.example/team", TEAM).extract();
    assert_eq!(values(&found, "person"), ["Ana Costa", "Mara Lind", "Tomas Weil"]);
    for (name, title) in [("Mara Lind", "CEO"), ("Tomas Weil", "CTO"), ("Ana Costa", "CFO")] {
        assert_eq!(roles(one(&found, "person", name)), [title]);
        assert_eq!(one(&found, "person", name).evidence[0].method, "card");
    }
}

#[test]
fn statement_39_holds_however_the_cards_are_built() {
    for card in [
        "<li><b>{n}</b><br>{t}</li>",
        "<article><img src=x.jpg alt=''><h4>{n}</h4><span>{t}</span></article>",
        "<div><span>{n}</span><span>{t}</span></div>",
        "<div><p>{t}</p><h3>{n}</h3></div>",
        "<li>{n}, {t}</li>",
        "<div><h3>{n}</h3><p>{t}</p><p>{n} has been with pumps for a long time and likes them more than most people do.</p></div>",
    ] {
        let people = [("Mara Lind", "CEO"), ("Tomas Weil", "CTO"), ("Ana Costa", "CFO")];
        let cards: String = people.iter().map(|(n, t)| card.replace("{n}", n).replace("{t}", t)).collect();
        let html =
            format!("<html lang=en><body><main><h1>Our team</h1><ul>{cards}</ul></main></body></html>");
        let found = Site::new().page("https://acme.example/team", &html).extract();
        for (name, title) in people {
            assert_eq!(roles(one(&found, "person", name)), [title], "{card}");
        }
        assert_eq!(values(&found, "person").len(), 3, "{card}");
    }
}

fn prose(url: &str, text: &str) -> Vec<domain::Entity> {
    let html = format!("<html lang=en><body><main><h1>About us</h1><p>{text}</p></main></body></html>");
    Site::new().page(url, &html).extract()
}

#[test]
fn statement_40_an_initial_joins_only_when_nobody_else_could_be_meant() {
    let three = prose(
        "https://acme.example/about",
        "John Smith, CTO, wrote the paper. Jane Smith, CFO, paid for it. J. Smith, CTO, signed it.",
    );
    assert_eq!(values(&three, "person").len(), 3);
    assert_eq!(one(&three, "person", "J. Smith").maybe_same_as.len(), 2);
    let one_person =
        prose("https://acme.example/about", "John Smith, CTO, wrote the paper. J. Smith, CTO, signed it.");
    assert_eq!(values(&one_person, "person"), ["John Smith"]);
}

#[test]
fn statement_41_companies_merge_by_name_and_never_by_likeness() {
    let found = Site::new()
        .page(
            "https://acme.example/customers",
            "<html lang=en><body><main><h1>Acme</h1><h2>Our customers</h2><ul><li>Meta</li><li>Metabase</li><li>Apple</li>\
             <li>Pineapple Corp</li><li>Google</li><li>Google Inc.</li><li>Google LLC</li></ul></main></body></html>",
        )
        .extract();
    assert_eq!(values(&found, "organisation"), ["Apple", "Google", "Meta", "Metabase", "Pineapple Corp"]);
    assert_eq!(one(&found, "organisation", "Google").variants, ["Google", "Google Inc.", "Google LLC"]);
}

#[test]
fn statement_42_different_sums_are_two() {
    let found =
        prose("https://acme.example/about", "Acme raised $10 million in 2019 and $12 million in 2021.");
    assert_eq!(values(&found, "money").len(), 2);
}

#[test]
fn statement_43_links_without_words_are_found() {
    let found = Site::new()
        .page(
            "https://acme.example/contact",
            "<html lang=en><body><main><h1>Contact</h1><p><a href='mailto:info@acme.example'>Write to us</a> or \
             <a href=\"tel:+441134960000\">call</a></p></main><footer><a href=\"https://www.linkedin.com/company/acme-pumps\">\
             <svg viewBox='0 0 1 1'></svg></a><a href='https://x.com/acmepumps'><img src=x.svg></a></footer></body></html>",
        )
        .extract();
    assert_eq!(values(&found, "email"), ["info@acme.example"]);
    assert_eq!(values(&found, "phone"), ["+441134960000"]);
    assert_eq!(
        values(&found, "profile"),
        ["https://www.linkedin.com/company/acme-pumps", "https://x.com/acmepumps"]
    );
    let email = one(&found, "email", "info@acme.example");
    assert_eq!(
        (email.evidence[0].layer, email.evidence[0].quote.as_str()),
        (Layer::Source, "href='mailto:info@acme.example'")
    );
    assert_eq!(all(one(&found, "profile", "https://x.com/acmepumps"), "owner"), ["self"]);
}

#[test]
fn statement_44_traps_of_patterns_are_refused() {
    let found = prose(
        "https://acme.example/contact",
        "Mail info@acme.example, look at google.com, order SKU 4155550132, call +49 30 123456, see logo@2x.png.",
    );
    assert_eq!(values(&found, "email"), ["info@acme.example"]);
    assert_eq!(values(&found, "phone"), ["+4930123456"]);
    assert_eq!(values(&found, "profile"), [] as [&str; 0]);
    assert_eq!(values(&found, "address"), [] as [&str; 0]);
}

#[test]
fn statement_45_ambiguous_dates_stay_ambiguous_and_copyright_is_no_founding() {
    let found = Site::new()
        .page(
            "https://acme.example/about",
            "<html><body><main><h1>About</h1><p>The pump was launched on 03/04/2024 after two winters of tests in the field.</p></main>\
             <footer><p>© 2019 Acme</p></footer></body></html>",
        )
        .extract();
    let launched = one(&found, "date", "03/04/2024");
    assert_eq!(all(launched, "readings"), ["2024-04-03", "2024-03-04"]);
    assert_eq!(all(one(&found, "date", "2019"), "role"), ["copyright"]);
}

#[test]
fn statement_46_a_verb_is_no_technology() {
    let html =
        |text: &str| format!("<html lang=en><body><main><h1>Careers</h1><p>{text}</p></main></body></html>");
    let verb =
        Site::new().page("https://acme.example/careers", &html("We Go further than others do.")).extract();
    assert_eq!(values(&verb, "technology"), [] as [&str; 0]);
    let two = Site::new()
        .page("https://acme.example/careers", &html("You will write Go and PostgreSQL with us."))
        .extract();
    assert_eq!(values(&two, "technology"), ["Go", "PostgreSQL"]);
    for name in ["Go", "PostgreSQL"] {
        assert_eq!(all(one(&two, "technology", name), "basis"), ["stated"]);
    }
}

#[test]
fn statement_47_a_customers_ceo_is_not_in_the_team() {
    let found = Site::new()
        .page(
            "https://acme.example/",
            "<html lang=en><body><main><h1>Acme</h1><h2>What our customers say</h2>\
             <blockquote>“The pumps have not missed a day in three years of drought.”</blockquote><p>Jane Doe, CEO of Northwind Farms</p>\
             </main></body></html>",
        )
        .extract();
    assert_eq!(all(one(&found, "person", "Jane Doe"), "group"), ["testimonial"]);
    assert_eq!(roles(one(&found, "person", "Jane Doe")), ["CEO@Northwind Farms"]);
}

#[test]
fn statement_48_a_previous_role_is_not_current() {
    let found = Site::new()
        .page(
            "https://acme.example/team",
            "<html lang=en><body><main><h1>Leadership</h1><div><article><h3>Mara Lind</h3><p>CEO</p><p>Previously VP at Oracle, she \
             moved to Leeds for the rain and stayed for the people who work here.</p></article><article><h3>Tomas Weil</h3><p>CTO</p>\
             <p>Tomas builds controllers and sleeps in the shed when a release is near, as everybody knows.</p></article><article>\
             <h3>Ana Costa</h3><p>CFO</p><p>Ana keeps the books, reads the contracts and pays the bills on time every month.</p></article>\
             </div></main></body></html>",
        )
        .extract();
    let mara = roles(one(&found, "person", "Mara Lind"));
    assert_eq!(mara, ["CEO", "!VP@Oracle"]);
    assert_eq!(all(one(&found, "organisation", "Oracle"), "relationship"), ["past_employer"]);
}

#[test]
fn statement_49_two_founding_years_are_kept_with_one_conflict() {
    let found = Site::new()
        .page(
            "https://acme.example/about",
            "<html lang=en><head><script type='application/ld+json'>{\"@context\":\"https://schema.org\",\"@type\":\"Organization\",\
             \"name\":\"Acme Pumps\",\"url\":\"https://acme.example/\",\"foundingDate\":\"2014\"}</script></head><body><main>\
             <h1>About us</h1><p>Acme Pumps was founded in 2012 by two engineers who were tired of waiting for water.</p></main></body></html>",
        )
        .extract();
    let own = one(&found, "organisation", "Acme Pumps");
    assert_eq!(own.conflicts, ["founded"]);
    let mut years = all(own, "founded");
    years.sort();
    assert_eq!(years, ["2012", "2014"]);
    let founded = own.attributes["founded"].iter().find(|a| a.value == "2014").unwrap();
    let quote = &own.evidence[founded.evidence[0] as usize];
    assert_eq!((quote.layer, quote.quote.as_str()), (Layer::Source, "\"foundingDate\":\"2014\""));
    assert_eq!(values(&found, "date"), ["2012", "2014"]);
    assert_eq!(found.iter().map(|e| e.conflicts.len()).sum::<usize>(), 1);
}

#[test]
fn statement_50_a_bad_vat_checksum_is_kept_and_marked() {
    let html = |vat: &str| {
        format!(
            "<html lang=de><body><main><h1>Impressum</h1><p>Acme GmbH</p><p>USt-IdNr.: {vat}</p></main></body></html>"
        )
    };
    for (vat, valid) in [("DE136695976", "true"), ("DE136695975", "false")] {
        let found = Site::new().page("https://acme.example/impressum", &html(vat)).extract();
        assert_eq!(all(one(&found, "identifier", vat), "valid"), [valid]);
    }
}

/// A page with everything at once.
const FULL: &str = "<html lang=en><head><title>Acme Pumps – Team</title><meta name=generator content='WordPress 6.4.2'>\
    <meta property='og:site_name' content='Acme Pumps'><script src='https://www.googletagmanager.com/gtm.js?id=1'></script>\
    <script type='application/ld+json'>{\"@context\":\"https://schema.org\",\"@graph\":[{\"@type\":\"Organization\",\"@id\":\"#org\",\
    \"name\":\"Acme Pumps\",\"legalName\":\"Acme Pumps Ltd\",\"url\":\"https://acme.example\",\"vatID\":\"GB980780684\",\
    \"telephone\":\"+44 113 496 0000\",\"email\":\"info@acme.example\",\"numberOfEmployees\":{\"@type\":\"QuantitativeValue\",\"value\":34},\
    \"sameAs\":[\"https://www.linkedin.com/company/acme-pumps\"],\"address\":{\"@type\":\"PostalAddress\",\"streetAddress\":\"12 Mill Lane\",\
    \"addressLocality\":\"Leeds\",\"postalCode\":\"LS1 4AP\",\"addressCountry\":\"GB\"},\"founder\":{\"@type\":\"Person\",\
    \"name\":\"Mara L\\u00f6nd\",\"jobTitle\":\"CEO\",\"email\":\"mara@acme.example\"}}]}</script></head><body><main><h1>Our team</h1><ul>\
    <li><h3>Mara L&ouml;nd</h3><p>CEO</p><a href='https://www.linkedin.com/in/mara-lond'>LinkedIn</a></li>\
    <li><h3>Tomas Weil</h3><p>CTO</p><a href='mailto:tomas@acme.example'>Mail</a></li>\
    <li><h3>Ana Costa</h3><p>CFO</p><a href='tel:+441134960003'>Call</a></li></ul>\
    <p>Acme Pumps was founded by Mara L&ouml;nd in 2012.</p><p>We are 34 people, raised &pound;6.2&nbsp;million in March 2024, and Siemens &amp; Söhne partnered with John Deere.</p></main>\
    <footer><p>&copy; 2012&ndash;2024 Acme Pumps Ltd, 12 Mill Lane, Leeds LS1 4AP. VAT no. GB 980 7806 84</p></footer></body></html>";

#[test]
fn statement_51_every_quote_stands_at_its_offsets_in_its_layer() {
    // `extract` checks every quote of every test; here all kinds of sources meet in one page.
    let found = Site::new().page("https://acme.example/team", FULL).extract();
    let layers: Vec<Layer> = found.iter().flat_map(|e| e.evidence.iter().map(|v| v.layer)).collect();
    assert!(layers.contains(&Layer::Text) && layers.contains(&Layer::Source));
    for method in ["jsonld", "href", "card", "pattern", "meta", "legal_label"] {
        assert!(found.iter().flat_map(|e| &e.evidence).any(|v| v.method == method), "no {method}");
    }
    let mara = one(&found, "person", "Mara Lönd");
    assert!(
        mara.evidence.iter().any(|v| v.quote.contains("Mara L\\u00f6nd")),
        "escapes are quoted as they stand"
    );
    assert_eq!(all(mara, "group"), ["founder", "executive"]);
    assert_eq!(values(&found, "address").len(), 1);
    assert_eq!(values(&found, "technology"), ["Google Tag Manager", "MySQL", "PHP", "WordPress"]);
    assert_eq!(values(&found, "identifier"), ["GB980780684"]);
}

#[test]
fn statement_52_without_people_nothing_personal_is_left() {
    let found = Site::new().page("https://acme.example/team", FULL).extract_with(&Options { people: false });
    assert_eq!(values(&found, "person"), [] as [&str; 0]);
    assert_eq!(values(&found, "email"), ["info@acme.example"]);
    assert_eq!(values(&found, "phone"), ["+441134960000"]);
    assert_eq!(values(&found, "profile"), ["https://www.linkedin.com/company/acme-pumps"]);
    let text = serde_json::to_string(&found).unwrap();
    for name in ["Mara L", "Tomas Weil", "Ana Costa", "mara@", "tomas@"] {
        assert!(!text.contains(name), "{name}");
    }
}
