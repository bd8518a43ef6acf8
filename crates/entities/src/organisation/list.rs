//! Organisations in lists and logo walls under a heading that says what they are.

use std::collections::HashSet;

use domain::{BlockKind, Region};

use super::mention;
use crate::fold::{lower, squeeze};
use crate::mention::{Mention, Method};
use crate::page::range;
use crate::raw::markup;
use crate::reading::Reading;

/// Names are short.
const NAME_BYTES: usize = 60;
/// A heading with its markup is read up to here.
const SAID_BYTES: usize = 400;
/// A logo wall ends after this many tags without an image.
const WALL_TAGS: usize = 60;

/// Short blocks under such a heading.
pub(super) fn read(r: &mut Reading<'_, '_>) {
    let mut found: Vec<Mention> = Vec::new();
    let mut carded = HashSet::new();
    for (_, block) in r.page.blocks() {
        if matches!(block.region, Region::Nav | Region::Footer)
            || matches!(block.kind, BlockKind::Code | BlockKind::Quote)
        {
            continue;
        }
        let heading = |n: usize| block.trail.len().checked_sub(n).and_then(|i| block.trail.get(i));
        // The innermost heading may be the name itself (a card's), then the one above it speaks.
        let inner = heading(1).and_then(|h| r.heading(h).relationship.clone());
        let outer = heading(2)
            .and_then(|h| r.heading(h).relationship.clone())
            .filter(|_| block.kind == BlockKind::Heading);
        let Some(relationship) = inner.or(outer) else { continue };
        if let Some(card) = block.card
            && (r.card_people.contains_key(&card) || !carded.insert(card))
        {
            continue;
        }
        let listed = block.card.is_some()
            || matches!(
                block.kind,
                BlockKind::ListItem
                    | BlockKind::Heading
                    | BlockKind::Caption
                    | BlockKind::TableRow
                    | BlockKind::Card
            );
        let at = range(block);
        let text = r.page.scan.get(at.clone());
        let cell = text.split(" | ").next().unwrap_or(text);
        if !listed || !is_listed(r, cell) {
            continue;
        }
        let spot = r.page.spot(at.start..at.start + cell.len(), Method::HeadingList);
        found.extend(spot.and_then(|s| mention(r, cell, &relationship, "section", s)));
    }
    r.found.extend(found);
}

/// A name in a list: a few words, the telling ones in capitals, no sentence.
fn is_listed(r: &Reading<'_, '_>, text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let capitals =
        words.iter().filter(|w| w.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())).count();
    let ends = text.ends_with(['.', '!', '?', ':', '…']) && !r.know.forms.has_form(text);
    text.len() <= NAME_BYTES
        && (1..=6).contains(&words.len())
        && capitals * 2 > words.len()
        && !ends
        && r.heading(text).relationship.is_none()
}

/// Images below such a heading, by their alternative texts.
pub(super) fn logos(r: &mut Reading<'_, '_>) {
    let Some(raw) = r.page.raw.and_then(|b| std::str::from_utf8(b).ok()) else { return };
    let mut wall: Option<(String, usize)> = None;
    let mut found = Vec::new();
    for tag in markup::tags(raw) {
        let name = tag.name.to_ascii_lowercase();
        let heading = matches!(name.as_str(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        if heading || matches!(name.as_str(), "p" | "div" | "span" | "strong" | "figcaption" | "section") {
            let said = said(raw, tag.start + tag.text.len(), heading);
            match r.heading(&said).relationship.clone() {
                Some(relationship) if !said.is_empty() => wall = Some((relationship, 0)),
                _ if heading => wall = None,
                _ => {}
            }
        }
        let Some((relationship, age)) = wall.as_mut() else { continue };
        *age += 1;
        if *age > WALL_TAGS || name == "footer" {
            wall = None;
            continue;
        }
        if name != "img" {
            continue;
        }
        *age = 0;
        let Some(alt) = tag.attribute("alt") else { continue };
        let Some(label) = unnoised(r, alt.value) else { continue };
        let spot = r.page.raw_spot(alt.start as u64, alt.end as u64, Method::HeadingList);
        if is_listed(r, &label) {
            found.extend(spot.and_then(|s| mention(r, &label, relationship, "section", s)));
        }
    }
    r.found.extend(found);
}

/// The words right behind a tag: of a heading all, else those up to the next tag.
fn said(raw: &str, from: usize, heading: bool) -> String {
    let rest = raw.get(from..).unwrap_or_default();
    let near = rest.get(..rest.floor_char_boundary(SAID_BYTES)).unwrap_or_default();
    let end = if heading { near.find("</h").or_else(|| near.find("</H")) } else { near.find('<') };
    let part = near.get(..end.unwrap_or(near.len())).unwrap_or_default();
    let mut out = String::new();
    let mut inside = false;
    for c in part.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    squeeze(&out)
}

/// `Logo of Northwind` · `Northwind logo white` → `Northwind`; none for pictures that are no logos.
fn unnoised(r: &Reading<'_, '_>, alt: &str) -> Option<String> {
    let alt =
        alt.replace("&amp;", "&").replace("&#39;", "'").replace("-logo", " logo").replace("-Logo", " logo");
    let low = lower(&alt);
    let picture = [
        "icon",
        "illustration",
        "photo",
        "screenshot",
        "arrow",
        "badge",
        "award",
        "rating",
        "stars",
        "portrait",
        "avatar",
    ];
    if picture.iter().any(|p| low.split(|c: char| !c.is_alphabetic()).any(|w| w == *p)) {
        return None;
    }
    let words: Vec<&str> =
        alt.split(|c: char| c.is_whitespace() || c == '_').filter(|w| !w.is_empty()).collect();
    let noise = |w: &str| r.know.rules.organisation.alt_noise.contains(&lower(w.trim_end_matches(':')));
    let start = words.iter().take_while(|w| noise(w)).count();
    let end = words.len() - words.iter().rev().take_while(|w| noise(w)).count();
    let name = words.get(start..end.max(start)).unwrap_or_default();
    (name.len() <= 4).then(|| name.join(" "))
}
