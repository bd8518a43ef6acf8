//! Places: where the company sits, works and sells; by clauses and by headings of offices.

use std::ops::Range;

use domain::{BlockKind, Region};

use crate::fold::fold;
use crate::gazetteer::Country;
use crate::knowledge::Knowledge;
use crate::lexicon::Tag;
use crate::mention::{Kind, Mention, Method, Spot};
use crate::page::range;
use crate::reading::Reading;
use crate::scan::Token;

/// A town or a country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    city: Option<String>,
    region: Option<String>,
    country: Option<Country>,
}

impl Place {
    /// A town with what is known of it: its usual name, its country, its region.
    pub(crate) fn of(know: &Knowledge, city: &str, country: Option<Country>, region: Option<&str>) -> Self {
        let listed =
            know.gazetteer.city(city, country).filter(|c| country.is_none() || Some(c.country) == country);
        Self {
            city: Some(listed.map_or(city, |c| c.name).to_owned()),
            region: region.map(str::to_owned).or_else(|| listed.and_then(|c| c.region.map(str::to_owned))),
            country: country.or_else(|| listed.map(|c| c.country)),
        }
    }

    fn key(&self) -> String {
        let country = self.country.map(|c| c.code().to_lowercase()).unwrap_or_default();
        format!("{}|{country}", self.city.as_deref().map(fold).unwrap_or_default())
    }

