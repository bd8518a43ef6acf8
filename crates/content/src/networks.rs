//! Social networks by host: whose links are profiles.

use std::sync::LazyLock;

use serde::Deserialize;
use url::Url;

#[derive(Debug, Deserialize)]
struct Table {
    network: Vec<Network>,
}

#[derive(Debug, Deserialize)]
struct Network {
    name: String,
    hosts: Vec<String>,
    share: Vec<String>,
}

/// The table is part of the program: a test reads it, so that it cannot be empty here.
static NETWORKS: LazyLock<Vec<Network>> = LazyLock::new(|| {
    toml::from_str::<Table>(include_str!("tables/networks.toml")).map(|t| t.network).unwrap_or_default()
});

fn of_host(host: &str) -> Option<&'static Network> {
    NETWORKS.iter().find(|network| {
        network.hosts.iter().any(|known| {
            host.strip_suffix(known.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    })
}

/// The network an address belongs to, profile or not: such hosts are never fetched.
#[must_use]
pub fn network(url: &Url) -> Option<&'static str> {
    of_host(url.host_str()?).map(|network| network.name.as_str())
}

/// Whether an address names a profile: on a network, with a path, and not a link to share, to sign in or to a post.
#[must_use]
pub fn is_profile(url: &Url) -> bool {
    let Some(network) = url.host_str().and_then(of_host) else { return false };
    let first =
        url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default().to_ascii_lowercase();
    !first.is_empty() && !network.share.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(url: &str) -> bool {
        is_profile(&Url::parse(url).unwrap())
    }

    #[test]
    fn the_table_is_read() {
        assert!(NETWORKS.len() > 30);
        assert!(
            NETWORKS.iter().all(|n| !n.hosts.is_empty() && n.share.iter().all(|s| *s == s.to_lowercase()))
        );
    }

    #[test]
    fn profiles_are_told_from_share_links_and_other_hosts() {
        assert!(profile("https://www.linkedin.com/company/brightwater"));
        assert!(profile("https://de.linkedin.com/in/mara-lind"));
        assert!(profile("https://x.com/brightwater"));
        assert!(profile("https://www.youtube.com/@brightwater"));
        for other in [
            "https://www.linkedin.com/",
            "https://www.linkedin.com/shareArticle?url=x",
            "https://twitter.com/intent/tweet?text=x",
            "https://www.facebook.com/sharer/sharer.php?u=x",
            "https://netflix.com/brightwater",
            "https://linkedin.com.example/company/x",
        ] {
            assert!(!profile(other), "{other}");
        }
        assert_eq!(network(&Url::parse("https://www.facebook.com/").unwrap()), Some("facebook"));
    }
}
