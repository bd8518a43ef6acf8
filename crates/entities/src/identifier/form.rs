//! What the numbers of each scheme look like, right behind their label.

use std::ops::Range;

use super::{Read, checksum};
use crate::gazetteer::Country;

/// The number behind a label: its place in the text and what it says.
pub(super) fn behind(
    scheme: &str,
    label: &str,
    text: &str,
    country: Option<Country>,
) -> Option<(Range<usize>, Read)> {
    let start = lead(text);
    let rest = text.get(start..)?;
    let (len, read) = match scheme {
        "gb_company" => gb_company(rest),
        "gb_charity" => digits(rest, "gb_charity", 6..=8, None),
        "ie_cro" => digits(rest, "ie_cro", 5..=7, None),
        "de_hrb" => de_hrb(label, rest),
        "vat" => vat(label, rest, country),
        "fr_siren" => fr_siren(rest),
        "fr_siret" => fr_siret(rest),
        "nl_kvk" => digits(rest, "nl_kvk", 8..=8, None),
        "be_enterprise" => be_enterprise(rest),
        "at_fn" => at_fn(rest),
        "ch_uid" => ch_uid(label, rest),
        "lei" => lei(rest),
        "duns" => digits(rest, "duns", 9..=9, None),
        "us_ein" => us_ein(rest),
        "au_abn" => digits(rest, "au_abn", 11..=11, Some(checksum::abn)),
        "au_acn" => digits(rest, "au_acn", 9..=9, Some(checksum::acn)),
        _ => None,
    }?;
    Some((start..start + len, read))
}

/// Where the number begins: marks and the small words after a label are passed over.
fn lead(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, ':' | '.' | '#' | '|' | '(' | ')' | '–' | '°' | 'º' | ',')
        });
        at += rest.len() - trimmed.len();
        let low = crate::fold::lower(
            trimmed.get(..trimmed.len().min(24)).or_else(|| trimmed.get(..0)).unwrap_or_default(),
        );
        let word = [
            "registration number",
            "company number",
            "number",
            "numéro",
            "nummer",
            "nr.",
            "nr",
            "no.",
            "no",
            "n°",
            "nº",
            "n.",
            "under",
            "with",
            "code",
            "id",
            "gemäß § 27a ustg",
            "gem. § 27a ustg",
            "nach § 27 a ustg",
            "company",
            "wales",
            "england",
            "is",
            "intracommunautaire",
        ]
        .into_iter()
        .filter(|w| {
            low.starts_with(w) && !low.get(w.len()..).is_some_and(|t| t.starts_with(char::is_alphanumeric))
        })
        .max_by_key(|w| w.len());
        match word {
            Some(w) => at += w.len(),
            None if trimmed.starts_with('-') && trimmed.get(1..2).is_some_and(|t| t.starts_with(' ')) => {
                at += 1
            }
            None => return at,
        }
    }
}

/// Digits with spaces, dots and dashes between them, at the start of a text: how far they reach, and the digits.
fn run(text: &str, most: usize) -> (usize, String) {
    let mut out = String::new();
    let mut end = 0;
    for (i, c) in text.char_indices() {
        if c.is_ascii_digit() && out.len() < most {
            out.push(c);
            end = i + 1;
        } else if !matches!(c, ' ' | '\u{a0}' | '.' | '-' | '/') || out.len() == most || i > end + 2 {
            break;
        }
    }
    (end, out)
}

fn ends(text: &str, at: usize) -> bool {
    !text.get(at..).is_some_and(|t| t.starts_with(char::is_alphanumeric))
}

fn digits(
    text: &str,
    scheme: &'static str,
    len: std::ops::RangeInclusive<usize>,
    check: Option<fn(&str) -> bool>,
) -> Option<(usize, Read)> {
    let (end, value) = run(text, *len.end());
    let fits = len.contains(&value.len()) && ends(text, end);
    fits.then(|| (end, Read { scheme, valid: check.map(|c| c(&value)), value }))
}

