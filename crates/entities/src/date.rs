//! Dates with a role: founded, launched, a round of funding, an event, a publication, a copyright year.

mod parse;
mod role;

use std::ops::Range;

use domain::BlockKind;

use crate::lexicon::Tag;
use crate::mention::{Kind, Mention, Method, Spot};
use crate::page::range;
use crate::reading::Reading;
use crate::scan::Token;

pub(crate) use parse::{Read, iso};

/// What a date is merged by.
pub(crate) fn key(value: &str, role: &str) -> String {
    format!("{value}|{role}")
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    founded(r);
    copyright(r);
    others(r);
    declared(r);
}

fn mention(read: &Read, role: &str, spot: Spot) -> Mention {
    let mut mention = Mention::new(Kind::Date, key(&read.value, role), read.value.clone(), spot)
        .with("value", read.value.clone())
        .with("precision", read.precision)
        .with("role", role);
    for reading in &read.readings {
        mention = mention.with("readings", reading.clone());
    }
    mention
}

/// `founded in 2014` · `Gründung: 2014` · `Founded | 2014`; of this company, not of one just named.
fn founded(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for (hit, n, block) in r.page.hits() {
        let Tag::DateRole(rule) = hit.tag else { continue };
        if r.know.rules.date.roles.get(usize::from(rule)).is_none_or(|x| x.role != "founded") {
            continue;
        }
        let sentence = r.page.sentence(hit.start..hit.end);
        let tokens = r.page.sentence_tokens(hit.start..hit.end);
        let trigger = tokens.partition_point(|t| t.start < hit.start);
        let after = tokens.partition_point(|t| t.end <= hit.end);
        let card = next_in_card(r, n).filter(|_| hit.end >= block.end as usize);
        let Some(read) = founding_date(r, &tokens, after, &sentence)
            .or_else(|| card.clone().and_then(|at| parse::within(r, at)))
        else {
            continue;
        };
        let of_other = crate::organisation::is_of_another(r, hit.start..hit.end)
            || matches!(block.kind, BlockKind::Quote | BlockKind::Code)
            || !r.speaks_of_us(&(hit.start..hit.end))
            || past_of_a_person(r, &tokens, trigger);
        if of_other || !is_plausible(r, &read) {
            continue;
        }
        let mut at = hit.start.min(read.at.start)..hit.end.max(read.at.end);
        if !r.site.people && r.names_somebody(r.page.scan.get(at.clone())) {
            at = read.at.clone();
        }
        let Some(spot) = r.context(at, Method::Clause) else { continue };
        found.push(crate::organisation::own_fact(r, spot.clone()).with("founded", read.value.clone()));
        found.push(mention(&read, "founded", spot));
    }
    r.found.extend(found);
}

/// The date behind the trigger, close by; else the only year of the sentence.
fn founding_date(
    r: &Reading<'_, '_>,
    tokens: &[Token],
    after: usize,
    sentence: &Range<usize>,
) -> Option<Read> {
    let from = tokens.get(after).map_or(sentence.end, |t| t.start);
    let near = tokens.get((after + 7).min(tokens.len().saturating_sub(1))).map_or(sentence.end, |t| t.end);
    let close = parse::within(r, from..near.max(from)).or_else(|| parse::year(r, from..near.max(from)));
    close.or_else(|| {
        let years = parse::years(r, sentence.clone());
        (years.len() == 1).then(|| years.into_iter().next())?
    })
}

fn next_in_card(r: &Reading<'_, '_>, n: usize) -> Option<Range<usize>> {
    let block = r.page.content.blocks.get(n)?;
    let next = r.page.content.blocks.get(n + 1)?;
    let label = block.end - block.start <= 40 && next.end - next.start <= 40;
    (label && next.card == block.card && r.page.is_usable(next)).then(|| range(next))
}

/// `She previously founded …`: somebody's earlier company.
fn past_of_a_person(r: &Reading<'_, '_>, tokens: &[Token], trigger: usize) -> bool {
    let from = trigger.saturating_sub(4);
    tokens.get(from..trigger).unwrap_or_default().iter().any(|t| {
        r.page.scan.hits(t.start..t.end).iter().any(|h| h.tag == Tag::Past)
            || matches!(r.page.scan.low_word(t), "he" | "she" | "er" | "elle" | "lui")
    })
}

fn is_plausible(r: &Reading<'_, '_>, read: &Read) -> bool {
    let year: Option<i32> = read.value.get(..4).and_then(|y| y.parse().ok());
    let newest = r.page.document.fetched_at.date_naive();
    let newest = chrono::Datelike::year(&newest) + 1;
    year.is_some_and(|y| (r.know.rules.limits.founded_from..=newest).contains(&y))
}

/// `© 2012–2024`: the years of a copyright line; never a founding year.
fn copyright(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for (_, block) in r.page.blocks() {
        let text = r.page.block_text(block);
        let Some(at) = text.find('©').or_else(|| crate::fold::lower(text).find("copyright")) else {
            continue;
        };
        let line = range(block).start + at..range(block).end;
        let reach = line.start..line.end.min(line.start + 60);
        let reach =
            (reach.start..=reach.end).rev().find(|e| text_ok(r, *e)).map_or(line.clone(), |e| reach.start..e);
        let Some(last) = parse::years(r, reach).into_iter().max_by_key(|y| y.value.clone()) else { continue };
        if let Some(spot) = r.page.spot(line.start..last.at.end, Method::Pattern) {
            found.push(mention(&last, "copyright", spot));
        }
    }
    r.found.extend(found);
}

fn text_ok(r: &Reading<'_, '_>, at: usize) -> bool {
    r.page.text().is_char_boundary(at)
}

/// Every other full date (day or month), by the words around it.
fn others(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for read in parse::all(r) {
        let Some((_, block)) = r.page.block_at(read.at.start) else { continue };
        let Some(role) = role::of(r, &read, block) else { continue };
        if let Some(spot) = r.context(read.at.clone(), Method::Pattern) {
            found.push(mention(&read, role, spot));
        }
    }
    r.found.extend(found);
}

/// The page's own date of publication, where it stands in the source or in the text.
fn declared(r: &mut Reading<'_, '_>) {
    if !r.page.is_kind(&r.know.rules.pages.articles) {
        return;
    }
    let Some(printed) = r.page.content.published.as_deref() else { return };
    let Some(read) = iso(printed) else { return };
    let spot = r.page.find(printed).and_then(|at| r.page.spot(at, Method::Meta)).or_else(|| {
        let raw = r.page.raw?;
        let (start, end) = crate::raw::find(raw, 0, raw.len() as u64, printed)?;
        r.page.raw_spot(start, end, Method::Meta)
    });
    let mention = spot.map(|s| mention(&read, "published", s));
    r.push(mention);
}

/// The date that a sentence gives, for a sum raised on it.
pub(crate) fn in_range(r: &Reading<'_, '_>, sentence: Range<usize>) -> Option<String> {
    parse::within(r, sentence.clone()).or_else(|| parse::year(r, sentence)).map(|d| d.value)
}
