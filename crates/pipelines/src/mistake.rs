//! What is wrong with a pipeline's folder, said so that it can be found and put right.

use std::fmt;

use serde::Serialize;

/// One mistake and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mistake {
    /// The file, by its path in the folder.
    pub file: String,
    /// Counted from 1; none when the file as a whole is meant (it is missing, it cannot be read).
    pub line: Option<usize>,
    /// In characters, from 1.
    pub column: Option<usize>,
    pub reason: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// A folder that is no pipeline: every mistake found in it, in order of the files and lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Invalid {
    /// The folder as it was given, or `built-in <name>`.
    pub folder: String,
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.mistakes.len() == 1 { "" } else { "s" };
        write!(f, "{}: {} mistake{plural}", self.folder, self.mistakes.len())?;
        self.mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

/// A file's text, for turning offsets into lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// Line and column of a byte.
    fn place(&self, offset: usize) -> (usize, usize) {
        let before: &str =
            (0..=offset.min(self.text.len())).rev().find_map(|end| self.text.get(..end)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The byte of the file at which byte `at` of a string's value stands, when the string spans `span` of the file.
    /// Exact where the string is written without escapes, else its beginning.
    pub(crate) fn inside(&self, span: &std::ops::Range<usize>, value: &str, at: usize) -> usize {
        let written = self.text.get(span.clone()).unwrap_or_default();
        written.find(value).map_or(span.start, |begin| span.start + begin + at)
    }
}

/// Mistakes as they are found.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(crate) fn at(&mut self, source: Source<'_>, offset: usize, reason: impl Into<String>) {
        let (line, column) = source.place(offset);
        let mistake = Mistake {
            file: source.file.to_owned(),
            line: Some(line),
            column: Some(column),
            reason: reason.into(),
        };
        self.0.push(mistake);
    }

    /// Where whoever read the file says.
    pub(crate) fn line(&mut self, file: &str, line: usize, column: usize, reason: impl Into<String>) {
        let (line, column) = (Some(line.max(1)), Some(column.max(1)));
        self.0.push(Mistake { file: file.to_owned(), line, column, reason: reason.into() });
    }

    /// About a file as a whole.
    pub(crate) fn file(&mut self, file: &str, reason: impl Into<String>) {
        self.0.push(Mistake { file: file.to_owned(), line: None, column: None, reason: reason.into() });
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Each once: the manifest first, then by file, line and column.
    pub(crate) fn sorted(mut self) -> Vec<Mistake> {
        let manifest = |mistake: &Mistake| mistake.file == crate::manifest::FILE;
        self.0.sort_by(|a, b| manifest(b).cmp(&manifest(a)).then_with(|| a.cmp(b)));
        self.0.dedup();
        self.0
    }
}
