//! The one repair question: the claims that failed, why, and the passages they might have meant.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::labels::{Cited, Labels};
use super::prompt::blocks_text;
use super::section::Review;
use super::{answer, delimit::delimited};
use crate::sources::{Source, Sources};
use crate::text::terms::content_words;

/// Passages tried for one failed quote.
const BLOCKS_PER_QUOTE: usize = 3;

/// What is asked, within `tokens` for the passages.
pub(crate) fn question(
    review: &Review,
    labels: &Labels<'_>,
    sources: &Sources<'_>,
    tokens: u64,
    count: &dyn Fn(&str) -> u64,
) -> String {
    let failed = review.failed();
    let mut out = String::new();
    let mut left = tokens;
    let mut shown: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut passages: Vec<(String, usize, BTreeSet<usize>)> = Vec::new();
    for citation in failed.iter().flat_map(|failed| &failed.claim.evidence) {
        let Some(Cited::Source(cited)) = labels.find(&citation.source) else { continue };
        let Some(source) = sources.get(cited.source) else { continue };
        let meant = citation.quote.as_deref().unwrap_or_default();
        for block in nearest(source, &cited.blocks, meant) {
            let cost = source.block(block).map_or(0, |b| count(source.text_of(b)));
            if cost > left || !shown.insert((cited.source, block)) {
                continue;
            }
            left -= cost;
            let label = citation.source.trim().to_uppercase();
            match passages.iter_mut().find(|(known, ..)| *known == label) {
                Some((_, _, blocks)) => {
                    blocks.insert(block);
                }
                None => passages.push((label, cited.source, [block].into())),
            }
        }
    }
    for (label, number, blocks) in &passages {
        if let Some(source) = sources.get(*number) {
            let text = blocks_text(blocks.iter().copied(), source);
            out.push_str(&delimited("source", &[("id", label), ("kind", &source.content.kind)], &text));
        }
    }
    out.push_str(&listed(review));
    out
}

/// What failed and why, and what to do about it.
fn listed(review: &Review) -> String {
    let mut out = String::from(
        "\nThese parts of your answer broke a rule. Everything else is accepted: do not repeat it.\n",
    );
    for failed in review.failed() {
        let claim = serde_json::to_string(failed.claim).unwrap_or_default();
        let _ = writeln!(out, "\nclaim: {}", super::delimit::escape(&claim));
        for fault in failed.faults {
            let _ = writeln!(out, "- {}", super::delimit::escape(&fault.to_string()));
        }
    }
    for (sentence, faults) in review.failed_sentences() {
        let sentence: &answer::Sentence = sentence;
        let text = serde_json::to_string(sentence).unwrap_or_default();
        let _ = writeln!(out, "\nsentence of the summary: {}", super::delimit::escape(&text));
        for fault in faults {
            let _ = writeln!(out, "- {}", super::delimit::escape(&fault.to_string()));
        }
    }
    out.push_str(
        "\nGive the repaired claims under the same ids, and the repaired sentences in the same order. Copy quotes \
         character by character from the sources. Leave a claim out if the sources do not carry it.\n",
    );
    out
}

/// The shown blocks that share most words with what was meant, best first; the first ones when nothing was.
fn nearest(source: &Source<'_>, blocks: &BTreeSet<usize>, meant: &str) -> Vec<usize> {
    let words = content_words(meant);
    let mut scored: Vec<(usize, usize)> = blocks
        .iter()
        .filter_map(|number| Some((*number, source.block(*number)?)))
        .map(|(number, block)| (content_words(source.text_of(block)).intersection(&words).count(), number))
        .collect();
    scored.sort_by(|(a, x), (b, y)| b.cmp(a).then(x.cmp(y)));
    scored.into_iter().take(BLOCKS_PER_QUOTE).map(|(_, number)| number).collect()
}
