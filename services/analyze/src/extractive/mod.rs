//! Sections without a model: sentences selected from the sources by the schema's hints, word for word, and facts that
//! entities and earlier findings state. Labelled as what it is.

mod entities;
mod findings;
mod passages;
mod pick;
mod score;
mod summary;
#[cfg(test)]
mod tests;

use domain::{Entity, Finding};

use crate::draft::Draft;
use crate::hints::{Hints, Topic};
use crate::sources::Sources;

pub(crate) use entities::{drafts as entity_drafts, matching};
pub(crate) use passages::Passages;
pub(crate) use pick::Picker;

/// Tag of everything this way makes.
pub(crate) const EXTRACTIVE: &str = "extractive";

/// Sentences that answer a question.
const PER_QUESTION: usize = 3;

/// What a section is made of.
#[derive(Debug)]
pub(crate) struct Material<'a> {
    pub(crate) hints: &'a Hints,
    /// Kinds of pages the section reads.
    pub(crate) kinds: &'a [String],
    pub(crate) sources: &'a Sources<'a>,
    pub(crate) entities: &'a [Entity],
    /// Earlier findings that the section may use.
    pub(crate) findings: &'a [Finding],
    /// The subject's names, longest first.
    pub(crate) names: &'a [String],
    pub(crate) questions: &'a [String],
    /// Hints of other sections that take precedence where they fit a sentence better.
    pub(crate) rivals: &'a [Rival],
}

/// Another section that might want the same sentence.
#[derive(Debug)]
pub(crate) struct Rival {
    pub(crate) hints: Hints,
    pub(crate) kinds: Vec<String>,
    /// Wins when both want it equally: it comes earlier.
    pub(crate) earlier: bool,
}

/// The section's findings: claims in order of the topics, then the summary.
pub(crate) fn section(material: &Material<'_>) -> Vec<Draft> {
    let passages = Passages::of(material.sources, material.kinds);
    let mut picker = Picker::new(material, &passages);
    let questions: Vec<Topic> = material
        .questions
        .iter()
        .enumerate()
        .map(|(number, question)| Topic::of_question(number + 1, question, PER_QUESTION))
        .collect();
    let asked = !questions.is_empty();
    let of_questions = |topic: &&Topic| !(asked && topic.name.starts_with("question_"));
    let topics: Vec<&Topic> = material.hints.topics.iter().filter(of_questions).chain(&questions).collect();
    let mut drafts = Vec::new();
    for topic in &topics {
        let mut of_topic = findings::drafts(topic, material.findings);
        of_topic.extend(entities::drafts(topic, material.entities, material.sources));
        of_topic.truncate(topic.max);
        picker.note(&of_topic);
        let room = topic.max.saturating_sub(of_topic.len());
        of_topic.extend(picker.take(topic, room));
        drafts.extend(of_topic);
    }
    let sentences = summary::drafts(material, &drafts);
    let tag = |draft: Draft| {
        material.hints.tags.iter().fold(draft.tagged(EXTRACTIVE), |draft, tag| draft.tagged(tag))
    };
    drafts.into_iter().chain(sentences).map(tag).collect()
}
