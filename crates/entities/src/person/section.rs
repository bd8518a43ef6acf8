//! What the place of a block says about the people in it.

use domain::{Block, BlockKind};

use crate::reading::Reading;
use crate::rules::Group;

/// The group that the headings above a block name, the innermost that names one.
pub(super) fn group<'a>(r: &Reading<'_, 'a>, block: &'a Block) -> Option<Group> {
    r.page.trail(block).find_map(|heading| r.heading(heading).group)
}

/// Whether the block is (part of) what a customer says: a quotation, what stands in a card with one or right after
/// one, or what stands under such a heading.
pub(super) fn is_testimonial(r: &Reading<'_, '_>, n: usize) -> bool {
    let blocks = &r.page.content.blocks;
    let Some(block) = blocks.get(n) else { return false };
    let quotes = |b: &Block| b.kind == BlockKind::Quote || is_quotation(r.page.block_text(b));
    if quotes(block) || group(r, block) == Some(Group::Testimonial) {
        return true;
    }
    if let Some(card) = block.card {
        return r.quotes_in_card(card, || {
            let inside = r.page.cards().get(&card).into_iter().flatten();
            inside.filter_map(|i| blocks.get(*i)).any(quotes)
        });
    }
    let short = r.page.block_text(block).len() <= 120;
    short && n.checked_sub(1).and_then(|p| blocks.get(p)).is_some_and(|b| quotes(b) && b.card.is_none())
}

/// A block between quotation marks, perhaps with a dash and a name after them; `“…”, said N` is a report, not praise.
fn is_quotation(text: &str) -> bool {
    let text = text.trim();
    if text.len() <= 30 || !text.starts_with(['“', '„', '"', '«', '»', '‟']) {
        return false;
    }
    let Some(close) = text.rfind(['”', '“', '"', '»', '«']).filter(|at| *at > 0) else { return false };
    let after = text.get(close..).unwrap_or_default();
    let after = after.trim_start_matches(['”', '“', '"', '»', '«', '.', ',']).trim_start();
    after.is_empty() || after.starts_with(['—', '–', '-', '~'])
}
