//! How much a reader may lean on a finding: computed from its evidence, never asked of a model.

use std::collections::BTreeMap;

use domain::{DocumentId, Evidence, Finding, FindingKind, Layer, Level, QuoteVerdict};

use crate::defaults::Confidence;
use crate::draft::Draft;
use crate::sources::Sources;

/// Tag of praise without a number: what the company says of itself.
pub(crate) const SELF_CLAIM: &str = "self_claim";

/// Tag of a value that other sources contradict.
pub(crate) const DISPUTED: &str = "disputed";

/// Methods whose evidence is structured data, wherever its text stands.
const STRUCTURED: [&str; 4] = ["jsonld", "microdata", "rdfa", "href"];

/// Weighs evidence by what checking found and by what sort of page it stands on.
#[derive(Debug)]
pub(crate) struct Weigher<'a> {
    numbers: &'a Confidence,
    sources: &'a Sources<'a>,
}

impl<'a> Weigher<'a> {
    pub(crate) const fn new(numbers: &'a Confidence, sources: &'a Sources<'a>) -> Self {
        Self { numbers, sources }
    }

    /// Confidence and level of a draft; `cited` are the findings it stands on.
    pub(crate) fn of(&self, draft: &Draft, cited: &[&Finding]) -> (f64, Level) {
        let (confidence, level) = match (draft.kind, draft.evidence.is_empty()) {
            (FindingKind::Summary, _) | (_, true) if !cited.is_empty() => weakest(cited),
            (FindingKind::Gap | FindingKind::Flag, true) => {
                (self.numbers.gap, self.level(self.numbers.gap, false))
            }
            _ => self.weigh(&draft.evidence),
        };
        let capped = draft.has_tag(SELF_CLAIM) || draft.has_tag(DISPUTED);
        (confidence, if capped { level.min(Level::Medium) } else { level })
    }

    /// Noisy-or over the documents, the best evidence of each: quotes of one page are not independent.
    pub(crate) fn weigh(&self, evidence: &[Evidence]) -> (f64, Level) {
        let mut best: BTreeMap<DocumentId, f64> = BTreeMap::new();
        for piece in evidence {
            let weight = self.weight(piece);
            let known = best.entry(piece.document).or_default();
            *known = known.max(weight);
        }
        let doubt: f64 = best.values().map(|weight| 1.0 - weight).product();
        let carrying = best.values().filter(|weight| **weight > 0.0).count();
        let structured =
            evidence.iter().any(|piece| is_structured(piece) && piece.verdict == QuoteVerdict::Verified);
        let confidence = round(1.0 - doubt);
        (confidence, self.level(confidence, carrying >= 2 || structured))
    }

    fn level(&self, confidence: f64, backed: bool) -> Level {
        if confidence >= self.numbers.high && backed {
            Level::High
        } else if confidence >= self.numbers.medium {
            Level::Medium
        } else {
            Level::Low
        }
    }

    fn weight(&self, evidence: &Evidence) -> f64 {
        let verdict = match evidence.verdict {
            QuoteVerdict::Verified => self.numbers.verified,
            QuoteVerdict::Loose => self.numbers.loose,
            QuoteVerdict::Unsupported => return 0.0,
        };
        verdict * self.source(evidence)
    }

    fn source(&self, evidence: &Evidence) -> f64 {
        if is_structured(evidence) {
            return self.numbers.structured;
        }
        let Some(source) = self.sources.of(evidence.document) else { return self.numbers.kinds.of("other") };
        let start = usize::try_from(evidence.start).unwrap_or(usize::MAX);
        if source.is_testimonial(start) {
            return self.numbers.testimonial;
        }
        source.kinds().map(|kind| self.numbers.kinds.of(kind)).fold(0.0, f64::max)
    }
}

fn is_structured(evidence: &Evidence) -> bool {
    evidence.layer == Layer::Source || STRUCTURED.contains(&evidence.method.as_str())
}

/// A sentence is as strong as the weakest finding it stands on.
fn weakest(cited: &[&Finding]) -> (f64, Level) {
    let confidence = cited.iter().map(|finding| finding.confidence).fold(1.0, f64::min);
    let level = cited.iter().map(|finding| finding.level).min().unwrap_or(Level::Low);
    (confidence, level)
}

/// Three decimals: enough for a reader, and the same on every machine.
pub(crate) fn round(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defaults::Defaults;
    use crate::sources::fixture::Site;

    fn evidence(document: DocumentId, verdict: QuoteVerdict, layer: Layer) -> Evidence {
        Evidence {
            document,
            layer,
            start: 0,
            end: 1,
            quote: "x".into(),
            verdict,
            method: "model".into(),
            page: None,
        }
    }

    #[test]
    fn the_confidence_table() {
        let mut site = Site::new();
        let about = site.page("/about", "about").paragraph("x").id();
        let team = site.page("/team", "team").paragraph("x").id();
        let blog = site.page("/blog/a", "blog").paragraph("x").id();
        let praised = site.page("/customers", "customers").quote("x").id();
        let pairs = site.pairs();
        let sources = Sources::new(&pairs, |_, _| false);
        let defaults = Defaults::load().unwrap();
        let weigher = Weigher::new(&defaults.confidence, &sources);
        let (ok, loose, bad) = (QuoteVerdict::Verified, QuoteVerdict::Loose, QuoteVerdict::Unsupported);
        let text = Layer::Text;
        for (pieces, confidence, level) in [
            (vec![(about, ok, text)], 0.855, Level::Medium),
            (vec![(about, ok, text), (about, ok, text)], 0.855, Level::Medium),
            (vec![(about, ok, text), (team, ok, text)], 0.979, Level::High),
            (vec![(about, ok, Layer::Source)], 0.9, Level::High),
            (vec![(blog, ok, text)], 0.63, Level::Medium),
            (vec![(blog, loose, text)], 0.42, Level::Low),
            (vec![(praised, ok, text)], 0.54, Level::Low),
            (vec![(about, bad, text)], 0.0, Level::Low),
            (vec![(about, ok, text), (team, bad, text)], 0.855, Level::Medium),
        ] {
            let pieces: Vec<Evidence> = pieces.into_iter().map(|(d, v, l)| evidence(d, v, l)).collect();
            assert_eq!(weigher.weigh(&pieces), (confidence, level), "{pieces:?}");
        }
    }

    #[test]
    fn self_praise_and_disputed_values_are_never_high_and_a_gap_leans_on_its_pages() {
        let mut site = Site::new();
        let (a, b) =
            (site.page("/a", "about").paragraph("x").id(), site.page("/b", "home").paragraph("x").id());
        let pairs = site.pairs();
        let sources = Sources::new(&pairs, |_, _| false);
        let defaults = Defaults::load().unwrap();
        let weigher = Weigher::new(&defaults.confidence, &sources);
        let both = vec![
            evidence(a, QuoteVerdict::Verified, Layer::Text),
            evidence(b, QuoteVerdict::Verified, Layer::Text),
        ];
        let draft =
            Draft::new("position", FindingKind::Fact, "We lead.").with_evidence(both).tagged(SELF_CLAIM);
        assert_eq!(weigher.of(&draft, &[]).1, Level::Medium);
        let gap = Draft::new("board", FindingKind::Gap, "No board is named.");
        assert_eq!(weigher.of(&gap, &[]), (0.6, Level::Medium));
    }
}
