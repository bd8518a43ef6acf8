//! People in sentences: `N, T` · `N – T` · `T N` · `N is T` · `previously T at O`. The name stands right beside the
//! title, or the clause tells of the person whose card or section it is.

use std::collections::HashSet;
use std::ops::Range;

use domain::{Block, BlockKind, Region};

use super::name::Trust;
use super::phrase::{Phrase, phrases};
use super::{Seen, is_person, section};
use crate::lexicon::Tag;
use crate::mention::Method;
use crate::page::range;
use crate::reading::Reading;
use crate::rules::Group;
use crate::scan::Token;

/// How far back a "former" reaches, in tokens.
const PAST_TOKENS: usize = 4;
/// Names of one list behind its first.
const MOST_LISTED: usize = 12;

pub(super) fn read(r: &Reading<'_, '_>, done: &HashSet<usize>) -> Vec<Seen> {
    let mut out = Vec::new();
    for (n, block) in r.page.blocks() {
        let telling =
            !matches!(block.region, Region::Nav) && block.kind != BlockKind::Code && !done.contains(&n);
        if telling && r.page.scan.has(range(block), |t| matches!(t, Tag::Title(_))) {
            out.extend(block_people(r, n, block));
        }
    }
    out
}

/// The people of one block; roles without a name go to the person that the block is about.
fn block_people<'a>(r: &Reading<'_, 'a>, n: usize, block: &'a Block) -> Vec<Seen> {
    let tokens = r.page.block_tokens(block);
    let mut out: Vec<Seen> = Vec::new();
    let mut named = Named::Nobody;
    let mut taken: Vec<Range<usize>> = Vec::new();
    for phrase in phrases(r, &tokens) {
        let past = is_past(r, &tokens, &phrase);
        let bound = names_of(r, &tokens, &phrase, &taken);
        let (names, was) = bound.unwrap_or_default();
        let roles = phrase.roles(r, &tokens, !past && !was);
        if roles.is_empty() {
            continue;
        }
        let place = Place { n, block, tokens: &tokens };
        if names.is_empty() {
            if (past || was || held(r, &tokens, &phrase))
                && let Some(person) = about(r, &place, &named)
            {
                out.extend(loose(r, &place, &phrase, person, roles, past || was));
            }
            continue;
        }
        for name in names {
            taken.push(name.clone());
            let seen = seen(r, &place, &phrase, name, &roles);
            named.add(seen.as_ref());
            out.extend(seen);
        }
    }
    out
}

/// Whom a block names so far.
enum Named {
    Nobody,
    One(String),
    Several,
}

impl Named {
    fn add(&mut self, seen: Option<&Seen>) {
        let Some(seen) = seen else { return };
        *self = match std::mem::replace(self, Self::Several) {
            Self::Nobody => Self::One(seen.name.clone()),
            Self::One(name) if name == seen.name => Self::One(name),
            _ => Self::Several,
        };
    }
}

struct Place<'t, 'a> {
    n: usize,
    block: &'a Block,
    tokens: &'t [Token],
}

fn bytes(tokens: &[Token], at: &Range<usize>) -> Option<Range<usize>> {
    Some(tokens.get(at.start)?.start..tokens.get(at.end.checked_sub(1)?)?.end)
}

fn seen(
    r: &Reading<'_, '_>,
    place: &Place<'_, '_>,
    phrase: &Phrase,
    name: Range<usize>,
    roles: &[super::title::Role],
) -> Option<Seen> {
    let at = bytes(place.tokens, &name)?;
    let text = r.page.scan.get(at.clone());
    if !is_person(r, text) {
        return None;
    }
    let title = bytes(place.tokens, &(phrase.title.start..phrase.end))?;
    let quote = at.start.min(title.start)..at.end.max(title.end);
    let mut groups = Vec::new();
    if section::is_testimonial(r, place.n) && !roles.iter().all(|role| is_own(r, role)) {
        groups.push(Group::Testimonial);
    } else if r.page.is_kind(&r.know.rules.pages.customers)
        && roles.iter().all(|role| role.organisation.is_none())
    {
        groups.push(Group::External);
    } else if let Some(group @ (Group::Board | Group::Advisor)) = section::group(r, place.block)
        && roles.iter().any(|role| role.current)
    {
        groups.push(group);
    }
    Some(Seen {
        name: text.to_owned(),
        roles: roles.to_vec(),
        groups,
        spot: r.page.spot(quote, Method::Clause),
        blocks: Vec::new(),
        organisation: phrase.organisation.clone(),
        affiliation: None,
        unplaced: r.tells_stories() && !r.is_about_us(&at),
    })
}

/// Somebody of the company itself, told by the organisation of the role.
fn is_own(r: &Reading<'_, '_>, role: &super::title::Role) -> bool {
    role.organisation.as_deref().is_some_and(|o| r.site.is_own_name(r.know, o))
}

