use std::time::{Duration, Instant};

use serde_json::json;

use super::*;
use crate::mention::{Method, Spot};
use crate::testing::know;

fn spot(n: usize) -> Spot {
    Spot {
        source: 0,
        layer: domain::Layer::Text,
        start: n as u64,
        end: n as u64 + 1,
        quote: "x".into(),
        method: Method::Clause,
        print: n as u64,
        page: None,
    }
}

fn merged(mentions: Vec<Mention>) -> Vec<Entity> {
    let (site, stop) = (Site::default(), Stop::NEVER);
    merge(&Frame { know: know(), site: &site, subject: SubjectId::new(), documents: &[], stop }, mentions)
}

/// A name that no other number has, of letters alone.
fn name(n: usize) -> String {
    n.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect()
}

fn person(n: usize, name: &str) -> Mention {
    Mention::new(Kind::Person, name, name, spot(n)).with("name", name)
}

/// Four times as many mentions take about four times as long; the square or the cube would take much longer.
fn is_straight(mentions: impl Fn(usize) -> Mention) {
    let time = |count: usize| {
        let mentions = (0..count).map(&mentions).collect();
        let begin = Instant::now();
        merged(mentions);
        begin.elapsed()
    };
    time(10);
    let (few, many) = (time(2_500), time(10_000));
    assert!(many < few * 10 + Duration::from_secs(1), "{few:?} for few, {many:?} for many");
}

#[test]
fn a_family_without_end_is_joined_in_straight_time() {
    is_straight(|n| match n % 4 {
        0 => person(n, &format!("{} smith", name(n))),
        1 => person(n, &format!("{} {} smith", name(n - 1), name(n))),
        2 => person(n, &format!("b {} smith", name(n))),
        _ => person(n, &format!("c {} smith", name(n))).with("roles", json!({ "function": "cto" })),
    });
}

#[test]
fn initials_that_wait_for_one_name_are_joined_in_straight_time() {
    is_straight(|n| {
        let roles = if n % 2 == 0 { "cto" } else { "cfo" };
        let short = person(n, &format!("j {} smith", name(n)));
        let named = if n == 0 { person(n, "john smith") } else { short };
        named.with("roles", json!({ "function": roles })).with("email", name(n))
    });
}

#[test]
fn a_name_at_companies_without_end_is_parted_in_straight_time() {
    is_straight(|n| {
        let role = json!({ "title": "CEO", "current": true, "organisation": name(n) });
        person(n, "mara lind").with("roles", role)
    });
}

#[test]
fn companies_and_products_without_end_are_joined_in_straight_time() {
    is_straight(|n| {
        let company = Mention::new(Kind::Organisation, name(n), name(n), spot(n)).with("name", name(n));
        company.with("domain", format!("{}.example", name(n / 2)))
    });
    is_straight(|n| {
        let product = Mention::new(Kind::Product, format!("{}|product", name(n)), name(n), spot(n));
        product.with("url", "https://acme.example/products")
    });
}

#[test]
fn one_company_with_facts_without_end_is_told_in_straight_time() {
    is_straight(|n| {
        let company = Mention::new(Kind::Organisation, "acme", name(n), spot(n)).with("name", name(n));
        company.with("headquarters", format!("leeds {}", name(n))).with("legal_name", name(n))
    });
}

#[test]
fn founding_dates_without_end_are_weighed_in_straight_time() {
    is_straight(|n| founded(n, &format!("{:04}-{:02}-{:02}", 1000 + n / 144, n % 12 + 1, n / 12 % 12 + 1)));
}

fn founded(n: usize, date: &str) -> Mention {
    Mention::new(Kind::Date, format!("{date}|founded"), date, spot(n)).with("role", "founded")
}

#[test]
fn founding_dates_share_their_weight_with_those_they_contradict() {
    let dates = ["2014", "2014-03", "2014-05", "2020"];
    let found = merged(dates.iter().enumerate().map(|(n, date)| founded(n, date)).collect());
    let share = |date: &str| {
        let entity = found.iter().find(|entity| entity.value == date).unwrap();
        (entity.confidence * 12.0).round() as u8
    };
    // 2014 contradicts 2020 alone; each month the other month and 2020; 2020 all three.
    assert_eq!(dates.map(share), [6, 4, 4, 3]);
}

#[test]
fn a_person_says_of_few_others_that_they_may_be_the_same() {
    let full = (0..100).map(|n| person(n, &format!("a{} smith", name(n))));
    let found = merged(full.chain([person(100, "a smith")]).collect());
    assert_eq!(found.len(), 101);
    let most = found.iter().map(|e| e.maybe_same_as.len()).max();
    assert_eq!(most, Some(MOST_MAYBE));
}
