//! Numbers of registers: company, tax, legal entity; with checksums where the number carries one.

mod checksum;
mod form;

use crate::gazetteer::Country;
use crate::lexicon::Tag;
use crate::mention::{Kind, Mention, Method};
use crate::page::range;
use crate::reading::Reading;

/// The schemes that a rule file may name.
pub(crate) const SCHEMES: [&str; 19] = [
    "gb_company",
    "gb_charity",
    "ie_cro",
    "de_hrb",
    "vat",
    "fr_siren",
    "fr_siret",
    "nl_kvk",
    "be_enterprise",
    "at_fn",
    "ch_uid",
    "lei",
    "duns",
    "us_ein",
    "au_abn",
    "au_acn",
    "es_nif",
    "pt_nipc",
    "it_rea",
];

/// A number as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) scheme: &'static str,
    /// In its usual form.
    pub(crate) value: String,
    /// None where the scheme has no checksum.
    pub(crate) valid: Option<bool>,
}

impl Read {
    pub(crate) fn key(&self) -> String {
        format!("{}:{}", self.scheme, self.value.to_lowercase().replace(' ', ""))
    }
}

/// How far before its number a court is named, in bytes.
const COURT: usize = 64;
/// How far behind its label a number may stand, in bytes.
const REACH: usize = 60;

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let country = r.page.country.or(r.site.country);
    let mut found: Vec<Mention> = Vec::new();
    for (hit, n, block) in r.page.hits() {
        let Tag::Scheme(rule) = hit.tag else { continue };
        let Some(rule) = r.know.rules.identifier.labels.get(usize::from(rule)) else { continue };
        let scheme = rule.scheme.get_ref().as_str();
        let label = r.page.scan.get_low(hit.start..hit.end);
        let needs = rule.country.as_deref().and_then(Country::parse);
        if needs.is_some_and(|c| country.is_some_and(|known| known != c) && !names_country(label, c)) {
            continue;
        }
        let end = range(block).end;
        // A label alone in its block or cell speaks of the next one.
        let alone =
            r.page.text().get(hit.end..end).is_some_and(|t| t.trim_matches([' ', ':', '.']).is_empty());
        let next = r.page.content.blocks.get(n + 1).filter(|b| alone && r.page.is_usable(b));
        let reach = next.map_or(end, |b| range(b).end).min(hit.end + REACH);
        let reach = (hit.end..=reach).rev().find(|e| r.page.text().is_char_boundary(*e)).unwrap_or(hit.end);
        let behind = r.page.scan.get(hit.end..reach);
        let Some((at, read)) = form::behind(scheme, label, behind, country) else { continue };
        let start = court_before(r, hit.start, block.start as usize, read.scheme);
        let Some(spot) = r.page.spot(start..hit.end + at.end, Method::LegalLabel) else { continue };
        found.push(
            Mention::new(Kind::Identifier, read.key(), read.value.clone(), spot.clone())
                .with("scheme", read.scheme)
                .with("value", read.value.clone())
                .maybe("valid", read.valid),
        );
        if is_about_us(r, block) {
            found.push(crate::organisation::own_fact(r, spot).with("identifier", read.key()));
        }
    }
    // The same place read under two labels (`HRB`, `Handelsregister … HRB`) is one number.
    found.dedup_by(|b, a| {
        a.kind == b.kind && a.key == b.key && a.spot.as_ref().map(|s| s.end) == b.spot.as_ref().map(|s| s.end)
    });
    r.found.extend(found);
}

fn names_country(label: &str, country: Country) -> bool {
    match country.code() {
        "GB" => ["england", "wales", "scotland", "northern ireland", "uk", "companies house"]
            .iter()
            .any(|w| label.contains(w)),
        "IE" => label.contains("ireland") || label.starts_with("cro"),
        "US" => label.contains("ein") || label.contains("federal") || label.contains("employer"),
        _ => false,
    }
}

/// Footers, legal and contact pages speak of the company itself.
fn is_about_us(r: &Reading<'_, '_>, block: &domain::Block) -> bool {
    block.region == domain::Region::Footer
        || r.page.is_kind(&r.know.rules.pages.legal)
        || r.page.is_kind(&r.know.rules.pages.contact)
}

/// `Amtsgericht Charlottenburg, HRB 12345 B`: the court belongs to the quote.
fn court_before(r: &Reading<'_, '_>, start: usize, floor: usize, scheme: &str) -> usize {
    if scheme != "de_hrb" {
        return start;
    }
    let before = r.page.scan.before(floor, start, COURT);
    r.page.scan.get_low(before.clone()).rfind("amtsgericht").map_or(start, |at| before.start + at)
}

/// A number of structured data: the scheme is given, or told by the form (`taxID`).
pub(crate) fn structured(scheme: &str, printed: &str, country: Option<Country>) -> Option<Read> {
    let scheme = match (scheme, country.map(|c| c.code().to_owned()).as_deref()) {
        ("tax", Some("US")) => "us_ein",
        ("tax", _) => "vat",
        (other, _) => other,
    };
    form::behind(scheme, "", &format!(" {printed} "), country).map(|(_, read)| read)
}
