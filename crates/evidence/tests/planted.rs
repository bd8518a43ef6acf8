//! Planted false quotes are never `verified`; true quotes in another spelling always are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use evidence::{Index, Polarity, QuoteVerdict, locate, numbers_supported};
use proptest::prelude::*;

/// Sentences of invented company sites, one document per list.
const DOCUMENTS: &[&[&str]] = &[
    &[
        "Brightwater Pumps Ltd makes remote-monitored pumps for farms in 12 countries.",
        "The company was founded in 2014 in Leeds by Mara Lind and Tomas Weil.",
        "We raised \u{a3}6.2 million in a Series A round led by Northern Field Ventures in March 2024.",
        "Basic costs \u{a3}49 per site and month, while Pro costs \u{a3}120 per site and month.",
        "Brightwater does not sell customer data to third parties and never will.",
        "Our 34 people work from offices in Leeds, Utrecht and Lyon.",
        "We are certified to ISO 9001 but we are not certified to ISO 27001.",
        "More than 1,200 sites with 98.5% uptime rely on our pumps every day.",
    ],
    &[
        "Ferrule Analytics GmbH entwickelt Software f\u{fc}r die Auswertung von Maschinendaten im Mittelstand.",
        "Das Unternehmen wurde 2009 in Augsburg gegr\u{fc}ndet und besch\u{e4}ftigt heute 85 Mitarbeiter.",
        "Die Preise beginnen bei 1.250 \u{20ac} pro Monat und Standort, zuz\u{fc}glich 19 % Mehrwertsteuer.",
        "Wir geben keine Daten an Dritte weiter und arbeiten nicht mit Werbenetzwerken zusammen.",
        "Gesch\u{e4}ftsf\u{fc}hrerin ist Dr. Jana Ro\u{df}bach, die Technik leitet Emil Storck seit dem 1. Juli 2021.",
        "Zu unseren 140 Kunden geh\u{f6}ren Maschinenbauer aus Bayern, \u{d6}sterreich und der Schweiz.",
    ],
    &[
        "L\u{2019}Atelier du Chanvre fabrique des isolants \u{e9}cologiques pour la r\u{e9}novation depuis 1998.",
        "La soci\u{e9}t\u{e9} compte 42 salari\u{e9}s et r\u{e9}alise un chiffre d\u{2019}affaires de 7,4 millions d\u{2019}euros.",
        "Nos produits ne contiennent jamais de solvants et ne sont pas vendus en grande surface.",
        "Le si\u{e8}ge se trouve \u{e0} Angers, l\u{2019}usine de 3 200 m\u{e8}tres carr\u{e9}s \u{e0} Cholet.",
        "Pauline Garnier, directrice g\u{e9}n\u{e9}rale, a repris l\u{2019}entreprise en juin 2016.",
    ],
    &[
        "Kestrel Freight runs 210 electric trucks between 17 depots in Spain and Portugal.",
        "Revenue grew by 18 percent to 96 million euros in the year to 31 December 2023.",
        "The company has never had a fatal accident and will not take on coal contracts.",
        "Ana Beltr\u{e1}n became chief executive in 2020, after six years as finance director.",
        "Customers pay 0.42 euros per kilometre, or a flat fee of 1,900 euros per week.",
        "We expect to reach 400 trucks by 2027, up from 60 trucks in 2018.",
    ],
    &[
        "Lumen & Loom sells hand-woven lamps made by 25 weavers in three villages near Porto.",
        "Every lamp takes 14 hours to make and is shipped within 10\u{2013}15 days.",
        "The workshop opened on 3 May 2011, and its first shop followed in 2013.",
        "We do not use plastic, we don\u{2019}t use glue, and we cannot ship to Australia.",
        "Shipping is free for orders over $150; smaller orders cost $12.",
    ],
];

fn text(document: &[&str]) -> String {
    document.chunks(2).map(|pair| pair.join(" ")).collect::<Vec<_>>().join("\n\n")
}

