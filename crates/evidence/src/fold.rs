//! One spelling for what readers take as the same: white space, quotation marks, dashes, ligatures, composed letters.
//!
//! Case is kept, and so are digits: `２０１４` and `10²` are not `2014` and `102`. Letters of other scripts that only
//! look alike are kept apart too. Every folded byte knows where it came from.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A text in its folded spelling, with the way back to the original bytes.
#[derive(Debug)]
pub(crate) struct Folded {
    pub(crate) text: String,
    pieces: Vec<Piece>,
}

/// A stretch of the folded text and the stretch of the original that it stands for.
#[derive(Debug, Clone, Copy)]
struct Piece {
    folded: usize,
    start: usize,
    end: usize,
    /// Byte for byte the same as the original.
    same: bool,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), pieces: Vec::new() };
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let at = text.len() - rest.len();
            let taken = folded.take(at, c, rest);
            rest = rest.get(taken..).unwrap_or_default();
        }
        folded
    }

    /// Folds what stands at the head of `rest` and tells how many bytes of it that was.
    fn take(&mut self, at: usize, c: char, rest: &str) -> usize {
        if c.is_whitespace() {
            let run = run(rest, |c| c.is_whitespace() || is_ignorable(c));
            self.push(at, at + run, " ", run == 1 && c == ' ');
            return run;
        }
        if is_ignorable(c) {
            return c.len_utf8();
        }
        if is_dash(c) {
            let run = run(rest, is_dash);
            self.push(at, at + run, "-", run == 1);
            return run;
        }
        if let Some(plain) = plain(c) {
            self.push(at, at + c.len_utf8(), plain, false);
            return c.len_utf8();
        }
        let tail = run(rest.get(c.len_utf8()..).unwrap_or_default(), composes);
        let len = c.len_utf8() + tail;
        let group = rest.get(..len).unwrap_or_default();
        if tail == 0 && (c.is_ascii() || is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes) {
            self.push(at, at + len, group, true);
        } else {
            let composed: String = group.nfc().collect();
            let same = composed == group;
            self.push(at, at + len, &composed, same);
        }
        len
    }

    fn push(&mut self, start: usize, end: usize, text: &str, same: bool) {
        let folded = self.text.len();
        self.text.push_str(text);
        if let Some(last) = self.pieces.last_mut()
            && same
            && last.same
            && last.end == start
        {
            last.end = end;
            return;
        }
        self.pieces.push(Piece { folded, start, end, same });
    }

    /// Where the folded byte `at` starts in the original.
    pub(crate) fn start(&self, at: usize) -> usize {
        self.piece(at)
            .map_or(0, |piece| if piece.same { piece.start + (at - piece.folded) } else { piece.start })
    }

    /// Where the original ends that the folded text up to `at` (exclusive) stands for.
    pub(crate) fn end(&self, at: usize) -> usize {
        let Some(last) = at.checked_sub(1) else { return 0 };
        self.piece(last)
            .map_or(0, |piece| if piece.same { piece.start + (at - piece.folded) } else { piece.end })
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.folded <= at);
        self.pieces.get(after.checked_sub(1)?)
    }
}

/// The folded spelling alone, trimmed.
pub(crate) fn fold(text: &str) -> String {
    let folded = Folded::new(text).text;
    folded.trim().to_owned()
}

/// Bytes of the longest head of `text` whose characters all hold.
fn run(text: &str, holds: impl Fn(char) -> bool) -> usize {
    text.find(|c| !holds(c)).unwrap_or(text.len())
}

/// Characters that readers do not see: soft hyphen, zero-width and direction marks, variation selectors.
const fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// Whether the character may melt into the one before it: combining marks, Hangul vowels and finals.
fn composes(c: char) -> bool {
    !c.is_ascii() && (matches!(c, '\u{1160}'..='\u{11ff}') || is_combining_mark(c) && !is_ignorable(c))
}

/// The plain spelling of typographic punctuation and ligatures.
const fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2039}' | '\u{203a}' | '\u{2bc}' | '\u{b4}' | '`' => "'",
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' | '\u{301d}'..='\u{301f}' => "\"",
        '\u{2026}' => "...",
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        '\u{132}' => "IJ",
        '\u{133}' => "ij",
        '\u{ff0c}' => ",",
        '\u{ff1a}' => ":",
        '\u{ff1b}' => ";",
        '\u{ff01}' => "!",
        '\u{ff1f}' => "?",
        '\u{ff08}' => "(",
        '\u{ff09}' => ")",
        '\u{ff05}' => "%",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typography_and_white_space_fold_and_digits_do_not() {
        assert_eq!(
            fold("\u{201c}We\u{2019}re \u{fb01}ne\u{201d}\u{a0}\u{2014}\n\n\tyes"),
            "\"We're fine\" - yes"
        );
        assert_eq!(fold("cafe\u{301} 10\u{b2} \u{ff12}"), "caf\u{e9} 10\u{b2} \u{ff12}");
        assert_eq!(fold("so\u{ad}lar pow\u{200b}er"), "solar power");
        assert_eq!(fold("\u{1112}\u{1161}\u{11ab}"), "\u{d55c}");
    }

    #[test]
    fn every_folded_word_leads_back_to_its_own_bytes() {
        let text = "a\u{a0}\u{a0}b \u{201c}e\u{301}t\u{e9}\u{201d} \u{fb01}sh \u{2014} end";
        let folded = Folded::new(text);
        for (word, original) in [
            ("b", "b"),
            ("\"\u{e9}t\u{e9}\"", "\u{201c}e\u{301}t\u{e9}\u{201d}"),
            ("fish", "\u{fb01}sh"),
            ("end", "end"),
        ] {
            let at = folded.text.find(word).unwrap();
            assert_eq!(text.get(folded.start(at)..folded.end(at + word.len())).unwrap(), original);
        }
    }
}
