//! Tables that hold data, and tables that only arrange.

use super::measure::Measures;
use super::tree::{Id, Step, Tree};

/// A longer cell is a column of a layout.
const MOST_CELL_CHARS: u32 = 400;

/// Whether the rows of a table are read as rows: no table, heading or long text in its cells, and not declared a layout.
pub(crate) fn is_data_table(tree: &Tree, table: Id, measures: &Measures) -> bool {
    if matches!(tree.attr(table, "role"), Some("presentation" | "none")) {
        return false;
    }
    let (mut cells, mut rows, mut in_caption) = (0_usize, 0_usize, 0_u32);
    for step in tree.walk(table) {
        match step {
            Step::Enter(id) => match tree.tag(id) {
                "caption" => in_caption += 1,
                "tr" => rows += 1,
                "table" if id != table => return false,
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "section" | "article" | "form"
                    if in_caption == 0 =>
                {
                    return false;
                }
                "td" | "th" => {
                    cells += 1;
                    if measures.get(id).chars > MOST_CELL_CHARS || is_column(tree, id) {
                        return false;
                    }
                }
                _ => {}
            },
            Step::Leave(id) => in_caption -= u32::from(tree.tag(id) == "caption" && in_caption > 0),
        }
    }
    rows > 0 && cells > rows || rows >= 3
}

/// A cell of several blocks arranges them.
fn is_column(tree: &Tree, cell: Id) -> bool {
    tree.child_elements(cell).filter(|id| matches!(tree.tag(*id), "p" | "div" | "ul" | "ol")).take(3).count()
        > 2
}

/// Whether a definition list is read as rows `term | definition`: short throughout.
pub(crate) fn is_data_list(tree: &Tree, list: Id, measures: &Measures) -> bool {
    tree.elements(list).all(|id| match tree.tag(id) {
        "dd" | "dt" => measures.get(id).chars <= MOST_CELL_CHARS / 2,
        "h1" | "h2" | "ul" | "ol" | "table" | "pre" | "section" => false,
        _ => true,
    })
}
