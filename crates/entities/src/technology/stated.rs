//! What job advertisements, documentation, trust and product pages name. Names that are words besides count in their
//! very spelling, and only where the sentence speaks of technology.

use std::rc::Rc;

use domain::Region;

use super::{Fingerprints, mentions};
use crate::last::Last;
use crate::mention::Method;
use crate::page::range;
use crate::reading::Reading;

/// A name in a sentence.
struct Named {
    n: usize,
    start: usize,
    end: usize,
}

pub(super) fn read(r: &mut Reading<'_, '_>, table: &Fingerprints) {
    if !r.page.is_kind(&r.know.rules.pages.technology) {
        return;
    }
    let mut found = Vec::new();
    let context = Last::default();
    for (_, block) in r.page.blocks().filter(|(_, b)| !matches!(b.region, Region::Nav | Region::Footer)) {
        let at = range(block);
        let names = names(r, table, at.clone());
        for name in &names {
            let exact = table.get(name.n).is_some_and(|t| t.exact);
            if exact && !speaks_of_technology(r, table, name, &names, &context) {
                continue;
            }
            let spot = r.context(name.start..name.end, Method::Pattern);
            if spot.is_some() {
                found.extend(mentions(table, name.n, "stated", None, spot, None, r.page.source));
            }
        }
    }
    r.found.extend(found);
}

fn names(r: &Reading<'_, '_>, table: &Fingerprints, at: std::ops::Range<usize>) -> Vec<Named> {
    let text = r.page.scan.get(at.clone());
    table
        .text
        .find(text)
        .filter(|&(_, start, end)| {
            let before = text.get(..start).and_then(|t| t.chars().next_back());
            let after = text.get(end..).and_then(|t| t.chars().next());
            let glued = |c: Option<char>| {
                c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '@' | '#' | '+'))
            };
            let inner = |c: Option<char>, rest: Option<&str>| {
                matches!(c, Some('.' | '-'))
                    && rest.is_some_and(|t| t.chars().nth(1).is_some_and(char::is_alphanumeric))
            };
            !glued(before)
                && !glued(after)
                && !inner(after, text.get(end..))
                && !matches!(before, Some('-' | '&' | '.'))
                && !matches!(after, Some('&'))
        })
        .map(|(n, start, end)| Named { n, start: at.start + start, end: at.start + end })
        .collect()
}

/// A word of technology beside it, or another technology in its sentence; never as a verb (`Go further`).
fn speaks_of_technology(
    r: &Reading<'_, '_>,
    table: &Fingerprints,
    name: &Named,
    all: &[Named],
    context: &Last<Rc<[usize]>>,
) -> bool {
    let sentence = r.page.sentence(name.start..name.end);
    let scan = &r.page.scan;
    let tokens = r.page.sentence_tokens(name.start..name.end);
    let words = context.of(&sentence, || {
        let is_context = |low: &str| table.context.iter().any(|c| c == low);
        let words = tokens.iter().enumerate().filter(|(_, t)| t.is_word() && is_context(scan.low_word(t)));
        words.map(|(n, _)| n).collect()
    });
    let at = tokens.partition_point(|t| t.start < name.start);
    let after = tokens.partition_point(|t| t.end <= name.end);
    let before = at.checked_sub(1).and_then(|n| tokens.get(n)).map(|t| scan.low_word(t));
    let next = tokens.get(after).filter(|t| t.is_word());
    let verb = before.is_some_and(leads_verb)
        && next.is_some_and(|t| scan.word(t).starts_with(char::is_lowercase))
        && words.binary_search(&after).is_err();
    if verb || (at == 0 && next.is_some_and(|t| follows_verb(scan.low_word(t)))) {
        return false;
    }
    let beside = |o: &Named| {
        scan.get(name.end..o.start.max(name.end)).trim() == ","
            || scan.get(o.end..name.start.max(o.end)).trim() == ","
    };
    let from = all.partition_point(|o| o.start < sentence.start);
    let others = all.iter().skip(from).take_while(|o| o.start < sentence.end).filter(|o| o.n != name.n);
    let named = others.into_iter().any(|o| table.get(o.n).is_some_and(|t| !t.exact) || beside(o));
    named || words.iter().any(|n| !(at..after).contains(n))
}

/// `we Go`, `the Express`: the name is a verb or a thing.
fn leads_verb(word: &str) -> bool {
    matches!(
        word,
        "we" | "to"
            | "you"
            | "they"
            | "i"
            | "let's"
            | "don't"
            | "the"
            | "a"
            | "an"
            | "this"
            | "our"
            | "each"
            | "early"
    )
}

/// `Go further`, `Go live`: an invitation.
fn follows_verb(word: &str) -> bool {
    matches!(word, "to" | "further" | "beyond" | "back" | "for" | "with" | "ahead" | "now" | "live" | "green")
}
