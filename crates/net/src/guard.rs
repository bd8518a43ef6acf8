//! Which addresses requests may reach: the globally routable ones, and what the operator named.
//!
//! The tables are the IANA special-purpose address registries (IPv4 and IPv6) and the multicast and reserved space.
//! Addresses that carry an IPv4 address inside are judged by it where they are routed by it (mapped, NAT64), and
//! refused where the mechanism is dead (6to4, Teredo, compatible). Of IPv6 only 2000::/3 is handed out at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use crate::Error;
use crate::settings::{Resolve, Settings};

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(s: [u16; 4], prefix: u8) -> Ipv6Net {
    let [a, b, c, d] = s;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

/// IPv4 space that is not the public internet, with what it is.
const SPECIAL_V4: &[(Ipv4Net, &str)] = &[
    (v4(0, 0, 0, 0, 8), "this network (RFC 791)"),
    (v4(10, 0, 0, 0, 8), "private use (RFC 1918)"),
    (v4(100, 64, 0, 0, 10), "shared address space (RFC 6598)"),
    (v4(127, 0, 0, 0, 8), "loopback (RFC 1122)"),
    (v4(168, 63, 129, 16, 32), "a cloud host's own services"),
    (v4(169, 254, 0, 0, 16), "link-local, cloud metadata (RFC 3927)"),
    (v4(172, 16, 0, 0, 12), "private use (RFC 1918)"),
    (v4(192, 0, 0, 0, 24), "protocol assignments (RFC 6890)"),
    (v4(192, 0, 2, 0, 24), "documentation (RFC 5737)"),
    (v4(192, 88, 99, 0, 24), "6to4 relays (RFC 7526)"),
    (v4(192, 168, 0, 0, 16), "private use (RFC 1918)"),
    (v4(198, 18, 0, 0, 15), "benchmarking (RFC 2544)"),
    (v4(198, 51, 100, 0, 24), "documentation (RFC 5737)"),
    (v4(203, 0, 113, 0, 24), "documentation (RFC 5737)"),
    (v4(224, 0, 0, 0, 4), "multicast (RFC 5771)"),
    (v4(240, 0, 0, 0, 4), "reserved, broadcast (RFC 1112, RFC 919)"),
];

/// Special space within 2000::/3; all of IPv6 outside it is refused as well.
const SPECIAL_V6: &[(Ipv6Net, &str)] = &[
    (v6([0x2001, 0, 0, 0], 23), "protocol assignments, Teredo, ORCHID (RFC 2928, 4380, 4843, 7343)"),
    (v6([0x2001, 0xdb8, 0, 0], 32), "documentation (RFC 3849)"),
    (v6([0x2002, 0, 0, 0], 16), "6to4 (RFC 3056)"),
    (v6([0x3fff, 0, 0, 0], 20), "documentation (RFC 9637)"),
];

const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0], 3);
/// The well-known NAT64 prefix: the last 32 bits are the IPv4 address that is really reached (RFC 6052).
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);

/// Why an address is not globally routable; none if it is.
#[must_use]
pub fn special(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) if NAT64.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            special_v4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V6(address) if !GLOBAL_UNICAST.contains(&address) => Some("outside IPv6 global unicast"),
        IpAddr::V6(address) => {
            SPECIAL_V6.iter().find(|(net, _)| net.contains(&address)).map(|(_, what)| *what)
        }
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    SPECIAL_V4.iter().find(|(net, _)| net.contains(&address)).map(|(_, what)| *what)
}

/// Whether every packet to `address` goes to the public internet.
#[must_use]
pub fn is_global(address: IpAddr) -> bool {
    special(address).is_none()
}

/// Who may be reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    allow_networks: Vec<IpNet>,
    resolve: Vec<Resolve>,
}