/// Eight digits, or two letters and six: `01234567`, `SC123456`.
fn gb_company(text: &str) -> Option<(usize, Read)> {
    let letters: String = text.chars().take_while(char::is_ascii_uppercase).collect();
    let rest = text.get(letters.len()..)?;
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    let (end, digits) = run(rest.get(spaces..)?, 8);
    let known = ["SC", "NI", "OC", "SO", "NC", "FC", "NF", "IP", "RC", "LP", "SL", "CE", "R"]
        .contains(&letters.as_str());
    let value = match (letters.len(), digits.len()) {
        (0, 6 | 7) => format!("{digits:0>8}"),
        (0, 8) => digits,
        (_, 6) if known => format!("{letters}{digits}"),
        _ => return None,
    };
    let end = letters.len() + spaces + end;
    ends(text, end).then_some((end, Read { scheme: "gb_company", value, valid: None }))
}

/// `HRB 12345 B`, the section from the label or the text.
fn de_hrb(label: &str, text: &str) -> Option<(usize, Read)> {
    let at = text.find("HRB").or_else(|| text.find("HRA")).filter(|at| *at <= 45);
    let (section, from) = match (label, at) {
        ("hrb", _) => ("HRB", 0),
        ("hra", _) => ("HRA", 0),
        (_, Some(at)) => (text.get(at..at + 3)?, at + 3),
        _ => return None,
    };
    let rest = text.get(from..)?;
    let trimmed = rest.trim_start_matches([' ', ':', '-', '.', '\u{a0}']);
    let trimmed = trimmed.strip_prefix("Nr.").map_or(trimmed, str::trim_start);
    let gap = rest.len() - trimmed.len();
    let (end, digits) = run(trimmed, 7);
    if digits.len() < 2 || gap > 8 {
        return None;
    }
    let tail = trimmed.get(end..)?;
    let letter = tail
        .strip_prefix(' ')
        .and_then(|t| t.get(..1))
        .filter(|l| l.bytes().all(|b| b.is_ascii_uppercase()) && ends(tail, 2));
    let value = format!("{section} {digits}{}", letter.map(|l| format!(" {l}")).unwrap_or_default());
    let end = from + gap + end + letter.map_or(0, |_| 2);
    Some((end, Read { scheme: "de_hrb", value, valid: None }))
}

/// A VAT number: with its country's letters, else of the country that the label or other evidence names.
fn vat(label: &str, text: &str, country: Option<Country>) -> Option<(usize, Read)> {
    let mut value = String::new();
    let mut end = 0;
    for (i, c) in text.char_indices() {
        if c.is_ascii_alphanumeric() && value.len() < 16 {
            let breaks = i > end && c.is_ascii_alphabetic() && !value.is_empty() && !vat_goes_on(&value);
            if breaks || c.is_ascii_lowercase() {
                break;
            }
            value.push(c);
            end = i + 1;
        } else if !matches!(c, ' ' | '\u{a0}' | '.' | '-' | '/') || i > end + 2 {
            break;
        }
        let full = value.len() > 4 && checksum::vat_length(&value).is_some_and(|len| value.len() >= len);
        if full {
            break;
        }
    }
    let lettered = value
        .get(..2)
        .is_some_and(|p| p.bytes().all(|b| b.is_ascii_uppercase()) && checksum::vat_length(&value).is_some());
    let value = if lettered {
        value
    } else {
        let from_label = match label {
            l if l.contains("ust") || l.contains("umsatz") => Some("DE"),
            l if l.contains("iva") && l.contains('p') || l.contains("codice") || l == "p.i" => Some("IT"),
            l if l.contains("btw") => Some("NL"),
            l if l.contains("gb") => Some("GB"),
            "nif" | "cif" => Some("ES"),
            "nipc" | "contribuinte" => Some("PT"),
            "cvr" => Some("DK"),
            _ => None,
        };
        let code = from_label.map(str::to_owned).or_else(|| country.map(|c| c.code().to_owned()))?;
        // Portugal's NIF shares its label with Spain's.
        let code =
            if code == "ES" && country.is_some_and(|c| c.code() == "PT") { "PT".to_owned() } else { code };
        format!("{code}{value}")
    };
    if !ends(text, end) || !value.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let valid = checksum::vat(&value)?;
    Some((end, Read { scheme: "vat", value, valid: valid.ok() }))
}

