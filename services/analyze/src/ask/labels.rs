//! The labels a model may cite: `S1` documents, `E1` entities, `F1` findings.

use domain::{Entity, Finding};

use super::select::Shown;

/// What a label stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cited<'a> {
    Source(&'a Shown),
    Entity(&'a Entity),
    Finding(&'a Finding),
}

/// Everything a prompt shows, numbered from 1 in the order shown.
#[derive(Debug, Default)]
pub(crate) struct Labels<'a> {
    pub(crate) sources: Vec<Shown>,
    pub(crate) entities: Vec<&'a Entity>,
    pub(crate) findings: Vec<&'a Finding>,
}

impl<'a> Labels<'a> {
    /// What the label stands for; none for one that was not given out. White space and case are forgiven.
    pub(crate) fn find(&self, label: &str) -> Option<Cited<'_>> {
        let label = label.trim();
        let mut chars = label.chars();
        let class = chars.next()?.to_ascii_uppercase();
        let digits = chars.as_str();
        if digits.starts_with('0') || !digits.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let index = digits.parse::<usize>().ok()?.checked_sub(1)?;
        match class {
            'S' => self.sources.get(index).map(Cited::Source),
            'E' => self.entities.get(index).copied().map(Cited::Entity),
            'F' => self.findings.get(index).copied().map(Cited::Finding),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_labels_that_were_given_out_stand_for_something() {
        let shown = |source| Shown { source, blocks: [0].into() };
        let labels = Labels { sources: vec![shown(7), shown(3)], ..Labels::default() };
        let source = |label: &str| match labels.find(label) {
            Some(Cited::Source(shown)) => Some(shown.source),
            _ => None,
        };
        assert_eq!((source("S1"), source(" s2 ")), (Some(7), Some(3)));
        for label in
            ["S0", "S3", "S01", "E1", "F1", "S", "", "S1,S2", "https://x.example", "\u{ff33}1", "S\u{661}"]
        {
            assert!(labels.find(label).is_none(), "{label}");
        }
    }
}
