//! Earlier findings that a topic repeats as its own: the red flags that code found.

use domain::Finding;

use crate::draft::Draft;
use crate::hints::{FindingHint, Topic};

/// The topic's findings, in order of its hints.
pub(crate) fn drafts(topic: &Topic, findings: &[Finding]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for hint in &topic.findings {
        for finding in chosen(hint, findings) {
            if !drafts.iter().any(|draft| draft.cites.contains(&finding.id)) {
                drafts.push(repeated(topic, finding));
            }
        }
    }
    drafts
}

/// The findings that a hint asks for, in the order they were made.
pub(crate) fn chosen<'f>(hint: &FindingHint, findings: &'f [Finding]) -> Vec<&'f Finding> {
    findings.iter().filter(|finding| hint.fits(finding)).take(hint.max.unwrap_or(usize::MAX)).collect()
}

fn repeated(topic: &Topic, finding: &Finding) -> Draft {
    let mut draft =
        Draft::new(&topic.name, finding.kind, &finding.statement).with_evidence(finding.evidence.clone());
    draft.value.clone_from(&finding.value);
    draft.because.clone_from(&finding.because);
    draft.severity.clone_from(&finding.severity);
    draft.looked_in.clone_from(&finding.looked_in);
    draft.tags.clone_from(&finding.tags);
    draft.cites = vec![finding.id];
    draft
}
