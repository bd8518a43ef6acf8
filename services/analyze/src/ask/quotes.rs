//! Turns citations into evidence: the quote is looked up in the stored text, never taken from the answer.

use std::collections::HashMap;
use std::ops::Range;

use domain::{Entity, Evidence, Finding, FindingId, Layer, QuoteVerdict};
use evidence::{Index, Located};

use super::answer::Citation;
use super::delimit::unescape;
use super::fault::Fault;
use super::labels::{Cited, Labels};
use crate::attributes;
use crate::sources::{Source, Sources};

/// How a quote of a model is marked.
const METHOD: &str = "model";
/// The shortest and longest quote, in characters.
const QUOTE_CHARS: Range<usize> = 8..301;
/// Quotes that one entity or finding brings.
const PIECES: usize = 3;
/// How much of a false quote is repeated to the model.
const REPEATED_CHARS: usize = 120;

/// Looks quotes up in the shown documents; each is folded once.
#[derive(Debug)]
pub(crate) struct Quotes<'a> {
    labels: &'a Labels<'a>,
    sources: &'a Sources<'a>,
    indexes: HashMap<usize, Index<'a>>,
}

/// What the citations of one claim came to.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    pub(crate) evidence: Vec<Evidence>,
    /// Earlier findings cited, and what they say.
    pub(crate) cites: Vec<FindingId>,
    pub(crate) statements: Vec<String>,
    /// Quotes that stand nowhere, kept to be shown as such.
    pub(crate) unsupported: Vec<Evidence>,
    pub(crate) faults: Vec<Fault>,
}

impl<'a> Quotes<'a> {
    pub(crate) fn new(labels: &'a Labels<'a>, sources: &'a Sources<'a>) -> Self {
        let shown =
            labels.sources.iter().filter_map(|shown| Some((shown.source, sources.get(shown.source)?)));
        let indexes = shown.map(|(number, source)| (number, Index::new(&source.content.text))).collect();
        Self { labels, sources, indexes }
    }

    /// `negative` statements may rest on quotes that follow a negation.
    pub(crate) fn carry(&self, citations: &[Citation], negative: bool) -> Carried {
        let mut carried = Carried::default();
        for citation in citations {
            match self.labels.find(&citation.source) {
                Some(Cited::Source(shown)) => self.source(shown.source, citation, negative, &mut carried),
                Some(Cited::Entity(entity)) => from_entity(entity, &mut carried),
                Some(Cited::Finding(finding)) => from_finding(finding, &mut carried),
                None => carried.faults.push(Fault::UnknownLabel(shortened(&citation.source))),
            }
        }
        carried
    }

    fn source(&self, number: usize, citation: &Citation, negative: bool, carried: &mut Carried) {
        let Some(source) = self.sources.get(number) else { return };
        let Some(index) = self.indexes.get(&number) else { return };
        let quote = unescape(citation.quote.as_deref().unwrap_or_default().trim());
        let label = citation.source.trim().to_owned();
        let chars = quote.chars().count();
        if chars == 0 {
            carried.faults.push(Fault::QuoteMissing(label));
            return;
        }
        if !QUOTE_CHARS.contains(&chars) {
            carried.faults.push(Fault::QuoteLength { source: label, chars });
            return;
        }
        let located = index.locate_where(&quote, |range| source.is_own(&range));
        let piece = piece(source, &located, &quote);
        if located.verdict == QuoteVerdict::Unsupported {
            carried.faults.push(Fault::QuoteNotFound { source: label, quote: shortened(&quote) });
            carried.unsupported.push(piece);
        } else if located.negated && !negative {
            carried.faults.push(Fault::QuoteNegated { source: label, quote: shortened(&quote) });
        } else if !carried
            .evidence
            .iter()
            .any(|known| (known.document, known.start, known.end) == (piece.document, piece.start, piece.end))
        {
            carried.evidence.push(piece);
        }
    }
}

fn piece(source: &Source<'_>, located: &Located, quote: &str) -> Evidence {
    let stands = located.verdict != QuoteVerdict::Unsupported;
    Evidence {
        document: source.document.id,
        layer: Layer::Text,
        start: located.start as u64,
        end: located.end as u64,
        quote: if stands { source.slice(located.start..located.end).to_owned() } else { quote.to_owned() },
        verdict: located.verdict,
        method: METHOD.to_owned(),
        page: if stands { source.block_at(located.start).and_then(|block| block.page) } else { None },
    }
}

fn from_entity(entity: &Entity, carried: &mut Carried) {
    carried.evidence.extend(attributes::pick(entity.evidence.iter(), PIECES));
}

fn from_finding(finding: &Finding, carried: &mut Carried) {
    carried.evidence.extend(attributes::pick(finding.evidence.iter(), PIECES));
    carried.statements.push(finding.statement.clone());
    if !carried.cites.contains(&finding.id) {
        carried.cites.push(finding.id);
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(REPEATED_CHARS).collect()
}
