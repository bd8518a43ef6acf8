//! What an operator may set. [`crate::DEFAULTS`] documents every key.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use ephemeral::Spacing;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Outbound HTTP.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    #[serde(deserialize_with = "listed", serialize_with = "list")]
    pub allow_networks: Vec<IpNet>,
    #[serde(deserialize_with = "listed")]
    pub resolve: Vec<Resolve>,
    pub contact: String,
    pub timeouts: Timeouts,
    pub pace: Pace,
}

impl Settings {
    /// What lets requests reach inside addresses, one sentence each, to be shown loudly at start.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let networks = self.allow_networks.iter().map(|network| {
            format!("net.allow_networks: every host in {network} can be reached by whoever may name a URL")
        });
        let hosts = self.resolve.iter().map(|rule| {
            format!("net.resolve: {} is taken to be at {}, without asking DNS", rule.host, rule.address)
        });
        networks.chain(hosts).collect()
    }

    /// What requests call themselves: product, version and where to ask.
    #[must_use]
    pub fn user_agent(&self) -> String {
        let product = concat!("Assay/", env!("CARGO_PKG_VERSION"));
        let contact: String = self.contact.trim().chars().filter(|c| c.is_ascii_graphic()).collect();
        if contact.is_empty() {
            format!("{product} (+self-hosted; no contact given)")
        } else {
            format!("{product} (+{contact})")
        }
    }
}

/// How long a fetch may take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    #[serde(rename = "connect_seconds", with = "seconds")]
    pub connect: Duration,
    #[serde(rename = "first_byte_seconds", with = "seconds")]
    pub first_byte: Duration,
    #[serde(rename = "whole_seconds", with = "seconds")]
    pub whole: Duration,
    #[serde(rename = "stall_seconds", with = "seconds")]
    pub stall: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(20),
            whole: Duration::from_secs(60),
            stall: Duration::from_secs(20),
        }
    }
}

/// How far apart requests to one host are kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    #[serde(rename = "interval_seconds", with = "seconds")]
    pub interval: Duration,
    pub delay_factor: f64,
    #[serde(rename = "max_delay_seconds", with = "seconds")]
    pub max_delay: Duration,
    #[serde(rename = "robots_seconds", with = "seconds")]
    pub robots: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let Spacing { interval, delay_factor, max_delay, .. } = Spacing::default();
        Self { interval, delay_factor, max_delay, robots: Duration::from_secs(3600) }
    }
}

impl Pace {
    /// No pause at all: for a host of one's own, and for measuring.
    #[must_use]
    pub fn none() -> Self {
        Self { interval: Duration::ZERO, delay_factor: 0.0, ..Self::default() }
    }

    pub(crate) fn spacing(&self, crawl_delay: Option<Duration>) -> Spacing {
        Spacing {
            interval: self.interval,
            crawl_delay: crawl_delay.unwrap_or_default(),
            delay_factor: self.delay_factor,
            max_delay: self.max_delay,
        }
    }
}

/// A host whose address the operator gives: `host=ip:port`. `*.example` stands for every host below `example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    host: String,
    address: SocketAddr,
}

impl Resolve {
    #[must_use]
    pub fn new(host: &str, address: SocketAddr) -> Self {
        Self { host: host.trim().trim_end_matches('.').to_ascii_lowercase(), address }
    }

    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether the rule is for `host`, as a URL spells it.
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        match self.host.strip_prefix('*') {
            Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            None => host == self.host,
        }
    }
}

/// Text that is no `host=ip:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say where a host is: write host=ip:port, like shop.example=127.0.0.1:8080")]
pub struct ParseResolveError(String);

impl FromStr for Resolve {
    type Err = ParseResolveError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseResolveError(s.chars().take(80).collect());
        let (host, address) = s.trim().split_once('=').ok_or_else(refuse)?;
        let address: SocketAddr = address.trim().parse().map_err(|_| refuse())?;
        // As a URL would spell the host, so that `MÜLLER.example` is found again.
        let (star, name) = match host.trim().strip_prefix("*.") {
            Some(name) => ("*.", name),
            None => ("", host.trim()),
        };
        let url::Host::Domain(name) = url::Host::parse(name).map_err(|_| refuse())? else {
            return Err(refuse());
        };
        if address.port() == 0 || name.contains('*') {
            return Err(refuse());
        }
        Ok(Self::new(&format!("{star}{name}"), address))
    }
}

