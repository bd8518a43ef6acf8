//! Which addresses belong to the site, and how one of them is written.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use pipelines::uses::Scope as Mode;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::normal::{Normal, plain};
use crate::tables::Addresses;

/// The site as its start address's redirects decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Site {
    /// Scheme, host and port that answer.
    pub(crate) home: Url,
    /// The registrable domain (Public Suffix List with its private section), or the host where there is none.
    pub(crate) domain: String,
}

/// A host's standing in the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    /// The site's own host, or its www/apex twin.
    Primary,
    /// Another host under the same domain.
    Sibling,
    /// One that serves programs rather than pages.
    Low,
}

impl Rank {
    /// The host's factor in a priority.
    pub(crate) const fn factor(self) -> f64 {
        match self {
            Self::Primary => 1.0,
            Self::Sibling => 0.8,
            Self::Low => 0.2,
        }
    }
}

impl Site {
    pub(crate) fn new(landed: &Url) -> Self {
        let mut home = landed.clone();
        home.set_path("/");
        home.set_query(None);
        home.set_fragment(None);
        Self { domain: domain_of(landed), home }
    }

    /// The host's standing, none if it is not of the site.
    pub(crate) fn rank(&self, url: &Url, mode: Mode, addresses: &Addresses) -> Option<Rank> {
        let (host, own) = (url.host_str()?, self.home.host_str()?);
        if !self.same_port(url) {
            return None;
        }
        if host == own || (mode != Mode::Host && bare(host) == bare(own)) {
            return Some(Rank::Primary);
        }
        if mode != Mode::Domain || domain_of(url) != self.domain {
            return None;
        }
        let low = host.split('.').next().is_some_and(|label| addresses.low_hosts.has(label));
        Some(if low { Rank::Low } else { Rank::Sibling })
    }

    /// Whether both have the port of their scheme, or the same one.
    fn same_port(&self, url: &Url) -> bool {
        url.port() == self.home.port()
    }

    /// The address as this site writes it: www, apex and both schemes of the own host are one.
    pub(crate) fn own(&self, normal: Normal, mode: Mode, addresses: &Addresses) -> Normal {
        if self.rank(&normal.url, mode, addresses) != Some(Rank::Primary) {
            return normal;
        }
        let mut url = normal.url.clone();
        let moved = url.set_scheme(self.home.scheme()).is_ok() && url.set_host(self.home.host_str()).is_ok();
        if !moved {
            return normal;
        }
        Normal::of(&url, addresses).unwrap_or(normal)
    }

    pub(crate) fn is_home(&self, normal: &Normal) -> bool {
        normal.url.path() == "/"
            && normal.url.query().is_none()
            && normal.url.host_str() == self.home.host_str()
    }
}

/// The registrable domain: `acme.co.uk` of `shop.acme.co.uk`, `acme.github.io` of itself.
pub(crate) fn domain_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let domain = url.domain().and_then(psl::domain_str);
    domain.unwrap_or(host).to_owned()
}

fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// What the caller of the crawl wants in and out, over host, path and query. Out wins.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Wanted {
    /// # Errors
    /// The glob that is none, and why.
    pub(crate) fn new(include: &[String], exclude: &[String]) -> Result<Self, String> {
        let include = if include.is_empty() { None } else { Some(globs(include)?) };
        Ok(Self { include, exclude: globs(exclude)? })
    }

    /// Whether an address that is no seed may be queued; the reason if not.
    pub(crate) fn refusal(&self, url: &Url) -> Option<&'static str> {
        let text = plain(url);
        if self.exclude.is_match(&text) {
            return Some("excluded");
        }
        let left_out = self.include.as_ref().is_some_and(|include| !include.is_match(&text));
        left_out.then_some("not_included")
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        // A pattern that starts at the path holds for every host.
        let whole = if pattern.starts_with('/') { format!("*{pattern}") } else { pattern.clone() };
        let glob = GlobBuilder::new(&whole).case_insensitive(true).literal_separator(false).build();
        set.add(glob.map_err(|error| format!("`{pattern}`: {}", error.kind()))?);
    }
    set.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Tables;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn rank(home: &str, mode: Mode, other: &str) -> Option<Rank> {
        Site::new(&url(home)).rank(&url(other), mode, &Tables::builtin().unwrap().addresses)
    }

    #[test]
    fn a_host_a_site_and_a_domain_hold_ever_more() {
        let home = "https://www.acme.co.uk/start";
        for (other, host, site, domain) in [
            ("https://www.acme.co.uk/a", Some(Rank::Primary), Some(Rank::Primary), Some(Rank::Primary)),
            ("http://acme.co.uk/a", None, Some(Rank::Primary), Some(Rank::Primary)),
            ("https://shop.acme.co.uk/", None, None, Some(Rank::Sibling)),
            ("https://login.acme.co.uk/", None, None, Some(Rank::Low)),
            ("https://other.co.uk/", None, None, None),
            ("https://acme.co.uk.evil.example/", None, None, None),
            ("https://www.acme.co.uk:8443/", None, None, None),
        ] {
            assert_eq!(rank(home, Mode::Host, other), host, "{other}");
            assert_eq!(rank(home, Mode::Site, other), site, "{other}");
            assert_eq!(rank(home, Mode::Domain, other), domain, "{other}");
        }
    }

    #[test]
    fn neighbours_on_a_shared_host_are_strangers() {
        assert_eq!(rank("https://acme.github.io/", Mode::Domain, "https://other.github.io/"), None);
        assert_eq!(
            rank("https://acme.github.io/", Mode::Domain, "https://docs.acme.github.io/"),
            Some(Rank::Sibling)
        );
    }

    #[test]
    fn the_own_host_is_written_one_way() {
        let addresses = Tables::builtin().unwrap().addresses;
        let site = Site::new(&url("https://www.acme.example/"));
        let own = |text: &str| {
            let normal = Normal::parse(text, &addresses).unwrap();
            site.own(normal, Mode::Site, &addresses).url.to_string()
        };
        assert_eq!(own("http://acme.example/a/?b=1"), "https://www.acme.example/a/?b=1");
        assert_eq!(own("http://shop.acme.example/a"), "http://shop.acme.example/a");
        assert!(site.is_home(&Normal::parse("https://www.acme.example", &addresses).unwrap()));
    }

    #[test]
    fn exclude_wins_over_include() {
        let wanted =
            Wanted::new(&["*/products/**".into()], &["*.pdf".into(), "/products/old/*".into()]).unwrap();
        let refusal = |text: &str| wanted.refusal(&url(text));
        assert_eq!(refusal("https://a.example/products/x"), None);
        assert_eq!(refusal("https://a.example/de/products/x?y=1"), None);
        assert_eq!(refusal("https://a.example/about"), Some("not_included"));
        assert_eq!(refusal("https://a.example/products/x.pdf"), Some("excluded"));
        assert_eq!(refusal("https://a.example/products/old/y"), Some("excluded"));
    }

    #[test]
    fn a_broken_glob_is_named() {
        assert!(Wanted::new(&["a[".into()], &[]).unwrap_err().contains("`a[`"));
    }
}
