//! The name of a page.

use domain::BlockKind;
use domain::document::Data;
use serde_json::Value;
use url::Url;

use super::drafts::{Anchor, Draft, Drafts};
use super::head::Head;
use super::region::Place;
use super::tree::Tree;
use crate::links::resolve;

/// The page's name: `og:title`, else the `<title>`, else the first heading, without the site's name behind or before.
///
/// The site's name is what the page declares (`og:site_name`, the `Organization` or `WebSite` of its JSON-LD), what its
/// link to the start page says, or the name in the host.
pub(crate) fn title(
    head: &Head,
    data: &Data,
    drafts: &Drafts,
    tree: &Tree,
    url: Option<&Url>,
) -> Option<String> {
    let graph =
        |name: &str| data.opengraph.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let heading = first_heading(&drafts.blocks);
    let Some(named) = graph("og:title").or(head.title.as_deref()) else { return heading.map(str::to_owned) };
    let application =
        data.meta.iter().find(|(key, _)| key == "application-name").map(|(_, value)| value.as_str());
    let declared = data.jsonld.iter().filter_map(|item| site_name(&item.value));
    let mut sites: Vec<&str> = graph("og:site_name").into_iter().chain(application).chain(declared).collect();
    let home = drafts
        .anchors
        .iter()
        .take(40)
        .filter(|anchor| is_home(tree, anchor, url))
        .map(|anchor| anchor.text.trim());
    sites.extend(home.filter(|text| (2..=60).contains(&text.len())));
    let bare = without_site(named, &sites, url.and_then(Url::host_str), heading);
    Some(bare).filter(|title| !title.is_empty()).or_else(|| heading.map(str::to_owned))
}

fn site_name(value: &Value) -> Option<&str> {
    let of = |value: &'_ Value| {
        matches!(
            value.get("@type").and_then(Value::as_str),
            Some("Organization" | "WebSite" | "Corporation" | "LocalBusiness")
        )
    };
    if of(value) {
        return value.get("name").and_then(Value::as_str);
    }
    value.get("@graph")?.as_array()?.iter().find(|value| of(value))?.get("name")?.as_str()
}

/// A link to the start page.
fn is_home(tree: &Tree, anchor: &Anchor, url: Option<&Url>) -> bool {
    let Some(target) = tree.attr(anchor.id, "href").and_then(|href| resolve(href, url)) else { return false };
    target.path() == "/"
        && target.query().is_none()
        && url.is_some_and(|url| url.host_str() == target.host_str())
}

pub(crate) fn first_heading(blocks: &[Draft]) -> Option<&str> {
    let seen = |block: &&Draft| block.kind == BlockKind::Heading && is_seen(block.place);
    let first = blocks.iter().filter(seen).find(|block| block.level == Some(1));
    first
        .or_else(|| blocks.iter().filter(seen).find(|block| block.level == Some(2)))
        .map(|block| block.text.as_str())
}

fn is_seen(place: Place) -> bool {
    !matches!(place.region, domain::Region::Hidden | domain::Region::Banner)
}

const SEPARATORS: &[&str] = &[" | ", " – ", " — ", " - ", " · ", " • ", " » ", " :: ", " / ", ": "];

/// Takes the site's name off a title: a part that equals the declared name or the host's name, or everything but the
/// part that equals the heading.
fn without_site(title: &str, sites: &[&str], host: Option<&str>, heading: Option<&str>) -> String {
    let title = title.trim();
    for separator in SEPARATORS {
        let parts: Vec<&str> =
            title.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 {
            continue;
        }
        if let Some(part) = parts.iter().find(|part| heading.is_some_and(|heading| same(part, heading))) {
            return (*part).to_owned();
        }
        let is_site = |part: &str| {
            sites.iter().any(|site| same(part, site)) || host.is_some_and(|host| names_host(part, host))
        };
        let (first, last) =
            (parts.first().copied().unwrap_or_default(), parts.last().copied().unwrap_or_default());
        if is_site(last) {
            return title.rsplit_once(separator).map_or(title, |(rest, _)| rest).trim().to_owned();
        }
        if is_site(first) {
            return title.split_once(separator).map_or(title, |(_, rest)| rest).trim().to_owned();
        }
    }
    title.to_owned()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn same(a: &str, b: &str) -> bool {
    let (a, b) = (squeezed(a), squeezed(b));
    !a.is_empty() && a == b
}

/// Whether a part of a title is the name in the host: `Brightwater Pumps` and `www.brightwaterpumps.example`.
fn names_host(part: &str, host: &str) -> bool {
    let suffix = psl::suffix_str(host).unwrap_or_default();
    let name = host
        .strip_suffix(suffix)
        .unwrap_or(host)
        .trim_end_matches('.')
        .rsplit('.')
        .next()
        .unwrap_or_default();
    name.len() >= 3 && same(part, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_s_name_is_taken_off_the_title() {
        let bare = |title, site: Option<&str>, host, heading| {
            without_site(title, &Vec::from_iter(site), host, heading)
        };
        assert_eq!(
            bare("Team | Brightwater Pumps", None, Some("www.brightwaterpumps.example"), None),
            "Team"
        );
        assert_eq!(bare("Acme – Pricing", Some("ACME"), None, None), "Pricing");
        assert_eq!(bare("Our people - At work - Acme", None, None, Some("Our People")), "Our people");
        assert_eq!(bare("Pumps: a history", None, Some("a.example"), None), "Pumps: a history");
        assert_eq!(bare("State-of-the-art", None, None, None), "State-of-the-art");
    }
}
