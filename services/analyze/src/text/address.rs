//! Web addresses in a text. A name with a point in it (`Node.js`, `Booking.com`) is a name; it is an address when it has
//! a scheme, `www.`, or a public suffix with a path behind it.

use std::sync::LazyLock;

use regex::Regex;

static CERTAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:https?|ftp|file|data|javascript|mailto|tel):\S|(?:^|\s)//\w|\bwww\.\w").ok()
});

/// A host and the slash of its path.
static HOST: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b((?:[\w-]+\.)+[\w-]{2,24})/").ok());

/// Names that are reserved for addresses that answer nowhere (RFC 2606, RFC 6762): an address all the same.
const RESERVED: [&str; 5] = ["example", "invalid", "local", "localhost", "test"];

/// Whether the text holds a web address.
pub(crate) fn is_url(text: &str) -> bool {
    let certain = CERTAIN.as_ref().is_none_or(|pattern| pattern.is_match(text));
    let host = |found: regex::Captures<'_>| found.get(1).is_some_and(|name| is_host(name.as_str()));
    certain || HOST.as_ref().is_none_or(|pattern| pattern.captures_iter(text).any(host))
}

fn is_host(name: &str) -> bool {
    let name = name.to_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    RESERVED.contains(&last) || psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_or_www_or_a_suffix_with_a_path() {
        for text in [
            "See https://brightwater.example.",
            "See www.brightwater.example",
            "It is at acme.co.uk/about.",
            "Prices are on brightwater.example/pricing",
            "Write to mailto:x@y.example",
            "acme.com/",
        ] {
            assert!(is_url(text), "{text}");
        }
        for text in [
            "It is built with Node.js/TypeScript.",
            "Support is 24/7, from 8.30/9.00 on.",
            "It names Booking.com among its customers.",
            "It uses ASP.NET, Vue.js/Nuxt.js and C/C++.",
            "Sales and/or rent.",
        ] {
            assert!(!is_url(text), "{text}");
        }
    }
}
