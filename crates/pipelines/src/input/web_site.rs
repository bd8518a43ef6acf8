//! The format `web-site`: the address of somebody's own public web site.

use url::{Host, Url};

use super::formats::Refusal;

/// Names that lead nowhere in public (RFC 6761, 6762, 7686, 8375, ICANN's `.internal`). The reserved names for
/// documentation and tests (`.example`, `.test`) are allowed: they lead nowhere either, but demos are made of them.
const SPECIAL_USE: [&str; 7] = ["alt", "home.arpa", "internal", "local", "localdomain", "localhost", "onion"];

/// Sites on which a page is somebody's profile, not their own site.
const NETWORKS: [&str; 21] = [
    "bsky.app",
    "crunchbase.com",
    "facebook.com",
    "fb.com",
    "fb.me",
    "instagram.com",
    "linkedin.com",
    "lnkd.in",
    "mastodon.social",
    "pinterest.com",
    "reddit.com",
    "t.me",
    "threads.com",
    "threads.net",
    "tiktok.com",
    "twitter.com",
    "x.com",
    "xing.com",
    "youtu.be",
    "youtube.com",
    "wa.me",
];

/// Networks with sites of projects below a profile: only the profile itself is refused.
const NETWORKS_WITH_SITES: [&str; 2] = ["github.com", "gitlab.com"];

/// The address in the form a run keeps: trimmed, with a scheme (https if none was given), the host in lower-case
/// punycode, no fragment; port, path and query as they were.
pub(super) fn tidy(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::new("must not be empty: give the address of a web site"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Refusal::new("must not hold white space: give one address"));
    }
    let address = match scheme(text) {
        None => format!("https://{text}"),
        Some(scheme) if ["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) => text.to_owned(),
        Some(scheme) => {
            return Err(Refusal::new(format!("must begin with http or https, not with {scheme}:")));
        }
    };
    let mut url =
        Url::parse(&address).map_err(|error| Refusal::new(format!("is no web address: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() || authority(&address).contains('@') {
        return Err(Refusal::new("must not hold a user name or password"));
    }
    check_host(&url)?;
    url.set_fragment(None);
    Ok(url.into())
}

/// The scheme, if the text names one: `ftp` of `ftp://…`, `data` of `data:…`, none of `acme.example:8080/x`.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let port =
        rest.split(['/', '?', '#']).next().is_some_and(|port| port.chars().all(|c| c.is_ascii_digit()));
    let host = scheme.contains('.') || (port && !rest.starts_with('/'));
    (named && (rest.starts_with("//") || !host)).then_some(scheme)
}

/// What stands between the scheme and the path.
fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

fn check_host(url: &Url) -> Result<(), Refusal> {
    let host = match url.host() {
        Some(Host::Domain(host)) => host.trim_end_matches('.'),
        // The parser of the URL standard turns `0x7f.1`, `2130706433` and `0177.0.0.1` into addresses, as browsers do.
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => {
            return Err(Refusal::new("must name a host, not an IP address"));
        }
        None => return Err(Refusal::new("names no host")),
    };
    if special_use(host) {
        return Err(Refusal::new(format!("`{host}` is not a public name")));
    }
    if !host.contains('.') || host.split('.').any(str::is_empty) {
        return Err(Refusal::new(format!(
            "`{host}` is no host name: a public one has a dot, as in acme.example"
        )));
    }
    if is_profile(host, url) {
        let detail = format!("is a page on `{host}`: give the company's own web site");
        return Err(Refusal { code: Some("url_is_profile"), detail });
    }
    Ok(())
}

fn special_use(host: &str) -> bool {
    SPECIAL_USE.iter().any(|name| is_under(host, name))
}

fn is_under(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_profile(host: &str, url: &Url) -> bool {
    // `de.linkedin.com`, `m.facebook.com` and `www.xing.com` are doors of the same house; `about.linkedin.com` is a site.
    let door = |network: &str| {
        let Some(rest) = host.strip_suffix(network) else { return false };
        let label = rest.strip_suffix('.').unwrap_or(if rest.is_empty() { "" } else { "no door" });
        label.len() <= 2 || ["www", "mobile", "web", "touch", "old", "business"].contains(&label)
    };
    let segments = url.path().split('/').filter(|segment| !segment.is_empty()).count();
    (segments > 0 && NETWORKS.into_iter().any(door))
        || (segments == 1 && NETWORKS_WITH_SITES.into_iter().any(door))
}