fn words(sentence: &str) -> Vec<&str> {
    sentence.split(' ').collect()
}

const NEGATIONS: &[&str] =
    &["not", "never", "nicht", "keine", "jamais", "pas", "ne", "cannot", "don\u{2019}t"];

/// Every false variant of one sentence of a document.
fn planted(document: &[&str], number: usize) -> Vec<String> {
    let sentence = document[number];
    let parts = words(sentence);
    let mut out = Vec::new();
    let replaced = |at: usize, with: &str| {
        let mut copy: Vec<&str> = parts.clone();
        copy[at] = with;
        copy.join(" ")
    };
    for (at, word) in parts.iter().enumerate() {
        // a changed word
        if word.chars().all(char::is_alphabetic) && word.len() > 3 {
            out.push(replaced(at, "gravel"));
        }
        // changed digits, one by one, and digits of another script
        if word.chars().any(|c| c.is_ascii_digit()) {
            for (place, c) in word.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
                let other = char::from(b'0' + (c as u8 - b'0' + 1) % 10);
                let wide = char::from_u32(0xff10 + u32::from(c as u8 - b'0')).unwrap();
                let arabic = char::from_u32(0x660 + u32::from(c as u8 - b'0')).unwrap();
                for with in [other, wide, arabic] {
                    out.push(replaced(at, &format!("{}{with}{}", &word[..place], &word[place + 1..])));
                }
                out.push(replaced(at, &format!("{}{c}{c}{}", &word[..place], &word[place + 1..])));
            }
        }
        // a dropped negation, another unit, another currency
        if NEGATIONS.contains(word) {
            let mut copy = parts.clone();
            copy.remove(at);
            out.push(copy.join(" "));
        }
        for (from, to) in
            [("million", "billion"), ("millions", "milliards"), ("month", "year"), ("percent", "points")]
        {
            if *word == from {
                out.push(replaced(at, to));
            }
        }
        for (from, to) in [('\u{a3}', "\u{20ac}"), ('$', "\u{a3}"), ('\u{20ac}', "$")] {
            if word.contains(from) {
                out.push(replaced(at, &word.replace(from, to)));
            }
        }
        // two neighbours swapped
        if let Some(next) = parts.get(at + 1).filter(|next| next != &word) {
            let mut copy = parts.clone();
            (copy[at], copy[at + 1]) = (next, word);
            out.push(copy.join(" "));
        }
    }
    // halves in the wrong order, an added negation, two distant sentences glued
    let (head, tail) = parts.split_at(parts.len() / 2);
    out.push(format!("{} {}", tail.join(" "), head.join(" ")));
    out.push(format!("{} not {}", head.join(" "), tail.join(" ")));
    if let Some(far) = document.get(number + 2) {
        out.push(format!("{sentence} {far}"));
        out.push(format!("{} {}", head.join(" "), words(far).split_off(3).join(" ")));
    }
    out
}

#[test]
fn planted_false_quotes_are_never_verified() {
    let (mut cases, mut loose) = (0, 0);
    for (which, document) in DOCUMENTS.iter().enumerate() {
        let text = text(document);
        let index = Index::new(&text);
        let foreign =
            DOCUMENTS.iter().enumerate().filter(|(other, _)| *other != which).flat_map(|(_, d)| d.iter());
        let own = (0..document.len()).flat_map(|number| planted(document, number));
        for quote in own.chain(foreign.map(|s| (*s).to_owned())) {
            let found = index.locate(&quote);
            assert_ne!(found.verdict, QuoteVerdict::Verified, "`{quote}` is not in the text");
            cases += 1;
            loose += usize::from(found.verdict == QuoteVerdict::Loose);
        }
    }
    assert!(cases >= 500, "{cases} cases");
    // Some slips are small enough to be shown as loose, most are not.
    assert!(loose * 10 <= cases, "{loose} of {cases} loose");
}

