//! Addresses of the English-speaking world: number and street first, the code last.

use std::ops::Range;

use super::Parts;
use super::find::{Found, before, country_behind};
use crate::fold::squeeze;
use crate::gazetteer::Country;
use crate::knowledge::Knowledge;

/// `12 Mill Lane, Leeds LS1 4AP`: the town before the code.
pub(super) fn coded(know: &Knowledge, text: &str, code: Range<usize>, country: &str) -> Option<Found> {
    let (name, country) = (country, Country::parse(country));
    let printed = text.get(code.clone())?;
    let dublin = printed.starts_with("Dublin");
    let (base, part) = before(text, code.start);
    let (street, rest) = street(know, part, true)?;
    let names = names(rest);
    let locality = if dublin {
        Some("Dublin".to_owned())
    } else {
        let known = names
            .iter()
            .rev()
            .find(|n| know.gazetteer.city(n, country).is_some_and(|c| Some(c.country) == country));
        known.or_else(|| names.iter().rev().find(|n| !is_county(n))).map(|n| (*n).to_owned())
    };
    if names.len() > 4 || (locality.is_none() && !rest.trim().is_empty()) {
        return None;
    }
    let region =
        names.last().filter(|n| is_county(n) && Some((**n).to_owned()) != locality).map(|n| (*n).to_owned());
    finish(
        know,
        text,
        base + street.start,
        code.end,
        Parts {
            street: part.get(street.clone()).map(clean),
            locality,
            region,
            postal_code: (!dublin).then(|| spaced(printed, name)),
            country,
        },
    )
}

/// `350 Main Street, Springfield, IL 62701`: the town before the state.
pub(super) fn stated(
    know: &Knowledge,
    text: &str,
    state: Range<usize>,
    code: Range<usize>,
    country: &str,
) -> Option<Found> {
    let (base, part) = before(text, state.start);
    let part = part.trim_end_matches('(');
    let (street, rest) = street(know, part, false)?;
    let names = names(rest);
    let locality = names.last().map(|n| (*n).to_owned())?;
    if names.len() > 3 {
        return None;
    }
    finish(
        know,
        text,
        base + street.start,
        code.end,
        Parts {
            street: part.get(street.clone()).map(clean),
            locality: Some(locality),
            region: text.get(state).map(str::to_owned),
            postal_code: text.get(code).map(str::to_owned),
            country: Country::parse(country),
        },
    )
}

fn finish(know: &Knowledge, text: &str, start: usize, end: usize, parts: Parts) -> Option<Found> {
    let end =
        country_behind(know, text, end).filter(|(c, _)| Some(*c) == parts.country).map_or(end, |(_, e)| e);
    Some(Found { at: start..end, parts })
}

/// The last street line of the text, and what stands behind it.
fn street<'t>(know: &Knowledge, part: &'t str, unnumbered: bool) -> Option<(Range<usize>, &'t str)> {
    let last = know.address.anglo.find_iter(part).last().map(|m| m.range());
    let found = match last {
        Some(range) => range,
        None if unnumbered => know.address.named.find_iter(part).last().map(|m| m.range())?,
        None => return None,
    };
    let rest = part.get(found.end..)?;
    // What stands between street and code are names of places, nothing else.
    let plain = rest.len() <= 70
        && rest.chars().all(|c| {
            c.is_alphabetic() || matches!(c, ' ' | ',' | '\n' | '.' | '\'' | '’' | '-' | '\u{a0}' | '|' | '·')
        });
    plain.then_some((found, rest))
}

/// The names between separators; words run together without one are one name.
fn names(rest: &str) -> Vec<&str> {
    rest.split([',', '\n', '|', '·'])
        .flat_map(|n| n.split(" . "))
        .map(|n| n.trim_matches([' ', '.', '-', '\u{a0}']))
        .filter(|n| n.starts_with(char::is_uppercase))
        .collect()
}

fn is_county(name: &str) -> bool {
    name.ends_with("shire")
        || matches!(
            name,
            "Kent"
                | "Surrey"
                | "Essex"
                | "Sussex"
                | "East Sussex"
                | "West Sussex"
                | "Norfolk"
                | "Suffolk"
                | "Devon"
                | "Cornwall"
                | "Dorset"
                | "Somerset"
                | "Cumbria"
                | "Merseyside"
                | "Greater Manchester"
                | "West Midlands"
                | "West Yorkshire"
                | "South Yorkshire"
                | "North Yorkshire"
                | "Tyne and Wear"
                | "Northumberland"
                | "Durham"
                | "Middlesex"
                | "Greater London"
                | "England"
                | "Scotland"
                | "Wales"
                | "Northern Ireland"
                | "Co. Dublin"
                | "County Dublin"
                | "Co Dublin"
        )
}

fn clean(street: &str) -> String {
    squeeze(&street.replace('\n', ", ").replace(", ,", ",")).trim_end_matches(['.', ',']).to_owned()
}

/// `LS14AP` → `LS1 4AP`; an Eircode is parted after three signs.
fn spaced(code: &str, country: &str) -> String {
    let plain: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let at = if country == "IE" { Some(3) } else { plain.len().checked_sub(3) };
    match at.and_then(|n| plain.split_at_checked(n)) {
        Some((head, tail)) if (5..=7).contains(&plain.len()) => format!("{head} {tail}"),
        _ => code.to_owned(),
    }
}
