//! Quoting a link: its `href` attribute in the raw bytes, else the words it stands on.

use domain::Link;

use crate::mention::{Method, Spot};
use crate::page::Page;
use crate::raw::{self, markup};

/// The spot of a link.
pub(crate) fn spot(page: &Page<'_>, link: &Link) -> Option<Spot> {
    in_source(page, link).or_else(|| {
        let text = link.text.trim();
        let block = link.block.and_then(|b| page.block(b))?;
        // What Cloudflare writes in place of an address shows nothing.
        if !page.is_usable(block)
            || text.is_empty()
            || text.contains("email\u{a0}protected")
            || text.contains("email protected")
        {
            return None;
        }
        let at = page.block_text(block).find(text)? + block.start as usize;
        page.spot(at..at + text.len(), Method::Href)
    })
}

fn in_source(page: &Page<'_>, link: &Link) -> Option<Spot> {
    let (start, end) = link.source?;
    let text = raw::text(page.raw?, start, end)?;
    let tag = markup::tags(text).next()?;
    let href = tag.attribute("data-cfemail").or_else(|| tag.attribute("href"))?;
    if href.value.ends_with("/email-protection") {
        return None;
    }
    page.raw_spot(start + href.start as u64, start + href.end as u64, Method::Href)
}
