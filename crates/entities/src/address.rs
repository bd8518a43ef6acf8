//! Postal addresses: structured ones, and in text a street line with postal code and town by the rules of its country.

mod anglo;
mod continental;
mod find;
mod patterns;

use crate::fold::fold;
use crate::gazetteer::Country;
use crate::knowledge::Knowledge;
use crate::lexicon::Tag;
use crate::mention::{Kind, Mention, Method, Spot};
use crate::reading::Reading;

pub(crate) use patterns::Patterns;

/// An address in its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) street: Option<String>,
    pub(crate) locality: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) country: Option<Country>,
}

impl Parts {
    /// Country, postal code, house number and the first telling word of the street.
    fn key(&self) -> String {
        let street = self.street.as_deref().map(fold).unwrap_or_default();
        let number =
            street.split(' ').find(|w| w.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default();
        let common = [
            "rue", "de", "la", "du", "des", "via", "calle", "the", "unit", "suite", "floor", "am", "an",
            "der", "rua", "avenue", "avenida", "c",
        ];
        let word = street
            .split(' ')
            .find(|w| !w.starts_with(|c: char| c.is_ascii_digit()) && !common.contains(w) && w.len() > 1)
            .unwrap_or_default();
        let stem = word.strip_suffix("strasse").or_else(|| word.strip_suffix("str")).unwrap_or(word);
        let place = self.postal_code.as_deref().or(self.locality.as_deref()).map(fold).unwrap_or_default();
        let place: String = place.chars().filter(|c| !c.is_whitespace()).collect();
        let country = self.country.map(|c| c.code().to_lowercase()).unwrap_or_default();
        format!("{country}|{place}|{number}|{stem}")
    }

    fn value(&self, know: &Knowledge) -> String {
        let town =
            [self.postal_code.as_deref(), self.locality.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        let country = self.country.map(|c| know.gazetteer.country_name(c).to_owned());
        [
            self.street.clone(),
            Some(town.join(" ")).filter(|t| !t.is_empty()),
            self.region.clone(),
            country.filter(|c| !c.is_empty()),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
    }
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let page = r.page;
    let hint = page.country.or(r.site.country);
    let found = find::all(r.know, page.text(), hint);
    for address in found {
        if page.block_at(address.at.start).is_none()
            || page.block_at(address.at.end.saturating_sub(1)).is_none()
        {
            continue;
        }
        let is = type_of(r, address.at.start);
        if let Some(spot) = page.spot(address.at, Method::Pattern) {
            emit(r, &address.parts, Some(&is), spot);
        }
    }
}

/// The address, and the town it is in.
pub(crate) fn emit(r: &mut Reading<'_, '_>, parts: &Parts, is: Option<&str>, spot: Spot) {
    let code = parts.country.map(|c| c.code().to_owned());
    if parts.street.is_some() {
        let mention = Mention::new(Kind::Address, parts.key(), parts.value(r.know), spot.clone())
            .maybe("street", parts.street.as_deref())
            .maybe("locality", parts.locality.as_deref())
            .maybe("region", parts.region.as_deref())
            .maybe("postal_code", parts.postal_code.as_deref())
            .maybe("country", code.as_deref())
            .maybe("type", is);
        r.found.push(mention);
    }
    if let Some(city) = parts.locality.as_deref() {
        let place = crate::location::Place::of(r.know, city, parts.country, parts.region.as_deref());
        let mention = place.mention(r.know, is.unwrap_or("mention"), spot);
        r.found.push(mention);
    }
}

/// The countries whose addresses stand in a text.
pub(crate) fn countries(know: &Knowledge, text: &str) -> Vec<Country> {
    find::all(know, text, None).into_iter().filter_map(|a| a.parts.country).collect()
}

/// What sort of address it is, by the label before it, the headings above, the sort of page.
fn type_of(r: &Reading<'_, '_>, start: usize) -> String {
    let labels = &r.know.rules.location.labels;
    let is = |n: u16| labels.get(usize::from(n)).map(|l| l.is.clone());
    let before = start.saturating_sub(60);
    let near = r.page.scan.hits(before..start).iter().rev().find_map(|h| match h.tag {
        Tag::AddressLabel(n) if h.end <= start => is(n),
        _ => None,
    });
    if let Some(found) = near {
        return found;
    }
    let heading =
        r.page.block_at(start).and_then(|(_, b)| r.page.trail(b).find_map(|h| r.heading(h).place.clone()));
    heading.unwrap_or_else(|| {
        let legal = r.page.is_kind(&r.know.rules.pages.legal);
        if legal { "registered".into() } else { "office".into() }
    })
}
