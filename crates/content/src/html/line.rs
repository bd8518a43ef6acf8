//! One block's text while it is read: white space folded, line breaks kept, links counted.

use crate::words::{self, is_invisible};

/// What stands between the last character and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Gap {
    #[default]
    None,
    Space,
    /// A `<br>`, or a line of preformatted text.
    Break,
}

#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) gap: Gap,
    /// Characters that are no white space, and those of them in links.
    pub(super) chars: u32,
    pub(super) linked: u32,
    /// A term whose definition follows.
    pub(super) row: bool,
    /// Links that stand in it.
    pub(super) anchors: Vec<u32>,
    /// An inline element ended, and another began, since the last character.
    left: bool,
    entered: bool,
}

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn leave_inline(&mut self) {
        self.left = true;
    }

    pub(super) fn enter_inline(&mut self) {
        self.entered |= self.left;
    }

    pub(super) fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// Adds text as it stands in the source; `lines` keeps its line breaks. Gives back how many characters were added.
    pub(super) fn push(&mut self, text: &str, lines: bool, linked: bool) -> u32 {
        let mut added = 0;
        for c in text.chars() {
            if c == '\n' && lines {
                self.widen(Gap::Break);
            } else if c.is_whitespace() {
                self.widen(Gap::Space);
            } else if !is_invisible(c) {
                self.fill_gap(c);
                self.text.push(c);
                added += 1;
            }
        }
        self.chars += added;
        self.linked += if linked { added } else { 0 };
        added
    }

    fn fill_gap(&mut self, next: char) {
        let glued = self.gap == Gap::None
            && self.entered
            && self.text.chars().next_back().is_some_and(|last| runs_together(last, next));
        match self.gap {
            _ if self.text.is_empty() => {}
            Gap::Break => self.text.push('\n'),
            Gap::Space => self.text.push(' '),
            Gap::None if glued => self.text.push(' '),
            Gap::None => {}
        }
        (self.gap, self.left, self.entered) = (Gap::None, false, false);
    }
}

/// Two elements side by side without white space are parted by style; where a word visibly begins (`MaraCEO`,
/// `Phone+49`) a space is put in, so that words of two fields do not become one.
fn runs_together(last: char, next: char) -> bool {
    let begins = next.is_uppercase() && !last.is_uppercase()
        || next.is_numeric() && last.is_alphabetic()
        || next == '+';
    (last.is_alphanumeric() || matches!(last, '.' | '!' | '?' | ')' | ':' | ';' | ',')) && begins
        || last.is_numeric() && next.is_alphabetic()
}

/// The text of a piece of markup that was kept as text (`<noscript>`).
pub(crate) fn plain_text(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut inside = false;
    for c in markup.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    words::fold(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_folded_and_breaks_are_kept() {
        let mut line = Line::default();
        line.push("  12 Canal  St\n", false, false);
        line.widen(Gap::Break);
        line.push(" Leeds ", false, true);
        assert_eq!(line.text, "12 Canal St\nLeeds");
        assert_eq!((line.chars, line.linked), (14, 5));
    }

    #[test]
    fn neighbours_are_parted_only_where_a_word_begins() {
        let join = |a: &str, b: &str| {
            let mut line = Line::default();
            line.push(a, false, false);
            line.leave_inline();
            line.enter_inline();
            line.push(b, false, false);
            line.text
        };
        assert_eq!(join("Mara Lind", "CEO"), "Mara Lind CEO");
        assert_eq!(join("Phone", "+49 30"), "Phone +49 30");
        assert_eq!(join("W", "elcome"), "Welcome");
        assert_eq!(join("H", "2"), "H 2");
        assert_eq!(join("AB", "CD"), "ABCD");
    }
}
