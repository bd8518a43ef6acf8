//! Which blocks are the page's own content.
//!
//! Pages that say they are articles are left to trafilatura, which is best at them. It looks for one body of prose,
//! though, and of pages of many small parts — products, services, prices, people, ways to reach somebody — it drops most.
//! On all other pages the structure decides:
//! what the markup does not call navigation, footer or aside, less what surrounds the content of nearly every page.
//! Measured by `benches/main_text.rs`.

use std::sync::LazyLock;

use domain::{BlockKind, Region};
use serde::Deserialize;

use super::align;
use super::article;
use super::drafts::{Draft, Drafts};
use super::plain_html;
use super::region::Place;
use super::tree::{Id, Tree};

/// How much of the structure's content the article must hold to be believed: on pages that declare a dated article,
/// and on pages that only call themselves one, as many content systems say of every page.
const SHARE_DECLARED: f64 = 0.3;
const SHARE_CLAIMED: f64 = 0.5;
/// A `<main>` element with this share of the content holds all of it.
const SHARE_MAIN: f64 = 0.5;
/// What stands before the page's heading is dropped up to this share, what stands behind a copyright line up to that.
const SHARE_BEFORE: f64 = 0.3;
const SHARE_BEHIND: f64 = 0.25;
/// A section of related things is dropped up to this share.
const SHARE_RELATED: f64 = 0.6;
/// So many links in a row, each shorter than so many words, are a menu.
const MENU_LINKS: usize = 4;
const MENU_WORDS: u32 = 12;

/// What the page says of itself as an article.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Claims {
    /// Structured data of an article, or a date of publication.
    pub(crate) dated_article: bool,
    /// `og:type` is `article`.
    pub(crate) article: bool,
}

/// Settles the regions of all blocks.
pub(crate) fn settle(drafts: &mut Drafts, tree: &Tree, claims: Claims) {
    let structure = by_structure(&drafts.blocks, tree);
    let kept = article_blocks(drafts, tree, claims).unwrap_or(structure);
    for (block, keep) in drafts.blocks.iter_mut().zip(kept) {
        let region = block.place.region;
        if matches!(region, Region::Hidden | Region::Banner) || region != Region::Main && block.place.firm {
            continue;
        }
        if keep {
            block.place.region = Region::Main;
        } else if region == Region::Main {
            block.place = Place { region: Region::Aside, firm: false };
        }
    }
}

/// The blocks of the article, if the page says that it is one, and if what is found of it is most of its content.
fn article_blocks(drafts: &Drafts, tree: &Tree, claims: Claims) -> Option<Vec<bool>> {
    if tree.cut || !claims.article && !claims.dated_article {
        return None;
    }
    let html = plain_html::write(tree, &drafts.unseen);
    let text = article::main_text(&html, tree.len())?;
    Some(align::kept(&drafts.blocks, &text)).filter(|kept| is_article(&drafts.blocks, kept, claims))
}

fn words(blocks: &[Draft], kept: &[bool]) -> f64 {
    blocks.iter().zip(kept).filter(|(_, kept)| **kept).map(|(block, _)| f64::from(block.words)).sum()
}

/// Whether the article found is the page's content, and not one part of many.
fn is_article(blocks: &[Draft], kept: &[bool], claims: Claims) -> bool {
    let content: Vec<bool> =
        blocks.iter().map(|block| block.place.region == Region::Main && block.link_density() < 0.6).collect();
    let share = words(blocks, kept) / words(blocks, &content).max(1.0);
    claims.dated_article && share >= SHARE_DECLARED || claims.article && share >= SHARE_CLAIMED
}

fn ends_sentence(text: &str) -> bool {
    let end = text.trim_end_matches(['"', '”', '’', '\'', ')', ']', '»']);
    end.ends_with(['.', '!', '?', '…', ':', '。', '！', '？'])
}

/// Content by structure alone.
pub(crate) fn by_structure(blocks: &[Draft], tree: &Tree) -> Vec<bool> {
    let mut kept: Vec<bool> =
        blocks.iter().map(|block| block.place.region == Region::Main && !block.control).collect();
    keep_main_element(blocks, &mut kept, tree);
    drop_before_heading(blocks, &mut kept);
    drop_behind_copyright(blocks, &mut kept);
    drop_menus(blocks, &mut kept);
    drop_related(blocks, &mut kept);
    kept
}