/// A role told of somebody named elsewhere: the card's or the section's person, or the one of this block.
fn loose(
    r: &Reading<'_, '_>,
    place: &Place<'_, '_>,
    phrase: &Phrase,
    name: String,
    mut roles: Vec<super::title::Role>,
    past: bool,
) -> Option<Seen> {
    // Without a company, "was CTO" may as well be a role here: kept, as not current.
    roles.iter_mut().for_each(|role| role.current &= !past);
    let mut at = bytes(place.tokens, &(phrase.title.start..phrase.end))?;
    let before = phrase.title.start.saturating_sub(PAST_TOKENS);
    if let Some(first) = place
        .tokens
        .get(before..phrase.title.start)?
        .iter()
        .find(|t| r.page.scan.hits(t.start..t.end).iter().any(|h| h.tag == Tag::Past))
    {
        at.start = first.start;
    }
    Some(Seen {
        name,
        roles,
        groups: Vec::new(),
        spot: r.page.spot(at, Method::Clause),
        blocks: Vec::new(),
        organisation: phrase.organisation.clone(),
        affiliation: None,
        unplaced: false,
    })
}

/// Whom a block tells of when a clause has no name: its card's person, its heading's, or the only one it names.
fn about(r: &Reading<'_, '_>, place: &Place<'_, '_>, named: &Named) -> Option<String> {
    if let Some(name) = place.block.card.and_then(|c| r.card_people.get(&c)) {
        return Some(name.clone());
    }
    let heading = place.block.trail.last().and_then(|h| {
        let at = r.know.names.whole(h, Trust::Field)?;
        h.get(at).filter(|n| is_person(r, n))
    });
    if let Some(name) = heading {
        return Some(name.to_owned());
    }
    match named {
        Named::One(name) => Some(name.clone()),
        Named::Nobody | Named::Several => None,
    }
}

/// Whether a word right before the title says that the role is over.
fn is_past(r: &Reading<'_, '_>, tokens: &[Token], phrase: &Phrase) -> bool {
    let Some(title) = tokens.get(phrase.title.start) else { return false };
    let from = phrase.title.start.saturating_sub(PAST_TOKENS);
    let Some(window) = tokens.get(from..phrase.title.start) else { return false };
    let clause = window
        .iter()
        .rposition(|t| matches!(t.mark(), Some('.' | ';' | '(' | ')' | '|')))
        .map_or(0, |n| n + 1);
    let Some(start) = window.get(clause) else { return false };
    r.page.scan.hits(start.start..title.start).iter().any(|h| h.tag == Tag::Past && h.end <= title.end)
}

/// Whether the clause says that somebody held the role (`she was CTO at …`).
fn held(r: &Reading<'_, '_>, tokens: &[Token], phrase: &Phrase) -> bool {
    phrase.organisation.is_some() && matches!(joined(r, tokens, phrase.title.start), Some((_, true)))
}

/// The names bound to a title, and whether the binding says that it is over.
fn names_of(
    r: &Reading<'_, '_>,
    tokens: &[Token],
    phrase: &Phrase,
    taken: &[Range<usize>],
) -> Option<(Vec<Range<usize>>, bool)> {
    left(r, tokens, phrase).or_else(|| right(r, tokens, phrase, taken).map(|names| (names, false)))
}

fn left(r: &Reading<'_, '_>, tokens: &[Token], phrase: &Phrase) -> Option<(Vec<Range<usize>>, bool)> {
    let text = r.page.text();
    if let Some((end, was)) = joined(r, tokens, phrase.title.start)
        && let Some(name) = r.know.names.ending_at(text, tokens, end, Trust::Prose)
    {
        return Some((vec![name], was));
    }
    let mut at = phrase.title.start;
    // Articles and "former" between the mark and the title.
    while at > 0 && at + PAST_TOKENS > phrase.title.start {
        let Some(token) = tokens.get(at - 1).filter(|t| t.is_word()) else { break };
        let low = r.page.scan.low_word(token);
        let passes =
            matches!(low, "the" | "our" | "a" | "an" | "its" | "unser" | "unsere" | "notre" | "le" | "la")
                || r.page.scan.hits(token.start..token.end).iter().any(|h| h.tag == Tag::Past);
        if !passes {
            break;
        }
        at -= 1;
    }
    let mark = tokens.get(at.checked_sub(1)?)?.mark()?;
    if !matches!(mark, ',' | '–' | '—' | '-' | '(' | '|' | '·' | '•' | ':' | '/') {
        return None;
    }
    let name = r.know.names.ending_at(text, tokens, at - 1, Trust::Prose)?;
    let mut names = vec![name.clone()];
    if is_plural(r, tokens, phrase) {
        names.extend(more_before(r, tokens, name.start));
    }
    Some((names, false))
}

