//! What a section's question shows: chosen within its tokens, numbered, put into words.

use std::collections::BTreeSet;

use domain::{Entity, Finding, FindingKind, Level};
use pipelines::uses::Ask as Args;

use super::check::UNSUPPORTED;
use super::labels::Labels;
use super::prompt::{self, Frame, entity_text, shown_finding};
use super::select::{NotRead, Shown, Wanted, select};
use crate::defaults;
use crate::hints::Hints;
use crate::known::Known;
use crate::reading::Reading;
use crate::sources::Sources;
use crate::text::terms::{is_stop, terms};

/// The question, and what its labels stand for (as numbers into what is known).
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) shown: Vec<Shown>,
    pub(crate) entities: Vec<usize>,
    /// Numbers into the findings that the section may see.
    pub(crate) findings: Vec<usize>,
    pub(crate) not_read: NotRead,
    pub(crate) system: String,
    pub(crate) user: String,
    /// The section's tokens, scaled.
    pub(crate) tokens: u64,
}

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) args: &'a Args,
    pub(crate) hints: &'a Hints,
    pub(crate) known: &'a Known,
    pub(crate) sources: &'a Sources<'a>,
    pub(crate) reading: &'a Reading,
    /// The earlier findings that the section may see.
    pub(crate) findings: &'a [Finding],
    pub(crate) prompt: &'a str,
}

impl Plan {
    pub(crate) fn make(given: Given<'_>, numbers: &defaults::Select, count: &dyn Fn(&str) -> u64) -> Self {
        let Given { args, hints, known, sources, findings, .. } = given;
        let tokens = scaled(args.select.tokens, args.token_scale);
        let documents = !args.select.kinds.is_empty();
        let part = |share: f64| if documents { scaled_by(tokens, share) } else { tokens };
        let (chosen, of_findings) = choose_findings(findings, part(numbers.findings_share), count);
        let room = part(numbers.entities_share).min(tokens.saturating_sub(of_findings));
        let (entities, of_entities) = choose_entities(&known.entities, hints, room, count);
        let wanted = Wanted {
            kinds: &args.select.kinds,
            words: &words(hints, &args.questions),
            tokens: tokens.saturating_sub(of_findings + of_entities),
        };
        let selection = select(sources, &wanted, numbers, count);
        let mut plan = Self {
            shown: selection.shown,
            entities,
            findings: chosen,
            not_read: selection.not_read,
            system: prompt::system(given.prompt),
            user: String::new(),
            tokens,
        };
        let frame = Frame { subject: known.name(), questions: &args.questions, reading: given.reading };
        let labels = plan.labels(known, findings);
        plan.user = prompt::user(&frame, &labels, sources);
        plan
    }

    /// What the labels stand for.
    pub(crate) fn labels<'a>(&self, known: &'a Known, findings: &'a [Finding]) -> Labels<'a> {
        Labels {
            sources: self.shown.clone(),
            entities: self.entities.iter().filter_map(|number| known.entities.get(*number)).collect(),
            findings: self.findings.iter().filter_map(|number| findings.get(*number)).collect(),
        }
    }

    /// Whether there is anything to ask about.
    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.entities.is_empty() && self.findings.is_empty()
    }
}

fn words(hints: &Hints, questions: &[String]) -> BTreeSet<String> {
    let asked = questions.iter().flat_map(|question| terms(question)).filter(|word| !is_stop(word));
    hints.terms().into_iter().chain(asked).collect()
}

/// The weightiest findings that fit, in the order they were made.
fn choose_findings(findings: &[Finding], most: u64, count: &dyn Fn(&str) -> u64) -> (Vec<usize>, u64) {
    let mut ranked: Vec<(u8, usize, &Finding)> = findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| !finding.tags.iter().any(|tag| tag == UNSUPPORTED))
        .filter(|(_, finding)| finding.kind != FindingKind::Summary)
        .map(|(number, finding)| (rank(finding), number, finding))
        .collect();
    ranked.sort_by_key(|(rank, number, _)| (*rank, *number));
    let mut spent = 0;
    let mut chosen = Vec::new();
    for (_, number, finding) in ranked {
        let cost = count(&shown_finding(number + 1, finding));
        if spent + cost <= most {
            spent += cost;
            chosen.push(number);
        }
    }
    chosen.sort_unstable();
    (chosen, spent)
}

/// Flags and conflicts first, then by level.
fn rank(finding: &Finding) -> u8 {
    match (finding.kind, finding.level) {
        (FindingKind::Flag, _) if matches!(finding.severity.as_deref(), Some("high" | "medium")) => 0,
        (FindingKind::Conflict, _) => 0,
        (_, Level::High) => 1,
        (_, Level::Medium) => 2,
        (_, Level::Low) => 3,
    }
}

/// The surest entities of the kinds that the section's hints name.
fn choose_entities(
    entities: &[Entity],
    hints: &Hints,
    most: u64,
    count: &dyn Fn(&str) -> u64,
) -> (Vec<usize>, u64) {
    let kinds = hints.entity_kinds();
    let mut ranked: Vec<(usize, &Entity)> = entities
        .iter()
        .enumerate()
        .filter(|(_, entity)| kinds.contains(entity.kind.as_str()) && !entity.evidence.is_empty())
        .collect();
    ranked.sort_by(|(_, a), (_, b)| {
        b.confidence
            .total_cmp(&a.confidence)
            .then(b.documents.cmp(&a.documents))
            .then_with(|| a.key.cmp(&b.key))
    });
    let mut spent = 0;
    let mut chosen = Vec::new();
    for (number, entity) in ranked {
        let cost = count(&entity_text(entity));
        if spent + cost > most {
            break;
        }
        spent += cost;
        chosen.push(number);
    }
    (chosen, spent)
}

fn scaled(tokens: u32, scale: f64) -> u64 {
    scaled_by(tokens.into(), scale)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of at most some hundred thousand tokens"
)]
pub(crate) fn scaled_by(tokens: u64, share: f64) -> u64 {
    (tokens as f64 * share.max(0.0)).floor() as u64
}
