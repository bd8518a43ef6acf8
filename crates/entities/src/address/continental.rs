//! Addresses of the European continent: the code before the town, the street before the code.

use std::ops::Range;

use super::Parts;
use super::find::{Found, before, country_behind, town};
use crate::fold::{lower, squeeze};
use crate::gazetteer::Country;
use crate::knowledge::Knowledge;

/// Endings and words that make a street line without a country's help.
const STREETS: [&str; 34] = [
    "straße",
    "strasse",
    "str.",
    "weg",
    "platz",
    "allee",
    "gasse",
    "ring",
    "damm",
    "ufer",
    "chaussee",
    "markt",
    "graben",
    "steig",
    "stieg",
    "pfad",
    "promenade",
    "brücke",
    "hof",
    "berg",
    "feld",
    "straat",
    "laan",
    "plein",
    "kade",
    "gracht",
    "dijk",
    "singel",
    "steenweg",
    "dreef",
    "baan",
    "lei",
    "park",
    "zeile",
];

/// A street line: where it starts in the text before the code, and the countries whose it can be.
struct Street {
    start: usize,
    text: String,
    fits: &'static [&'static str],
    /// Its own words make it a street line.
    certain: bool,
}

/// A code that one country alone writes so.
pub(super) fn certain(
    know: &Knowledge,
    text: &str,
    code: Range<usize>,
    place: Range<usize>,
    country: &str,
    hint: Option<Country>,
) -> Option<Found> {
    let country = Country::parse(country)?;
    let (base, part) = before(text, code.start);
    let part = strip_prefix_code(part);
    let street = streets(know, part).into_iter().find(|s| s.fits.contains(&country.code()))?;
    let printed = text.get(place.clone())?;
    let told = || {
        let name = town(know, printed, Some(country))?;
        let listed = know.gazetteer.city(name, Some(country)).is_some_and(|c| c.country == country);
        let named = country_behind(know, text, place.start + name.len()).is_some_and(|(c, _)| c == country);
        (listed || named).then_some(())
    };
    if !street.certain && hint != Some(country) && told().is_none() {
        return None;
    }
    build(know, text, base, street, code, place, country)
}

/// A code of four or five digits: the country by prefix, by name behind, by the words of the street, by the town, or by
/// other evidence; without any it is no address.
pub(super) fn open(
    know: &Knowledge,
    text: &str,
    prefix: Option<&str>,
    code: Range<usize>,
    place: Range<usize>,
    five: bool,
    hint: Option<Country>,
) -> Option<Found> {
    let possible: &[&str] = if five { &["DE", "FR", "ES", "IT"] } else { &["AT", "CH", "BE", "LU", "DK"] };
    let (base, part) = before(text, code.start);
    let part = strip_prefix_code(part);
    // `San Ramon, CA 94583` is American, whatever follows.
    if know.address.us.is_match(text.get(part.len().saturating_sub(4) + base..code.end).unwrap_or_default()) {
        return None;
    }
    let printed = text.get(place.clone())?;
    let named = town(know, printed, None)
        .and_then(|t| country_behind(know, text, place.start + t.len()))
        .map(|c| c.0);
    let prefixed = prefix.and_then(|p| match p {
        "D" | "DE" => Country::parse("DE"),
        "F" | "FR" => Country::parse("FR"),
        "E" | "ES" => Country::parse("ES"),
        "I" | "IT" => Country::parse("IT"),
        "A" | "AT" => Country::parse("AT"),
        "B" | "BE" => Country::parse("BE"),
        "L" | "LU" => Country::parse("LU"),
        other => Country::parse(other),
    });
    let listed = || {
        let name = town(know, printed, hint)?;
        know.gazetteer.city(name, hint).map(|c| c.country)
    };
    for street in streets(know, part) {
        let fits = |c: &Country| {
            possible.contains(&c.code()) && (street.fits.is_empty() || street.fits.contains(&c.code()))
        };
        let told = prefixed.or(named).filter(|c| fits(c));
        let hinted = hint.filter(|c| fits(c));
        let by_town = listed().filter(|c| fits(c));
        let only = match street.fits.iter().filter(|c| possible.contains(c)).collect::<Vec<_>>().as_slice() {
            [one] => Country::parse(one),
            _ => None,
        };
        if let Some(country) = told.or(by_town).or(only).or(hinted) {
            return build(know, text, base, street, code, place, country);
        }
    }
    None
}

