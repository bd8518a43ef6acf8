//! Files that only a worker can judge: rules, tables of kinds, hints. A worker's code is none of this crate's, so whoever
//! has the workers hands over how they read such files, and a pipeline with one that its worker would refuse is refused
//! when it is loaded, before a run begins.

use std::collections::BTreeMap;

use crate::uses::Arguments;

/// Reads a file's text as the worker will, and keeps nothing.
pub type Read = fn(&str) -> Result<(), Unreadable>;

/// How workers read the files that their arguments name. Those of every service together are what a process hands over
/// that has workers; whoever has none hands over [`Readers::default`], and a mistake in such a file waits for its job.
#[derive(Debug, Clone, Default)]
pub struct Readers(BTreeMap<(&'static str, &'static str), Read>);

/// Why a file cannot be used, and where, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unreadable {
    /// Line and column, from 1.
    pub place: Option<(usize, usize)>,
    pub reason: String,
}

impl Readers {
    /// Adds how the worker of these arguments reads the file that `argument` names.
    #[must_use]
    pub fn with<A: Arguments>(mut self, argument: &'static str, read: Read) -> Self {
        self.0.insert((A::USES, argument), read);
        self
    }

    /// The readers of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// How the worker `uses` reads the file that `argument` names.
    #[must_use]
    pub fn get(&self, uses: &str, argument: &str) -> Option<Read> {
        self.0.iter().find(|((of, name), _)| (*of, *name) == (uses, argument)).map(|(_, read)| *read)
    }
}

impl Unreadable {
    /// What a worker says of a file. Of an error of the TOML parser, which shows the line besides, the place and the
    /// reason are kept: `TOML parse error at line 2, column 1 | 2 | garbage = 1 | ^^^ unknown field …`.
    #[must_use]
    pub fn said(error: &impl std::fmt::Display) -> Self {
        let text = error.to_string();
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let place = lines().next().and_then(|line| {
            let (line, column) = line.split_once("TOML parse error at line ")?.1.split_once(", column ")?;
            Some((line.parse().ok()?, column.parse().ok()?))
        });
        let reason = if place.is_some() { lines().next_back() } else { None };
        let reason = reason.map_or_else(|| lines().collect::<Vec<_>>().join(" "), str::to_owned);
        Self { place, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::{Readers, Unreadable};
    use crate::uses::{Ask, Score};

    #[test]
    fn a_reader_is_found_by_worker_and_argument() {
        let readers = Readers::default().with::<Score>("rules", |_| Ok(()));
        let readers = readers.and(Readers::default().with::<Ask>("schema", |_| Ok(())));
        assert!(readers.get("analyze.score", "rules").is_some());
        assert!(readers.get("analyze.ask", "schema").is_some());
        assert!(readers.get("analyze.ask", "rules").is_none());
    }

    #[test]
    fn an_error_of_the_toml_parser_keeps_its_place_and_its_reason() {
        let error =
            toml::from_str::<std::collections::BTreeMap<String, bool>>("a = true\n  b = 1\n").unwrap_err();
        let said = Unreadable::said(&format!("kinds: {error}"));
        assert_eq!(said.place, Some((2, 7)));
        assert_eq!(said.reason, "invalid type: integer `1`, expected a boolean");
        let said = Unreadable::said(&"there must be\na kind `other`");
        assert_eq!((said.place, said.reason.as_str()), (None, "there must be a kind `other`"));
    }
}
