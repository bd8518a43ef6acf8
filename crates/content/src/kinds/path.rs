//! An address as the table sees it: segments without locale, ending and index file, and the host's own label.

use std::collections::HashSet;

use url::Url;

use super::set;
use super::table::FilePaths;
use super::words::{Fold, Own, part_humps};

/// How addresses are cut.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    extensions: HashSet<String>,
    index: HashSet<String>,
    containers: HashSet<String>,
    languages: HashSet<String>,
    regions: HashSet<String>,
}

/// What of an address can name a kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Place {
    /// The host's first label when it is neither `www` nor the registrable one: `docs` of `docs.acme.example`.
    pub(super) label: Option<String>,
    /// Decoded, words parted at humps, without locale prefix, ending and index file.
    pub(super) segments: Vec<String>,
    /// The path holds a year and a month: `/2024/05/…`.
    pub(super) dated: bool,
}

impl Rules {
    pub(super) fn new(file: &FilePaths, fold: &Fold) -> Self {
        let containers =
            file.containers.iter().flat_map(|phrase| fold.phrase_keys(phrase)).collect::<HashSet<_>>();
        Self {
            extensions: set(&file.extensions),
            index: set(&file.index),
            containers,
            languages: set(&file.languages),
            regions: set(&file.regions),
        }
    }

    /// Whether a segment only holds other sections.
    pub(super) fn is_container(&self, segment: &str, fold: &Fold) -> bool {
        fold.keys(segment, &Own::default()).iter().any(|key| self.containers.contains(key))
    }

    /// The language that a prefix of the path names.
    pub(super) fn language(&self, url: &Url) -> Option<String> {
        let raw = raw_segments(url);
        let count = self.locale_len(&raw);
        raw.iter().take(count).find_map(|segment| {
            let (language, _) = tag(segment);
            self.languages.contains(&language).then(|| primary(&language))
        })
    }

    /// How many of the first segments are a locale.
    fn locale_len(&self, raw: &[String]) -> usize {
        let is_language = |segment: &String| {
            let (language, rest) = tag(segment);
            self.languages.contains(&language)
                && rest.is_none_or(|rest| {
                    (2..=4).contains(&rest.len()) && rest.chars().all(char::is_alphanumeric)
                })
        };
        let is_region = |segment: &String| self.regions.contains(&segment.to_lowercase());
        match (raw.first(), raw.get(1)) {
            (Some(first), Some(second)) if is_region(first) && is_language(second) => 2,
            (Some(first), Some(second)) if is_language(first) && is_region(second) => 2,
            (Some(first), _) if is_language(first) || is_region(first) => 1,
            _ => 0,
        }
    }

    /// `about.html` → `about`; a name that is all ending stays.
    fn without_extension<'a>(&self, segment: &'a str) -> &'a str {
        match segment.rsplit_once('.') {
            Some((name, ending)) if !name.is_empty() && self.extensions.contains(&ending.to_lowercase()) => {
                name
            }
            _ => segment,
        }
    }
}

impl Place {
    pub(super) fn of(url: &Url, rules: &Rules) -> Self {
        let raw = raw_segments(url);
        let mut segments: Vec<String> = raw
            .iter()
            .skip(rules.locale_len(&raw))
            .map(|segment| part_humps(rules.without_extension(segment)))
            .collect();
        if segments.last().is_some_and(|last| rules.index.contains(&last.to_lowercase())) {
            segments.pop();
        }
        let dated = segments.windows(2).any(|pair| match pair {
            [year, month] => is_year(year) && is_month(month),
            _ => false,
        });
        Self { label: label(url), segments, dated }
    }
}

fn raw_segments(url: &Url) -> Vec<String> {
    let parts = url.path_segments().into_iter().flatten();
    parts.map(decoded).filter(|segment| !segment.trim().is_empty()).collect()
}

/// Percent-decoded, as UTF-8 where it is that.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let byte = (*first == b'%').then(|| tail.get(..2)).flatten();
        let byte = byte
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `en-GB` → (`en`, `gb`).
fn tag(segment: &str) -> (String, Option<String>) {
    let lower = segment.to_lowercase();
    match lower.split_once(['-', '_']) {
        Some((language, rest)) => (language.to_owned(), Some(rest.to_owned())),
        None => (lower, None),
    }
}

/// Languages written out in paths, as their code.
fn primary(language: &str) -> String {
    let code = match language {
        "english" => "en",
        "deutsch" => "de",
        "francais" => "fr",
        "espanol" => "es",
        "italiano" => "it",
        "nederlands" => "nl",
        "portugues" => "pt",
        code => code,
    };
    code.to_owned()
}

fn label(url: &Url) -> Option<String> {
    let host = url.domain()?;
    let domain = psl::domain_str(host)?;
    let before = host.strip_suffix(domain)?.strip_suffix('.')?;
    let first = before.split('.').next().filter(|first| !first.is_empty() && *first != "www")?;
    Some(first.to_owned())
}

fn is_year(segment: &str) -> bool {
    segment.len() == 4 && segment.parse::<u32>().is_ok_and(|year| (1990..=2100).contains(&year))
}

fn is_month(segment: &str) -> bool {
    (1..=2).contains(&segment.len()) && segment.parse::<u32>().is_ok_and(|month| (1..=12).contains(&month))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Kinds;

    fn place(url: &str) -> Place {
        let kinds = Kinds::parse(crate::kinds::tests::TABLE).unwrap();
        Place::of(&Url::parse(url).unwrap(), &kinds.paths)
    }

    #[test]
    fn locale_ending_and_index_file_are_stripped() {
        assert_eq!(place("https://a.example/de/ueber-uns/").segments, ["ueber-uns"]);
        assert_eq!(place("https://a.example/us/en/About.aspx").segments, ["About"]);
        assert_eq!(place("https://a.example/about/index.html").segments, ["about"]);
        assert_eq!(place("https://a.example/%C3%BCber-uns").segments, ["über-uns"]);
        assert!(place("https://a.example/en-us/").segments.is_empty());
    }

    #[test]
    fn a_word_that_starts_like_a_locale_stays() {
        assert_eq!(place("https://a.example/design/x").segments, ["design", "x"]);
        assert_eq!(place("https://a.example/en-route-services").segments, ["en-route-services"]);
    }

    #[test]
    fn the_label_of_a_host_counts_unless_it_is_www_or_the_name_itself() {
        assert_eq!(place("https://docs.acme.co.uk/x").label.as_deref(), Some("docs"));
        assert_eq!(place("https://www.acme.co.uk/x").label, None);
        assert_eq!(place("https://team.example/x").label, None);
    }
}