fn build(
    know: &Knowledge,
    text: &str,
    base: usize,
    street: Street,
    code: Range<usize>,
    place: Range<usize>,
    country: Country,
) -> Option<Found> {
    let locality = town(know, text.get(place.clone())?, Some(country))?;
    let mut end = place.start + locality.len();
    let region = text.get(end..).and_then(|t| {
        let inner = t.strip_prefix(" (")?;
        inner.get(..2).filter(|r| {
            r.bytes().all(|b| b.is_ascii_uppercase()) && inner.get(2..).is_some_and(|t| t.starts_with(')'))
        })
    });
    if region.is_some() {
        end += 5;
    }
    if let Some((_, e)) = country_behind(know, text, end).filter(|(c, _)| *c == country) {
        end = e;
    }
    Some(Found {
        at: base + street.start..end,
        parts: Parts {
            street: Some(street.text),
            locality: Some(locality.to_owned()),
            region: region.map(str::to_owned),
            postal_code: text.get(code).map(squeeze),
            country: Some(country),
        },
    })
}

/// `D-`, `NL-` before the code belong to the code.
fn strip_prefix_code(part: &str) -> &str {
    let trimmed = part.trim_end_matches([' ', '-', '\u{a0}']);
    let word = trimmed.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    if matches!(
        word,
        "D" | "DE"
            | "F"
            | "FR"
            | "E"
            | "ES"
            | "I"
            | "IT"
            | "A"
            | "AT"
            | "CH"
            | "B"
            | "BE"
            | "L"
            | "LU"
            | "NL"
            | "P"
            | "PT"
            | "DK"
    ) && part.len() > trimmed.len()
    {
        return trimmed.strip_suffix(word).unwrap_or(trimmed);
    }
    part
}

/// The street lines that end the text, the surest first.
fn streets(know: &Knowledge, part: &str) -> Vec<Street> {
    let trimmed = part.trim_end_matches([' ', ',', '\n', '|', '·', '•', ';', '\u{a0}', '-', '–']);
    let mut out = Vec::new();
    let p = &know.address;
    for (pattern, fits) in [
        (&p.fr, &["FR", "BE", "LU", "CH"] as &[&str]),
        (&p.it, &["IT", "CH"]),
        (&p.es, &["ES"]),
        (&p.pt_street, &["PT"]),
    ] {
        let Some(found) = pattern.find_iter(trimmed).last() else { continue };
        // Floors and suites may follow; other text may not.
        let rest = trimmed.get(found.end()..).unwrap_or_default();
        let short = rest.chars().count() <= 30 && rest.matches("\n\n").count() <= 1 && !rest.contains(". ");
        if short {
            let text = clean(trimmed.get(found.start()..).unwrap_or_default());
            out.push(Street { start: found.start(), text, fits, certain: true });
        }
    }
    out.extend(number_last(know, trimmed));
    out
}

/// `Musterstraße 12`: the words before the number, cut where the street begins.
fn number_last(know: &Knowledge, part: &str) -> Option<Street> {
    let line_start = part
        .rfind(['\n', '|', ',', '·', ';', ':'])
        .map_or(0, |i| i + part.get(i..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8));
    let line = part.get(line_start..)?;
    let found = know.address.number_last.captures(line)?;
    let (words, whole) = (found.get(1)?, found.get(0)?);
    let name = words.as_str();
    let mut start = 0;
    let mut certain = false;
    for (i, word) in positions(name) {
        let low = lower(word.trim_end_matches(','));
        let street = STREETS.iter().any(|s| low.ends_with(s));
        let compound = STREETS.iter().any(|s| low.ends_with(s) && low.len() > s.len() + 1);
        if know.forms.is_form(word) && i + word.len() < name.len() {
            start = i + word.len() + 1;
        } else if street {
            certain = true;
            if compound && !low.contains('-') {
                start = i;
            }
        }
    }
    let text = line.get(words.start() + start..whole.end())?;
    let year = found
        .get(2)
        .is_some_and(|n| matches!(n.as_str().get(..2), Some("19" | "20")) && n.as_str().len() == 4);
    if !certain && (year || know.names.is_common(name)) {
        return None;
    }
    let usable = text.starts_with(char::is_uppercase) && text.len() <= 60;
    let fits: &[&str] = if certain {
        &["DE", "AT", "CH", "NL", "BE", "LU", "DK"]
    } else {
        &["DE", "AT", "CH", "NL", "BE", "DK"]
    };
    usable.then(|| Street { start: line_start + words.start() + start, text: clean(text), fits, certain })
}

fn positions(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = text.as_ptr() as usize;
    text.split(' ').map(move |w| (w.as_ptr() as usize - base, w))
}

fn clean(street: &str) -> String {
    squeeze(&street.replace(['\n', '|'], " ")).trim_end_matches([',', '.', '-', ' ']).to_owned()
}
