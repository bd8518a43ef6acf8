//! Footnotes: one number per place that is quoted.

use std::collections::HashSet;

use domain::{DocumentId, Evidence, Layer};

use crate::model::{Cited, Context, Section};

/// What makes two quotes the same footnote.
pub(crate) fn place(evidence: &Evidence) -> (DocumentId, Layer, u64, u64) {
    (evidence.document, evidence.layer, evidence.start, evidence.end)
}

pub(crate) fn number(sections: &[Section], context: impl Fn(&Evidence) -> Context) -> Vec<Cited> {
    let mut seen = HashSet::new();
    sections
        .iter()
        .flat_map(|section| &section.findings)
        .flat_map(|finding| &finding.evidence)
        .filter(|evidence| seen.insert(place(evidence)))
        .zip(1..)
        .map(|(evidence, number)| Cited { number, evidence: evidence.clone(), context: context(evidence) })
        .collect()
}
