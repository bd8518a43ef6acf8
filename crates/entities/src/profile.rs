//! Profiles elsewhere: only links, `sameAs` and `rel=me`; shares, log-ins and single posts are none.

use domain::{Link, Region};
use url::Url;

use crate::fold::fold;
use crate::mention::{Kind, Mention, Spot};
use crate::reading::Reading;
use crate::rules::Network;

/// A profile's address, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Read<'r> {
    network: &'r str,
    handle: String,
    url: String,
    /// Who it can only be.
    owner: Option<&'r str>,
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for link in crate::page::links(r.page) {
        let is_me = link.rel.as_deref().is_some_and(|rel| rel.split(' ').any(|x| x == "me"));
        let Some(read) = parse(r, &link.href, is_me, false) else {
            continue;
        };
        let person = link.card.and_then(|c| r.card_people.get(&c)).cloned();
        let owner = owner(r, link, &read, person.is_some());
        if owner == "person" && !r.site.people {
            continue;
        }
        let Some(spot) = crate::href::spot(r.page, link) else { continue };
        let mention = build(&read, owner, spot.clone());
        if let Some(name) = person.filter(|_| owner == "person") {
            let name = crate::person::name::canonical(&name);
            found.push(
                Mention::new(Kind::Person, crate::person::name::key(&name), name.clone(), spot)
                    .with("profiles", read.url.clone())
                    .adding(),
            );
            found.push(mention.with("person", name));
        } else {
            found.push(mention);
        }
    }
    r.found.extend(found);
}

/// A `sameAs` link.
pub(crate) fn structured(
    r: &Reading<'_, '_>,
    link: &str,
    owner: Option<&str>,
    spot: Spot,
) -> Option<Mention> {
    let read = parse(r, link, false, true)?;
    let owner = read.owner.or(owner).unwrap_or("other");
    (owner != "person" || r.site.people).then(|| build(&read, owner, spot))
}

fn build(read: &Read<'_>, owner: &str, spot: Spot) -> Mention {
    Mention::new(
        Kind::Profile,
        format!("{}:{}", read.network, read.handle.to_lowercase()),
        read.url.clone(),
        spot,
    )
    .with("network", read.network)
    .with("handle", read.handle.clone())
    .with("url", read.url.clone())
    .with("owner", owner)
}

/// In header and footer it is the site's own; in a person's card that person's; else its handle tells.
fn owner(r: &Reading<'_, '_>, link: &Link, read: &Read<'_>, in_card: bool) -> &'static str {
    if read.owner == Some("person") || in_card {
        return "person";
    }
    let squash = |t: &str| fold(t).replace(' ', "");
    let handle = squash(&read.handle);
    let own = r
        .site
        .names
        .iter()
        .map(|n| squash(&r.know.forms.split(n).core))
        .any(|n| n.len() >= 3 && handle.contains(&n))
        || r.site.domain.as_deref().is_some_and(|d| handle.contains(&squash(crate::web::label(d))));
    if matches!(link.region, Region::Footer | Region::Nav) || own {
        return "self";
    }
    "other"
}

fn parse<'r>(r: &Reading<'r, '_>, href: &str, is_me: bool, same_as: bool) -> Option<Read<'r>> {
    let url = Url::parse(href).ok().filter(|u| matches!(u.scheme(), "http" | "https"))?;
    let host = url.host_str()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let path = url.path().trim_start_matches('/');
    if r.site.is_own_host(host) && !is_me {
        return None;
    }
    r.know
        .rules
        .profile
        .networks
        .iter()
        .filter(|n| same_as || !n.same_as_only)
        .find_map(|n| of_network(r, n, host, path))
}

fn of_network<'r>(r: &Reading<'r, '_>, network: &'r Network, host: &str, path: &str) -> Option<Read<'r>> {
    // Country hosts of the networks: `de.linkedin.com`.
    let base = network.hosts.iter().find(|h| {
        host == h.as_str() || host.strip_suffix(h.as_str()).is_some_and(|p| p.len() == 3 && p.ends_with('.'))
    })?;
    let mut prefixes: Vec<&String> = network.paths.iter().collect();
    prefixes.sort_by_key(|p| std::cmp::Reverse(p.len()));
    let prefix =
        prefixes.into_iter().find(|p| path.get(..p.len()).is_some_and(|s| s.eq_ignore_ascii_case(p)))?;
    let rest = path.get(prefix.len()..)?;
    let mut segments = rest.split('/').filter(|s| !s.is_empty());
    let mut handle = segments.next()?.trim_start_matches('@').to_owned();
    // Stores and page folders put a name before the id.
    if matches!(network.network.as_str(), "app_store") {
        handle = segments.next_back().unwrap_or(&handle).to_owned();
    } else if prefix == "pages/" || prefix == "p/" && network.network == "facebook" {
        let _ = segments.next();
    }
    let posts = matches!(
        segments.next(),
        Some(
            "status"
                | "posts"
                | "post"
                | "reel"
                | "videos"
                | "photos"
                | "statuses"
                | "pull"
                | "issues"
                | "blob"
        )
    );
    let known = r.know.sets.not_handles.contains(&handle.to_lowercase());
    let fits = (1..=100).contains(&handle.len())
        && handle
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '%' | '+' | '(' | ')' | ','))
        && handle.chars().any(char::is_alphanumeric);
    if known || posts || !fits {
        return None;
    }
    let url =
        network.canonical.replace("{path}", prefix).replace("{host}", base).replace("{handle}", &handle);
    Some(Read { network: &network.network, handle, url, owner: network.owner.as_deref() })
}