impl fmt::Display for Resolve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.host, self.address)
    }
}

impl Serialize for Resolve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A list, or (from an environment variable) its members with commas between them.
fn listed<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Listed {
        Text(String),
        List(Vec<String>),
    }
    let members = match Listed::deserialize(deserializer)? {
        Listed::Text(text) => text.split(',').map(str::to_owned).collect(),
        Listed::List(members) => members,
    };
    let given = members.iter().map(|member| member.trim()).filter(|member| !member.is_empty());
    given.map(|member| member.parse().map_err(|e| de::Error::custom(format!("`{member}`: {e}")))).collect()
}

fn list<S: Serializer, T: fmt::Display>(members: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(members.iter().map(ToString::to_string))
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?)
            .map_err(|e| de::Error::custom(format!("no number of seconds: {e}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        assert_eq!(toml::from_str::<Settings>(crate::DEFAULTS).unwrap(), Settings::default());
    }

    #[test]
    fn the_defaults_reach_nothing_inside_and_warn_of_nothing() {
        assert_eq!(Settings::default().warnings(), Vec::<String>::new());
    }

    #[test]
    fn every_way_inside_is_warned_of() {
        let settings: Settings = toml::from_str(
            "allow_networks = ['10.0.0.0/8', '::1/128']\nresolve = ['shop.example=127.0.0.1:80']",
        )
        .unwrap();
        let warnings = settings.warnings();
        assert_eq!(warnings.len(), 3);
        for (warning, named) in warnings.iter().zip(["10.0.0.0/8", "::1/128", "shop.example"]) {
            assert!(warning.contains(named), "{warning}");
        }
    }

    #[test]
    fn lists_may_come_as_one_text() {
        let settings: Settings =
            toml::from_str("resolve = 'a.example=127.0.0.1:80, *.b.example=[::1]:81'").unwrap();
        let shown: Vec<String> = settings.resolve.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["a.example=127.0.0.1:80", "*.b.example=[::1]:81"]);
    }

    #[test]
    fn what_is_no_setting_is_refused_by_name() {
        for text in [
            "resolve = ['a.example']",
            "resolve = ['a.example=127.0.0.1']",
            "resolve = ['a.example=127.0.0.1:0']",
            "resolve = ['10.0.0.1=127.0.0.1:80']",
            "resolve = ['a.*.example=127.0.0.1:80']",
            "resolve = ['=127.0.0.1:80']",
            "allow_networks = ['10.0.0.0/33']",
            "[timeouts]\nconnect_seconds = -1.0",
            "allow_network = []",
        ] {
            assert!(toml::from_str::<Settings>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rule_is_for_its_host_and_a_star_for_those_below() {
        let exact: Resolve = "Shop.Example=127.0.0.1:80".parse().unwrap();
        assert!(exact.is_for("shop.example") && exact.is_for("shop.example."));
        assert!(!exact.is_for("www.shop.example"));
        let below: Resolve = "*.example=127.0.0.1:80".parse().unwrap();
        assert!(below.is_for("shop.example") && below.is_for("www.shop.example"));
        assert!(!below.is_for("example") && !below.is_for("shopexample"));
        let spelled: Resolve = "müller.example=127.0.0.1:80".parse().unwrap();
        assert!(spelled.is_for("xn--mller-kva.example"));
    }

    #[test]
    fn the_user_agent_names_product_version_and_contact() {
        let settings = Settings { contact: "https://acme.example/bot\r\n".into(), ..Settings::default() };
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(settings.user_agent(), format!("Assay/{version} (+https://acme.example/bot)"));
        assert!(Settings::default().user_agent().starts_with(&format!("Assay/{version} (+")));
    }
}
