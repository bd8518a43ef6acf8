use domain::{Link, LinkKind, Region};

use super::{all, of, one, with};
use crate::testing::{extract, first, page_at, values};

#[test]
fn plans_of_a_pricing_page_have_offers() {
    let found = of(
        "https://acme.example/pricing",
        "pricing",
        "# Pricing
         [1] ### Starter
         [1] £49
         [1] per site and month
         [2] ### Pro
         [2] £120 per site and month
         [3] ### Enterprise
         [3] Contact us",
    );
    assert_eq!(
        with(&found, "product", "type"),
        [
            ("Enterprise".to_owned(), "plan".to_owned()),
            ("Pro".into(), "plan".into()),
            ("Starter".into(), "plan".into())
        ]
    );
    let starter = &one(&found, "product", "Starter").attributes["offers"][0].value;
    assert_eq!(
        (starter["amount"].as_str(), starter["currency"].as_str(), starter["per"].as_str()),
        (Some("49"), Some("GBP"), Some("site/month"))
    );
}

#[test]
fn plans_of_a_pricing_table_are_its_columns_or_its_rows() {
    let columns = of(
        "https://acme.example/pricing",
        "pricing",
        "| Plan | Starter | Pro\n| Price | £49 | £120\n| Users | 5 | 50",
    );
    assert_eq!(values(&columns, "product"), ["Pro", "Starter"]);
    let rows = of(
        "https://acme.example/pricing",
        "pricing",
        "| Plan | Price\n| Starter | £49 per month\n| Pro | £120 per month",
    );
    assert_eq!(values(&rows, "product"), ["Pro", "Starter"]);
    assert_eq!(one(&rows, "product", "Pro").attributes["offers"][0].value["per"], "month");
}

#[test]
fn menus_and_headings_of_product_pages_name_products() {
    let (document, mut content) = page_at(
        "https://acme.example/products/flow-one",
        "product",
        "{nav} FlowOne All products\n# FlowOne\nA pump that reports its own health. It lasts.",
    );
    let link = |href: &str, text: &str| Link {
        href: href.into(),
        text: text.into(),
        rel: None,
        region: Region::Nav,
        kind: LinkKind::Page,
        block: Some(0),
        card: None,
        source: None,
    };
    content.links = vec![
        link("https://acme.example/products/flow-one", "FlowOne"),
        link("https://acme.example/products", "All products"),
        link("https://acme.example/about", "About"),
    ];
    let found = extract(&[(document, content)]);
    assert_eq!(values(&found, "product"), ["FlowOne"]);
    let product = one(&found, "product", "FlowOne");
    assert_eq!(all(product, "description"), ["A pump that reports its own health."]);
    assert_eq!(product.evidence.len(), 3);
}

#[test]
fn openings_are_read_from_lists_of_careers_pages() {
    let found = of(
        "https://acme.example/careers",
        "careers",
        "# Careers
         We look for people who care.
         ## Open positions
         [1] Senior Software Engineer (m/w/d)
         [1] Berlin
         [1] Engineering
         [2] Sales Manager
         [2] Remote
         [3] See all jobs
         | Field Technician | Leeds
         ## Benefits
         - Free lunch with the manager",
    );
    assert_eq!(
        with(&found, "job_opening", "location"),
        [
            ("Field Technician".to_owned(), "Leeds".to_owned()),
            ("Sales Manager".into(), "Remote".into()),
            ("Senior Software Engineer".into(), "Berlin".into()),
        ]
    );
    assert_eq!(
        first(one(&found, "job_opening", "Senior Software Engineer"), "department").as_deref(),
        Some("Engineering")
    );
    assert_eq!(
        values(&of("https://acme.example/team", "team", "- Sales Manager"), "job_opening"),
        [] as [&str; 0]
    );
}

#[test]
fn metrics_are_numbers_in_front_of_their_nouns() {
    for (text, name, value, approximate) in [
        ("We are 34 people in Leeds.", "employees", "34", "false"),
        ("Our team of 34 builds pumps.", "employees", "34", "false"),
        ("Over 10,000 happy customers trust us.", "customers", "10000", "true"),
        ("We serve 500+ farms.", "customers", "500", "true"),
        ("We work in 30 countries.", "countries", "30", "false"),
        ("99.99% uptime", "uptime", "99.99", "false"),
        ("2 million users", "users", "2000000", "false"),
        ("Mehr als 250 Mitarbeiter arbeiten hier.", "employees", "250", "true"),
        ("| Employees | 34", "employees", "34", "false"),
        ("A 34-person team", "employees", "34", "false"),
    ] {
        let found = of("https://acme.example/about", "about", text);
        let got: Vec<_> = found
            .iter()
            .filter(|e| e.kind == "metric")
            .map(|e| {
                (first(e, "name").unwrap(), first(e, "value").unwrap(), first(e, "approximate").unwrap())
            })
            .collect();
        assert_eq!(got, [(name.to_owned(), value.to_owned(), approximate.to_owned())], "{text}");
    }
}

#[test]
fn a_figure_and_its_noun_may_be_two_blocks() {
    let found = of(
        "https://acme.example/about",
        "about",
        "[1] 500+\n[1] Customers\n[2] 12\n[2] Countries\n[3] 3\n[3] Patents",
    );
    assert_eq!(with(&found, "metric", "name").len(), 3);
}

#[test]
fn numbers_that_count_something_else_are_no_metrics() {
    for text in [
        "1 in 5 customers asks why.",
        "In 2024 customers asked why.",
        "30% of customers came back.",
        "It takes 5 minutes for people to join.",
        "Top 10 companies of the year",
        "$5 customers",
    ] {
        let found = of("https://acme.example/about", "about", text);
        assert_eq!(values(&found, "metric"), [] as [&str; 0], "{text}");
    }
    let story = of("https://acme.example/customers/northwind", "customers", "Northwind has 800 employees.");
    assert_eq!(values(&story, "metric"), [] as [&str; 0]);
}

#[test]
fn a_metric_knows_its_year() {
    let found = of("https://acme.example/about", "about", "As of 2024, we employ 34 people.");
    let metric = found.iter().find(|e| e.kind == "metric").unwrap();
    assert_eq!(first(metric, "as_of").as_deref(), Some("2024"));
}
