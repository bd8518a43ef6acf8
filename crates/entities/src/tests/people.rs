use domain::Entity;

use super::{all, of, one, pages};
use crate::testing::{extract, values};

/// Titles with the company and whether they are current.
fn roles(entity: &Entity) -> Vec<(String, Option<String>, bool)> {
    entity
        .attributes
        .get("roles")
        .into_iter()
        .flatten()
        .map(|a| {
            (
                a.value["title"].as_str().unwrap().to_owned(),
                a.value["organisation"].as_str().map(str::to_owned),
                a.value["current"].as_bool().unwrap(),
            )
        })
        .collect()
}

fn here(title: &str) -> (String, Option<String>, bool) {
    (title.to_owned(), None, true)
}

#[test]
fn adjacent_cards_give_each_person_exactly_their_own_title() {
    let found = of(
        "https://acme.example/team",
        "team",
        "# Our team
         [1] ### Mara Lind
         [1] Chief Executive and co-founder
         [2] ### Tomas Weil
         [2] CTO
         [3] ### Ana Costa Silva
         [3] Chief Financial Officer
         [3] Ana keeps the books and loves the sea.",
    );
    assert_eq!(values(&found, "person"), ["Ana Costa Silva", "Mara Lind", "Tomas Weil"]);
    assert_eq!(roles(one(&found, "person", "Tomas Weil")), [here("CTO")]);
    assert_eq!(roles(one(&found, "person", "Ana Costa Silva")), [here("Chief Financial Officer")]);
    let mara = one(&found, "person", "Mara Lind");
    assert_eq!(roles(mara), [here("Chief Executive"), here("co-founder")]);
    assert_eq!(all(mara, "group"), ["founder", "executive"]);
    assert_eq!(mara.evidence[0].method, "card");
    assert!(mara.evidence[0].quote.contains("Chief Executive and co-founder"));
}

#[test]
fn roles_bind_in_clauses_on_either_side_of_the_name() {
    for (text, name, title) in [
        ("“We grew,” said Mara Lind, CEO of Acme.", "Mara Lind", "CEO"),
        ("Our CEO Mara Lind opened the plant.", "Mara Lind", "CEO"),
        ("Mara Lind – Head of Sales", "Mara Lind", "Head of Sales"),
        ("Mara Lind is the Chief Technology Officer at Acme.", "Mara Lind", "Chief Technology Officer"),
        ("Mara Lind joined as VP Engineering in May.", "Mara Lind", "VP Engineering"),
        ("In March our founder, Mara Lind, spoke in Leeds.", "Mara Lind", "founder"),
        ("Mara Lind ist Geschäftsführerin der Acme GmbH.", "Mara Lind", "Geschäftsführerin"),
        ("Mara Lind, directrice des ventes, vous répond.", "Mara Lind", "directrice des ventes"),
        ("Geschäftsführer: Mara Lind", "Mara Lind", "Geschäftsführer"),
        ("| Mara Lind | Head of Sales | Leeds", "Mara Lind", "Head of Sales"),
        ("Ludwig van der Berg, COO, leads the plant.", "Ludwig van der Berg", "COO"),
    ] {
        let found = of("https://acme.example/about", "about", text);
        assert_eq!(values(&found, "person"), [name], "{text}");
        let got = roles(one(&found, "person", name));
        assert_eq!(got.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(), [title], "{text}");
        assert_eq!((got[0].1.clone(), got[0].2), (None, true), "{text}");
    }
}

