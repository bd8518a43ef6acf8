//! Flags from what pages say.

use domain::{BlockKind, Evidence};
use regex::Regex;

use super::{PIECES, Seen};
use crate::attributes;
use crate::score::checks::signals::piece;
use crate::score::scene::Scene;
use crate::text::claims::is_self_praise;
use crate::text::crumbs::{addresses_a_model, is_worth_quoting};
use crate::text::sentences::sentences;

/// Longer sentences are cut off blocks, not statements.
const MOST_CHARS: usize = 300;

/// Sentences that match one of the patterns.
pub(super) fn text(patterns: &[Regex], scene: &Scene<'_>) -> Option<Seen> {
    let found = spot(scene, |_, sentence| patterns.iter().any(|pattern| pattern.is_match(sentence)));
    seen(found, 1)
}

/// Sentences of the site itself that praise without a number.
pub(super) fn empty_praise(at_least: usize, scene: &Scene<'_>) -> Option<Seen> {
    let own = |kind, sentence: &str| {
        kind != BlockKind::Quote && is_worth_quoting(sentence) && is_self_praise(sentence)
    };
    seen(spot(scene, own), at_least)
}

/// Quote blocks after which nobody is named. `named` is how a name looks at the end of a quote or right after it.
pub(super) fn anonymous(at_least: usize, named: &Regex, scene: &Scene<'_>) -> Option<Seen> {
    let mut found = Vec::new();
    for source in scene.sources.iter() {
        let blocks: Vec<(usize, &domain::Block)> = source.blocks().collect();
        for (place, (_, block)) in
            blocks.iter().enumerate().filter(|(_, (_, block))| block.kind == BlockKind::Quote)
        {
            let text = source.text_of(block);
            let next = blocks.get(place + 1).map(|(_, next)| source.text_of(next)).unwrap_or_default();
            if text.chars().count() < 30
                || addresses_a_model(text)
                || named.is_match(next)
                || named.is_match(tail(text))
            {
                continue;
            }
            found.push(piece(source, block.start as usize..block.end as usize, block.page));
        }
    }
    seen(found, at_least)
}

/// The last stretch of a quote, where its author stands.
fn tail(text: &str) -> &str {
    let start = text.char_indices().rev().nth(60).map_or(0, |(at, _)| at);
    text.get(start..).unwrap_or_default()
}

fn spot(scene: &Scene<'_>, holds: impl Fn(BlockKind, &str) -> bool) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = Vec::new();
    for source in scene.sources.iter() {
        for (_, block) in source.blocks() {
            let base = block.start as usize;
            for part in sentences(source.text_of(block)) {
                let range = base + part.start..base + part.end;
                let sentence = source.slice(range.clone());
                let new = || !found.iter().any(|known| known.quote == sentence);
                if sentence.chars().count() <= MOST_CHARS
                    && holds(block.kind, sentence)
                    && !addresses_a_model(sentence)
                    && new()
                {
                    found.push(piece(source, range, block.page));
                }
            }
        }
    }
    found
}

fn seen(found: Vec<Evidence>, at_least: usize) -> Option<Seen> {
    (found.len() >= at_least).then(|| Seen {
        says: vec![("n", found.len().to_string())],
        evidence: attributes::pick(found.iter(), PIECES),
        looked_in: Vec::new(),
    })
}
