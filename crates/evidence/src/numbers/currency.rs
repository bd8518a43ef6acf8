//! Currencies as symbols, codes and words.

/// A currency, or the family that a bare symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Currency {
    /// ISO 4217.
    Code(&'static str),
    /// `$`: any dollar or peso.
    Dollar,
    /// `¥`: yen or yuan.
    Yen,
    /// `kr`: a Nordic crown.
    Crown,
}

use Currency::{Code, Crown, Dollar, Yen};

/// Symbols, codes and words, lower case; longer spellings of one head come first.
const SPELLINGS: &[(&str, Currency)] = &[
    ("us$", Code("USD")),
    ("au$", Code("AUD")),
    ("ca$", Code("CAD")),
    ("nz$", Code("NZD")),
    ("hk$", Code("HKD")),
    ("a$", Code("AUD")),
    ("c$", Code("CAD")),
    ("s$", Code("SGD")),
    ("r$", Code("BRL")),
    ("$", Dollar),
    ("\u{20ac}", Code("EUR")),
    ("\u{a3}", Code("GBP")),
    ("\u{a5}", Yen),
    ("\u{20b9}", Code("INR")),
    ("\u{20a9}", Code("KRW")),
    ("\u{20bd}", Code("RUB")),
    ("\u{20ba}", Code("TRY")),
    ("\u{20aa}", Code("ILS")),
    ("\u{20b4}", Code("UAH")),
    ("usd", Code("USD")),
    ("eur", Code("EUR")),
    ("gbp", Code("GBP")),
    ("chf", Code("CHF")),
    ("jpy", Code("JPY")),
    ("cny", Code("CNY")),
    ("aud", Code("AUD")),
    ("cad", Code("CAD")),
    ("nzd", Code("NZD")),
    ("sgd", Code("SGD")),
    ("hkd", Code("HKD")),
    ("inr", Code("INR")),
    ("brl", Code("BRL")),
    ("mxn", Code("MXN")),
    ("zar", Code("ZAR")),
    ("sek", Code("SEK")),
    ("nok", Code("NOK")),
    ("dkk", Code("DKK")),
    ("pln", Code("PLN")),
    ("czk", Code("CZK")),
    ("huf", Code("HUF")),
    ("aed", Code("AED")),
    ("euros", Code("EUR")),
    ("euro", Code("EUR")),
    ("pounds", Code("GBP")),
    ("pound", Code("GBP")),
    ("sterling", Code("GBP")),
    ("dollars", Dollar),
    ("dollar", Dollar),
    ("d\u{f3}lares", Dollar),
    ("yen", Code("JPY")),
    ("yuan", Code("CNY")),
    ("franken", Code("CHF")),
    ("rupees", Code("INR")),
    ("z\u{142}", Code("PLN")),
    ("kr", Crown),
    ("fr.", Code("CHF")),
];

impl Currency {
    /// Whether one printed amount may be in both.
    pub(super) fn agrees(self, other: Self) -> bool {
        let family = |code: &str, family: Self| match family {
            Dollar => matches!(code, "USD" | "AUD" | "CAD" | "NZD" | "SGD" | "HKD" | "MXN"),
            Yen => matches!(code, "JPY" | "CNY"),
            Crown => matches!(code, "SEK" | "NOK" | "DKK"),
            Code(_) => false,
        };
        match (self, other) {
            (Code(code), wide @ (Dollar | Yen | Crown)) | (wide @ (Dollar | Yen | Crown), Code(code)) => {
                family(code, wide)
            }
            (a, b) => a == b,
        }
    }
}

/// The currency at the very end of what stands before a number, and how many bytes its spelling takes.
pub(super) fn at_end(before: &str) -> Option<(Currency, usize)> {
    let tail = tail(before, 8).to_lowercase();
    SPELLINGS.iter().find_map(|(spelling, currency)| {
        let rest = tail.strip_suffix(spelling)?;
        let letters = spelling.chars().next().is_some_and(char::is_alphabetic);
        let inside = letters && rest.chars().next_back().is_some_and(char::is_alphabetic);
        (!inside).then_some((*currency, spelling.len()))
    })
}

/// The currency at the very start of what stands after a number.
pub(super) fn at_start(after: &str) -> Option<(Currency, usize)> {
    let head: String = after.chars().take(10).flat_map(char::to_lowercase).collect();
    SPELLINGS.iter().find_map(|(spelling, currency)| {
        let rest = head.strip_prefix(spelling)?;
        let letters = spelling.chars().next_back().is_some_and(char::is_alphabetic);
        let inside = letters && rest.chars().next().is_some_and(char::is_alphanumeric);
        (!inside).then_some((*currency, spelling.len()))
    })
}

/// Every currency that the texts name anywhere.
pub(super) fn mentioned(texts: impl Iterator<Item = String>) -> Vec<Currency> {
    let mut found = Vec::new();
    for text in texts {
        for piece in
            text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '|' | ':' | ',' | '/'))
        {
            let bare = piece.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\''));
            let lower = bare.to_lowercase();
            let named =
                SPELLINGS.iter().find(|(spelling, _)| *spelling == lower).map(|(_, currency)| *currency);
            found.extend(named);
        }
    }
    found
}

/// The last characters of a text, at most so many.
fn tail(text: &str, most: usize) -> &str {
    let start = text.char_indices().rev().take(most).last().map_or(text.len(), |(at, _)| at);
    text.get(start..).unwrap_or_default()
}
