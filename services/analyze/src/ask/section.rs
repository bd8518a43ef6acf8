//! One section's answer on its way to findings: checked, repaired once, decided. Asks nobody: whoever does brings the
//! answers in.

use std::collections::{BTreeMap, BTreeSet};

use domain::{FindingId, FindingKind, QuoteVerdict};
use serde::Serialize;

use super::answer::{Answer, Claim, Sentence};
use super::check::{Checked, Checker, UNSUPPORTED};
use super::fault::Fault;
use super::sentence::{self, Basis};
use crate::draft::Draft;

/// What of an answer was not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Dropped {
    pub(crate) claims: u32,
    /// Sentences of the summary.
    pub(crate) sentences: u32,
    /// Quotes that stand nowhere, of claims that other quotes carry.
    pub(crate) quotes: u32,
}

/// A first answer, checked.
#[derive(Debug)]
pub(crate) struct Review {
    claims: Vec<(Claim, Checked)>,
    sentences: Vec<(Sentence, Vec<Fault>)>,
    /// Claims under an id that was taken.
    repeated: u32,
    /// Earlier findings that sentences may name by label.
    findings: BTreeMap<String, (FindingId, Basis)>,
    /// What the subject is called.
    names: Vec<String>,
}

/// A claim that failed, and why.
#[derive(Debug)]
pub(crate) struct Failed<'r> {
    pub(crate) claim: &'r Claim,
    pub(crate) faults: &'r [Fault],
}

impl Review {
    /// Checks an answer. Claims with an id that was used before are dropped: nobody could say which one is meant.
    pub(crate) fn new(
        answer: Answer,
        checker: &Checker<'_>,
        findings: BTreeMap<String, (FindingId, Basis)>,
    ) -> Self {
        let mut claims: Vec<(Claim, Checked)> = Vec::new();
        let mut repeated = 0;
        for claim in answer.claims {
            if claims.iter().any(|(known, _)| known.id == claim.id) || findings.contains_key(&claim.id) {
                repeated += 1;
            } else {
                let checked = checker.claim(&claim);
                claims.push((claim, checked));
            }
        }
        let names = checker.names.to_vec();
        let mut review = Self { claims, sentences: Vec::new(), repeated, findings, names };
        let bases = review.bases(|_| true);
        review.sentences = answer
            .summary
            .into_iter()
            .map(|sentence| {
                let faults = sentence::faults(&sentence, &bases, &review.names);
                (sentence, faults)
            })
            .collect();
        review
    }

