//! E-mail addresses: links, text, spelled-out and protected forms; role desks told from people.

mod find;

use serde_json::json;

use crate::fold::{fold, lower};
use crate::mention::{Kind, Mention, Method, Spot};
use crate::raw::markup;
use crate::reading::Reading;
use crate::web;

/// An address, lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    local: String,
    domain: String,
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for link in crate::page::links(r.page) {
        let Some(target) =
            link.href.get(..7).filter(|s| s.eq_ignore_ascii_case("mailto:")).and(link.href.get(7..))
        else {
            continue;
        };
        for printed in target.split('?').next().unwrap_or_default().split(',') {
            let Some(address) = parse(r, &decode(printed)) else { continue };
            let person = link.card.and_then(|c| r.card_people.get(&c)).cloned();
            found.extend(
                crate::href::spot(r.page, link).and_then(|s| build(r, &address, person.as_deref(), s)),
            );
        }
    }
    for (at, printed) in find::all(r) {
        let Some(address) = parse(r, &printed) else { continue };
        let card = r.page.block_at(at.start).and_then(|(_, b)| b.card);
        let person = card.and_then(|c| r.card_people.get(&c)).cloned();
        let spot = r.page.spot(at, Method::Pattern);
        found.extend(spot.and_then(|s| build(r, &address, person.as_deref(), s)));
    }
    found.extend(protected(r));
    for mention in found {
        belongs(r, &mention);
        r.found.push(mention);
    }
}

/// An address of structured data.
pub(crate) fn structured(r: &Reading<'_, '_>, printed: &str, spot: Spot) -> Option<Mention> {
    let printed = printed.strip_prefix("mailto:").unwrap_or(printed);
    build(r, &parse(r, &decode(printed))?, None, spot)
}

/// The person whose card shows the address has it.
fn belongs(r: &mut Reading<'_, '_>, mention: &Mention) {
    let (Some(name), Some(spot)) = (mention.text("person"), mention.spot.clone()) else { return };
    let name = crate::person::name::canonical(name);
    let person = Mention::new(Kind::Person, crate::person::name::key(&name), name, spot)
        .with("email", mention.value.clone())
        .adding();
    r.found.push(person);
}

/// Addresses that Cloudflare hides from harvesters (`data-cfemail`).
fn protected(r: &Reading<'_, '_>) -> Vec<Mention> {
    let Some(raw) = r.page.raw.and_then(|b| std::str::from_utf8(b).ok()).filter(|t| t.contains("cfemail"))
    else {
        return Vec::new();
    };
    markup::tags(raw)
        .filter_map(|tag| {
            let hidden = tag.attribute("data-cfemail")?;
            let address = parse(r, &uncover(hidden.value)?)?;
            let spot = r.page.raw_spot(hidden.start as u64, hidden.end as u64, Method::Href)?;
            build(r, &address, None, spot)
        })
        .collect()
}

/// The first byte is the key, the others are the address exclusive-or the key.
fn uncover(hex: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        (0..hex.len() / 2).map(|i| u8::from_str_radix(hex.get(i * 2..i * 2 + 2)?, 16).ok()).collect();
    let bytes = bytes?;
    let (key, rest) = bytes.split_first()?;
    String::from_utf8(rest.iter().map(|b| b ^ key).collect()).ok()
}

/// An address that could receive mail; placeholders, file names and error-tracker keys are none.
fn parse(r: &Reading<'_, '_>, text: &str) -> Option<Address> {
    let text = lower(text.trim().trim_matches(['<', '>', '.', ',', ';', ':']));
    let (local, domain) = text.rsplit_once('@')?;
    let sets = &r.know.sets;
    let local_fits = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let is_own = r.site.is_own_host(domain);
    let placeholder = sets.placeholder_locals.contains(local)
        || (sets.placeholder_domains.contains(domain) && !is_own)
        || sets
            .placeholder_domains
            .iter()
            .any(|d| d.matches('.').count() > 1 && domain.ends_with(d.as_str()));
    let file = sets.file_endings.contains(web::tld(domain));
    let key = local.len() >= 32 && local.chars().all(|c| c.is_ascii_hexdigit());
    let good = local_fits && !placeholder && !file && !key && web::is_domain(domain, r.site.tld.as_deref());
    good.then(|| Address { local: local.to_owned(), domain: domain.to_owned() })
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let hex = (b == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|h| u8::from_str_radix(h, 16).ok());
        out.push(hex.unwrap_or(b));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// The mention; none for a person's address where people are left out.
fn build(r: &Reading<'_, '_>, address: &Address, person: Option<&str>, spot: Spot) -> Option<Mention> {
    let role = person.is_none() && is_role(r, &address.local);
    if !role && !r.site.people {
        return None;
    }
    let domain = if r.site.is_own_host(&address.domain) {
        "own"
    } else if r.know.sets.free_domains.contains(&address.domain) {
        "free"
    } else {
        "other"
    };
    let value = format!("{}@{}", address.local, address.domain);
    Some(
        Mention::new(Kind::Email, value.clone(), value.clone(), spot)
            .with("address", value)
            .with("type", if role { "role" } else { "person" })
            .with("domain", domain)
            .maybe("person", person.map(|p| json!(crate::person::name::canonical(p)))),
    )
}

/// A desk: a known word, alone or with a place or number (`sales-uk`, `info2`), or the company's own name. Whatever
/// else may be a person's is taken for one.
fn is_role(r: &Reading<'_, '_>, local: &str) -> bool {
    let roles = &r.know.sets.email_roles;
    let bare = local.trim_end_matches(|c: char| c.is_ascii_digit());
    if roles.contains(local) || roles.contains(bare) || r.site.is_own_name(r.know, &fold(local)) {
        return true;
    }
    // Words run together: `wellrivesupport`. Short ones also end names of people.
    let ends = |w: &String| w.len() >= 7 && (bare.ends_with(w.as_str()) || bare.starts_with(w.as_str()));
    if roles.iter().any(ends) {
        return true;
    }
    let mut parts = bare.split(['.', '-', '_', '+']).filter(|p| !p.is_empty());
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let neutral = |p: &&str| {
        roles.contains(*p) || p.len() <= 2 || r.know.gazetteer.is_place(p) || r.site.is_own_name(r.know, p)
    };
    !rest.is_empty()
        && (roles.contains(first) && rest.iter().all(neutral)
            || rest.iter().any(|p| roles.contains(*p)) && neutral(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protected_addresses_are_uncovered() {
        assert_eq!(uncover("422b2c242d0223212f276c273a232f322e27").as_deref(), Some("info@acme.example"));
        assert_eq!(uncover("zz"), None);
        assert_eq!(uncover(""), None);
    }

    #[test]
    fn percent_signs_are_decoded() {
        assert_eq!(decode("info%40acme.example"), "info@acme.example");
        assert_eq!(decode("100%"), "100%");
    }
}
