use domain::{Link, LinkKind, Region};

use super::{all, of, one, with};
use crate::Options;
use crate::testing::{extract, extract_with, page_at, values};

fn link(href: &str, text: &str, region: Region) -> Link {
    Link {
        href: href.into(),
        text: text.into(),
        rel: None,
        region,
        kind: LinkKind::Page,
        block: Some(0),
        card: None,
        source: None,
    }
}

#[test]
fn addresses_in_text_are_found_and_traps_are_not() {
    for (text, found) in [
        ("Write to info@acme.example.", vec!["info@acme.example"]),
        (
            "Write to Sales@Acme.example, or <jobs@acme.example>!",
            vec!["jobs@acme.example", "sales@acme.example"],
        ),
        ("info [at] acme.example", vec!["info@acme.example"]),
        ("info(at)acme(dot)example", vec!["info@acme.example"]),
        ("info at acme dot example", vec!["info@acme.example"]),
        ("mara.lind@mail.acme.co.uk", vec!["mara.lind@mail.acme.co.uk"]),
        ("look at google.com for more", vec![]),
        ("meet us at acme.example", vec![]),
        ("the file logo@2x.png is here", vec![]),
        ("abcdef0123456789abcdef0123456789@o12.ingest.sentry.io", vec![]),
        ("you@yourcompany.com or name@example.com", vec![]),
        ("john.doe@acme.example", vec![]),
        ("follow @acme on social media", vec![]),
        ("a@b", vec![]),
        ("price@£40", vec![]),
    ] {
        let got = of("https://acme.example/contact", "contact", text);
        assert_eq!(values(&got, "email"), found, "{text}");
        assert_eq!(values(&got, "profile"), [] as [&str; 0], "{text}");
    }
}

#[test]
fn desks_are_told_from_people_and_own_domains_from_others() {
    let got = of(
        "https://acme.example/contact",
        "contact",
        "info@acme.example sales-uk@acme.example mara.lind@acme.example mara@acme.example acmepumps@gmail.com press@agency.co.uk",
    );
    assert_eq!(
        with(&got, "email", "type"),
        [
            ("acmepumps@gmail.com".to_owned(), "person".to_owned()),
            ("info@acme.example".into(), "role".into()),
            ("mara.lind@acme.example".into(), "person".into()),
            ("mara@acme.example".into(), "person".into()),
            ("press@agency.co.uk".into(), "role".into()),
            ("sales-uk@acme.example".into(), "role".into()),
        ]
    );
    assert_eq!(all(one(&got, "email", "acmepumps@gmail.com"), "domain"), ["free"]);
    assert_eq!(all(one(&got, "email", "info@acme.example"), "domain"), ["own"]);
    assert_eq!(all(one(&got, "email", "press@agency.co.uk"), "domain"), ["other"]);
}

#[test]
fn numbers_need_a_country_and_the_look_of_a_telephone_number() {
    for (url, text, found) in [
        ("https://acme.example/", "Call +49 30 123456 now", vec!["+4930123456"]),
        ("https://acme.example/", "SKU 4155550132", vec![]),
        ("https://acme.example/", "4155550132", vec![]),
        ("https://acme.co.uk/", "Tel: 0113 496 0000", vec!["+441134960000"]),
        ("https://acme.co.uk/", "Phone 01134960000", vec!["+441134960000"]),
        ("https://acme.co.uk/", "Order no. 0113 496 0000", vec![]),
        ("https://acme.de/", "Tel.: 030/901820 Fax: 030/9018210", vec!["+4930901820", "+49309018210"]),
        ("https://acme.example/", "Tel: 0113 496 0000", vec![]),
        ("https://acme.fr/", "Téléphone : 01 42 68 53 00", vec!["+33142685300"]),
        ("https://acme.example/", "From 2012-2024 and 192.168.10.12 or 12.03.2024", vec![]),
        ("https://acme.de/", "Bestellung 12345678", vec![]),
        ("https://acme.co.uk/", "Tel: +44 113 496 0000 ext. 12", vec!["+441134960000;ext=12"]),
        ("https://acme.de/", "IBAN DE89 3704 0044 0532 0130 00", vec![]),
    ] {
        assert_eq!(values(&of(url, "contact", text), "phone"), found, "{text}");
    }
}