impl Policy {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { allow_networks: settings.allow_networks.clone(), resolve: settings.resolve.clone() }
    }

    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        is_global(address) || self.allow_networks.iter().any(|network| network.contains(&canonical))
    }

    /// Where the operator says that `host` is.
    pub(crate) fn mapped(&self, host: &str) -> Option<SocketAddr> {
        self.resolve.iter().find(|rule| rule.is_for(host)).map(Resolve::address)
    }

    /// What can be said of a URL without asking anyone: the scheme and, where the host is an address, the address.
    /// Connections to such hosts pass no resolver, so this check is the only one they meet.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Invalid(format!("{} is neither http nor https", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Invalid("a URL with a user name or password is not fetched".to_owned()));
        }
        let address = match url.host() {
            None => return Err(Error::Invalid("the URL names no host".to_owned())),
            Some(Host::Domain(host)) => return self.check_name(host),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        if self.allows(address) { Ok(()) } else { Err(Error::Refused { host: address.to_string() }) }
    }

    /// `localhost` and all below it are this machine by definition (RFC 6761), whatever DNS says.
    fn check_name(&self, host: &str) -> Result<(), Error> {
        let name = host.strip_suffix('.').unwrap_or(host);
        let here = name == "localhost" || name.ends_with(".localhost");
        if here && self.mapped(host).is_none() && !self.allows(IpAddr::V4(Ipv4Addr::LOCALHOST)) {
            return Err(Error::Refused { host: host.to_owned() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> impl Iterator<Item = IpAddr> {
        text.split_whitespace().map(|address| address.parse().unwrap())
    }

    #[test]
    fn every_special_purpose_range_is_refused_from_its_first_to_its_last_address() {
        let refused = "
            0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 100.100.100.200
            127.0.0.0 127.0.0.1 127.255.255.255 168.63.129.16 169.254.0.0 169.254.169.254 169.254.255.255
            172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.8 192.0.0.170 192.0.0.192 192.0.0.255 192.0.2.0 192.0.2.255
            192.88.99.0 192.88.99.255 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255
            198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 224.0.0.0 239.255.255.255
            240.0.0.0 255.255.255.254 255.255.255.255
            :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:0:0 ::ffff:127.0.0.1 ::ffff:10.1.2.3 ::ffff:169.254.169.254
            ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b::1:8.8.8.8
            64:ff9b:1::1 64:ff9b:1:ffff::8.8.8.8 100:: 100::ffff 100:0:0:1::1
            2001:: 2001::1 2001:0:53aa:64c:0:fbff:7f00:1 2001:1::1 2001:2::1 2001:3::1 2001:4:112::1
            2001:10::1 2001:1f:ffff::1 2001:20::1 2001:2f:ffff::1 2001:30::1 2001:1ff:ffff:ffff::1
            2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2002:: 2002:7f00:1:: 2002:808:808::1 2002:ffff::1
            3fff:: 3fff:fff:ffff::1 4000::1 5f00::1 5f00:ffff::1 8000::1 fc00:: fd00:ec2::254 fdff:ffff::1
            fe80:: fe80::1 febf:ffff::1 fec0:: feff:ffff::1 ff00:: ff02::1 ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        for address in addresses(refused) {
            assert!(special(address).is_some(), "{address}");
        }
    }

    #[test]
    fn what_lies_just_outside_a_special_range_is_allowed() {
        let allowed = "
            1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
            168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0
            192.0.3.0 192.31.196.1 192.52.193.1 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 192.175.48.1
            198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 8.8.8.8
            ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2000:: 2001:200:: 2001:4860:4860::8888 2001:db7:ffff::1 2001:db9::
            2003:: 2606:4700:4700::1111 2620:4f:8000::1 2a00:1450::1 3ffe:ffff::1 3fff:1000::";
        for address in addresses(allowed) {
            assert_eq!(special(address), None, "{address}");
        }
    }

    fn policy(settings: &str) -> Policy {
        Policy::new(&toml::from_str(settings).unwrap())
    }

    fn check(policy: &Policy, url: &str) -> Result<(), Error> {
        policy.check(&url.parse().unwrap())
    }

    #[test]
    fn addresses_are_recognised_in_every_spelling() {
        let policy = Policy::default();
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://169.254.169.254/latest/meta-data",
            "http://0/",
            "http://１２７.０.０.１/",
            "https://127.0.0.1:443/",
            "http://localhost/",
            "http://LOCALHOST:8080/",
            "http://localhost./",
            "http://x.localhost/",
        ] {
            assert!(matches!(check(&policy, url), Err(Error::Refused { .. })), "{url}");
        }
        for url in [
            "http://8.8.8.8/",
            "http://[2606:4700:4700::1111]/",
            "http://acme.example/",
            "http://localhost.example/",
        ] {
            assert!(check(&policy, url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_no_plain_web_address_is_invalid() {
        for url in [
            "ftp://acme.example/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://u:p@acme.example/",
            "http://u@acme.example/",
        ] {
            assert!(matches!(check(&Policy::default(), url), Err(Error::Invalid(_))), "{url}");
        }
    }

    #[test]
    fn the_operator_may_open_a_network_and_nothing_beside_it() {
        let policy = policy("allow_networks = ['127.0.0.0/30', 'fd00::/8']");
        for url in
            ["http://127.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://localhost/", "http://[fd00::1]/"]
        {
            assert!(check(&policy, url).is_ok(), "{url}");
        }
        for url in ["http://127.0.0.4/", "http://10.0.0.1/", "http://[::1]/", "http://[fc00::1]/"] {
            assert!(check(&policy, url).is_err(), "{url}");
        }
    }

    #[test]
    fn the_operator_may_say_where_a_host_is() {
        let policy = policy("resolve = ['shop.example=127.0.0.1:8080', 'localhost=127.0.0.1:81']");
        assert_eq!(policy.mapped("shop.example"), Some("127.0.0.1:8080".parse().unwrap()));
        assert_eq!(policy.mapped("www.shop.example"), None);
        assert!(check(&policy, "http://localhost/").is_ok());
        assert!(check(&policy, "http://127.0.0.1:8080/").is_err());
    }
}