    fn value(&self, know: &Knowledge) -> String {
        let country = self.country.map(|c| know.gazetteer.country_name(c));
        [self.city.as_deref(), country].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn mention(&self, know: &Knowledge, is: &str, spot: Spot) -> Mention {
        Mention::new(Kind::Location, self.key(), self.value(know), spot)
            .with("type", is)
            .maybe("city", self.city.as_deref())
            .maybe("region", self.region.as_deref())
            .maybe("country", self.country.map(|c| c.code().to_owned()))
    }
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    clauses(r);
    headings(r);
    headquarters(r);
}

/// `headquartered in Leeds, UK` · `offices in Berlin, Paris and Madrid`.
fn clauses(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for (hit, _, block) in r.page.hits() {
        let Tag::LocationClause(n) = hit.tag else { continue };
        let Some(rule) = r.know.rules.location.clauses.get(usize::from(n)) else { continue };
        let tokens = r.page.block_tokens(block);
        let to = tokens.partition_point(|t| t.end <= hit.end);
        let sits = matches!(rule.is.as_str(), "headquarters" | "registered");
        let another = sits && crate::organisation::is_of_another(r, hit.start..hit.end);
        if another || block.kind == BlockKind::Quote || !r.speaks_of_us(&(hit.start..hit.end)) {
            continue;
        }
        for (at, place) in list(r, &tokens, to) {
            if let Some(spot) = r.context(hit.start..at.end, Method::Clause) {
                found.push(place.mention(r.know, &rule.is, spot));
            }
        }
    }
    r.found.extend(found);
}

/// The places of a list that starts at a token: `Leeds, UK`, `Berlin, Paris and Madrid`.
fn list(r: &Reading<'_, '_>, tokens: &[Token], from: usize) -> Vec<(Range<usize>, Place)> {
    let mut out: Vec<(Range<usize>, Place)> = Vec::new();
    let mut at = from;
    while out.len() < 30 {
        while tokens.get(at).is_some_and(|t| {
            matches!(r.page.scan.low_word(t), "the" | "den" | "der" | "la" | "both" | "city")
                || t.mark() == Some(':')
        }) {
            at += 1;
        }
        let Some((end, name)) = place_at(r, tokens, at) else { break };
        let Some(first) = tokens.get(at) else { break };
        let Some(last) = end.checked_sub(1).and_then(|n| tokens.get(n)) else { break };
        let mut place = name;
        let mut reach = last.end;
        at = end;
        // `Cambridge, Massachusetts`: the state of the town before it.
        if let Some((end, place_with_region)) = with_region(r, tokens, at, &place) {
            place = place_with_region;
            reach = tokens.get(end - 1).map_or(reach, |t| t.end);
            at = end;
        }
        // `Leeds, UK`: the country of the town before it.
        let comma = tokens.get(at).is_some_and(|t| matches!(t.mark(), Some(',' | '(')));
        if comma
            && place.city.is_some()
            && let Some((next_end, next)) = place_at(r, tokens, at + 1)
            && next.city.is_none()
            && let Some(country) = next.country
            && let Some(last) = tokens.get(next_end - 1)
        {
            place = Place::of(
                r.know,
                place.city.as_deref().unwrap_or_default(),
                Some(country),
                place.region.as_deref(),
            );
            reach = last.end;
            at = next_end;
            if tokens.get(at).is_some_and(|t| t.mark() == Some(')')) {
                at += 1;
            }
        }
        out.push((first.start..reach, place));
        let joints = tokens.get(at..).unwrap_or_default().iter().take(2).take_while(|t| {
            matches!(t.mark(), Some(',' | '&' | '/' | ';'))
                || matches!(r.page.scan.low_word(t), "and" | "und" | "et" | "y" | "e" | "en" | "as" | "sowie")
        });
        let joints = joints.count();
        if joints == 0 {
            break;
        }
        at += joints;
    }
    out
}

/// The town with the state or province that stands behind a comma, and where that ends.
fn with_region(r: &Reading<'_, '_>, tokens: &[Token], at: usize, place: &Place) -> Option<(usize, Place)> {
    let city = place.city.as_deref()?;
    tokens.get(at).filter(|t| t.mark() == Some(','))?;
    let first = tokens.get(at + 1).filter(|t| t.is_word())?;
    (1..=3).rev().find_map(|n| {
        let last = tokens.get(at + n).filter(|t| t.is_word())?;
        let (country, code) = r.know.gazetteer.region(r.page.scan.get(first.start..last.end))?;
        Some((at + n + 1, Place::of(r.know, city, Some(country), Some(code))))
    })
}

/// The town or country that starts at a token, the longest name first. A town that no list knows counts when a known
/// country follows it.
fn place_at(r: &Reading<'_, '_>, tokens: &[Token], from: usize) -> Option<(usize, Place)> {
    let first = tokens.get(from).filter(|t| t.is_word())?;
    if !r.page.scan.word(first).starts_with(|c: char| c.is_uppercase()) {
        return None;
    }
    let hint = r.page.country.or(r.site.country);
    for len in (1..=4).rev() {
        let Some(last) = tokens.get(from + len - 1).filter(|t| t.is_word()) else { continue };
        let name = r.page.scan.get(first.start..last.end);
        if let Some(city) = r.know.gazetteer.city(name, hint) {
            return Some((from + len, Place::of(r.know, name, Some(city.country), None)));
        }
        if let Some(country) = r.know.gazetteer.country(name) {
            return Some((from + len, Place { city: None, region: None, country: Some(country) }));
        }
    }
    let mut end = from + 1;
    while end < from + 3
        && tokens.get(end).is_some_and(|t| t.is_word() && r.page.scan.word(t).starts_with(char::is_uppercase))
    {
        end += 1;
    }
    let comma = tokens.get(end).is_some_and(|t| t.mark() == Some(','));
    let town = Place {
        city: tokens.get(end - 1).map(|l| r.page.scan.get(first.start..l.end).to_owned()),
        region: None,
        country: None,
    };
    if with_region(r, tokens, end, &town).is_some() {
        return Some((end, town));
    }
    let next = tokens.get(end + 1).filter(|t| t.is_word())?;
    let country = (1..=3).rev().find_map(|n| {
        let last = tokens.get(end + n)?;
        r.know.gazetteer.country(r.page.scan.get(next.start..last.end))
    });
    let last = tokens.get(end - 1)?;
    let city = r.page.scan.get(first.start..last.end).to_owned();
    (comma && country.is_some()).then_some((end, Place { city: Some(city), region: None, country }))
}

/// Towns as headings under "Offices", "Locations", "Stores".
fn headings(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for (_, block) in r.page.blocks().filter(|(_, b)| !matches!(b.region, Region::Nav)) {
        let text = r.page.block_text(block);
        let listed = matches!(block.kind, BlockKind::Heading | BlockKind::ListItem | BlockKind::Card);
        if !listed || text.len() > 60 {
            continue;
        }
        let name = text.split([',', '(', '–', '-']).next().unwrap_or(text).trim();
        let Some(city) = r.know.gazetteer.city(name, r.page.country.or(r.site.country)) else { continue };
        let above = block.trail.iter().rev().take(2).find_map(|h| r.heading(h).place.clone());
        let Some(is) = above else { continue };
        let rest = text.get(name.len()..).unwrap_or_default().trim_matches([' ', ',', '(', ')', '–', '-']);
        let place = match (r.know.gazetteer.region(rest), r.know.gazetteer.country(rest)) {
            (Some((country, code)), _) => Place::of(r.know, name, Some(country), Some(code)),
            (None, country) => Place::of(r.know, name, Some(country.unwrap_or(city.country)), None),
        };
        if let Some(spot) = r.page.spot(range(block), Method::HeadingList) {
            found.push(place.mention(r.know, &is, spot));
        }
    }
    r.found.extend(found);
}

/// The company's own seat, as a fact of the company: two different ones are a conflict.
fn headquarters(r: &mut Reading<'_, '_>) {
    let seats: Vec<(String, Spot)> = r
        .found
        .iter()
        .filter(|m| {
            m.kind == Kind::Location && m.text("type") == Some("headquarters") && m.text("city").is_some()
        })
        .filter_map(|m| Some((m.value.clone(), m.spot.clone()?)))
        .collect();
    for (value, spot) in seats {
        let fact = crate::organisation::own_fact(r, spot).with("headquarters", value);
        r.found.push(fact);
    }
}
