//! Blocks that belong together: the fields of a card, the rows of a table, the entries of a list.

use domain::{Block, BlockKind};

use crate::sources::Source;

/// Longer tables and lists are parted.
const MOST_ROWS: usize = 30;
const MOST_ENTRIES: usize = 12;

/// Whole blocks of one document that are shown or quoted together.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// The document's number among the sources.
    pub(crate) source: usize,
    /// The heading it stands under, if that is one of the document's own blocks.
    pub(crate) heading: Option<usize>,
    /// Numbers of its blocks, in order.
    pub(crate) blocks: Vec<usize>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The units of a document, in order of the text.
pub(crate) fn units(number: usize, source: &Source<'_>) -> Vec<Unit> {
    let mut found: Vec<Unit> = Vec::new();
    let mut heading: Option<(usize, &Block)> = None;
    let mut used = true;
    let mut last: Option<(usize, &Block)> = None;
    for (index, block) in source.blocks() {
        if block.kind == BlockKind::Heading && block.card.is_none() {
            if let Some((at, lonely)) = heading.filter(|_| !used) {
                found.push(unit(number, None, at, lonely));
            }
            (heading, used, last) = (Some((index, block)), false, None);
            continue;
        }
        let joined = found
            .last_mut()
            .filter(|unit| last.is_some_and(|(at, before)| joins(unit, at, before, index, block)));
        if let Some(unit) = joined {
            unit.blocks.push(index);
            unit.end = block.end as usize;
        } else {
            found.push(unit(number, heading.map(|(at, _)| at), index, block));
        }
        (used, last) = (true, Some((index, block)));
    }
    if let Some((at, lonely)) = heading.filter(|_| !used) {
        found.push(unit(number, None, at, lonely));
    }
    found
}

fn unit(source: usize, heading: Option<usize>, index: usize, block: &Block) -> Unit {
    Unit { source, heading, blocks: vec![index], start: block.start as usize, end: block.end as usize }
}

/// Whether the block goes on what the block before began.
fn joins(unit: &Unit, before_at: usize, before: &Block, at: usize, block: &Block) -> bool {
    if before_at + 1 != at {
        return false;
    }
    match (before.card, block.card) {
        (Some(a), Some(b)) => return a == b,
        (None, None) => {}
        _ => return false,
    }
    match (before.kind, block.kind) {
        (BlockKind::TableRow, BlockKind::TableRow) => unit.blocks.len() < MOST_ROWS,
        (BlockKind::ListItem, BlockKind::ListItem) => unit.blocks.len() < MOST_ENTRIES,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Sources;
    use crate::sources::fixture::Site;

    #[test]
    fn cards_and_tables_stay_whole_and_headings_go_with_what_follows() {
        let mut site = Site::new();
        site.page("/team", "team").heading("Team").heading("Leaders").card(1, &["Mara Lind", "CEO"]);
        site.last()
            .card(2, &["Tomas Weil", "CTO"])
            .row("a | b")
            .row("c | d")
            .paragraph("End.")
            .heading("Lonely");
        let pairs = site.pairs();
        let sources = Sources::new(&pairs, |_, _| false);
        let source = sources.get(0).unwrap();
        let texts: Vec<(Option<usize>, &str)> = units(0, source)
            .into_iter()
            .map(|unit| (unit.heading, source.slice(unit.start..unit.end)))
            .collect();
        assert_eq!(
            texts,
            [
                (None, "Team"),
                (Some(1), "Mara Lind\n\nCEO"),
                (Some(1), "Tomas Weil\n\nCTO"),
                (Some(1), "a | b\n\nc | d"),
                (Some(1), "End."),
                (None, "Lonely"),
            ]
        );
    }
}
