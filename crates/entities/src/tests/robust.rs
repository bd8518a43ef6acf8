use proptest::prelude::*;

use crate::testing::{extract, page_at};

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
