//! Picks the best passages of a topic: no near duplicates, and nothing that another section states better.

use std::collections::BTreeSet;

use domain::FindingKind;

use super::passages::{Passage, Passages};
use super::score::{Scene, score};
use super::{Material, Rival};
use crate::confidence::SELF_CLAIM;
use crate::draft::Draft;
use crate::hints::Topic;
use crate::text::claims::is_self_praise;
use crate::text::terms::{content_words, same};

/// Headings longer than this do not name a row.
const HEADING_WORDS: usize = 6;
/// Rows with fewer words say little without their heading.
const ROW_WORDS: usize = 9;

pub(crate) struct Picker<'m> {
    material: &'m Material<'m>,
    passages: &'m Passages<'m>,
    /// Content words of what the section says already, and of earlier findings.
    said: Vec<BTreeSet<String>>,
    used: BTreeSet<(usize, usize)>,
}

impl<'m> Picker<'m> {
    pub(crate) fn new(material: &'m Material<'m>, passages: &'m Passages<'m>) -> Self {
        let said = material.findings.iter().map(|finding| content_words(&finding.statement)).collect();
        Self { material, passages, said, used: BTreeSet::new() }
    }

    /// Remembers what was said by other means, so that no sentence repeats it.
    pub(crate) fn note(&mut self, drafts: &[Draft]) {
        self.said.extend(drafts.iter().map(|draft| content_words(&draft.statement)));
    }

    /// The best passages of the topic, at most so many.
    pub(crate) fn take(&mut self, topic: &Topic, most: usize) -> Vec<Draft> {
        let mut scored: Vec<(f64, &Passage<'m>)> = self
            .passages
            .list
            .iter()
            .filter_map(|passage| Some((self.score(topic, passage)?, passage)))
            .collect();
        scored.sort_by(|(a, x), (b, y)| {
            b.total_cmp(a).then_with(|| (x.source, x.range.start).cmp(&(y.source, y.range.start)))
        });
        let mut taken: Vec<&Passage<'m>> = Vec::new();
        for (points, passage) in scored {
            if taken.len() >= most {
                break;
            }
            let words = passage.content_words();
            let place = (passage.source, passage.range.start);
            let new = !self.used.contains(&place) && !self.said.iter().any(|known| same(known, &words));
            if new && !self.belongs_elsewhere(passage, points) {
                taken.push(passage);
                self.said.push(words);
                self.used.insert(place);
            }
        }
        // Rows read in the order of their table, sentences best first.
        if topic.rows {
            taken.sort_by_key(|passage| (passage.source, passage.range.start));
        }
        taken.into_iter().filter_map(|passage| self.draft(topic, passage)).collect()
    }

    fn score(&self, topic: &Topic, passage: &Passage<'_>) -> Option<f64> {
        let kinds: Vec<&str> = self.material.sources.get(passage.source)?.kinds().collect();
        score(topic, passage, Scene { names: self.material.names, kinds: &kinds })
    }

    /// Whether another section states it better, or as well and comes first.
    fn belongs_elsewhere(&self, passage: &Passage<'_>, points: f64) -> bool {
        self.material.rivals.iter().any(|rival| {
            let best = self.best_of(rival, passage);
            best > points || best >= points && rival.earlier
        })
    }

    fn best_of(&self, rival: &Rival, passage: &Passage<'_>) -> f64 {
        let reads =
            self.material.sources.get(passage.source).is_some_and(|source| source.is_of(&rival.kinds));
        if !reads {
            return 0.0;
        }
        rival.hints.topics.iter().filter_map(|topic| self.score(topic, passage)).fold(0.0, f64::max)
    }

    fn draft(&self, topic: &Topic, passage: &Passage<'_>) -> Option<Draft> {
        let statement = passage.statement();
        let mut evidence = vec![passage.evidence(self.material.sources)?];
        let named = passage.row.then(|| self.heading(passage)).flatten();
        let statement = match &named {
            Some((heading, _)) => format!("{heading}: {statement}"),
            None => statement,
        };
        evidence.extend(named.map(|(_, piece)| piece));
        let draft = Draft::new(&topic.name, FindingKind::Fact, statement).with_evidence(evidence);
        Some(if is_self_praise(passage.text) { draft.tagged(SELF_CLAIM) } else { draft })
    }

    /// The heading that a short row needs, with its own quote.
    fn heading(&self, passage: &Passage<'_>) -> Option<(String, domain::Evidence)> {
        let heading = passage.heading?;
        let short = passage.text.split_whitespace().count() < ROW_WORDS;
        let names = (1..=HEADING_WORDS).contains(&heading.split_whitespace().count())
            && !heading.ends_with(['?', '!', ':']);
        if !short || !names || passage.text.contains(heading) || passage.text.contains(": ") {
            return None;
        }
        let source = self.material.sources.get(passage.source)?;
        let (_, block) = source
            .blocks()
            .filter(|(_, block)| (block.end as usize) <= passage.range.start)
            .filter(|(_, block)| source.text_of(block) == heading)
            .last()?;
        let range = block.start as usize..block.end as usize;
        let piece = domain::Evidence {
            start: range.start as u64,
            end: range.end as u64,
            quote: heading.to_owned(),
            page: block.page,
            ..passage.evidence(self.material.sources)?
        };
        Some((heading.to_owned(), piece))
    }
}