#[test]
fn planted_numbers_and_negations_are_not_even_loose() {
    for document in DOCUMENTS {
        let text = text(document);
        let index = Index::new(&text);
        for sentence in *document {
            let parts = words(sentence);
            for at in 0..parts.len() {
                let mut copy: Vec<String> = parts.iter().map(|p| (*p).to_owned()).collect();
                if NEGATIONS.contains(&parts[at]) {
                    copy.remove(at);
                } else if parts[at].chars().any(|c| c.is_ascii_digit()) {
                    copy[at] = parts[at].replace(|c: char| c.is_ascii_digit(), "7");
                } else {
                    continue;
                }
                let quote = copy.join(" ");
                if quote != *sentence {
                    assert_eq!(index.locate(&quote).verdict, QuoteVerdict::Unsupported, "{quote}");
                }
            }
        }
    }
}

#[test]
fn a_sentence_backs_itself_and_not_itself_without_its_negations() {
    let mut turned = 0;
    for sentence in DOCUMENTS.iter().copied().flatten() {
        let quoted = Polarity::of(sentence);
        assert!(!quoted.is_denied_by(&quoted), "{sentence}");
        assert!(!quoted.denies() || quoted.is_backed_by(&quoted), "{sentence}");
        let parts = words(sentence);
        let bare: Vec<&str> = parts.iter().copied().filter(|word| !NEGATIONS.contains(word)).collect();
        // A sentence that says yes to one thing and no to another still carries the first.
        if bare.len() < parts.len() && !sentence.contains(" but ") {
            let bare = Polarity::of(&bare.join(" "));
            assert!(bare.denies() || bare.is_denied_by(&quoted), "{sentence}");
            turned += usize::from(!bare.denies());
        }
    }
    assert!(turned >= 3, "{turned} sentences turned round");
}

#[test]
fn a_number_cut_out_of_a_longer_one_is_never_verified() {
    for (text, quote) in [
        ("We serve 110 million users.", "10 million users"),
        ("It costs \u{a3}499 per month.", "It costs \u{a3}49"),
        ("It costs \u{a3}49.99 per month.", "It costs \u{a3}49"),
        ("We run 1,200 sites today.", "200 sites today"),
        ("We run 1 200 sites today.", "200 sites today"),
        ("We run 12 500 sites today.", "We run 12"),
        ("Margins of 5.5% are common.", "5% are common"),
        ("Margins of 5% are common.", "Margins of 5"),
        ("A loss of -12 points was seen.", "12 points was seen"),
        ("Raised 6.2 million euros.", "Raised 6.2"),
        ("Founded in 20145 BC, they say.", "Founded in 2014"),
        ("Call us at 24/7 support.", "Call us at 24"),
    ] {
        assert_ne!(locate(text, quote).verdict, QuoteVerdict::Verified, "`{quote}` from `{text}`");
    }
}

#[test]
fn numbers_of_planted_statements_are_missed() {
    let mut cases = 0;
    for sentence in DOCUMENTS.iter().copied().flatten() {
        assert_eq!(numbers_supported(sentence, &[sentence]), Ok(()), "{sentence}");
        let digits: Vec<usize> =
            sentence.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(place, _)| place).collect();
        for place in digits {
            let c = sentence.as_bytes()[place];
            for step in 1..10 {
                let other = char::from(b'0' + (c - b'0' + step) % 10);
                let changed = format!("{}{other}{}", &sentence[..place], &sentence[place + 1..]);
                // `14 hours … 10–15 days` does hold a 15.
                let printed = changed[..place]
                    .rfind(|c: char| !c.is_ascii_digit())
                    .map_or(0, |at| at + changed[at..].chars().next().unwrap().len_utf8());
                let printed: String = changed[printed..].chars().take_while(char::is_ascii_digit).collect();
                if sentence.split(|c: char| !c.is_ascii_digit()).any(|number| number == printed) {
                    continue;
                }
                assert!(numbers_supported(&changed, &[sentence]).is_err(), "`{changed}` from `{sentence}`");
                cases += 1;
            }
        }
    }
    assert!(cases >= 500, "{cases} cases");
}