/// `N is the T`: where the name ends, and whether the words say "was".
fn joined(r: &Reading<'_, '_>, tokens: &[Token], title: usize) -> Option<(usize, bool)> {
    let person = &r.know.rules.person;
    for n in (1..=4.min(title)).rev() {
        let (first, last) = (tokens.get(title - n)?, tokens.get(title - 1)?);
        let words = r.page.scan.get_low(first.start..last.end);
        if person.is.iter().any(|w| w == words) {
            return Some((title - n, false));
        }
        if person.was.iter().any(|w| w == words) {
            return Some((title - n, true));
        }
    }
    None
}

fn right(
    r: &Reading<'_, '_>,
    tokens: &[Token],
    phrase: &Phrase,
    taken: &[Range<usize>],
) -> Option<Vec<Range<usize>>> {
    let text = r.page.text();
    let mut at = phrase.end;
    // `our partner John Deere` may be anybody.
    if phrase.title.len() == 1
        && tokens.get(phrase.title.start).is_some_and(|t| {
            let low = r.page.scan.low_word(t);
            matches!(
                low,
                "partner"
                    | "partners"
                    | "principal"
                    | "fellow"
                    | "associate"
                    | "lead"
                    | "operator"
                    | "buyer"
                    | "trainer"
                    | "driver"
            )
        })
    {
        return None;
    }
    if let Some(mark) = tokens.get(at)?.mark() {
        let article = phrase.title.start.checked_sub(1).and_then(|n| tokens.get(n)).is_some_and(|t| {
            matches!(
                r.page.scan.low_word(t),
                "our" | "the" | "unser" | "unsere" | "notre" | "nuestro" | "nuestra" | "its"
            )
        });
        if !(mark == ':' || (mark == ',' && article)) {
            return None;
        }
        at += 1;
    }
    let name = r.know.names.starting_at(text, tokens, at, Trust::Prose)?;
    // A title takes the names of a list at most, and titles are read in order: older ones cannot reach up to here.
    if taken.iter().rev().take(2 * MOST_LISTED).any(|t| t.start < name.end && name.start < t.end) {
        return None;
    }
    // `T, N, T2`: the name belongs to the title behind it.
    let next = tokens.get(name.end).and_then(|t| t.mark());
    if at > phrase.end && next == Some(',') && tokens.get(phrase.end).and_then(|t| t.mark()) == Some(',') {
        let after = tokens.get(name.end + 1).map_or(0, |t| t.start);
        if r.page.scan.hits(after..after + 1).iter().any(|h| matches!(h.tag, Tag::Title(_))) {
            return None;
        }
    }
    let mut names = vec![name.clone()];
    if is_plural(r, tokens, phrase) {
        names.extend(more_after(r, tokens, name.end));
    }
    Some(names)
}

fn is_plural(r: &Reading<'_, '_>, tokens: &[Token], phrase: &Phrase) -> bool {
    let title = phrase.title.end.checked_sub(1).and_then(|n| tokens.get(n)).map(|t| r.page.scan.low_word(t));
    title.is_some_and(|t| {
        t.ends_with("founders") || t.ends_with("directors") || t == "geschäftsführer" || t == "gründer"
    })
}

fn is_and(r: &Reading<'_, '_>, token: &Token) -> bool {
    match token.mark() {
        Some(c) => matches!(c, ',' | '&' | ';' | '/' | '\n'),
        None => matches!(r.page.scan.low_word(token), "and" | "und" | "et" | "y" | "e" | "en" | "sowie"),
    }
}

/// Further names of a list, going on from a token: `A, B and C`.
pub(super) fn more_after(r: &Reading<'_, '_>, tokens: &[Token], from: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = from;
    while out.len() < MOST_LISTED {
        let joints = tokens.get(at..).unwrap_or_default().iter().take(2).take_while(|t| is_and(r, t)).count();
        let Some(name) = (joints > 0)
            .then(|| r.know.names.starting_at(r.page.text(), tokens, at + joints, Trust::Prose))
            .flatten()
        else {
            break;
        };
        at = name.end;
        out.push(name);
    }
    out
}

/// Earlier names of a list, going back from a token.
pub(super) fn more_before(r: &Reading<'_, '_>, tokens: &[Token], to: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = to;
    while out.len() < MOST_LISTED {
        let Some(name) = at
            .checked_sub(1)
            .filter(|n| tokens.get(*n).is_some_and(|t| is_and(r, t)))
            .and_then(|n| r.know.names.ending_at(r.page.text(), tokens, n, Trust::Prose))
        else {
            break;
        };
        at = name.start;
        out.push(name);
    }
    out
}