/// Letters inside go on where the country's numbers have them (`ATU…`, `NL…B01`, `ES…A`, `FR AB …`, `CY…L`, `IE…`).
fn vat_goes_on(value: &str) -> bool {
    value.len() <= 2
        || ["AT", "NL", "ES", "FR", "CY", "IE", "CH"].iter().any(|c| value.starts_with(c))
        || value.chars().next().is_some_and(char::is_alphabetic)
}

fn fr_siren(text: &str) -> Option<(usize, Read)> {
    // `RCS Paris 123 456 789`: the town of the register.
    let skip = text.find(|c: char| c.is_ascii_digit()).filter(|at| *at <= 40)?;
    let town = text.get(..skip)?;
    if town.chars().any(|c| !(c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | ':' | '.' | '\u{a0}'))) {
        return None;
    }
    let rest = text.get(skip..)?;
    let (end, value) = run(rest, 9);
    let fits = value.len() == 9 && ends(rest, end);
    fits.then(|| (skip + end, Read { scheme: "fr_siren", valid: Some(checksum::luhn(&value)), value }))
}

fn fr_siret(text: &str) -> Option<(usize, Read)> {
    let (end, value) = run(text, 14);
    let fits = value.len() == 14 && ends(text, end);
    fits.then(|| (end, Read { scheme: "fr_siret", valid: Some(checksum::luhn(&value)), value }))
}

fn be_enterprise(text: &str) -> Option<(usize, Read)> {
    let skip = text.strip_prefix("BE").map_or(0, |t| 2 + t.len() - t.trim_start_matches([' ', '.']).len());
    let (end, value) = run(text.get(skip..)?, 10);
    let fits = value.len() == 10 && value.starts_with(['0', '1']);
    fits.then(|| {
        (skip + end, Read { scheme: "be_enterprise", valid: Some(checksum::belgian(&value)), value })
    })
}

/// `FN 123456a`.
fn at_fn(text: &str) -> Option<(usize, Read)> {
    let skip = text.strip_prefix("FN").map_or(0, |t| 2 + t.len() - t.trim_start().len());
    let (end, digits) = run(text.get(skip..)?, 6);
    let tail = text.get(skip + end..)?;
    let gap = tail.len() - tail.trim_start_matches(' ').len();
    let letter = tail.trim_start_matches(' ').chars().next().filter(char::is_ascii_lowercase)?;
    let end = skip + end + gap + 1;
    let fits = digits.len() >= 4 && gap <= 1 && ends(text, end);
    fits.then(|| (end, Read { scheme: "at_fn", value: format!("FN {digits}{letter}"), valid: None }))
}

/// `CHE-123.456.789`.
fn ch_uid(label: &str, text: &str) -> Option<(usize, Read)> {
    let skip = match text.strip_prefix("CHE") {
        Some(t) => 3 + t.len() - t.trim_start_matches(['-', ' ', '.']).len(),
        None if label == "che" => text.len() - text.trim_start_matches(['-', ' ']).len(),
        None => return None,
    };
    let (end, value) = run(text.get(skip..)?, 9);
    let shown =
        [value.get(..3), value.get(3..6), value.get(6..)].into_iter().flatten().collect::<Vec<_>>().join(".");
    (value.len() == 9).then(|| {
        (
            skip + end,
            Read { scheme: "ch_uid", valid: Some(checksum::swiss(&value)), value: format!("CHE-{shown}") },
        )
    })
}

fn lei(text: &str) -> Option<(usize, Read)> {
    let mut value = String::new();
    let mut end = 0;
    for (i, c) in text.char_indices() {
        if c.is_ascii_digit() || c.is_ascii_uppercase() {
            value.push(c);
            end = i + 1;
        } else if !(c == ' ' && value.len().is_multiple_of(4) && value.len() < 20 && !value.is_empty()) {
            break;
        }
        if value.len() == 20 {
            break;
        }
    }
    let fits = value.len() == 20 && ends(text, end);
    fits.then(|| (end, Read { scheme: "lei", valid: Some(checksum::mod97(&value)), value }))
}

