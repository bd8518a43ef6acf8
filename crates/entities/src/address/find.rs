//! Addresses in a text: a postal code with its town, and the street line that stands before it.

use std::ops::Range;

use regex::Captures;

use super::{Parts, anglo, continental};
use crate::gazetteer::Country;
use crate::knowledge::Knowledge;

/// The street stands within this many bytes before the postal code.
const BEFORE_BYTES: usize = 160;

/// An address and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) at: Range<usize>,
    pub(crate) parts: Parts,
}

/// All addresses, by place. `hint`: the country that other evidence speaks for.
pub(super) fn all(know: &Knowledge, text: &str, hint: Option<Country>) -> Vec<Found> {
    let p = &know.address;
    let mut out: Vec<Found> = Vec::new();
    let mut add = |found: Option<Found>| out.extend(found);
    for c in p.gb.captures_iter(text) {
        add(anglo::coded(know, text, group(&c, 1), "GB"));
    }
    for c in p.ie.captures_iter(text) {
        add(anglo::coded(know, text, group(&c, 1), "IE"));
    }
    for (pattern, country) in [(&p.us, "US"), (&p.ca, "CA"), (&p.au, "AU")] {
        for c in pattern.captures_iter(text) {
            add(anglo::stated(know, text, group(&c, 1), group(&c, 2), country));
        }
    }
    for (pattern, country) in [(&p.nl, "NL"), (&p.pt, "PT")] {
        for c in pattern.captures_iter(text) {
            add(continental::certain(know, text, group(&c, 1), group(&c, 2), country, hint));
        }
    }
    for (pattern, five) in [(&p.five, true), (&p.four, false)] {
        for c in pattern.captures_iter(text) {
            let prefix = c.get(1).map(|m| m.as_str());
            add(continental::open(know, text, prefix, group(&c, 2), group(&c, 3), five, hint));
        }
    }
    out.sort_by_key(|f| (f.at.start, usize::MAX - f.at.end));
    out.dedup_by(|b, a| b.at.start < a.at.end);
    out
}

fn group(captures: &Captures<'_>, n: usize) -> Range<usize> {
    captures.get(n).map_or(0..0, |m| m.range())
}

/// The text before a place that may hold the street, and where it starts: not more than four blocks.
pub(super) fn before(text: &str, end: usize) -> (usize, &str) {
    let mut start = end.saturating_sub(BEFORE_BYTES);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let part = text.get(start..end).unwrap_or_default();
    let cut = part.rmatch_indices("\n\n").nth(4).map_or(0, |(i, s)| i + s.len());
    (start + cut, part.get(cut..).unwrap_or_default())
}

/// A country named right behind the address: which, and where its name ends.
pub(super) fn country_behind(know: &Knowledge, text: &str, from: usize) -> Option<(Country, usize)> {
    let rest = text.get(from..)?;
    let trimmed = rest.trim_start_matches([' ', ',', '\n', '|', '·', '\u{a0}', '•', '-', '–', '(']);
    let gap = rest.len() - trimmed.len();
    if gap > 6 || gap == 0 {
        return None;
    }
    let words: Vec<(usize, &str)> = trimmed
        .match_indices(|c: char| !(c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '-')))
        .map(|(i, _)| i)
        .chain([trimmed.len()])
        .take(4)
        .filter_map(|i| Some((i, trimmed.get(..i)?)))
        .collect();
    words.into_iter().rev().find_map(|(len, name)| {
        let name = name.trim_end_matches(['.', '-']);
        (name.starts_with(char::is_uppercase) && !name.contains('\n'))
            .then(|| know.gazetteer.country(name))?
            .map(|c| (c, from + gap + len.min(name.len())))
    })
}

/// A town without the words that only follow it: a country, `Tel`, `Germany`.
pub(super) fn town<'t>(know: &Knowledge, text: &'t str, country: Option<Country>) -> Option<&'t str> {
    const ENDS: [&str; 34] = [
        "tel",
        "tel.",
        "telefon",
        "telephone",
        "phone",
        "fax",
        "email",
        "e-mail",
        "mail",
        "web",
        "www",
        "vat",
        "ust-idnr",
        "ust-idnr.",
        "ust-id",
        "hrb",
        "kontakt",
        "contact",
        "geschäftsführer",
        "registered",
        "company",
        "opening",
        "öffnungszeiten",
        "siret",
        "siren",
        "rcs",
        "p.iva",
        "partita",
        "cif",
        "nif",
        "kvk",
        "btw",
        "amtsgericht",
        "cedex",
    ];
    let ends: Vec<usize> = text.match_indices([' ', '\u{a0}']).map(|(i, _)| i).chain([text.len()]).collect();
    // A town of the list is sure: the longest one wins.
    let listed = ends.iter().rev().find_map(|e| {
        let name = text.get(..*e)?;
        // A sentence may end here; `St.` keeps its point inside.
        know.gazetteer.city(name, country).map(|_| name.trim_end_matches(['.', ',', '-', ' ']))
    });
    if listed.is_some() {
        return listed;
    }
    let mut end = 0;
    for (n, e) in ends.iter().enumerate() {
        let word = text.get(end..*e)?.trim();
        let stops = ENDS.contains(&crate::fold::lower(word).as_str())
            || (n > 0 && know.gazetteer.country(word).is_some())
            || n >= 4
            || know.forms.is_form(word) && n > 0;
        if stops {
            break;
        }
        end = *e;
    }
    text.get(..end).map(|t| t.trim_end_matches(['.', ',', '-'])).filter(|t| t.len() > 1)
}