#[test]
fn capitals_without_a_trigger_are_nobody() {
    for text in [
        "Mara Lind walked to the river in the morning.",
        "Learn More about Green Valley and Blue River.",
        "Our Team and New York are happy. Contact Us.",
        "The Customer Success Manager of the year award goes to nobody.",
        "We are looking for a Senior Engineer in San Francisco.",
        "Privacy Policy, Director of Cookies",
        "San Francisco, CEO",
        "[1] Adult Classes\n[1] Teacher Professional Development\n[2] Exam Results\n[2] Student Stories",
        "[1] Technical Consulting\n[1] Hire a Solutions Partner\n[2] Newegg Creators\n[2] Newegg Partner Services",
        "[1] Local Furniture Consultant\n[2] Guest Seats\n[2] Ergonomic Chair Accessories",
        "[1] Institutional Excellence\n[1] Office of the President",
        "I'm Sure, CEO",
    ] {
        let found = of("https://acme.example/about", "about", text);
        assert_eq!(values(&found, "person"), [] as [&str; 0], "{text}");
    }
}

#[test]
fn founders_are_found_in_sentences() {
    let found =
        of("https://acme.example/about", "about", "Acme was founded by Mara Lind and Tomas Weil in 2014.");
    assert_eq!(values(&found, "person"), ["Mara Lind", "Tomas Weil"]);
    assert_eq!(all(one(&found, "person", "Tomas Weil"), "group"), ["founder"]);
    let found =
        of("https://acme.example/about", "about", "Mara Lind and Tomas Weil founded the company in a shed.");
    assert_eq!(values(&found, "person"), ["Mara Lind", "Tomas Weil"]);
    for between in ["in 2012 in Berlin by", "in March 2012 by", "near Leeds, in 2012, by"] {
        let text = format!("Acme was founded {between} Mara Lind and Tomas Weil.");
        let found = of("https://acme.example/about", "about", &text);
        assert_eq!(values(&found, "person"), ["Mara Lind", "Tomas Weil"], "{between}");
    }
    let text = "Acme was founded in 2012 and is led by Jane Doe from Oslo.";
    assert_eq!(values(&of("https://acme.example/about", "about", text), "person"), [] as [&str; 0]);
    let found =
        of("https://acme.example/about", "about", "Northwind Farms, founded by Jane Doe, uses our pumps.");
    assert_eq!(values(&found, "person"), [] as [&str; 0]);
}

#[test]
fn a_testimonial_does_not_make_staff() {
    let found = of(
        "https://acme.example/",
        "home",
        "## What our customers say
         [1] > “Acme's pumps saved us 30% of our water in one season.”
         [1] Jane Doe
         [1] CEO, Northwind Farms
         [2] > “Great.”
         [2] Bo Li
         [2] Operations Manager at Redhill Dairy",
    );
    let jane = one(&found, "person", "Jane Doe");
    assert_eq!(all(jane, "group"), ["testimonial"]);
    assert_eq!(roles(jane), [("CEO".to_owned(), Some("Northwind Farms".to_owned()), true)]);
    assert_eq!(all(one(&found, "person", "Bo Li"), "group"), ["testimonial"]);
    assert_eq!(all(one(&found, "organisation", "Northwind Farms"), "relationship"), ["customer"]);
}

#[test]
fn a_quotation_with_its_speaker_is_no_staff_either() {
    let found = of(
        "https://acme.example/",
        "home",
        "> “The pumps have been running for two years now.” — Jane Doe, CEO of Northwind Farms",
    );
    assert_eq!(all(one(&found, "person", "Jane Doe"), "group"), ["testimonial"]);
}

#[test]
fn a_former_role_is_over_and_its_company_a_past_employer() {
    let found = of(
        "https://acme.example/team",
        "team",
        "# Leadership
         [1] ### Mara Lind
         [1] CEO
         [1] Mara leads Acme. Previously VP at Oracle, where she ran the cloud group for many years, she studied physics in Leeds and Lund.
         [2] ### Tomas Weil
         [2] CTO
         [2] Before joining us, Tomas was Head of Hardware at Grundfos from 2009 to 2013 and spent ten years in the Alps.
         [3] ### Ana Costa
         [3] CFO",
    );
    let mara = roles(one(&found, "person", "Mara Lind"));
    assert!(
        mara.contains(&here("CEO")) && mara.contains(&("VP".into(), Some("Oracle".into()), false)),
        "{mara:?}"
    );
    assert_eq!(all(one(&found, "organisation", "Oracle"), "relationship"), ["past_employer"]);
    let tomas = one(&found, "person", "Tomas Weil");
    let past = tomas.attributes["roles"].iter().find(|r| r.value["organisation"] == "Grundfos").unwrap();
    assert_eq!((past.value["since"].as_str(), past.value["until"].as_str()), (Some("2009"), Some("2013")));
    assert_eq!(past.value["current"], false);
    assert_eq!(values(&found, "person").len(), 3);
}

