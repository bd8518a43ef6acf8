//! What a model is asked: fixed rules and the section's prompt as instructions, everything else as delimited data.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::{Entity, Finding, QuoteVerdict};

use super::delimit::delimited;
use super::labels::Labels;
use super::select::Shown;
use crate::attributes;
use crate::reading::Reading;
use crate::sources::{Source, Sources};

/// The rules that every section shares.
pub(crate) const RULES: &str = include_str!("rules.md");

/// Quotes of an earlier finding that are shown with it.
const QUOTES_SHOWN: usize = 2;

/// Instructions: the fixed rules and the section's own. Never a word from a page.
pub(crate) fn system(section: &str) -> String {
    format!("{}\n\n# This section\n\n{}\n", RULES.trim_end(), section.trim())
}

/// What the user turn shows besides what is labelled.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// The subject's name, if known; data like everything else.
    pub(crate) subject: &'a str,
    /// Topics of questions and the questions, in order.
    pub(crate) questions: &'a [String],
    pub(crate) reading: &'a Reading,
}

/// The data, and the question at the end of it.
pub(crate) fn user(frame: &Frame<'_>, labels: &Labels<'_>, sources: &Sources<'_>) -> String {
    let mut out = String::new();
    if !frame.subject.is_empty() {
        out.push_str(&delimited("subject", &[], frame.subject));
    }
    for (number, entity) in labels.entities.iter().enumerate() {
        let id = format!("E{}", number + 1);
        out.push_str(&delimited("entity", &[("id", &id), ("kind", &entity.kind)], &attributes::line(entity)));
    }
    for (number, finding) in labels.findings.iter().enumerate() {
        out.push_str(&shown_finding(number + 1, finding));
    }
    for (number, shown) in labels.sources.iter().enumerate() {
        if let Some(source) = sources.get(shown.source) {
            out.push_str(&shown_source(number + 1, shown, source));
        }
    }
    for (number, question) in frame.questions.iter().enumerate() {
        out.push_str(&delimited("question", &[("id", &format!("question_{}", number + 1))], question));
    }
    let looked: Vec<String> = looked(labels, sources).into_iter().collect();
    let _ = writeln!(out, "\nKinds of pages among the sources, for `looked_in`: {}.", or_none(&looked));
    let unread: Vec<String> =
        frame.reading.unread.iter().map(|(kind, why)| format!("{kind} ({why})")).collect();
    let _ =
        writeln!(out, "Found and not read, so nothing can be called missing there: {}.", or_none(&unread));
    out.push_str("Answer for this section now, with one JSON object that fits the schema.\n");
    out
}

/// Where somebody who sees this can have looked: kinds of the shown documents, and what shown findings looked in.
pub(crate) fn looked(labels: &Labels<'_>, sources: &Sources<'_>) -> BTreeSet<String> {
    let shown = labels.sources.iter().filter_map(|shown| sources.get(shown.source));
    let kinds = shown.flat_map(Source::kinds).map(str::to_owned);
    kinds.chain(labels.findings.iter().flat_map(|finding| finding.looked_in.iter().cloned())).collect()
}

fn or_none(list: &[String]) -> String {
    if list.is_empty() { "none".to_owned() } else { list.join(", ") }
}

/// A document: its shown blocks, a mark where some are left out.
pub(crate) fn shown_source(number: usize, shown: &Shown, source: &Source<'_>) -> String {
    let id = format!("S{number}");
    let attributes = [
        ("id", id.as_str()),
        ("kind", source.content.kind.as_str()),
        ("title", source.content.title.as_deref().unwrap_or_default()),
        ("published", source.content.published.as_deref().unwrap_or_default()),
    ];
    delimited("source", &attributes, &blocks_text(shown.blocks.iter().copied(), source))
}

/// Blocks in order; a gap between them is marked.
pub(crate) fn blocks_text(blocks: impl Iterator<Item = usize>, source: &Source<'_>) -> String {
    let mut text = String::new();
    let mut last: Option<usize> = None;
    for number in blocks {
        let Some(block) = source.block(number) else { continue };
        if last.is_some() {
            text.push_str(if last.is_some_and(|last| last + 1 == number) {
                "\n\n"
            } else {
                "\n\n[\u{2026}]\n\n"
            });
        }
        text.push_str(source.text_of(block));
        last = Some(number);
    }
    text
}

/// An earlier finding: what it says and how sure it is, with its first quotes.
pub(crate) fn shown_finding(number: usize, finding: &Finding) -> String {
    let mut text = finding.statement.clone();
    if let Some(because) = &finding.because {
        let _ = write!(text, "\nbecause: {because}");
    }
    let quotes = finding.evidence.iter().filter(|piece| piece.verdict != QuoteVerdict::Unsupported);
    for piece in quotes.take(QUOTES_SHOWN) {
        let _ = write!(text, "\nquote: \u{201c}{}\u{201d}", piece.quote);
    }
    if !finding.looked_in.is_empty() {
        let _ = write!(text, "\nlooked in: {}", finding.looked_in.join(", "));
    }
    let id = format!("F{number}");
    let attributes = [
        ("id", id.as_str()),
        ("section", finding.section.as_str()),
        ("topic", finding.topic.as_str()),
        ("kind", finding.kind.as_str()),
        ("level", finding.level.as_str()),
        ("severity", finding.severity.as_deref().unwrap_or_default()),
    ];
    delimited("finding", &attributes, &text)
}

/// An entity as it is shown, to count what it costs.
pub(crate) fn entity_text(entity: &Entity) -> String {
    delimited("entity", &[("id", "E00"), ("kind", &entity.kind)], &attributes::line(entity))
}
