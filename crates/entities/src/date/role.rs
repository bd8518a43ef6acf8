//! What a date is: by the words of its sentence, by where it stands.

use domain::{Block, Region};

use super::Read;
use crate::lexicon::Tag;
use crate::reading::Reading;

/// The date line of an article is no longer than this.
const LINE_BYTES: usize = 80;

/// None for dates that no role explains where none is likely (menus, asides).
pub(super) fn of<'r>(r: &Reading<'r, '_>, read: &Read, block: &Block) -> Option<&'r str> {
    let roles = &r.know.rules.date.roles;
    let sentence = r.page.sentence(read.at.clone());
    let nearest = r
        .page
        .scan
        .hits(sentence.clone())
        .iter()
        .filter_map(|h| match h.tag {
            Tag::DateRole(n) if h.end <= sentence.end => {
                let distance = if h.end <= read.at.start {
                    read.at.start - h.end
                } else {
                    h.start.saturating_sub(read.at.end) * 2
                };
                Some((distance, roles.get(usize::from(n))?.role.as_str()))
            }
            _ => None,
        })
        .min();
    match nearest {
        // Founding dates are read with more care, and only there.
        Some((_, "founded")) => None,
        Some((_, role)) => Some(role),
        None if r.page.is_kind(&r.know.rules.pages.articles)
            && r.page.block_text(block).len() <= LINE_BYTES =>
        {
            Some("published")
        }
        None if stands_alone(r, read, block) => None,
        None => (block.region == Region::Main && r.speaks_of_us(&read.at)).then_some("event"),
    }
}

/// A block that is little more than the date: nothing says what it dates.
fn stands_alone(r: &Reading<'_, '_>, read: &Read, block: &Block) -> bool {
    let words = r.page.scan.get(read.at.clone()).split_whitespace().count();
    r.page.block_text(block).split_whitespace().nth(words + 1).is_none()
}
