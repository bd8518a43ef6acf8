//! What pictures say: they name links, and in a wall of logos who stands there.

use domain::BlockKind;

use super::{Id, Reader};
use crate::words;

impl Reader<'_> {
    pub(super) fn icon(&mut self, id: Id) {
        let title = self.tree.elements(id).find(|inner| self.tree.tag(*inner) == "title");
        let text = title.map(|title| self.tree.raw_text(title)).unwrap_or_default();
        self.label(&text);
    }

    /// Pictures name links; in a wall of logos they name who stands there.
    pub(super) fn image(&mut self, id: Id) {
        let Some(alt) = self.tree.attr_text(id, "alt") else { return };
        let alt = words::fold(alt);
        self.label(&alt);
        let named =
            (2..=80).contains(&alt.len()) && alt.chars().any(char::is_alphabetic) && !is_file_name(&alt);
        if !named || self.now.whole || !self.is_logo_wall(id) {
            return;
        }
        self.flush();
        let outer = self.now;
        (self.now.kind, self.now.level) = (BlockKind::Caption, None);
        self.text(&alt);
        self.flush();
        self.now = outer;
    }

    /// Three pictures or more around, and hardly a word.
    fn is_logo_wall(&self, id: Id) -> bool {
        let around =
            self.tree.ancestors(id).take(6).map(|up| self.measures.get(up)).find(|sum| sum.images >= 3);
        around.is_some_and(|sum| sum.chars < 8 * sum.images)
    }
}

fn is_file_name(alt: &str) -> bool {
    let lower = alt.to_ascii_lowercase();
    [".png", ".jpg", ".jpeg", ".svg", ".webp", ".gif"].iter().any(|end| lower.ends_with(end))
}
