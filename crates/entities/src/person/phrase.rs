//! Title phrases in running text: how far a title reaches, and the company and years that follow it.

use std::ops::Range;

use super::title::{Role, Titles};
use crate::lexicon::Tag;
use crate::reading::Reading;
use crate::scan::Token;

/// A title in a sentence, as places in the token list.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    /// The title alone.
    pub(super) title: Range<usize>,
    /// The title with the company and the years.
    pub(super) end: usize,
    pub(super) organisation: Option<Range<usize>>,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
}

/// All title phrases among the tokens of one block.
pub(super) fn phrases(r: &Reading<'_, '_>, tokens: &[Token]) -> Vec<Phrase> {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Vec::new() };
    let mut out: Vec<Phrase> = Vec::new();
    for hit in r.page.scan.hits(first.start..last.end) {
        if !matches!(hit.tag, Tag::Title(_)) {
            continue;
        }
        let from = tokens.partition_point(|t| t.start < hit.start);
        let to = tokens.partition_point(|t| t.end <= hit.end);
        if from >= to || out.last().is_some_and(|p| from < p.title.end) {
            continue;
        }
        let floor = out.last().map_or(0, |p| p.title.end);
        let start = widen_left(r, tokens, from, floor);
        let end = widen_right(r, tokens, to);
        let low = r.page.scan.get_low(hit.start..hit.end);
        if low == "officer" && start == from {
            continue;
        }
        out.push(tail(r, tokens, start..end));
    }
    out
}

fn widen_left(r: &Reading<'_, '_>, tokens: &[Token], from: usize, floor: usize) -> usize {
    let mut start = from;
    while start > floor {
        let Some(token) = tokens.get(start - 1) else { break };
        if !token.is_word() || !r.know.titles.is_modifier(r.page.scan.low_word(token)) {
            break;
        }
        start -= 1;
    }
    start
}

fn widen_right(r: &Reading<'_, '_>, tokens: &[Token], to: usize) -> usize {
    let scan = &r.page.scan;
    let about = |n: usize| {
        tokens.get(n).is_some_and(|t| {
            t.is_word()
                && (r.know.titles.is_modifier(scan.low_word(t))
                    || scan.has(t.start..t.end, |g| matches!(g, Tag::Title(_))))
        })
    };
    let joins = |n: usize| {
        tokens.get(n).is_some_and(|t| match t.mark() {
            Some(c) => c == '&' || c == '/',
            None => r.know.titles.is_connector(scan.low_word(t)),
        })
    };
    let mut end = open_end(r, tokens, to);
    for _ in 0..8 {
        if about(end) {
            end += 1;
        } else if joins(end) && about(end + 1) {
            end += 2;
        } else if joins(end) && joins(end + 1) && about(end + 2) {
            end += 3;
        } else {
            break;
        }
    }
    end
}

/// `Head of Anything`, `Director of Photography`: whatever the role is about, in capitals, as far as they go.
fn open_end(r: &Reading<'_, '_>, tokens: &[Token], to: usize) -> usize {
    let scan = &r.page.scan;
    let low = |n: usize| tokens.get(n).map_or("", |t| scan.low_word(t));
    let Some(last) = to.checked_sub(1) else { return to };
    let joint = matches!(low(to), "of" | "for" | "de" | "des" | "du" | "di" | "der" | "für" | "van");
    let open = ["of", "de"].contains(&low(last));
    if !(open || (joint && !Titles::stands_alone(low(last)))) {
        return to;
    }
    let from = to + usize::from(!open);
    let capital =
        |n: usize| tokens.get(n).is_some_and(|t| t.is_word() && scan.word(t).starts_with(char::is_uppercase));
    let mut end = from;
    while end < from + 5
        && (capital(end) || (end > from && (low(end) == "and" || low(end) == "&") && capital(end + 1)))
    {
        end += 1;
    }
    if end > from { end } else { to }
}

/// What belongs to the role behind the title: `at Oracle`, `since 2019`, `(2012–2018)`.
fn tail(r: &Reading<'_, '_>, tokens: &[Token], title: Range<usize>) -> Phrase {
    let mut phrase = Phrase { end: title.end, title, organisation: None, since: None, until: None };
    let scan = &r.page.scan;
    if let Some(joint) = tokens.get(phrase.end) {
        let low = if joint.mark() == Some('@') { "@" } else { scan.low_word(joint) };
        let at = r.know.titles.at.contains(low);
        let head = phrase.end.checked_sub(1).and_then(|n| tokens.get(n)).map_or("", |t| scan.low_word(t));
        let of = ["of", "von", "de", "du", "di", "van", "da", "do", "der", "des"].contains(&low);
        let mut from = phrase.end + 1;
        if tokens.get(from).is_some_and(|t| ["the", "der", "la", "the"].contains(&scan.low_word(t))) {
            from += 1;
        }
        let to = crate::organisation::name_end(r.know, scan, tokens, from);
        if (at || (of && Titles::stands_alone(head))) && to > from {
            phrase.organisation =
                tokens.get(from).zip(tokens.get(to - 1)).map(|(first, last)| first.start..last.end);
            phrase.end = to;
        }
    }
    years(r, tokens, &mut phrase);
    phrase
}

fn years(r: &Reading<'_, '_>, tokens: &[Token], phrase: &mut Phrase) {
    let scan = &r.page.scan;
    let year = |n: usize| {
        tokens
            .get(n)
            .map(|t| scan.word(t))
            .filter(|w| {
                w.len() == 4
                    && w.bytes().all(|b| b.is_ascii_digit())
                    && (w.starts_with("19") || w.starts_with("20"))
            })
            .map(str::to_owned)
    };
    let mut at = phrase.end;
    if tokens.get(at).is_some_and(|t| t.mark() == Some('(') || t.mark() == Some(',')) {
        at += 1;
    }
    let word = tokens.get(at).map(|t| scan.low_word(t)).unwrap_or_default();
    match word {
        "since" | "seit" | "depuis" | "desde" | "dal" | "sinds" => phrase.since = year(at + 1),
        "until" | "till" | "bis" | "jusqu'en" | "hasta" | "fino" | "tot" | "até" => {
            phrase.until = year(at + 1)
        }
        "from" | "von" | "de" => {
            phrase.since = year(at + 1);
            phrase.until = year(at + 3);
        }
        _ => {
            let dash = tokens.get(at + 1).is_some_and(|t| matches!(t.mark(), Some('-' | '–' | '—')));
            if dash && year(at).is_some() {
                phrase.since = year(at);
                phrase.until = year(at + 2);
            }
        }
    }
}

impl Phrase {
    /// The roles of the phrase.
    pub(super) fn roles(&self, r: &Reading<'_, '_>, tokens: &[Token], current: bool) -> Vec<Role> {
        let (Some(first), Some(last)) =
            (tokens.get(self.title.start), self.title.end.checked_sub(1).and_then(|n| tokens.get(n)))
        else {
            return Vec::new();
        };
        let mut roles = r.know.titles.parse(&r.know.rules, &r.page.scan, first.start..last.end);
        for role in &mut roles {
            role.current = current && self.until.is_none();
            role.since.clone_from(&self.since);
            role.until.clone_from(&self.until);
            if let Some(at) = self.organisation.clone() {
                role.organisation = Some(crate::fold::squeeze(r.page.scan.get(at)));
            }
        }
        roles
    }
}
