//! Job openings: rows, cards and links of careers pages.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use domain::{Block, BlockKind, Link, Region};
use url::Url;

use crate::fold::{fold, has_phrase, lower, squeeze};
use crate::lexicon::Tag;
use crate::mention::{Kind, Mention, Method, Spot};
use crate::page::range;
use crate::reading::Reading;
use crate::scan::Scan;

/// A title of an advertisement is no longer than this.
const TITLE_BYTES: usize = 110;

pub(crate) fn mention(title: &str, location: Option<&str>, url: Option<&str>, spot: Spot) -> Mention {
    let title = squeeze(title);
    let key = format!("{}|{}", fold(&title), location.map(fold).unwrap_or_default());
    Mention::new(Kind::JobOpening, key, title.clone(), spot)
        .with("title", title)
        .maybe("location", location)
        .maybe("url", url)
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    if !r.page.is_kind(&r.know.rules.pages.careers) {
        return;
    }
    let mut found = Vec::new();
    let mut done: HashSet<u32> = HashSet::new();
    let links = Links::of(r);
    for (n, block) in r.page.blocks() {
        if matches!(block.region, Region::Nav | Region::Footer)
            || block.card.is_some_and(|c| done.contains(&c))
        {
            continue;
        }
        let Some((at, title)) = title_of(r, block) else { continue };
        let link = links.of_line(block);
        if !(link.is_some_and(|l| leads_to_job(r, l)) || is_listed(r, block)) {
            continue;
        }
        done.extend(block.card);
        let rest = rest_of(r, n, block, &at);
        let method = match block.kind {
            BlockKind::TableRow => Method::Table,
            _ if block.card.is_some() => Method::Card,
            _ if link.is_some() => Method::Href,
            _ => Method::HeadingList,
        };
        let location = location(r, &rest);
        let department = department(r, &rest, location.as_deref());
        if let Some(spot) = r.context(at, method) {
            found.push(
                mention(&title, location.as_deref(), link.map(|l| l.href.as_str()), spot)
                    .maybe("department", department),
            );
        }
    }
    r.found.extend(found);
}

/// The title of a row or line: its first part, without `(m/w/d)`.
fn title_of(r: &Reading<'_, '_>, block: &Block) -> Option<(Range<usize>, String)> {
    let whole = range(block);
    let text = r.page.block_text(block);
    let listed = matches!(
        block.kind,
        BlockKind::Heading | BlockKind::ListItem | BlockKind::TableRow | BlockKind::Card
    ) || block.card.is_some()
        || (block.kind == BlockKind::Paragraph && text.len() <= TITLE_BYTES);
    let first = [" | ", " · ", " – ", " — ", "\n", " • "]
        .iter()
        .filter_map(|s| text.find(s))
        .min()
        .unwrap_or(text.len());
    let title = text.get(..first)?;
    let (title, marked) = unmarked(r, title);
    let at = whole.start..whole.start + first;
    let cut = [", ", " in "].iter().filter_map(|s| title.rfind(s)).max().filter(|i| {
        title.get(*i..).is_some_and(|t| {
            r.know.gazetteer.is_place(t.trim_start_matches([',', ' ']).trim_start_matches("in "))
        })
    });
    let title = squeeze(title.get(..cut.unwrap_or(title.len()))?);
    let known = r.page.scan.has(at.clone(), |t| matches!(t, Tag::Title(_)));
    let never = r.know.sets.job_never.contains(&fold(&title));
    let ends = title.ends_with(['.', '?', '!', ':']);
    let words = title.split_whitespace().count();
    let capital = title.starts_with(|c: char| c.is_uppercase());
    let role = marked
        || (known
            && !r
                .know
                .titles
                .parse(&r.know.rules, &Scan::new(&r.know.lexicon, &title), 0..title.len())
                .is_empty());
    (listed && role && !never && !ends && capital && (1..=12).contains(&words) && title.len() <= TITLE_BYTES)
        .then_some((at, title))
}

/// Without the marks of job advertisements; whether it had one.
fn unmarked<'t>(r: &Reading<'_, '_>, title: &'t str) -> (&'t str, bool) {
    let low = lower(title);
    let mark = r.know.rules.jobs.gender_marks.iter().filter_map(|m| low.find(m.as_str())).min();
    mark.map_or((title, false), |at| {
        (title.get(..at).unwrap_or(title).trim_end_matches([' ', '-', ',']), true)
    })
}

