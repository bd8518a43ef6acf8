//! Hosts and domains.

/// The registrable domain of a host (Public Suffix List, private section included): `www.acme.co.uk` → `acme.co.uk`.
pub(crate) fn registrable(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.').to_lowercase();
    psl::domain_str(&host).map(str::to_owned)
}

/// The first label of a registrable domain: `acme.co.uk` → `acme`.
pub(crate) fn label(domain: &str) -> &str {
    domain.split('.').next().unwrap_or(domain)
}

pub(crate) fn tld(domain: &str) -> &str {
    domain.rsplit('.').next().unwrap_or(domain)
}

/// Whether the name could be a domain that exists: it has a known public suffix, or the site's own last label
/// (intranets and samples live under suffixes that no list knows).
pub(crate) fn is_domain(name: &str, site_tld: Option<&str>) -> bool {
    let name = name.to_ascii_lowercase();
    let labels_fit = name.split('.').all(|l| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    });
    if !labels_fit || !name.contains('.') || name.len() > 253 {
        return false;
    }
    let known = psl::suffix(name.as_bytes()).is_some_and(|s| s.is_known() && s.as_bytes().len() < name.len());
    known || site_tld.is_some_and(|t| tld(&name) == t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_need_a_public_suffix_or_the_sites_own() {
        assert!(is_domain("acme.co.uk", None));
        assert!(!is_domain("2x.png", None));
        assert!(!is_domain("co.uk", None));
        assert!(!is_domain("acme.example", None));
        assert!(is_domain("acme.example", Some("example")));
        assert!(!is_domain("acme..com", None) && !is_domain("-a.com", None));
    }

    #[test]
    fn the_registrable_domain_knows_long_suffixes() {
        assert_eq!(registrable("shop.acme.co.uk").as_deref(), Some("acme.co.uk"));
        assert_eq!(registrable("www.acme.example").as_deref(), Some("acme.example"));
        assert_eq!(registrable("foo.github.io").as_deref(), Some("foo.github.io"));
    }
}