#[test]
fn somebody_of_another_company_is_external() {
    let found = of(
        "https://acme.example/news/partnership",
        "news",
        "“We are glad,” said Jane Doe, CEO of Northwind Farms. “So are we,” said Mara Lind, CEO of Acme.",
    );
    assert_eq!(all(one(&found, "person", "Jane Doe"), "group"), ["external"]);
    assert_eq!(all(one(&found, "person", "Mara Lind"), "group"), ["executive"]);
}

#[test]
fn the_board_section_makes_board_members() {
    let found = of(
        "https://acme.example/about",
        "about",
        "## Board of Directors
         - Eva Stone, Chair
         - Ivo Brand, Partner at Redwood Capital
         - Lea Moor, Non-Executive Director",
    );
    for name in ["Eva Stone", "Ivo Brand", "Lea Moor"] {
        assert!(all(one(&found, "person", name), "group").contains(&"board".to_owned()), "{name}");
    }
}

#[test]
fn a_byline_makes_an_author_and_no_staff() {
    let found =
        of("https://acme.example/blog/water", "blog", "# Saving water\nBy Mara Lind\nWater is scarce.");
    assert_eq!(all(one(&found, "person", "Mara Lind"), "group"), ["author"]);
    assert!(!one(&found, "person", "Mara Lind").attributes.contains_key("roles"));
}

#[test]
fn imprint_labels_name_several_people() {
    let found = of(
        "https://acme.example/impressum",
        "legal",
        "# Impressum
         Acme GmbH, Musterstraße 12, 10115 Berlin
         Vertreten durch die Geschäftsführer: Mara Lind und Dr. Tomas Weil
         Vorsitzende des Aufsichtsrats: Eva Stone",
    );
    assert_eq!(values(&found, "person"), ["Eva Stone", "Mara Lind", "Tomas Weil"]);
    assert_eq!(one(&found, "person", "Mara Lind").evidence[0].method, "legal_label");
    assert_eq!(all(one(&found, "person", "Eva Stone"), "group"), ["board"]);
}

#[test]
fn a_team_page_shows_people_without_titles_too() {
    let found = of(
        "https://acme.example/team",
        "team",
        "# Our team
         [1] ### Mara Lind
         [1] CEO
         [2] ### Tomas Weil
         [2] CTO
         [3] ### Ana Costa",
    );
    assert_eq!(values(&found, "person"), ["Ana Costa", "Mara Lind", "Tomas Weil"]);
    let elsewhere =
        of("https://acme.example/x", "other", "[1] ### Green Valley\n[2] ### Blue River\n[3] ### Red Hill");
    assert_eq!(values(&elsewhere, "person"), [] as [&str; 0]);
}

#[test]
fn a_namesake_at_a_customer_is_somebody_else() {
    let found = extract(&pages(&[
        (
            "https://acme.example/team",
            "team",
            "# Team\n[1] Jane Doe\n[1] CTO\n[2] Bo Li\n[2] CEO\n[3] Al Ek\n[3] CFO",
        ),
        ("https://acme.example/customers", "customers", "“It works,” said Jane Doe, CEO of Northwind Farms."),
    ]));
    let janes: Vec<&Entity> = found.iter().filter(|e| e.value == "Jane Doe").collect();
    assert_eq!(janes.len(), 2);
    assert!(janes.iter().all(|j| j.maybe_same_as.len() == 1));
}
