use super::{all, of, one, with};
use crate::testing::{extract, first, page_at, values};

#[test]
fn founding_years_are_read_and_copyright_years_are_not() {
    for (text, year) in [
        ("Acme was founded in 2014 in Leeds.", Some("2014")),
        ("Founded 2014.", Some("2014")),
        ("Founded: 2014", Some("2014")),
        ("| Founded | 2014", Some("2014")),
        ("Gegründet im Jahr 1954 in Köln.", Some("1954")),
        ("Fondée en 1998, Acme fabrique des pompes.", Some("1998")),
        ("Fundada en 2001.", Some("2001")),
        ("Opgericht in 1987.", Some("1987")),
        ("We were established in March 2009.", Some("2009-03")),
        ("{footer} © 2019 Acme Ltd", None),
        ("{footer} © 2012–2024 Acme Ltd", None),
        ("Northwind Farms, founded in 1920, uses our pumps.", None),
        ("She previously founded a company in 2003.", None),
        ("In 2014 we sold pumps.", None),
        ("Founded in 1998, ChainSys is a leader in data.", None),
        ("Founded in 2014, Acme is a leader in pumps.", Some("2014")),
    ] {
        let found = of("https://acme.example/about", "about", text);
        let founded: Vec<String> =
            with(&found, "date", "role").into_iter().filter(|d| d.1 == "founded").map(|d| d.0).collect();
        assert_eq!(founded, year.map(str::to_owned).into_iter().collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn copyright_years_have_their_own_role() {
    let found = of("https://acme.example/", "home", "{footer} © 2012–2024 Acme Ltd. All rights reserved.");
    assert_eq!(with(&found, "date", "role"), [("2024".to_owned(), "copyright".to_owned())]);
}

#[test]
fn two_founding_years_are_one_conflict_and_both_stay() {
    let found = of(
        "https://acme.example/about",
        "about",
        "Acme was founded in 2014.\nAcme, established in 2012, builds pumps.",
    );
    let own = one(&found, "organisation", "Acme");
    assert_eq!(own.conflicts, ["founded"]);
    let mut years = all(own, "founded");
    years.sort();
    assert_eq!(years, ["2012", "2014"]);
    let dates: Vec<_> = found.iter().filter(|e| e.kind == "date").collect();
    assert_eq!(dates.len(), 2);
    assert!(dates.iter().all(|d| d.confidence < 0.6), "rivals share their probability");
    assert_eq!(found.iter().map(|e| e.conflicts.len()).sum::<usize>(), 1);
}

#[test]
fn an_ambiguous_date_keeps_both_readings() {
    let found = of("https://acme.example/", "home", "We launched on 03/04/2024 in the north.");
    let date = found.iter().find(|e| e.kind == "date").unwrap();
    assert_eq!(date.value, "03/04/2024");
    assert_eq!(all(date, "readings"), ["2024-04-03", "2024-03-04"]);
    assert_eq!(first(date, "role").as_deref(), Some("launched"));
    let british = of("https://acme.co.uk/", "home", "We launched on 03/04/2024 in the north.");
    assert_eq!(values(&british, "date"), ["2024-04-03"]);
    let american = of("https://acme.us/", "home", "We launched on 03/04/2024 in the north.");
    assert_eq!(values(&american, "date"), ["2024-03-04"]);
    let certain = of("https://acme.example/", "home", "We launched on 23/04/2024.");
    assert_eq!(values(&certain, "date"), ["2024-04-23"]);
}

#[test]
fn dates_are_read_in_seven_languages() {
    for (text, value) in [
        ("on 12 March 2024 we met", "2024-03-12"),
        ("on March 12, 2024 we met", "2024-03-12"),
        ("on March 12th, 2024 we met", "2024-03-12"),
        ("am 12. März 2024 in Köln", "2024-03-12"),
        ("le 12 mars 2024 à Paris", "2024-03-12"),
        ("el 12 de marzo de 2024 en Madrid", "2024-03-12"),
        ("il 12 marzo 2024 a Roma", "2024-03-12"),
        ("op 12 maart 2024 in Delft", "2024-03-12"),
        ("em 12 de março de 2024 no Porto", "2024-03-12"),
        ("in March 2024 we met", "2024-03"),
        ("on 2024-03-12 we met", "2024-03-12"),
        ("am 12.03.2024 in Köln", "2024-03-12"),
    ] {
        let found = of("https://acme.example/", "home", text);
        assert_eq!(values(&found, "date"), [value], "{text}");
    }
}

#[test]
fn what_looks_like_a_date_and_is_none_gives_none() {
    for text in [
        "version 1.2.2024.5",
        "may I help you",
        "March on!",
        "32/13/2024",
        "call 12-34-5678",
        "the 2024 season",
    ] {
        let found = of("https://acme.example/", "home", text);
        assert_eq!(values(&found, "date"), [] as [&str; 0], "{text}");
    }
}

#[test]
fn sums_are_read_with_currency_magnitude_and_period() {
    for (url, text, value) in [
        ("https://acme.example/", "It costs £49 per month.", "GBP 49 per month"),
        ("https://acme.example/", "It costs £1,234.50.", "GBP 1234.5"),
        ("https://acme.de/", "Der Preis: 1.234,50 € im Monat.", "EUR 1234.5 per month"),
        ("https://acme.example/", "raised €6.2 million in 2024", "EUR 6200000"),
        ("https://acme.example/", "raised $10m", "$ 10000000"),
        ("https://acme.us/", "raised $10 million", "USD 10000000"),
        ("https://acme.example/", "raised US$1.5bn", "USD 1500000000"),
        ("https://acme.de/", "eine Finanzierung über 12 Mio. Euro", "EUR 12000000"),
        ("https://acme.example/", "between CHF 10 and", "CHF 10"),
        ("https://acme.example/", "49 EUR/user/month", "EUR 49 per user and month"),
        ("https://acme.example/", "a salary of £40k–£50k a year", "GBP 40000–50000 per year"),
        ("https://acme.example/", "$10–15 million of funding", "$ 10000000–15000000"),
    ] {
        let found = of(url, "home", text);
        assert_eq!(values(&found, "money"), [value], "{text}");
    }
}

#[test]
fn what_has_no_currency_is_no_sum() {
    for text in
        ["10 million people", "we have 49 sites", "eur 10 in lower case", "the dollar fell", "$ variable"]
    {
        let found = of("https://acme.example/", "home", text);
        assert_eq!(values(&found, "money"), [] as [&str; 0], "{text}");
    }
}

#[test]
fn a_bare_dollar_takes_its_country_from_the_site() {
    let found = of("https://acme.example/", "home", "It costs $49.");
    let money = found.iter().find(|e| e.kind == "money").unwrap();
    assert_eq!(
        (first(money, "currency").as_deref(), first(money, "symbol").as_deref()),
        (Some("null"), Some("$"))
    );
    for (url, currency) in
        [("https://acme.us/", "USD"), ("https://acme.ca/", "CAD"), ("https://acme.com.au/", "AUD")]
    {
        let found = of(url, "home", "It costs $49.");
        assert_eq!(
            first(found.iter().find(|e| e.kind == "money").unwrap(), "currency").as_deref(),
            Some(currency)
        );
    }
}

#[test]
fn the_sentence_says_what_a_sum_is() {
    for (kind, text, role) in [
        ("news", "Acme raised £6.2 million in a Series A round in March 2024.", "funding"),
        ("about", "Revenue grew to £12 million last year.", "revenue"),
        ("news", "The round gives Acme a valuation of £100 million.", "valuation"),
        ("careers", "Salary: £45,000 per year", "salary"),
        ("pricing", "£49 per site and month", "price"),
        ("about", "We planted trees for £5,000.", "other"),
    ] {
        let found = of("https://acme.example/x", kind, text);
        let money = found.iter().find(|e| e.kind == "money").unwrap();
        assert_eq!(first(money, "role").as_deref(), Some(role), "{text}");
    }
    let found = of("https://acme.example/x", "news", "Acme raised £6.2 million in March 2024.");
    assert_eq!(first(found.iter().find(|e| e.kind == "money").unwrap(), "date").as_deref(), Some("2024-03"));
}

#[test]
fn what_is_said_once_of_two_sums_holds_for_both() {
    let found = of("https://acme.example/pricing", "pricing", "Plans are £49 and £120 per site and month.");
    assert_eq!(values(&found, "money"), ["GBP 120 per site and month", "GBP 49 per site and month"]);
}

#[test]
fn code_holds_no_sums() {
    let (document, mut content) = page_at("https://acme.example/docs", "docs", "let x = $10;");
    content.blocks[0].kind = domain::BlockKind::Code;
    assert_eq!(values(&extract(&[(document, content)]), "money"), [] as [&str; 0]);
}
