//! The rules that every claim and every sentence of a summary must pass, by code.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Claim, ClaimKind};
use super::fault::{Fault, STATEMENT_CHARS};
use super::quotes::{Carried, Quotes, Said};
use crate::confidence::SELF_CLAIM;
use crate::draft::Draft;
use crate::reading::Reading;
use crate::text::address::is_url;
use crate::text::claims::is_self_praise;
use domain::{FindingKind, Layer};
use evidence::numbers_supported;

/// Tag of a claim shown although a quote of it stands nowhere.
pub(crate) const UNSUPPORTED: &str = "unsupported";

/// What the checker knows besides the answer.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    pub(crate) quotes: Quotes<'a>,
    pub(crate) reading: &'a Reading,
    /// Kinds of the documents that were shown, and those that shown findings looked in: where the model can have
    /// looked.
    pub(crate) looked: BTreeSet<String>,
    /// Page kinds by topic, from the hints of the schema.
    pub(crate) topic_kinds: BTreeMap<String, Vec<String>>,
    /// What the subject is called: a sentence that names it has said nothing of it yet.
    pub(crate) names: &'a [String],
}

/// A claim after the rules: what it became, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) draft: Draft,
    pub(crate) faults: Vec<Fault>,
    /// Whether what stands of it carries it although some of its evidence fell away.
    pub(crate) carries: bool,
    /// What its sentences' numbers may be found in.
    pub(crate) quotes: Vec<String>,
    /// It says that something is missing or wrong.
    pub(crate) is_lack: bool,
}

impl Checker<'_> {
    pub(crate) fn claim(&self, claim: &Claim) -> Checked {
        let said = Said::of(claim);
        let mut carried = self.quotes.carry(&claim.evidence, &said);
        let quotes: Vec<String> = carried
            .evidence
            .iter()
            .map(|piece| piece.quote.clone())
            .chain(carried.statements.clone())
            .collect();
        let mut rules = self.rules(claim, &carried);
        let chars = claim.statement.chars().count();
        rules.extend((chars > STATEMENT_CHARS).then_some(Fault::StatementLength(chars)));
        rules.extend(said.denies_alone(&carried.polarities).then_some(Fault::NotDenied));
        rules.extend(urls(claim));
        rules.extend(numbers(claim, &quotes));
        let carries = rules.is_empty();
        let mut faults = std::mem::take(&mut carried.faults);
        // Without its quote the rest follows: `no evidence` and missing numbers would only repeat it.
        let missing_quote = !faults.is_empty();
        faults.extend(rules.into_iter().filter(|rule| {
            let follows =
                matches!(rule, Fault::NoEvidence | Fault::OneSource | Fault::Numbers(_) | Fault::NotDenied);
            !(missing_quote && follows)
        }));
        let is_lack = claim.kind == ClaimKind::Gap || claim.severity.is_some();
        Checked { draft: draft(claim, carried), faults, carries, quotes, is_lack }
    }

    fn rules(&self, claim: &Claim, carried: &Carried) -> Vec<Fault> {
        let mut faults = Vec::new();
        let pieces = carried.evidence.len() + carried.cites.len();
        let because = claim.because.as_deref().is_some_and(|because| !because.trim().is_empty());
        match claim.kind {
            ClaimKind::Fact if pieces == 0 => faults.push(Fault::NoEvidence),
            ClaimKind::Inference => {
                faults.extend((pieces == 0).then_some(Fault::NoEvidence));
                faults.extend((!because).then_some(Fault::NoBecause));
            }
            ClaimKind::Conflict if !differ(carried) => faults.push(Fault::OneSource),
            ClaimKind::Gap => faults.extend(self.gap(claim)),
            ClaimKind::Fact | ClaimKind::Conflict => {}
        }
        faults
    }

    /// What is missing was looked for where it would stand, and those pages were read.
    fn gap(&self, claim: &Claim) -> Vec<Fault> {
        let looked_in = claim.looked_in.as_deref().unwrap_or_default();
        if looked_in.is_empty() {
            return vec![Fault::NoLookedIn];
        }
        let unread: Vec<String> =
            looked_in.iter().filter(|kind| !self.looked.contains(*kind)).cloned().collect();
        if !unread.is_empty() {
            return vec![Fault::NotRead(unread)];
        }
        let expected = self.topic_kinds.get(&claim.topic).into_iter().flatten();
        let blocked = expected.filter_map(|kind| self.reading.unread.get_key_value(kind)).next();
        blocked
            .map(|(kind, why)| Fault::NotLookedAt(format!("{kind} was not read: {why}")))
            .into_iter()
            .collect()
    }
}

/// Whether the evidence comes from two documents, or from what one says in text and in structured form.
fn differ(carried: &Carried) -> bool {
    let places: BTreeSet<(domain::DocumentId, bool)> =
        carried.evidence.iter().map(|piece| (piece.document, piece.layer == Layer::Source)).collect();
    places.len() >= 2 || carried.cites.len() >= 2
}

fn urls(claim: &Claim) -> Vec<Fault> {
    let places = [
        ("statement", Some(claim.statement.as_str())),
        ("reasoning", claim.because.as_deref()),
        ("value", claim.value.as_ref().map(|value| value.value.as_str())),
    ];
    let mut faults: Vec<Fault> = places
        .into_iter()
        .filter(|(_, text)| text.is_some_and(is_url))
        .map(|(place, _)| Fault::Url(place))
        .collect();
    faults.extend(
        claim.looked_in.iter().flatten().any(|kind| is_url(kind)).then_some(Fault::Url("list of kinds")),
    );
    faults
}

/// Numbers of the statement and of its value that no quote holds. A gap has no quotes and may state none.
fn numbers(claim: &Claim, quotes: &[String]) -> Option<Fault> {
    let quotes: Vec<&str> = quotes.iter().map(String::as_str).collect();
    let value = claim.value.as_ref().map(|value| value.value.as_str()).unwrap_or_default();
    let mut missing: Vec<String> = Vec::new();
    for text in [claim.statement.as_str(), value] {
        for number in numbers_supported(text, &quotes).err().into_iter().flatten() {
            if !missing.contains(&number) {
                missing.push(number);
            }
        }
    }
    (!missing.is_empty()).then_some(Fault::Numbers(missing))
}

fn draft(claim: &Claim, carried: Carried) -> Draft {
    let kind = match (claim.kind, &claim.severity) {
        // In a section that asks for severity every claim is a flag; which rule it had to pass stays its claim's kind.
        (_, Some(_)) => FindingKind::Flag,
        (ClaimKind::Fact, None) => FindingKind::Fact,
        (ClaimKind::Inference, None) => FindingKind::Inference,
        (ClaimKind::Conflict, None) => FindingKind::Conflict,
        (ClaimKind::Gap, None) => FindingKind::Gap,
    };
    let mut draft = Draft::new(&claim.topic, kind, claim.statement.trim());
    draft.value =
        claim.value.as_ref().map(|v| crate::draft::ValueType::from(v.kind).of(&v.value, v.unit.as_deref()));
    draft.because = claim.because.clone().filter(|because| !because.trim().is_empty());
    draft.severity.clone_from(&claim.severity);
    draft.looked_in = claim.looked_in.clone().unwrap_or_default();
    draft.cites = carried.cites;
    if is_self_praise(&claim.statement) && claim.kind == ClaimKind::Fact {
        draft = draft.tagged(SELF_CLAIM);
    }
    let unsupported = !carried.unsupported.is_empty();
    draft.evidence = carried.evidence;
    draft.evidence.extend(carried.unsupported);
    if unsupported { draft.tagged(UNSUPPORTED) } else { draft }
}
