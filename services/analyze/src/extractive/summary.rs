//! The summary without a model: statements that stand, as sentences with their footnotes.

use domain::{Evidence, Finding, FindingId, FindingKind};

use super::Material;
use super::findings::chosen;
use crate::draft::Draft;
use crate::hints::{Line, Part};
use crate::text::terms::{content_words, same};

/// Words of a whole summary.
const MOST_WORDS: usize = 300;
/// Sentences when the hints say nothing.
const DEFAULT_SENTENCES: usize = 3;

/// A statement and what it is a footnote to.
struct Statement<'s> {
    text: &'s str,
    id: FindingId,
    /// The sentence in it that the site wrote, if code did not put it into words.
    written: Option<&'s str>,
}

impl<'s> Statement<'s> {
    fn new(text: &'s str, id: FindingId, evidence: &[Evidence], line: &Line) -> Self {
        let written = |text: &&str| ends(text) && evidence.iter().any(|piece| piece.quote.contains(*text));
        // A key fact may be a sentence of the site behind its label: `Founders: Acme was founded by …`
        let bare = text.split_once(": ").map(|(_, tail)| tail).filter(|_| line.part != Some(Part::Head));
        Self { text, id, written: Some(text).filter(written).or_else(|| bare.filter(written)) }
    }
}

/// The sentences, in order of the lines.
pub(crate) fn drafts(material: &Material<'_>, claims: &[Draft]) -> Vec<Draft> {
    let default;
    let lines: &[Line] = if material.hints.summary.is_empty() {
        let from = material.hints.topics.iter().map(|topic| topic.name.clone()).collect();
        default = [Line { from, max: Some(DEFAULT_SENTENCES), ..Line::default() }];
        &default
    } else {
        &material.hints.summary
    };
    let mut words = 0;
    let mut made: Vec<Draft> = Vec::new();
    for line in lines {
        for draft in sentences(line, claims, material.findings) {
            let said = content_words(&draft.statement);
            let length = draft.statement.split_whitespace().count();
            // Lists may share a name; a sentence that says what another says is one too many.
            let alone = |draft: &Draft| draft.cites.len() == 1;
            let repeated = alone(&draft)
                && made.iter().any(|other| alone(other) && same(&content_words(&other.statement), &said));
            if !repeated && words + length <= MOST_WORDS {
                words += length;
                made.push(draft);
            }
        }
    }
    made
}

fn sentences(line: &Line, claims: &[Draft], findings: &[Finding]) -> Vec<Draft> {
    let own = line
        .from
        .iter()
        .flat_map(|topic| {
            claims.iter().filter(move |claim| claim.topic == *topic && claim.kind != FindingKind::Gap)
        })
        .map(|claim| Statement::new(&claim.statement, claim.id, &claim.evidence, line));
    let earlier = line.findings.iter().flat_map(|hint| chosen(hint, findings));
    let earlier =
        earlier.map(|finding| Statement::new(&finding.statement, finding.id, &finding.evidence, line));
    let statements: Vec<Statement<'_>> = own.chain(earlier).take(line.max.unwrap_or(usize::MAX)).collect();
    let topic = line.topic.as_deref().unwrap_or("summary");
    // What the site wrote stands as its own sentence; only facts that code put into words are joined.
    let (whole, parts): (Vec<Statement<'_>>, Vec<Statement<'_>>) = statements
        .into_iter()
        .partition(|statement| statement.written.is_some() || line.join.is_none() && line.lead.is_none());
    let whole = whole.into_iter().map(|s| sentence(topic, &capital(s.written.unwrap_or(s.text)), [s.id]));
    joined(topic, line, &parts).into_iter().chain(whole).collect()
}

/// One sentence out of several statements.
fn joined(topic: &str, line: &Line, statements: &[Statement<'_>]) -> Option<Draft> {
    if statements.is_empty() {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for text in statements.iter().map(|statement| part(line.part, statement.text)) {
        if !parts.contains(&text) {
            parts.push(text);
        }
    }
    let text = format!(
        "{}{}",
        line.lead.as_deref().unwrap_or_default(),
        parts.join(line.join.as_deref().unwrap_or("; "))
    );
    Some(sentence(topic, &text, statements.iter().map(|statement| statement.id)))
}

/// What of a statement goes into a joined sentence.
fn part(wanted: Option<Part>, text: &str) -> &str {
    let text = text.trim_end_matches('.');
    match (wanted, text.split_once(": ")) {
        (Some(Part::Head), Some((head, _))) => head,
        (Some(Part::Tail), Some((_, tail))) => tail,
        _ => text,
    }
}

fn sentence(topic: &str, text: &str, cites: impl IntoIterator<Item = FindingId>) -> Draft {
    let text = if ends(text) { text.to_owned() } else { format!("{text}.") };
    let mut draft = Draft::new(topic, FindingKind::Summary, text);
    draft.cites = cites.into_iter().collect();
    draft
}

fn ends(text: &str) -> bool {
    text.ends_with(['.', '!', '\u{3002}'])
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
