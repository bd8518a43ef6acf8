//! `technologies.toml`: the fingerprints, parsed and compiled.

use std::collections::{BTreeMap, HashMap};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use serde::Deserialize;
use toml::Spanned;

use crate::Error;

/// The parsed table of fingerprints.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Technologies {
    context: Vec<String>,
    technology: Vec<Spanned<Technology>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Technology {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) category: String,
    #[serde(default)]
    pub(crate) generator: Vec<String>,
    #[serde(default)]
    pub(crate) scripts: Vec<String>,
    #[serde(default)]
    pub(crate) html: Vec<String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) cookies: Vec<String>,
    #[serde(default)]
    pub(crate) text: Vec<String>,
    #[serde(default)]
    pub(crate) exact: bool,
    #[serde(default)]
    pub(crate) implies: Vec<String>,
}

impl Technologies {
    /// Reads a table of fingerprints.
    ///
    /// # Errors
    /// The first mistake, with its line: TOML that does not parse, an unknown key, an id given twice, an implied id
    /// that is not in the table, an entry that nothing could ever show.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let table: Self = toml::from_str(text).map_err(|e| Error::toml(text, &e))?;
        let mut ids = HashMap::new();
        for entry in &table.technology {
            if ids.insert(entry.get_ref().id.as_str(), ()).is_some() {
                return Err(Error::at(
                    text,
                    entry.span().start,
                    format!("`{}` is given twice", entry.get_ref().id),
                ));
            }
        }
        for entry in &table.technology {
            let one = entry.get_ref();
            if let Some(id) = one.implies.iter().find(|id| !ids.contains_key(id.as_str())) {
                return Err(Error::at(
                    text,
                    entry.span().start,
                    format!("`{}` implies unknown `{id}`", one.id),
                ));
            }
            let implied = table.technology.iter().any(|o| o.get_ref().implies.contains(&one.id));
            let shown = [&one.generator, &one.scripts, &one.html, &one.cookies, &one.text]
                .iter()
                .any(|l| !l.is_empty());
            if !shown && one.headers.is_empty() && !implied {
                return Err(Error::at(text, entry.span().start, format!("`{}` has no fingerprint", one.id)));
            }
        }
        Ok(table)
    }
}

/// The table, ready to search with.
#[derive(Debug)]
pub(crate) struct Fingerprints {
    all: Vec<Technology>,
    ids: HashMap<String, usize>,
    pub(crate) context: Vec<String>,
    /// In the addresses of scripts, styles and frames.
    pub(crate) scripts: Needles,
    /// In start tags.
    pub(crate) html: Needles,
    /// In text, this very spelling.
    pub(crate) text: Needles,
}

/// Strings, each of one technology.
#[derive(Debug)]
pub(crate) struct Needles {
    automaton: AhoCorasick,
    of: Vec<usize>,
}

impl Needles {
    fn new<'a>(words: impl Iterator<Item = (usize, &'a String)>, lower: bool) -> Result<Self, Error> {
        let (of, patterns): (Vec<usize>, Vec<String>) =
            words.map(|(n, w)| (n, if lower { w.to_lowercase() } else { w.clone() })).unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .ascii_case_insensitive(lower)
            .build(&patterns)
            .map_err(|e| Error { line: 1, reason: format!("the fingerprints are too many: {e}") })?;
        Ok(Self { automaton, of })
    }

    /// Every place of a fingerprint: the technology's number, start and end.
    pub(crate) fn find<'n>(&'n self, text: &'n str) -> impl Iterator<Item = (usize, usize, usize)> + 'n {
        self.automaton
            .find_iter(text)
            .filter_map(|m| Some((*self.of.get(m.pattern().as_usize())?, m.start(), m.end())))
    }
}

impl Fingerprints {
    pub(crate) fn new(table: Technologies) -> Result<Self, Error> {
        let all: Vec<Technology> = table.technology.into_iter().map(Spanned::into_inner).collect();
        let words = |list: fn(&Technology) -> &Vec<String>| {
            all.iter().enumerate().flat_map(move |(n, t)| list(t).iter().map(move |w| (n, w)))
        };
        Ok(Self {
            ids: all.iter().enumerate().map(|(n, t)| (t.id.clone(), n)).collect(),
            context: table.context.iter().map(|w| crate::fold::lower(w)).collect(),
            scripts: Needles::new(words(|t| &t.scripts), true)?,
            html: Needles::new(words(|t| &t.html), true)?,
            text: Needles::new(words(|t| &t.text), false)?,
            all,
        })
    }

    pub(crate) fn get(&self, n: usize) -> Option<&Technology> {
        self.all.get(n)
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<usize> {
        self.ids.get(id).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Technology)> {
        self.all.iter().enumerate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../pipelines/builtin/company/technologies.toml");

    #[test]
    fn the_shipped_table_parses_and_is_large_enough() {
        let table = Technologies::parse(SHIPPED).unwrap();
        assert!(table.technology.len() >= 150, "{}", table.technology.len());
        Fingerprints::new(table).unwrap();
    }

    #[test]
    fn a_mistake_in_the_table_is_told_with_its_line() {
        for (text, line, reason) in [
            (
                "context = []\ntechnology = [\n  { id = \"a\", name = \"A\", category = \"x\", text = [\"A\"] },\n  { id = \"a\", name = \"A\", category = \"x\", text = [\"A\"] },\n]",
                4,
                "twice",
            ),
            (
                "context = []\ntechnology = [\n  { id = \"a\", name = \"A\", category = \"x\", text = [\"A\"], implies = [\"b\"] },\n]",
                3,
                "unknown `b`",
            ),
            (
                "context = []\ntechnology = [\n  { id = \"a\", name = \"A\", category = \"x\" },\n]",
                3,
                "no fingerprint",
            ),
            ("context = []\ntechnology = [\n  { id = \"a\", nam = \"A\", category = \"x\" },\n]", 3, "nam"),
        ] {
            let error = Technologies::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.reason.contains(reason), "{error}");
        }
    }
}
