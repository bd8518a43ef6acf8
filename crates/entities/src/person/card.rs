//! People in cards, table rows and heading-and-title pairs: name and role bind inside one of them.

use std::collections::HashSet;
use std::ops::Range;

use domain::{BlockKind, Region};

use super::name::Trust;
use super::title::Role;
use super::{Seen, is_person, section};
use crate::lexicon::Tag;
use crate::mention::Method;
use crate::page::range;
use crate::reading::Reading;
use crate::rules::Group;

/// A quotation of a card reaches from the name to the title up to this length.
const SPAN_BYTES: usize = 300;

/// What a short text inside a card is.
#[derive(Debug)]
enum Field {
    Name(Range<usize>),
    Title(Range<usize>, Vec<Role>),
    Both(Range<usize>, Range<usize>, Vec<Role>),
    /// Short, capitalised, neither: perhaps a company.
    Other(Range<usize>),
}

#[derive(Debug)]
struct Person {
    name: Range<usize>,
    titles: Vec<Range<usize>>,
    roles: Vec<Role>,
    other: Option<Range<usize>>,
    blocks: Vec<usize>,
}

/// The people of cards, rows and pairs. Notes whose card is whose.
pub(super) fn read(r: &mut Reading<'_, '_>) -> Vec<Seen> {
    let mut out = Vec::new();
    let cards: Vec<(u32, Vec<usize>)> = r.page.cards().iter().map(|(k, v)| (*k, v.clone())).collect();
    let mut found: Vec<(u32, Vec<Person>)> = Vec::new();
    for (card, blocks) in cards {
        let fields = blocks.iter().flat_map(|n| fields(r, *n)).collect();
        found.push((card, bind(fields)));
    }
    let shown = found.iter().flat_map(|f| &f.1).count();
    let titled = found.iter().flat_map(|f| &f.1).filter(|p| !p.roles.is_empty()).count();
    let linked = linked_cards(r);
    for (card, mut people) in found {
        let is_linked = linked.contains(&card);
        people.retain(|p| !p.roles.is_empty() || is_linked || is_nameplate(r, p, titled, shown));
        if let [person] = people.as_slice() {
            r.card_people.insert(card, r.page.scan.get(person.name.clone()).to_owned());
        }
        out.extend(people.into_iter().filter_map(|p| seen(r, p, Method::Card)));
    }
    for (n, block) in r.page.blocks().filter(|(_, b)| b.card.is_none()) {
        match block.kind {
            BlockKind::TableRow => {
                let people = bind(cells(r, n));
                out.extend(
                    people
                        .into_iter()
                        .filter(|p| !p.roles.is_empty())
                        .filter_map(|p| seen(r, p, Method::Table)),
                );
            }
            _ if r.page.block_text(block).contains('\n') => {
                let people = bind(fields(r, n));
                out.extend(
                    people
                        .into_iter()
                        .filter(|p| !p.roles.is_empty())
                        .filter_map(|p| seen(r, p, Method::Card)),
                );
            }
            _ => out.extend(pair(r, n)),
        }
    }
    out
}

/// The cards with a link to somebody's profile.
fn linked_cards(r: &Reading<'_, '_>) -> HashSet<u32> {
    let links = r.page.content.links.iter();
    let linked = links
        .filter(|l| l.href.contains("linkedin.com/in/") || l.href.contains("xing.com/profile/"))
        .filter_map(|l| l.card);
    linked.collect()
}

/// A name without a title is a person where people are shown: a team page or section on which most have titles.
fn is_nameplate(r: &Reading<'_, '_>, person: &Person, titled: usize, shown: usize) -> bool {
    let block = person.blocks.first().and_then(|n| r.page.content.blocks.get(*n));
    let Some(block) = block else { return false };
    let team = block.region == Region::Main
        && (r.page.is_kind(&r.know.rules.pages.team)
            || matches!(section::group(r, block), Some(g) if g <= Group::Staff));
    team && titled * 2 > shown
}

