//! What the source itself shows: the generator, addresses of scripts, tags, response headers, cookies.

use serde_json::Value;

use super::{Fingerprints, mentions};
use crate::mention::{Mention, Method};
use crate::raw::markup::{self, Tag};
use crate::reading::Reading;

/// A tag longer than this is quoted by the attribute that tells.
const TAG_BYTES: usize = 240;

pub(super) fn read(r: &mut Reading<'_, '_>, table: &Fingerprints) {
    let mut found = headers(r, table);
    if let Some(raw) = r.page.raw.and_then(|b| std::str::from_utf8(b).ok()) {
        for tag in markup::tags(raw) {
            in_tag(r, table, &tag, &mut found);
        }
    }
    r.found.extend(found);
}

fn in_tag(r: &Reading<'_, '_>, table: &Fingerprints, tag: &Tag<'_>, found: &mut Vec<Mention>) {
    let source = r.page.source;
    let mut add = |n: usize, at: (usize, usize), version: Option<&str>, method: Method| {
        if let Some(spot) = r.page.raw_spot(at.0 as u64, at.1 as u64, method) {
            found.extend(mentions(table, n, "observed", version, Some(spot), None, source));
        }
    };
    let whole = (tag.start, tag.start + tag.text.len());
    let name = tag.name.to_ascii_lowercase();
    if name == "meta" {
        let generator = tag.attribute("name").is_some_and(|a| a.value.eq_ignore_ascii_case("generator"));
        if let Some(content) = tag.attribute("content").filter(|_| generator) {
            for (n, technology) in table.iter() {
                let fits =
                    |g: &String| content.value.get(..g.len()).is_some_and(|c| c.eq_ignore_ascii_case(g));
                if technology.generator.iter().any(fits) {
                    add(n, whole, version(content.value), Method::Meta);
                }
            }
        }
    }
    if matches!(name.as_str(), "script" | "link" | "iframe" | "img" | "source") {
        let address = tag.attribute("src").or_else(|| tag.attribute("href"));
        let icon = name == "link"
            && tag
                .attribute("rel")
                .is_some_and(|a| a.value.contains("canonical") || a.value.contains("alternate"));
        // An image on a content network is content; scripts, styles and frames are technology.
        if let Some(address) = address.filter(|_| !icon && name != "img" && name != "source") {
            let mut last = None;
            for (n, start, end) in table.scripts.find(address.value) {
                if last != Some(n) {
                    let version = version_of_file(address.value, start, end);
                    add(n, (address.start, address.end), version, Method::Href);
                }
                last = Some(n);
            }
        }
    }
    // Of a long tag the attribute is quoted that a place lies in; places and attributes come in the same order.
    let mut attributes = tag.attributes().peekable();
    for (n, at, _) in table.html.find(tag.text) {
        let place = tag.start + at + 1;
        let mut quote = whole;
        if tag.text.len() > TAG_BYTES {
            while attributes.next_if(|a| a.end <= place).is_some() {}
            let around = attributes.peek().filter(|a| a.start <= place);
            let name = (tag.start, tag.start + tag.name.len() + 1);
            quote = around.map_or(name, |a| (a.start, a.end.min(a.start + TAG_BYTES)));
        }
        add(n, quote, None, Method::Pattern);
    }
}

/// `WordPress 6.4.2` → `6.4.2`.
fn version(text: &str) -> Option<&str> {
    text.split_whitespace().find(|w| {
        w.starts_with(|c: char| c.is_ascii_digit()) && w.chars().all(|c| c.is_ascii_digit() || c == '.')
    })
}

/// `jquery-3.6.0.min.js`, `react@18.2.0/…`: the version behind the fingerprint, or in the name of the file that it is
/// part of. The version of a file in somebody's theme says nothing of the system below it.
fn version_of_file(address: &str, start: usize, end: usize) -> Option<&str> {
    let path = address.split('?').next().unwrap_or(address);
    let file = path.rfind('/').map_or(0, |i| i + 1);
    let number = |from: usize| {
        let rest = path.get(from..)?;
        let len = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        rest.get(..len).map(|v| v.trim_end_matches('.')).filter(|v| v.contains('.') && v.len() <= 16)
    };
    let behind = address.get(start..end).filter(|f| f.ends_with(['@', '-'])).and_then(|_| number(end));
    behind.or_else(|| {
        let name = path.get(file..).filter(|_| end > file)?;
        let at = name.char_indices().find(|&(i, c)| {
            matches!(c, '-' | '@')
                && name.get(i + 1..).is_some_and(|t| t.starts_with(|d: char| d.is_ascii_digit()))
        })?;
        number(file + at.0 + 1)
    })
}

/// Response headers stand in no layer of the document: the signal is told in words.
fn headers(r: &Reading<'_, '_>, table: &Fingerprints) -> Vec<Mention> {
    let Some(Value::Object(map)) = r.page.document.attributes.get("headers") else { return Vec::new() };
    let mut out = Vec::new();
    for (name, value) in map {
        let name = name.to_ascii_lowercase();
        let values: Vec<&str> = match value {
            Value::String(s) => vec![s.as_str()],
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        for value in values {
            let low = value.to_ascii_lowercase();
            for (n, technology) in table.iter() {
                let by_header =
                    technology.headers.get(&name).is_some_and(|needle| low.contains(needle.as_str()));
                let by_cookie = matches!(name.as_str(), "cookies" | "set-cookie")
                    && technology
                        .cookies
                        .iter()
                        .any(|c| value.get(..c.len()).is_some_and(|v| v.eq_ignore_ascii_case(c)));
                if by_header || by_cookie {
                    let shown: String = if by_cookie {
                        value.split('=').next().unwrap_or_default().to_owned()
                    } else {
                        value.chars().take(120).collect()
                    };
                    let signal = if by_cookie {
                        format!("cookie {shown}")
                    } else {
                        format!("response header {name}: {shown}")
                    };
                    out.extend(mentions(
                        table,
                        n,
                        "observed",
                        version_in(&low, &technology.headers, &name),
                        None,
                        Some(&signal),
                        r.page.source,
                    ));
                }
            }
        }
    }
    out
}

/// `nginx/1.24.0` → `1.24.0`.
fn version_in<'v>(
    value: &'v str,
    headers: &std::collections::BTreeMap<String, String>,
    name: &str,
) -> Option<&'v str> {
    let needle = headers.get(name).filter(|n| !n.is_empty())?.trim_end_matches('/');
    let rest = value.get(value.find(needle)? + needle.len()..)?.strip_prefix('/')?;
    let len = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    rest.get(..len).filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_where_they_stand() {
        assert_eq!(version("WordPress 6.4.2"), Some("6.4.2"));
        assert_eq!(version("Hugo"), None);
        for (address, fingerprint, version) in [
            ("/js/jquery-3.6.0.min.js", "/jquery-", Some("3.6.0")),
            ("https://cdn.x/react@18.2.0/umd.js", "/react@", Some("18.2.0")),
            ("/wp-content/themes/x/style-2.1.css?ver=1.2", "/wp-content/", None),
            ("/app/jquery.min.js?ver=3.7.1", "jquery.min.js", None),
        ] {
            let start = address.find(fingerprint).unwrap();
            assert_eq!(version_of_file(address, start, start + fingerprint.len()), version, "{address}");
        }
    }
}
