//! How well a passage states a topic, in points.

use crate::hints::Topic;
use crate::text::claims::{is_self_praise, praises};
use crate::text::denials::states;

use super::passages::Passage;

/// Points that a passage needs: a pattern, two words, or a word under a heading that names the topic.
const NEEDED: f64 = 2.0;
const PATTERN: f64 = 2.5;
const WORD: f64 = 1.0;
/// Every further word counts less than the one before.
const WORD_DECAY: f64 = 0.6;
const HEADING: f64 = 1.0;
const NAME: f64 = 0.6;
const NUMBER: f64 = 0.4;
/// What the order of a topic's page kinds is worth, from first to last.
const KIND: f64 = 0.8;
const EARLY: f64 = 0.3;
const EARLY_PLACES: usize = 6;
const REPEATED: f64 = 0.2;
const LONG: f64 = -0.5;
const LONG_CHARS: usize = 220;
const PRAISE: f64 = -0.3;
/// Praise without a number: a slogan.
const SLOGAN: f64 = -1.8;
/// `It`, `They`, `This`: nobody knows who without the sentence before.
const DANGLING: f64 = -1.2;
/// A headline or a list entry rather than a sentence.
const UNSTOPPED: f64 = -0.4;
const SHORT: f64 = -0.3;
const SHORT_CHARS: usize = 40;

/// First words that point at a sentence that is not quoted. Sorted, lower case.
const POINTERS: &[&str] = &[
    "additionally",
    "also",
    "and",
    "as a result",
    "besides",
    "but",
    "das",
    "diese",
    "dieser",
    "dies",
    "er",
    "es",
    "furthermore",
    "he",
    "her",
    "his",
    "however",
    "il",
    "it",
    "its",
    "moreover",
    "or",
    "she",
    "sie",
    "so",
    "that",
    "their",
    "then",
    "these",
    "they",
    "this",
    "those",
    "thus",
    "yet",
];

/// The section's page kinds and the subject's names: what scoring knows besides topic and passage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) names: &'a [String],
    /// Kinds of the passage's document.
    pub(crate) kinds: &'a [&'a str],
}

/// The points of a passage for a topic; none if it does not state it.
pub(crate) fn score(topic: &Topic, passage: &Passage<'_>, scene: Scene<'_>) -> Option<f64> {
    // What somebody is made to say is no statement of the company.
    let spoken = passage.testimonial || is_spoken(passage.text);
    if passage.row && !topic.rows || passage.terms.is_empty() || spoken {
        return None;
    }
    let rank = rank(topic, scene.kinds)?;
    if topic.unless.iter().any(|pattern| pattern.is_match(passage.text)) {
        return None;
    }
    // What is denied states nothing, unless the topic is about denials too.
    let denied = passage.denied.as_ref().filter(|_| !topic.denials);
    let pattern = topic.patterns.iter().any(|pattern| match denied {
        Some(denied) => states(pattern, passage.text, &denied.negations),
        None => pattern.is_match(passage.text),
    });
    if !pattern && (topic.only_patterns || passage.row) {
        return None;
    }
    let (text, terms) =
        denied.map_or((passage.text, &passage.terms), |denied| (denied.affirmed.as_str(), &denied.terms));
    let lower = if topic.phrases.is_empty() { String::new() } else { text.to_lowercase() };
    let words = topic.words.iter().filter(|word| terms.contains(*word)).count()
        + topic.phrases.iter().filter(|phrase| lower.contains(phrase.as_str())).count();
    let under = topic.words.iter().any(|word| passage.under.contains(word));
    let mut points = if pattern { PATTERN } else { 0.0 };
    points += (0..words).map(|n| WORD * WORD_DECAY.powi(i32::try_from(n).unwrap_or(i32::MAX))).sum::<f64>();
    // Two words suffice: the second adds less than it proves.
    if words >= 2 {
        points = points.max(NEEDED);
    }
    if words > 0 || pattern {
        points += if under { HEADING } else { 0.0 };
    }
    let worth = points + rank + quality(passage, scene);
    (points >= NEEDED && worth >= NEEDED).then_some(worth)
}

/// What the order of the topic's kinds is worth for this document; none if it is of none of them.
fn rank(topic: &Topic, kinds: &[&str]) -> Option<f64> {
    if topic.kinds.is_empty() {
        return Some(0.0);
    }
    let place = topic.kinds.iter().position(|wanted| kinds.contains(&wanted.as_str()))?;
    #[expect(clippy::cast_precision_loss, reason = "a handful of kinds")]
    let share = 1.0 - place as f64 / topic.kinds.len() as f64;
    Some(KIND * share)
}

/// What makes a passage good or bad to quote, whatever the topic.
fn quality(passage: &Passage<'_>, scene: Scene<'_>) -> f64 {
    let text = passage.text;
    let chars = text.chars().count();
    let first = text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    let points = [
        (scene.names.iter().any(|name| text.contains(name.as_str())), NAME),
        (text.chars().any(|c| c.is_ascii_digit()), NUMBER),
        (passage.place < EARLY_PLACES, EARLY),
        (passage.repeats > 0, REPEATED),
        (chars > LONG_CHARS, LONG),
        (chars < SHORT_CHARS && !passage.row, SHORT),
        (praises(text), PRAISE),
        (is_self_praise(text), SLOGAN - PRAISE),
        (POINTERS.contains(&first.as_str()), DANGLING),
        (!passage.row && !text.ends_with(['.', '!', '\u{3002}']), UNSTOPPED),
    ];
    points.into_iter().filter(|(holds, _)| *holds).map(|(_, points)| points).sum()
}

/// In quotation marks, or in the first person singular: a person speaks, not the company.
fn is_spoken(text: &str) -> bool {
    let marks = ['"', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}'];
    let person = |word: &str| {
        matches!(
            word,
            "I" | "I'm" | "I've" | "I'd" | "my" | "My" | "me" | "ich" | "Ich" | "mein" | "je" | "Je"
        )
    };
    text.starts_with(marks)
        || text.ends_with(marks)
        || text.split(|c: char| c.is_whitespace() || c == ',').any(person)
}