#[test]
fn the_label_says_what_sort_of_number_it_is() {
    let got = of("https://acme.de/", "contact", "Tel.: 030/901820\nFax: 030/9018210\nMobil: 0171 3920000");
    assert_eq!(
        with(&got, "phone", "type"),
        [
            ("+491713920000".to_owned(), "mobile".to_owned()),
            ("+4930901820".into(), "fixed".into()),
            ("+49309018210".into(), "fax".into()),
        ]
    );
    assert_eq!(all(one(&got, "phone", "+4930901820"), "label"), ["tel"]);
    assert!(one(&got, "phone", "+49309018210").evidence[0].quote.starts_with("Fax"));
}

#[test]
fn links_give_addresses_numbers_and_profiles() {
    let (document, mut content) = page_at("https://acme.example/", "home", "Mail us or call LinkedIn X");
    content.links = vec![
        link("mailto:info@acme.example?subject=Hi", "Mail us", Region::Main),
        link("tel:+44-113-496-0000", "call", Region::Main),
        link("tel:12345", "call", Region::Main),
        link("https://www.linkedin.com/company/acme-pumps/", "LinkedIn", Region::Footer),
        link("https://twitter.com/acmepumps", "X", Region::Footer),
        link("https://twitter.com/intent/tweet?url=x", "X", Region::Footer),
        link("https://www.linkedin.com/sharing/share-offsite/?url=x", "LinkedIn", Region::Footer),
        link("https://www.facebook.com/sharer/sharer.php?u=x", "LinkedIn", Region::Footer),
        link("https://x.com/somebody/status/12", "X", Region::Main),
        link("https://github.com/login", "X", Region::Main),
        link("https://www.linkedin.com/in/mara-lind", "X", Region::Main),
    ];
    let got = extract(&[(document, content)]);
    assert_eq!(values(&got, "email"), ["info@acme.example"]);
    assert_eq!(
        with(&got, "phone", "valid"),
        [("+441134960000".to_owned(), "true".to_owned()), ("12345".into(), "false".into())]
    );
    assert_eq!(
        with(&got, "profile", "owner"),
        [
            ("https://www.linkedin.com/company/acme-pumps".to_owned(), "self".to_owned()),
            ("https://www.linkedin.com/in/mara-lind".into(), "person".into()),
            ("https://x.com/acmepumps".into(), "self".into()),
        ]
    );
}

#[test]
fn without_people_no_person_and_nothing_personal_is_left() {
    let (document, mut content) = page_at(
        "https://acme.co.uk/team",
        "team",
        "# Team
         [1] Mara Lind
         [1] CEO
         [1] mara@acme.co.uk
         [1] Tel: 0113 496 0000
         [2] Bo Li
         [2] CTO, previously VP at Oracle
         [3] Al Ek
         [3] CFO
         Write to info@acme.co.uk or mara.lind@acme.co.uk. By Mara Lind. Founded by Mara Lind in 2014.
         “Good,” said Jane Doe, CEO of Northwind Farms.",
    );
    let mut private = link("https://www.linkedin.com/in/mara-lind", "LinkedIn", Region::Main);
    private.card = Some(1);
    content.links = vec![private, link("mailto:mara@acme.co.uk", "Mail", Region::Main)];
    content.author = Some("Mara Lind".into());
    let got = extract_with(&[(document, content)], &Options { people: false });
    assert_eq!(values(&got, "person"), [] as [&str; 0]);
    assert_eq!(values(&got, "email"), ["info@acme.co.uk"]);
    assert_eq!(values(&got, "phone"), [] as [&str; 0]);
    assert_eq!(values(&got, "profile"), [] as [&str; 0]);
    assert!(!values(&got, "organisation").contains(&"Oracle".to_owned()));
}

#[test]
fn what_a_card_shows_belongs_to_its_person() {
    let got = of(
        "https://acme.co.uk/team",
        "team",
        "# Team
         [1] Mara Lind
         [1] CEO
         [1] mara@acme.co.uk
         [1] Tel: 0113 496 0000
         [2] Bo Li
         [2] CTO
         [3] Al Ek
         [3] CFO",
    );
    assert_eq!(all(one(&got, "person", "Mara Lind"), "phone"), ["+441134960000"]);
    assert_eq!(all(one(&got, "email", "mara@acme.co.uk"), "person"), ["Mara Lind"]);
    assert_eq!(all(one(&got, "person", "Mara Lind"), "email"), ["mara@acme.co.uk"]);
}