/// The fields of a block: it is one, or it holds a name and a title parted by a mark.
fn fields(r: &Reading<'_, '_>, n: usize) -> Vec<(usize, Field)> {
    let Some(block) = r.page.content.blocks.get(n) else { return Vec::new() };
    let whole = range(block);
    let text = r.page.block_text(block);
    if block.kind == BlockKind::Quote || text.len() > 160 {
        return Vec::new();
    }
    let lines: Vec<Range<usize>> = parts(text, &["\n", " | ", " • "], whole.start);
    if lines.len() > 1 {
        return lines.into_iter().filter_map(|at| Some((n, field(r, at)?))).collect();
    }
    field(r, whole).map(|f| (n, f)).into_iter().collect()
}

fn field(r: &Reading<'_, '_>, at: Range<usize>) -> Option<Field> {
    let text = r.page.scan.get(at.clone());
    if text.len() > 110 || text.trim().is_empty() {
        return None;
    }
    let inside = |f: Range<usize>| at.start + f.start..at.start + f.end;
    if let Some(name) = r.know.names.whole(text, Trust::Field) {
        let name = inside(name);
        if is_person(r, r.page.scan.get(name.clone())) {
            return Some(Field::Name(name));
        }
    }
    if let Some(both) = both(r, &at) {
        return Some(both);
    }
    let roles = r.know.titles.parse(&r.know.rules, &r.page.scan, at.clone());
    if !roles.is_empty() {
        return Some(Field::Title(at, roles));
    }
    (text.len() <= 50 && text.starts_with(char::is_uppercase)).then_some(Field::Other(at))
}

/// `Mara Lind, CEO` · `Mara Lind – CEO` · `Mara Lind (CEO)`.
fn both(r: &Reading<'_, '_>, at: &Range<usize>) -> Option<Field> {
    let scan = &r.page.scan;
    if !scan.has(at.clone(), |t| matches!(t, Tag::Title(_))) {
        return None;
    }
    let tokens = scan.tokens(at.clone());
    let name = r.know.names.starting_at(scan.text, &tokens, 0, Trust::Field)?;
    let span = tokens.get(name.start)?.start..tokens.get(name.end.checked_sub(1)?)?.end;
    let mut next = name.end;
    while tokens
        .get(next)
        .is_some_and(|t| matches!(t.mark(), Some(',' | '–' | '—' | '-' | '|' | ':' | '·' | '(')))
    {
        next += 1;
    }
    if next == name.end {
        return None;
    }
    let rest = tokens.get(next)?.start..at.end;
    let rest = if scan.get(rest.clone()).ends_with(')') { rest.start..rest.end - 1 } else { rest };
    let roles = r.know.titles.parse(&r.know.rules, scan, rest.clone());
    (!roles.is_empty() && is_person(r, scan.get(span.clone()))).then_some(Field::Both(span, rest, roles))
}

fn cells(r: &Reading<'_, '_>, n: usize) -> Vec<(usize, Field)> {
    let Some(block) = r.page.content.blocks.get(n) else { return Vec::new() };
    let cells = parts(r.page.block_text(block), &[" | ", "\n"], block.start as usize);
    cells.into_iter().filter_map(|at| Some((n, field(r, at)?))).collect()
}

