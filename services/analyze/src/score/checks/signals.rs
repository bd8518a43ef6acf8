//! Signals of a company's stage: what it says outright, its last round, its age, its footprint.

use std::collections::BTreeSet;

use chrono::Datelike;
use domain::{Evidence, Layer, QuoteVerdict};

use super::rules::{EntityCount, Sign, Stage};
use crate::attributes;
use crate::extractive::matching;
use crate::score::scene::Scene;
use crate::sources::Source;
use crate::text::crumbs::addresses_a_model;
use crate::text::sentences::sentences;

/// Longer blocks without a stop are no sentence.
const MOST_CHARS: usize = 400;

/// A sentence that holds a sign, with its year if one is known.
#[derive(Debug)]
pub(crate) struct Spotted<'r> {
    pub(crate) sign: &'r Sign,
    /// The sign's place in its list: later rounds are greater.
    pub(crate) order: usize,
    pub(crate) year: Option<i32>,
    pub(crate) evidence: Evidence,
}

/// The first sentence in which the company says outright what it is.
pub(crate) fn explicit<'r>(stage: &'r Stage, scene: &Scene<'_>) -> Option<Spotted<'r>> {
    let mut found = spot(&stage.explicit, stage, scene, |_| true);
    found.sort_by_key(|spotted| spotted.order);
    found.into_iter().next()
}

/// The latest round of financing: the last year, then the later round.
pub(crate) fn round<'r>(stage: &'r Stage, scene: &Scene<'_>) -> Option<Spotted<'r>> {
    let about_money = |sentence: &str| stage.round_words.is_match(sentence);
    spot(&stage.round, stage, scene, about_money)
        .into_iter()
        .max_by_key(|spotted| (spotted.year, spotted.order))
}

/// Years since the founding.
pub(crate) fn age(stage: &Stage, scene: &Scene<'_>) -> Option<u64> {
    let founded = matching(&stage.signals.founded, scene.entities, scene.sources);
    let year = founded.into_iter().find_map(|entity| year(&attributes::first(entity, "value")?))?;
    u64::try_from(scene.at.year() - year).ok()
}

/// Offices, named customers, open roles … counted together; none when nothing of the sort is known.
pub(crate) fn footprint(stage: &Stage, scene: &Scene<'_>) -> Option<u64> {
    let count: u64 = stage.signals.footprint.iter().map(|what| count(what, scene)).sum();
    (count > 0).then_some(count)
}

/// Entities that fulfil the conditions, or the distinct values of a path of theirs.
pub(crate) fn count(what: &EntityCount, scene: &Scene<'_>) -> u64 {
    let found = scene.entities_of(&what.kind, &what.conditions);
    match &what.distinct {
        None => found.len() as u64,
        Some(path) => {
            let values: BTreeSet<String> = found
                .into_iter()
                .filter_map(|entity| attributes::first(entity, path))
                .map(|v| v.to_lowercase())
                .collect();
            values.len() as u64
        }
    }
}

/// The first year in a text.
pub(crate) fn year(text: &str) -> Option<i32> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .find(|year| (1500..2200).contains(year))
}

fn spot<'r>(
    signs: &'r [Sign],
    stage: &Stage,
    scene: &Scene<'_>,
    fits: impl Fn(&str) -> bool,
) -> Vec<Spotted<'r>> {
    let mut found = Vec::new();
    for source in scene.sources.iter().filter(|source| source.is_of(&stage.signals.kinds)) {
        for (_, block) in source.blocks() {
            let base = block.start as usize;
            for part in sentences(source.text_of(block)) {
                let range = base + part.start..base + part.end;
                let sentence = source.slice(range.clone());
                if sentence.len() > MOST_CHARS || !fits(sentence) || addresses_a_model(sentence) {
                    continue;
                }
                let Some((order, sign)) =
                    signs.iter().enumerate().rev().find(|(_, sign)| sign.is_in(sentence))
                else {
                    continue;
                };
                let year = year(sentence).or_else(|| year(source.content.published.as_deref()?));
                found.push(Spotted { sign, order, year, evidence: piece(source, range, block.page) });
            }
        }
    }
    found
}

/// A sentence of a document, as evidence.
pub(crate) fn piece(source: &Source<'_>, range: std::ops::Range<usize>, page: Option<u32>) -> Evidence {
    Evidence {
        document: source.document.id,
        layer: Layer::Text,
        start: range.start as u64,
        end: range.end as u64,
        quote: source.slice(range).to_owned(),
        verdict: QuoteVerdict::Verified,
        method: "rule".to_owned(),
        page,
    }
}
