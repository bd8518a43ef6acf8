//! The main text of an article, as the crate `trafilatura` finds it.

use trafilatura::{ExtractionFocus, HtmlDateMode, Options, extract};

use crate::guarded;

/// Stack of the thread it runs on. Its walks recurse up to 500 elements deep; frames of a debug build need the most.
const STACK_BYTES: usize = 32 << 20;
/// Pages beyond these are read by the page's structure alone: the time of an extraction grows with both.
const MOST_BYTES: usize = 2 << 20;
const MOST_NODES: usize = 60_000;

/// The main text in precision mode; `None` where there is none, or where the page is not fit for it.
///
/// Runs on a thread of its own: it recurses, and may panic on a page that nobody has met yet.
pub(crate) fn main_text(html: &str, nodes: usize) -> Option<String> {
    if html.len() > MOST_BYTES || nodes > MOST_NODES {
        return None;
    }
    let options = Options::default()
        .with_fallback(true)
        .with_focus(ExtractionFocus::FavorPrecision)
        .with_exclude_comments(true)
        .with_html_date_mode(HtmlDateMode::Disabled);
    guarded::run(STACK_BYTES, || extract(html, &options).ok().map(|result| result.content_text)).flatten()
}
