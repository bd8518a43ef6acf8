//! What makes two addresses the same site.

use url::{Host, Url};

/// The key of the site that an address belongs to: the host in lower-case punycode without `www.`, whatever the scheme
/// and the port. On a host that strangers share (one under a suffix of the Public Suffix List's private section, such as
/// `github.io`) the first segment of the path belongs to the key, unless it is a file.
///
/// `https://www.Müller.example/about` → `xn--mller-kva.example`, `https://jane.github.io/pumps/` → `jane.github.io/pumps`.
/// None if it is no address with a host name.
#[must_use]
pub fn site_key(address: &str) -> Option<String> {
    let address = address.trim();
    let url =
        if address.contains("://") { Url::parse(address) } else { Url::parse(&format!("https://{address}")) }
            .ok()?;
    let Some(Host::Domain(host)) = url.host() else { return None };
    let host = host.trim_end_matches('.');
    let host = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host);
    if host.is_empty() {
        return None;
    }
    let shared = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.typ() == Some(psl::Type::Private));
    let segment =
        url.path().split('/').find(|segment| !segment.is_empty()).filter(|segment| !segment.contains('.'));
    Some(match segment.filter(|_| shared) {
        Some(segment) => format!("{host}/{segment}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::site_key;

    #[test]
    fn scheme_www_port_path_and_case_do_not_make_another_site() {
        for address in [
            "http://acme.example",
            "https://www.acme.example/",
            "https://WWW.Acme.Example:8080/about?x=1#top",
            "acme.example",
            "https://acme.example./",
        ] {
            assert_eq!(site_key(address).as_deref(), Some("acme.example"), "{address}");
        }
    }

    #[test]
    fn another_host_is_another_site() {
        assert_eq!(site_key("https://shop.acme.example").as_deref(), Some("shop.acme.example"));
        assert_eq!(site_key("https://müller.example").as_deref(), Some("xn--mller-kva.example"));
        assert_eq!(site_key("https://www.com").as_deref(), Some("www.com"));
    }

    #[test]
    fn on_a_shared_host_the_first_segment_belongs_to_the_key() {
        assert_eq!(
            site_key("https://jane.github.io/pumps/docs?x=1").as_deref(),
            Some("jane.github.io/pumps")
        );
        assert_eq!(site_key("https://jane.github.io/").as_deref(), Some("jane.github.io"));
        assert_eq!(site_key("https://jane.github.io/index.html").as_deref(), Some("jane.github.io"));
        assert_eq!(site_key("https://acme.co.uk/pumps").as_deref(), Some("acme.co.uk"));
    }

    #[test]
    fn what_has_no_host_name_has_no_key() {
        for address in ["", "   ", "https://127.0.0.1/", "http://[::1]/", "mailto:x", "::"] {
            assert_eq!(site_key(address), None, "{address}");
        }
    }
}
