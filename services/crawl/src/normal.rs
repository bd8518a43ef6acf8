//! The normal form of an address: what is requested, and the key under which two spellings are one.

use url::Url;

use crate::tables::Addresses;

/// An address in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Normal {
    /// What is requested: lower-case host, no fragment, no tracking, sorted query; the trailing slash is kept.
    pub(crate) url: Url,
    /// Without scheme and trailing slash: `acme.example/about?id=2`.
    pub(crate) key: String,
}

impl Normal {
    /// None for what is no http(s) address with a host.
    pub(crate) fn of(url: &Url, addresses: &Addresses) -> Option<Self> {
        let url = normal(url, addresses)?;
        let key = key(&url);
        Some(Self { url, key })
    }

    pub(crate) fn parse(text: &str, addresses: &Addresses) -> Option<Self> {
        Self::of(&Url::parse(text.trim()).ok()?, addresses)
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

fn normal(url: &Url, addresses: &Addresses) -> Option<Url> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut url = url.clone();
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let host = url.host_str()?;
    if let Some(bare) = host.strip_suffix('.').filter(|bare| !bare.is_empty()).map(str::to_owned) {
        url.set_host(Some(&bare)).ok()?;
    }
    // Decoding can bring dots and slashes to light that the parser folds; twice is enough for a fixed point, since
    // what was decoded once holds no encoded unreserved character any more.
    for _ in 0..2 {
        let path = path_of(url.path(), addresses);
        url.set_path(&path);
    }
    let query = url.query().map(|query| sorted(query, addresses)).filter(|query| !query.is_empty());
    url.set_query(query.as_deref());
    Some(url)
}

/// The path without session names, percent-encoding normalised.
fn path_of(path: &str, addresses: &Addresses) -> String {
    let segments = path.split('/').map(|segment| {
        let mut parts = segment.split(';');
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let name = part.split('=').next().unwrap_or_default();
            if !addresses.session.has(name) {
                kept.push(';');
                kept.push_str(part);
            }
        }
        percent(&kept)
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The query without tracking, sorted by name and value.
fn sorted(query: &str, addresses: &Addresses) -> String {
    let mut pairs: Vec<String> = query
        .split('&')
        .map(percent)
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !matches!(pair.as_str(), "" | "=") && !addresses.dropped.has(name)
        })
        .collect();
    pairs.sort();
    pairs.dedup();
    pairs.join("&")
}

/// Percent-encoding in normal form (RFC 3986 §6.2.2): unreserved characters plain, hexadecimal digits in capitals.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let hex = after.get(..2).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                    out.push(char::from(byte));
                } else {
                    out.push_str(&format!("%{byte:02X}"));
                }
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push_str("%25");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// `host[:port]/path?query`, without scheme and trailing slash.
fn key(url: &Url) -> String {
    let mut key = url.host_str().unwrap_or_default().to_owned();
    if let Some(port) = url.port() {
        key.push_str(&format!(":{port}"));
    }
    let path = url.path().trim_end_matches('/');
    key.push_str(if path.is_empty() { "/" } else { path });
    if let Some(query) = url.query() {
        key.push('?');
        key.push_str(query);
    }
    key
}

/// Host, path and query as globs see them.
pub(crate) fn plain(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{}{query}", url.host_str().unwrap_or_default(), url.path())
}

/// The parameters of a query, in order.
pub(crate) fn parameters(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tables::Tables;

    fn normal(text: &str) -> Normal {
        Normal::parse(text, &Tables::builtin().unwrap().addresses).unwrap()
    }

    #[test]
    fn the_normal_form_is_the_documented_one() {
        for (given, url, key) in [
            ("http://Acme.Example", "http://acme.example/", "acme.example/"),
            ("https://acme.example:443/a/../b/./c#top", "https://acme.example/b/c", "acme.example/b/c"),
            ("https://acme.example/about/", "https://acme.example/about/", "acme.example/about"),
            ("https://acme.example/x?b=2&a=1", "https://acme.example/x?a=1&b=2", "acme.example/x?a=1&b=2"),
            ("https://acme.example/x?utm_source=a&gclid=1", "https://acme.example/x", "acme.example/x"),
            (
                "https://acme.example/x?UTM_Medium=a&id=3&PHPSESSID=9",
                "https://acme.example/x?id=3",
                "acme.example/x?id=3",
            ),
            (
                "https://acme.example/%7Ejo/%c3%a4%2f",
                "https://acme.example/~jo/%C3%A4%2F",
                "acme.example/~jo/%C3%A4%2F",
            ),
            ("https://acme.example/a;jsessionid=1F?x=1", "https://acme.example/a?x=1", "acme.example/a?x=1"),
            ("https://acme.example/a;v=2", "https://acme.example/a;v=2", "acme.example/a;v=2"),
            ("https://u:p@acme.example./", "https://acme.example/", "acme.example/"),
            ("http://acme.example:8080/x?", "http://acme.example:8080/x", "acme.example:8080/x"),
            ("https://müller.example/", "https://xn--mller-kva.example/", "xn--mller-kva.example/"),
            ("https://acme.example/100%", "https://acme.example/100%25", "acme.example/100%25"),
            ("https://acme.example/?page=2", "https://acme.example/?page=2", "acme.example/?page=2"),
            ("https://acme.example/x?&&a=1&", "https://acme.example/x?a=1", "acme.example/x?a=1"),
        ] {
            let normal = normal(given);
            assert_eq!((normal.url.as_str(), normal.key.as_str()), (url, key), "{given}");
        }
    }

    #[test]
    fn both_schemes_and_both_slashes_share_a_key() {
        assert_eq!(normal("http://acme.example/a/").key, normal("https://acme.example/a").key);
        assert_ne!(normal("https://acme.example/?page=2").key, normal("https://acme.example/?page=3").key);
        assert_ne!(normal("https://acme.example/a?id=1").key, normal("https://acme.example/a").key);
    }

    #[test]
    fn what_is_no_web_address_has_no_normal_form() {
        let addresses = Tables::builtin().unwrap().addresses;
        for other in [
            "mailto:a@b.example",
            "javascript:void(0)",
            "ftp://a.example/",
            "data:,x",
            "",
            "/about",
            "http://",
        ] {
            assert!(Normal::parse(other, &addresses).is_none(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_is_normalising_once(
            host in "[a-zA-Z0-9-]{1,12}\\.(example|co\\.uk|tech)\\.?",
            path in "(/[a-zA-Z0-9%.;=~_ äß?&+-]{0,12}){0,6}",
            query in "([a-z_%]{0,8}=?[a-zA-Z0-9%+ü]{0,6}&?){0,5}",
            port in proptest::option::of(1_u16..9000),
        ) {
            let addresses = Tables::builtin().unwrap().addresses;
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let text = format!("http://{host}{port}{path}?{query}#x");
            if let Some(once) = Normal::parse(&text, &addresses) {
                let twice = Normal::of(&once.url, &addresses).unwrap();
                prop_assert_eq!(&once, &twice);
                prop_assert_eq!(Normal::parse(once.url.as_str(), &addresses).unwrap(), twice);
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,80}") {
            let addresses = Tables::builtin().unwrap().addresses;
            let _ = Normal::parse(&text, &addresses);
            let _ = Normal::parse(&format!("https://{text}"), &addresses);
        }
    }
}
