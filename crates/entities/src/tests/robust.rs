use std::time::{Duration, Instant};

use domain::document::DataItem;
use proptest::prelude::*;

use crate::testing::{extract, extractor, page_at};
use crate::{Options, Source};

/// Words that trigger rules, so that random texts reach deep.
const WORDS: [&str; 60] = [
    "Mara",
    "Lind",
    "CEO",
    "founder",
    "founded",
    "in",
    "2014",
    "by",
    "and",
    ",",
    ".",
    "|",
    "–",
    "(",
    ")",
    "\"",
    "“",
    "”",
    "$",
    "€",
    "£",
    "10",
    "million",
    "per",
    "month",
    "1.234,50",
    "Ltd",
    "GmbH",
    "Berlin",
    "10115",
    "Musterstraße",
    "12",
    "LS1",
    "4AP",
    "VAT",
    "DE136695976",
    "HRB",
    "info",
    "@",
    "acme.example",
    "[at]",
    "+49",
    "30",
    "123456",
    "former",
    "at",
    "Oracle",
    "was",
    "ISO",
    "27001",
    "certified",
    "employees",
    "34",
    "backed",
    "headquartered",
    "März",
    "ß",
    "\u{301}",
    "İ",
    "日本",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn any_text_is_read_without_a_panic_and_every_quote_stands(text in "\\PC{0,200}") {
        extract(&[page_at("https://acme.example/", "about", &text)]);
    }

    #[test]
    fn any_mix_of_trigger_words_is_read_without_a_panic(
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..60),
        marks in prop::collection::vec(prop::sample::select(vec![" ", " ", " ", "", "\n", "\n[1] ", "\n# ", "\n| ", "\n- "]), 60),
        kind in prop::sample::select(vec!["about", "team", "legal", "pricing", "careers", "customers", "news", "contact"]),
        url in prop::sample::select(vec!["https://acme.example/", "https://acme.de/x", "https://acme.co.uk/", "not a url"]),
    ) {
        let text: String = words.iter().zip(marks).map(|(w, m)| format!("{w}{m}")).collect();
        extract(&[page_at(url, kind, &text)]);
    }

    #[test]
    fn blocks_that_do_not_fit_the_text_are_passed_over(start in 0u32..300, end in 0u32..300, cut in 0usize..80) {
        let (document, mut content) = page_at("https://acme.example/", "about", "Müller CEO, Mara Lind\ninfo@acme.example £49 © 2012 Acme Ltd");
        if let Some(block) = content.blocks.first_mut() {
            block.start = start;
            block.end = end;
        }
        content.text = content.text.chars().take(cut).collect();
        extract(&[(document, content)]);
    }
}

/// How long one block that repeats a piece takes, and how long the same text in short blocks.
fn one_block_and_many(kind: &str, bytes: usize, piece: &str) -> (Duration, Duration) {
    let time = |block_bytes: usize| {
        let text = format!("{}\n", piece.repeat(block_bytes / piece.len())).repeat(bytes / block_bytes);
        let pages = [page_at("https://acme.example/", kind, &text)];
        let begin = Instant::now();
        extract(&pages);
        begin.elapsed()
    };
    // The first page waits for the rules.
    extract(&[page_at("https://acme.example/", kind, "x")]);
    (time(bytes), time(1 << 10))
}

/// However long a block is, a word in it costs the same.
macro_rules! costs_the_same_in_a_long_block {
    ($($name:ident: $kind:literal, $bytes:expr, $piece:literal;)*) => {$(
        #[test]
        fn $name() {
            let (one, many) = one_block_and_many($kind, $bytes, $piece);
            assert!(one < many * 4 + Duration::from_secs(3), "{one:?} in one block, {many:?} in many");
        }
    )*};
}

costs_the_same_in_a_long_block! {
    a_spelled_address_costs_the_same_in_a_long_block: "about", 2 << 20, "anybody-who-writes-to-us{at}somewhere.else+";
    a_currency_costs_the_same_in_a_long_block: "about", 2 << 20, "nothing of it was paid in € by anybody, ";
    a_telephone_number_costs_the_same_in_a_long_block: "about", 2 << 20, "call-us-at-whatever-time:030-1234567.";
    a_counted_noun_costs_the_same_in_a_long_block: "about", 2 << 20, "what people say is what people hear, ";
    a_sentence_costs_the_same_in_a_long_block: "about", 2 << 20, "it was founded and nobody says when, ";
    a_labelled_noun_costs_the_same_in_a_long_block: "about", 1 << 19, "Employees: whoever comes in the morning, ";
    a_sum_costs_the_same_in_a_long_block: "news", 1 << 19, "raised $5 million and spent all of it again, ";
    a_date_costs_the_same_in_a_long_block: "about", 1 << 19, "on 12 March 2024 and never again, ";
    a_place_costs_the_same_in_a_long_block: "about", 1 << 19, "with offices in Berlin and nobody in them, ";
    a_register_costs_the_same_in_a_long_block: "about", 1 << 20, "HRB 12345 ";
    a_certificate_costs_the_same_in_a_long_block: "trust", 1 << 19, "some of it is ISO 27001 certified and, ";
    a_technology_costs_the_same_in_a_long_block: "careers", 1 << 19, "we use Go and, if we must, something else, ";
}

/// How long the source of a page takes.
fn raw_of(raw: &str) -> Duration {
    let (document, content) = page_at("https://acme.example/", "customers", "Acme");
    let source = Source { document: &document, content: &content, raw: Some(raw.as_bytes()) };
    let begin = Instant::now();
    drop(extractor().extract(&[source], &Options::default()));
    begin.elapsed()
}

#[test]
fn tags_without_end_and_tags_without_ends_are_read_in_straight_time() {
    raw_of("x");
    for (open, piece, close) in [("", "<h2>a", ""), ("<div", " data-wf-page=a", ">")] {
        let time = |times: usize| raw_of(&format!("{open}{}{close}", piece.repeat(times)));
        let (few, many) = (time(10_000), time(40_000));
        assert!(many < few * 10 + Duration::from_secs(1), "{piece}: {few:?} for few, {many:?} for many");
    }
}

#[test]
fn values_of_objects_are_found_in_a_long_script_as_fast_as_in_a_short_one() {
    let time = |values: usize| {
        let filler = vec!["\"a\""; values].join(",");
        let people: Vec<String> = (0..800)
            .map(|n| format!(r#"{{"@type":"Person","name":"Mara Lind","jobTitle":"CEO {n}"}}"#))
            .collect();
        let raw = format!(r#"{{"@graph":[{{"x":[{filler}]}},{}]}}"#, people.join(","));
        let (document, mut content) = page_at("https://acme.example/", "team", "Acme");
        let value = serde_json::from_str(&raw).unwrap();
        content.data.jsonld.push(DataItem { value, start: 0, end: raw.len() as u64 });
        let source = Source { document: &document, content: &content, raw: Some(raw.as_bytes()) };
        let begin = Instant::now();
        let found = extractor().extract(&[source], &Options::default());
        assert_eq!(found.iter().filter(|entity| entity.kind == "person").count(), 1);
        begin.elapsed()
    };
    time(1);
    let (short, long) = (time(1), time(400_000));
    assert!(long < short * 3 + Duration::from_secs(3), "{short:?} in a short script, {long:?} in a long one");
}
