//! Turns citations into evidence: the quote is looked up in the stored text, never taken from the answer.

use std::collections::HashMap;
use std::ops::Range;

use domain::{Entity, Evidence, Finding, FindingId, FindingKind, Layer, QuoteVerdict};
use evidence::{Index, Located, Polarity};

use super::answer::{Citation, Claim, ClaimKind};
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

/// What a claim says yes and no to, and how strictly its evidence must agree.
#[derive(Debug)]
pub(crate) struct Said {
    polarity: Polarity,
    kind: ClaimKind,
}

/// What the citations of one claim came to.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    pub(crate) evidence: Vec<Evidence>,
    /// Earlier findings cited, and what they say.
    pub(crate) cites: Vec<FindingId>,
    pub(crate) statements: Vec<String>,
    /// What the evidence says yes and no to, each quote in its clause.
    pub(crate) polarities: Vec<Polarity>,
    /// Quotes that stand nowhere, kept to be shown as such.
    pub(crate) unsupported: Vec<Evidence>,
    pub(crate) faults: Vec<Fault>,
}

impl Said {
    pub(crate) fn of(claim: &Claim) -> Self {
        Self { polarity: Polarity::of(&claim.statement), kind: claim.kind }
    }

    /// Whether evidence says no to what the claim says yes to. An inference may draw its yes from a no in other words;
    /// the sides of a conflict differ by their nature.
    fn is_denied_by(&self, evidence: &Polarity) -> bool {
        match self.kind {
            ClaimKind::Fact => self.polarity.is_denied_by(evidence),
            ClaimKind::Inference => self.polarity.is_contradicted_by(evidence),
            ClaimKind::Conflict | ClaimKind::Gap => false,
        }
    }

    /// Whether the claim says no although nothing of its evidence does.
    pub(crate) fn denies_alone(&self, evidence: &[Polarity]) -> bool {
        let backed = || evidence.iter().any(|piece| self.polarity.is_backed_by(piece));
        match self.kind {
            _ if !self.polarity.denies() || evidence.is_empty() => false,
            ClaimKind::Fact => !backed(),
            ClaimKind::Inference => {
                evidence.iter().any(|piece| self.polarity.is_affirmed_by(piece)) && !backed()
            }
            ClaimKind::Conflict | ClaimKind::Gap => false,
        }
    }
}

impl<'a> Quotes<'a> {
    pub(crate) fn new(labels: &'a Labels<'a>, sources: &'a Sources<'a>) -> Self {
        let shown =
            labels.sources.iter().filter_map(|shown| Some((shown.source, sources.get(shown.source)?)));
        let indexes = shown.map(|(number, source)| (number, Index::new(&source.content.text))).collect();
        Self { labels, sources, indexes }
    }

    pub(crate) fn carry(&self, citations: &[Citation], said: &Said) -> Carried {
        let mut carried = Carried::default();
        for citation in citations {
            match self.labels.find(&citation.source) {
                Some(Cited::Source(shown)) => self.source(shown.source, citation, said, &mut carried),
                Some(Cited::Entity(entity)) => from_entity(entity, &mut carried),
                Some(Cited::Finding(finding)) => {
                    from_finding(finding, citation.source.trim(), said, &mut carried);
                }
                None => carried.faults.push(Fault::UnknownLabel(shortened(&citation.source))),
            }
        }
        carried
    }

    fn source(&self, number: usize, citation: &Citation, said: &Said, carried: &mut Carried) {
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
            return;
        }
        let polarity = Polarity::of_quote(index.text(), &(located.start..located.end));
        if located.negated && !said.polarity.denies() {
            carried.faults.push(Fault::QuoteNegated { source: label, quote: shortened(&quote) });
        } else if said.is_denied_by(&polarity) {
            carried.faults.push(Fault::QuoteDenies { source: label, quote: shortened(&quote) });
        } else {
            carried.add(piece, polarity);
        }
    }
}

impl Carried {
    /// Keeps a piece that stands, once.
    fn add(&mut self, piece: Evidence, polarity: Polarity) {
        let place = |piece: &Evidence| (piece.document, piece.start, piece.end);
        if !self.evidence.iter().any(|known| place(known) == place(&piece)) {
            self.evidence.push(piece);
        }
        self.polarities.push(polarity);
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
    let pieces = attributes::pick(entity.evidence.iter(), PIECES);
    carried.polarities.extend(pieces.iter().map(|piece| Polarity::of(&piece.quote)));
    carried.evidence.extend(pieces);
}

/// A finding that something is missing or wrong may be said as a yes; any other may not be turned round.
fn from_finding(finding: &Finding, label: &str, said: &Said, carried: &mut Carried) {
    let polarity = Polarity::of(&finding.statement);
    if !matches!(finding.kind, FindingKind::Gap | FindingKind::Flag) && said.is_denied_by(&polarity) {
        let (source, quote) = (label.to_owned(), shortened(&finding.statement));
        carried.faults.push(Fault::QuoteDenies { source, quote });
        return;
    }
    let pieces = attributes::pick(finding.evidence.iter(), PIECES);
    carried.polarities.push(polarity);
    carried.polarities.extend(pieces.iter().map(|piece| Polarity::of(&piece.quote)));
    carried.evidence.extend(pieces);
    carried.statements.push(finding.statement.clone());
    if !carried.cites.contains(&finding.id) {
        carried.cites.push(finding.id);
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(REPEATED_CHARS).collect()
}