/// The pieces of a text between separators, with their places.
fn parts(text: &str, separators: &[&str], base: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        match separators.iter().find(|s| rest.starts_with(**s)) {
            Some(separator) => {
                out.push(start..at);
                at += separator.len();
                start = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    out.push(start..text.len());
    out.into_iter()
        .filter_map(|at| {
            let piece = text.get(at.clone())?;
            let start = at.start + (piece.len() - piece.trim_start().len());
            let end = start + piece.trim().len();
            (start < end).then_some(base + start..base + end)
        })
        .collect()
}

/// Titles go to the name right before them (at most one other field between); titles before the first name go to it.
fn bind(fields: Vec<(usize, Field)>) -> Vec<Person> {
    let mut since = 0;
    let mut people: Vec<Person> = Vec::new();
    let mut early: Vec<(usize, Range<usize>, Vec<Role>)> = Vec::new();
    let new = |name, n| Person { name, titles: Vec::new(), roles: Vec::new(), other: None, blocks: vec![n] };
    for (n, field) in fields {
        since += 1;
        match field {
            Field::Name(name) => {
                let mut person = new(name, n);
                if people.is_empty() {
                    for (block, at, roles) in early.drain(..) {
                        person.titles.push(at);
                        person.roles.extend(roles);
                        person.blocks.push(block);
                    }
                }
                people.push(person);
                since = 0;
            }
            Field::Both(name, at, roles) => {
                let mut person = new(name, n);
                person.titles.push(at);
                person.roles = roles;
                people.push(person);
                since = 0;
            }
            Field::Title(at, roles) => match people.last_mut() {
                Some(_) if since > 2 => {}
                Some(person) => {
                    since = 0;
                    person.titles.push(at);
                    person.roles.extend(roles);
                    person.blocks.push(n);
                }
                None => early.push((n, at, roles)),
            },
            Field::Other(at) => {
                if let Some(person) = people.last_mut()
                    && person.other.is_none()
                {
                    person.other = Some(at);
                }
            }
        }
    }
    people
}

fn seen(r: &Reading<'_, '_>, person: Person, method: Method) -> Option<Seen> {
    let first = *person.blocks.first()?;
    let block = r.page.content.blocks.get(first)?;
    let testimonial = section::is_testimonial(r, first);
    let start =
        person.titles.iter().map(|t| t.start).min().unwrap_or(person.name.start).min(person.name.start);
    let end = person.titles.iter().map(|t| t.end).max().unwrap_or(person.name.end).max(person.name.end);
    let quote = if end - start <= SPAN_BYTES { start..end } else { person.name.clone() };
    let mut roles = person.roles;
    let mut organisation = None;
    let mut seat: Option<String> = None;
    let mut groups = Vec::new();
    if testimonial {
        groups.push(Group::Testimonial);
        if let Some(other) = person.other.filter(|_| roles.iter().all(|role| role.organisation.is_none())) {
            let name = r.page.scan.get(other.clone()).to_owned();
            roles.iter_mut().for_each(|role| role.organisation = Some(name.clone()));
            organisation = Some(other);
        }
    } else if r.page.is_kind(&r.know.rules.pages.customers)
        && roles.iter().all(|role| role.organisation.is_none())
    {
        groups.push(Group::External);
    } else if let Some(group) = section::group(r, block).filter(|g| *g <= Group::Staff) {
        let founder = roles.iter().any(|role| role.group == Some(Group::Founder));
        let elsewhere = roles.iter().any(|role| role.current && role.organisation.is_some());
        // On a board's page the companies behind the names are where its members come from; a page of leaders says
        // nothing new of a founder, nor of somebody who leads elsewhere.
        let says = match group {
            Group::Staff => roles.is_empty(),
            Group::Executive => !founder && !elsewhere,
            _ => true,
        };
        // A seat on the board is held here, whatever company its holder comes from.
        if matches!(group, Group::Board | Group::Advisor) {
            for role in roles.iter_mut().filter(|role| role.group == Some(group)) {
                seat = seat.or(role.organisation.take());
            }
        }
        if says {
            groups.push(group);
        }
    }

    let organisation = organisation.or_else(|| {
        let name = roles.iter().find_map(|role| role.organisation.clone())?;
        let at = r.page.scan.get(start..end).find(&name)? + start;
        Some(at..at + name.len())
    });
    Some(Seen {
        name: r.page.scan.get(person.name).to_owned(),
        roles,
        groups,
        spot: r.page.spot(quote, method),
        blocks: person.blocks,
        organisation,
        affiliation: seat,
        unplaced: false,
    })
}

/// A heading that is a name with a title right below it; on team pages a bold line will do.
fn pair(r: &Reading<'_, '_>, n: usize) -> Option<Seen> {
    let block = r.page.content.blocks.get(n)?;
    let next = r.page.content.blocks.get(n + 1).filter(|b| r.page.is_usable(b) && b.card.is_none())?;
    if matches!(block.region, Region::Nav) {
        return None;
    }
    let staffed = r.page.is_kind(&r.know.rules.pages.team)
        || section::group(r, block).is_some_and(|g| g <= Group::Staff);
    if block.kind != BlockKind::Heading && !(staffed && block.kind == BlockKind::Paragraph) {
        return None;
    }
    let (Field::Name(name), Field::Title(at, roles)) = (field(r, range(block))?, field(r, range(next))?)
    else {
        return None;
    };
    let person = Person { name, titles: vec![at], roles, other: None, blocks: vec![n, n + 1] };
    seen(r, person, Method::HeadingList)
}