/// The first link of each block and of each card.
struct Links<'a> {
    blocks: HashMap<u32, &'a Link>,
    cards: HashMap<u32, &'a Link>,
}

impl<'a> Links<'a> {
    fn of(r: &Reading<'_, 'a>) -> Self {
        let (mut blocks, mut cards) = (HashMap::new(), HashMap::new());
        for link in crate::page::links(r.page) {
            link.block.map(|block| blocks.entry(block).or_insert(link));
            link.card.map(|card| cards.entry(card).or_insert(link));
        }
        Self { blocks, cards }
    }

    /// The link of a line: in the block, or in its card.
    fn of_line(&self, block: &Block) -> Option<&'a Link> {
        self.blocks.get(&block.id).or_else(|| self.cards.get(&block.card?)).copied()
    }
}

fn leads_to_job(r: &Reading<'_, '_>, link: &Link) -> bool {
    let Ok(url) = Url::parse(&link.href) else { return false };
    let host = url.host_str().unwrap_or_default();
    let rules = &r.know.rules.jobs;
    let board = rules
        .hosts
        .iter()
        .any(|h| host == h || host.strip_suffix(h.as_str()).is_some_and(|p| p.ends_with('.')));
    let mut segments = url.path_segments().into_iter().flatten().filter(|s| !s.is_empty()).map(lower);
    let under = segments.any(|s| rules.paths.contains(&s));
    board || (under && segments.next().is_some())
}

/// Under a heading of openings.
fn is_listed(r: &Reading<'_, '_>, block: &Block) -> bool {
    let bound = matches!(block.kind, BlockKind::ListItem | BlockKind::TableRow | BlockKind::Heading)
        || block.card.is_some();
    bound && headings(r, block).any(|h| r.heading(h).openings)
}

/// The heading above, and those above headings that only sort openings (`Engineering`, `Berlin`).
fn headings<'b>(r: &Reading<'_, '_>, block: &'b Block) -> impl Iterator<Item = &'b str> {
    let sorts = |h: &str| {
        r.know.gazetteer.is_place(h)
            || h.split_whitespace()
                .all(|w| r.know.titles.is_function(&lower(w)) || matches!(w, "&" | "and" | "und"))
    };
    let passed = block.trail.iter().rev().take_while(|h| sorts(h)).count();
    block.trail.iter().rev().take(passed + 1).map(String::as_str)
}

/// The other texts of the row or card.
fn rest_of(r: &Reading<'_, '_>, n: usize, block: &Block, title: &Range<usize>) -> Vec<String> {
    let own = r.page.scan.get(title.start..range(block).end);
    let mut out: Vec<String> = own
        .split([',', '|', '·', '–', '—', '\n', '•', '(', ')'])
        .skip(1)
        .map(squeeze)
        .filter(|t| !t.is_empty())
        .collect();
    if let Some(card) = block.card {
        for other in r.page.cards().get(&card).into_iter().flatten().filter(|i| **i != n) {
            if let Some(b) = r.page.content.blocks.get(*other).filter(|b| b.end - b.start <= 80) {
                out.extend(
                    r.page
                        .block_text(b)
                        .split(['|', '·', '•', '\n', ','])
                        .map(squeeze)
                        .filter(|t| !t.is_empty()),
                );
            }
        }
    }
    out
}

fn location(r: &Reading<'_, '_>, rest: &[String]) -> Option<String> {
    rest.iter()
        .find(|t| {
            let name = t.split('/').next().unwrap_or(t).trim();
            let name = name.strip_prefix("in ").unwrap_or(name);
            r.know.gazetteer.is_place(name)
        })
        .or_else(|| {
            rest.iter().find(|t| r.know.rules.jobs.remote.iter().any(|w| has_phrase(&fold(t), &fold(w))))
        })
        .map(|t| t.strip_prefix("in ").unwrap_or(t).to_owned())
}

/// A short part that names what roles are about: `Engineering`, `Sales`.
fn department(r: &Reading<'_, '_>, rest: &[String], location: Option<&str>) -> Option<String> {
    rest.iter()
        .find(|t| {
            Some(t.as_str()) != location
                && t.split_whitespace().count() <= 3
                && t.split_whitespace()
                    .all(|w| r.know.titles.is_function(&lower(w)) || matches!(w, "&" | "and" | "und"))
        })
        .cloned()
}