fn keep_main_element(blocks: &[Draft], kept: &mut [bool], tree: &Tree) {
    let is_main = |id: Id| tree.tag(id) == "main" || tree.attr(id, "role") == Some("main");
    let mut last = None;
    let inside: Vec<bool> = blocks
        .iter()
        .zip(kept.iter())
        .map(|(block, kept)| {
            // Neighbours share their element, or most of its ancestors.
            if !kept {
                return false;
            }
            match last {
                Some((node, answer)) if node == block.node => answer,
                _ => {
                    let answer = is_main(block.node) || tree.ancestors(block.node).any(is_main);
                    last = Some((block.node, answer));
                    answer
                }
            }
        })
        .collect();
    if words(blocks, &inside) >= SHARE_MAIN * words(blocks, kept) {
        kept.copy_from_slice(&inside);
    }
}

fn drop_before_heading(blocks: &[Draft], kept: &mut [bool]) {
    let heading = blocks.iter().zip(kept.iter()).position(|(block, kept)| *kept && block.level == Some(1));
    let Some((before, _)) = heading.and_then(|at| kept.split_at_mut_checked(at)) else { return };
    let all = words(blocks, before);
    if all < SHARE_BEFORE * (all + 1.0).max(words(blocks, &vec![true; blocks.len()])) {
        before.fill(false);
    }
}

/// A copyright line near the end, with the short lines around it, is the page's foot.
fn drop_behind_copyright(blocks: &[Draft], kept: &mut [bool]) {
    let total = words(blocks, kept);
    let mut behind = 0.0;
    let mut start = None;
    for (at, block) in blocks.iter().enumerate().rev() {
        if kept.get(at) != Some(&true) {
            continue;
        }
        let short = block.words < 15 && !ends_sentence(&block.text);
        match start {
            None if is_copyright(&block.text) => start = Some(at),
            Some(_) if short && block.kind != BlockKind::Heading => start = Some(at),
            Some(_) => break,
            None => {}
        }
        behind += f64::from(block.words);
        if behind > SHARE_BEHIND * total {
            break;
        }
    }
    if let Some((_, foot)) = start.and_then(|at| kept.split_at_mut_checked(at)) {
        foot.fill(false);
    }
}

pub(crate) fn is_copyright(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.contains('©')
        || lower.contains("all rights reserved")
        || lower.split_once("(c) ").is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Rows of short links outside of cards.
fn drop_menus(blocks: &[Draft], kept: &mut [bool]) {
    let linky = |block: &Draft| {
        block.link_density() > 0.8
            && block.card.is_none()
            && block.words < MENU_WORDS
            && matches!(block.kind, BlockKind::ListItem | BlockKind::Paragraph)
    };
    let mut run = Vec::new();
    for at in 0..=blocks.len() {
        match blocks.get(at) {
            Some(block) if kept.get(at) == Some(&true) && linky(block) => run.push(at),
            Some(_) if kept.get(at) != Some(&true) => {}
            _ => {
                if run.len() >= MENU_LINKS {
                    run.iter().for_each(|at| clear(kept, *at));
                }
                run.clear();
            }
        }
    }
}

fn clear(kept: &mut [bool], at: usize) {
    if let Some(keep) = kept.get_mut(at) {
        *keep = false;
    }
}

#[derive(Debug, Default, Deserialize)]
struct Related {
    headings: Vec<String>,
}

static RELATED: LazyLock<Related> =
    LazyLock::new(|| toml::from_str(include_str!("../tables/related.toml")).unwrap_or_default());

/// Sections that show other pages: from such a heading to the next of its rank.
fn drop_related(blocks: &[Draft], kept: &mut [bool]) {
    let total = words(blocks, kept);
    let mut at = 0;
    while let Some(block) = blocks.get(at) {
        if kept.get(at) != Some(&true) || !is_related(block) {
            at += 1;
            continue;
        }
        let rank = block.level.unwrap_or(2);
        let rest = blocks.get(at + 1..).unwrap_or_default();
        let ends = |next: &Draft| next.kind == BlockKind::Heading && next.level.unwrap_or(2) <= rank;
        let end = rest.iter().position(ends).map_or(blocks.len(), |found| at + 1 + found);
        let section: f64 =
            blocks.get(at..end).zip(kept.get(at..end)).map_or(0.0, |(blocks, kept)| words(blocks, kept));
        if section < SHARE_RELATED * total
            && let Some(section) = kept.get_mut(at..end)
        {
            section.fill(false);
        }
        at = end;
    }
}

fn is_related(block: &Draft) -> bool {
    block.kind == BlockKind::Heading && block.words <= 8 && {
        let lower = block.text.to_lowercase().replace('’', "'");
        RELATED.headings.iter().any(|start| {
            lower.strip_prefix(start.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
    }
}
