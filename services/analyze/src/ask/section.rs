//! One section's answer on its way to findings: checked, repaired once, decided. Asks nobody: whoever does brings the
//! answers in.

use std::collections::BTreeMap;

use domain::{FindingId, FindingKind, QuoteVerdict};
use serde::Serialize;

use super::answer::{Answer, Claim, Sentence};
use super::check::{Checked, Checker, UNSUPPORTED};
use super::fault::Fault;
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
    /// Earlier findings that sentences may name by label, with what their numbers may be found in.
    findings: BTreeMap<String, (FindingId, Vec<String>)>,
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
        findings: BTreeMap<String, (FindingId, Vec<String>)>,
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
        let mut review = Self { claims, sentences: Vec::new(), repeated, findings };
        let quotes = review.quotes(|_| true);
        review.sentences = answer
            .summary
            .into_iter()
            .map(|sentence| {
                let faults = Checker::sentence(&sentence, &quotes);
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
        let quotes = self.quotes(|_| true);
        let failed = self.sentences.iter_mut().filter(|(_, faults)| !faults.is_empty());
        for (known, sentence) in failed.zip(answer.summary) {
            let faults = Checker::sentence(&sentence, &quotes);
            if faults.is_empty() {
                *known = (sentence, faults);
            }
        }
    }

    /// The quotes of the claims that hold, and of earlier findings, by id.
    fn quotes(&self, holds: impl Fn(&Checked) -> bool) -> BTreeMap<String, Vec<String>> {
        let claims = self.claims.iter().filter(|(_, checked)| holds(checked));
        let claims = claims.map(|(claim, checked)| (claim.id.clone(), quotes_of(checked)));
        claims
            .chain(self.findings.iter().map(|(label, (_, quotes))| (label.clone(), quotes.clone())))
            .collect()
    }

    /// What stands: claims that pass or are carried by what is left of them, then the sentences that stand on those.
    /// `keep_unsupported` shows what failed for a quote, marked, instead of dropping it.
    pub(crate) fn decide(self, keep_unsupported: bool) -> (Vec<Draft>, Dropped) {
        let mut dropped = Dropped { claims: self.repeated, ..Dropped::default() };
        let mut ids: BTreeMap<String, FindingId> =
            self.findings.iter().map(|(label, (id, _))| (label.clone(), *id)).collect();
        let mut quotes = self.quotes(|checked| checked.carries);
        let mut drafts = Vec::new();
        for (claim, mut checked) in self.claims {
            if checked.carries {
                dropped.quotes += strip(&mut checked.draft);
            } else if !keep_unsupported || !checked.draft.has_tag(UNSUPPORTED) {
                dropped.claims += 1;
                continue;
            } else {
                quotes.remove(&claim.id);
            }
            if checked.carries {
                ids.insert(claim.id, checked.draft.id);
            }
            drafts.push(checked.draft);
        }
        for (sentence, _) in self.sentences {
            match summary(&sentence, &ids, &quotes) {
                Some(draft) => drafts.push(draft),
                None => dropped.sentences += 1,
            }
        }
        (drafts, dropped)
    }
}

/// What numbers of a sentence may be found in: the quotes, and what the claim itself says, which was checked.
fn quotes_of(checked: &Checked) -> Vec<String> {
    checked.quotes.iter().cloned().chain(std::iter::once(checked.draft.statement.clone())).collect()
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
    quotes: &BTreeMap<String, Vec<String>>,
) -> Option<Draft> {
    let standing: Vec<String> = sentence.claims.iter().filter(|id| ids.contains_key(*id)).cloned().collect();
    // A sentence that loses half of its claims says what nobody checked.
    if standing.is_empty() || standing.len() * 2 < sentence.claims.len() {
        return None;
    }
    let cites = standing.iter().filter_map(|id| ids.get(id)).copied().collect();
    let sentence = Sentence { claims: standing, ..sentence.clone() };
    if !Checker::sentence(&sentence, quotes).is_empty() {
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