    pub(crate) fn failed(&self) -> Vec<Failed<'_>> {
        let failed = self.claims.iter().filter(|(_, checked)| !checked.faults.is_empty());
        failed.map(|(claim, checked)| Failed { claim, faults: &checked.faults }).collect()
    }

    pub(crate) fn failed_sentences(&self) -> Vec<(&Sentence, &[Fault])> {
        let failed = self.sentences.iter().filter(|(_, faults)| !faults.is_empty());
        failed.map(|(sentence, faults)| (sentence, faults.as_slice())).collect()
    }

    pub(crate) fn needs_repair(&self) -> bool {
        !self.failed().is_empty() || !self.failed_sentences().is_empty()
    }

    /// Takes in the answer to the repair question: claims by id, sentences in order of the failed ones. A repair that
    /// is no better than what it repairs is left aside.
    pub(crate) fn repair(&mut self, answer: Answer, checker: &Checker<'_>) {
        for claim in answer.claims {
            let Some(known) = self.claims.iter_mut().find(|(known, _)| known.id == claim.id) else {
                continue;
            };
            let checked = checker.claim(&claim);
            if !known.1.faults.is_empty()
                && (checked.faults.is_empty() || checked.carries && !known.1.carries)
            {
                *known = (claim, checked);
            }
        }
        let bases = self.bases(|_| true);
        let failed = self.sentences.iter_mut().filter(|(_, faults)| !faults.is_empty());
        for (known, sentence) in failed.zip(answer.summary) {
            let faults = sentence::faults(&sentence, &bases, &self.names);
            if faults.is_empty() {
                *known = (sentence, faults);
            }
        }
    }

    /// What sentences may name: the claims that hold, and earlier findings, by id.
    fn bases(&self, holds: impl Fn(&Checked) -> bool) -> BTreeMap<String, Basis> {
        let claims = self.claims.iter().filter(|(_, checked)| holds(checked));
        let claims = claims.map(|(claim, checked)| (claim.id.clone(), basis_of(checked)));
        claims.chain(self.findings.iter().map(|(label, (_, basis))| (label.clone(), basis.clone()))).collect()
    }

    /// What stands: claims that pass or are carried by what is left of them, then the sentences that stand on those.
    /// `keep_unsupported` shows what failed for a quote, marked, instead of dropping it.
    pub(crate) fn decide(self, keep_unsupported: bool) -> (Vec<Draft>, Dropped) {
        let mut dropped = Dropped { claims: self.repeated, ..Dropped::default() };
        let mut ids: BTreeMap<String, FindingId> =
            self.findings.iter().map(|(label, (id, _))| (label.clone(), *id)).collect();
        let mut bases = self.bases(|checked| checked.carries);
        let mut drafts = Vec::new();
        for (claim, mut checked) in self.claims {
            if checked.carries {
                dropped.quotes += strip(&mut checked.draft);
            } else if !keep_unsupported || !checked.draft.has_tag(UNSUPPORTED) {
                dropped.claims += 1;
                continue;
            } else {
                bases.remove(&claim.id);
            }
            if checked.carries {
                ids.insert(claim.id, checked.draft.id);
            }
            drafts.push(checked.draft);
        }
        let mut said: BTreeSet<String> = BTreeSet::new();
        for (sentence, _) in self.sentences {
            // A repair may put a sentence in twice.
            match summary(&sentence, &ids, &bases, &self.names)
                .filter(|_| said.insert(folded(&sentence.text)))
            {
                Some(draft) => drafts.push(draft),
                None => dropped.sentences += 1,
            }
        }
        (drafts, dropped)
    }
}

fn basis_of(checked: &Checked) -> Basis {
    Basis {
        statement: checked.draft.statement.clone(),
        quotes: checked.quotes.clone(),
        is_lack: checked.is_lack,
    }
}

/// The letters and digits of a sentence: what makes two of them one.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Takes the quotes off that stand nowhere; tells how many.
fn strip(draft: &mut Draft) -> u32 {
    let before = draft.evidence.len();
    draft.evidence.retain(|piece| piece.verdict != QuoteVerdict::Unsupported);
    draft.tags.retain(|tag| tag != UNSUPPORTED);
    u32::try_from(before - draft.evidence.len()).unwrap_or(u32::MAX)
}

/// The sentence with the claims of it that stand; none if nothing of it does.
fn summary(
    sentence: &Sentence,
    ids: &BTreeMap<String, FindingId>,
    bases: &BTreeMap<String, Basis>,
    names: &[String],
) -> Option<Draft> {
    let standing: Vec<String> = sentence.claims.iter().filter(|id| ids.contains_key(*id)).cloned().collect();
    // A sentence that loses half of its claims says what nobody checked.
    if standing.is_empty() || standing.len() * 2 < sentence.claims.len() {
        return None;
    }
    let cites = standing.iter().filter_map(|id| ids.get(id)).copied().collect();
    let sentence = Sentence { claims: standing, ..sentence.clone() };
    if !sentence::faults(&sentence, bases, names).is_empty() {
        return None;
    }
    let mut draft = Draft::new(
        sentence.topic.unwrap_or_else(|| "summary".to_owned()),
        FindingKind::Summary,
        sentence.text.trim(),
    );
    draft.cites = cites;
    Some(draft)
}