/// `12-3456789`.
fn us_ein(text: &str) -> Option<(usize, Read)> {
    let (end, digits) = run(text, 9);
    let dashed = text.as_bytes().get(2) == Some(&b'-');
    let (head, tail) = digits.split_at_checked(2)?;
    (digits.len() == 9 && dashed && ends(text, end))
        .then(|| (end, Read { scheme: "us_ein", value: format!("{head}-{tail}"), valid: None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(scheme: &str, label: &str, text: &str, country: &str) -> Option<(String, Option<bool>)> {
        behind(scheme, label, text, Country::parse(country)).map(|(at, r)| {
            assert!(text.get(at).is_some());
            (r.value, r.valid)
        })
    }

    #[test]
    fn numbers_are_read_in_their_usual_spellings() {
        for (scheme, label, text, country, value, valid) in [
            ("gb_company", "company number", ": 01234567.", "GB", "01234567", None),
            ("gb_company", "registered in scotland", " No. SC123456", "GB", "SC123456", None),
            ("gb_company", "registered in england", " and Wales", "GB", "", None),
            ("de_hrb", "hrb", " 123456 B", "DE", "HRB 123456 B", None),
            ("de_hrb", "handelsregister", ": Amtsgericht München, HRB 98765", "DE", "HRB 98765", None),
            ("vat", "ust-idnr", ".: DE 136 695 976", "DE", "DE136695976", Some(true)),
            ("vat", "ust-idnr", ": DE136695975", "DE", "DE136695975", Some(false)),
            ("vat", "vat number", " GB 980 7806 84", "GB", "GB980780684", Some(true)),
            ("vat", "vat no", ": 980 7806 84", "GB", "GB980780684", Some(true)),
            ("vat", "tva", " FR 40 303 265 045", "FR", "FR40303265045", Some(true)),
            ("vat", "partita iva", " 00743110157", "IT", "IT00743110157", Some(true)),
            ("vat", "cif", ": B58378431", "ES", "ESB58378431", Some(true)),
            ("vat", "uid", ": ATU13585627", "AT", "ATU13585627", Some(true)),
            ("vat", "btw", ": NL004495445B01", "NL", "NL004495445B01", Some(true)),
            ("vat", "btw", " BE 0428.759.497", "BE", "BE0428759497", Some(true)),
            ("fr_siren", "rcs", " Paris B 732 829 320", "FR", "732829320", Some(true)),
            ("fr_siren", "rcs", " since 2012, 732 829 320", "FR", "", None),
            ("fr_siren", "rcs", " Paris 732 829 320", "FR", "732829320", Some(true)),
            ("fr_siret", "siret", " : 732 829 320 00074", "FR", "73282932000074", Some(true)),
            ("nl_kvk", "kvk", ": 12345678", "NL", "12345678", None),
            ("be_enterprise", "kbo", " 0428.759.497", "BE", "0428759497", Some(true)),
            ("at_fn", "fn", " 123456a", "AT", "FN 123456a", None),
            ("ch_uid", "che", "-116.281.710", "CH", "CHE-116.281.710", Some(true)),
            ("lei", "lei", " 5493001KJTIIGC8Y1R12", "", "5493001KJTIIGC8Y1R12", Some(true)),
            ("lei", "lei", " 5493001KJTIIGC8Y1R13", "", "5493001KJTIIGC8Y1R13", Some(false)),
            ("us_ein", "ein", ": 12-3456789", "US", "12-3456789", None),
            ("au_abn", "abn", " 51 824 753 556", "AU", "51824753556", Some(true)),
        ] {
            let expected = (!value.is_empty()).then(|| (value.to_owned(), valid));
            assert_eq!(read(scheme, label, text, country), expected, "{scheme} {text}");
        }
    }
}