/// Another spelling that readers take as the same.
fn respell(quote: &str, choices: &[u8]) -> String {
    let mut choice = choices.iter().copied().cycle();
    let mut out = String::new();
    for c in quote.chars() {
        match (c, choice.next().unwrap_or(0) % 4) {
            (' ', 1) => out.push('\u{a0}'),
            (' ', 2) => out.push_str("  \n"),
            (' ', 3) => out.push_str(" \u{200b}"),
            ('\u{2019}', 1) => out.push('\''),
            ('\u{2019}', 2) => out.push('`'),
            ('-', 1) => out.push('\u{2011}'),
            ('-' | '\u{2013}', 2) => out.push('\u{2014}'),
            ('-' | '\u{2013}', 3) => out.push_str("--"),
            ('\u{e9}', 1) => out.push_str("e\u{301}"),
            ('\u{fc}', 2) => out.push_str("u\u{308}"),
            (c, 3) if c.is_alphabetic() => {
                out.push(c);
                out.push('\u{ad}');
            }
            (c, _) => out.push(c),
        }
    }
    out
}

proptest! {
    #[test]
    fn a_true_quote_in_another_spelling_is_verified_where_it_stands(
        document in 0..DOCUMENTS.len(), sentence in 0usize..8, from in 0usize..6, choices in prop::collection::vec(0u8..4, 1..40),
    ) {
        let document = DOCUMENTS[document];
        let text = text(document);
        let sentence = document[sentence % document.len()];
        let parts = words(sentence);
        // From the third word on a cut may fall into `3 200`; whole heads and tails of letters are always clean.
        let from = (0..=from).rev().find(|at| parts[*at].starts_with(char::is_alphabetic)).unwrap_or(0);
        let quote = parts[from..].join(" ");
        let found = locate(&text, &respell(&quote, &choices));
        prop_assert_eq!(found.verdict, QuoteVerdict::Verified);
        prop_assert_eq!(found.of(&text), quote.as_str());
    }

    #[test]
    fn whatever_is_located_stands_on_character_boundaries_and_verified_means_equal_letters(
        text in "\\PC{0,200}", quote in "\\PC{0,60}",
    ) {
        let found = locate(&text, &quote);
        prop_assert!(text.is_char_boundary(found.start) && text.is_char_boundary(found.end));
        if found.verdict == QuoteVerdict::Verified {
            let letters = |s: &str| s.chars().filter(|c| c.is_alphanumeric() && c.is_ascii()).collect::<String>();
            prop_assert_eq!(letters(found.of(&text)), letters(&quote));
        }
    }

    #[test]
    fn a_slice_of_any_text_is_never_verified_elsewhere_than_as_itself(
        words in prop::collection::vec("[a-z]{3,8}", 8..40), at in 0usize..30, len in 3usize..8, flip in 0usize..8,
    ) {
        let text = words.join(" ");
        let at = at % words.len();
        let slice: Vec<String> = words[at..(at + len).min(words.len())].to_vec();
        let mut changed = slice.clone();
        let place = flip % changed.len();
        changed[place] = format!("{}x", changed[place]);
        let quote = changed.join(" ");
        if !text.contains(&quote) {
            prop_assert_ne!(locate(&text, &quote).verdict, QuoteVerdict::Verified);
        }
        let quote = slice.join(" ");
        if quote.len() >= evidence::MIN_LENGTH {
            prop_assert_eq!(locate(&text, &quote).verdict, QuoteVerdict::Verified);
        }
    }

    #[test]
    fn reading_numbers_never_fails_on_any_text(statement in "\\PC{0,120}", quote in "\\PC{0,120}") {
        let _ = numbers_supported(&statement, &[&quote]);
        prop_assert_eq!(numbers_supported(&statement, &[&statement]), Ok(()));
    }
}
