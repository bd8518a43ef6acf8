//! Words and white space: counting, tokens, folding.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use xxhash_rust::xxh3::Xxh3Default;

/// Whether a character is written without spaces between words; each then counts as a token of its own.
pub(crate) const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{0e00}'..='\u{0e7f}' | '\u{20000}'..='\u{2fa1f}')
}

/// Counts words: runs of letters and digits; of scripts without spaces, two characters make a word.
#[must_use]
pub fn count(text: &str) -> u32 {
    let (mut words, mut unspaced, mut inside) = (0_u32, 0_u32, false);
    for c in text.chars() {
        if is_unspaced(c) {
            unspaced += 1;
            inside = false;
        } else if c.is_alphanumeric() {
            words += u32::from(!inside);
            inside = true;
        } else if !(inside && matches!(c, '\'' | '’' | '\u{301}')) {
            inside = false;
        }
    }
    words + unspaced.div_ceil(2)
}

/// The hashes of a text's tokens: lower-cased runs of letters and digits, single characters of unspaced scripts.
pub(crate) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { chars: text.chars().peekable() }
}

#[derive(Debug)]
pub(crate) struct Tokens<'t> {
    chars: std::iter::Peekable<std::str::Chars<'t>>,
}

impl Iterator for Tokens<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let first = self.chars.find(|c| c.is_alphanumeric())?;
        let mut hash = Hasher::default();
        hash.push(first);
        if !is_unspaced(first) {
            while let Some(c) = self.chars.next_if(|c| c.is_alphanumeric() && !is_unspaced(*c)) {
                hash.push(c);
            }
        }
        Some(hash.digest())
    }
}

/// Hashes a token character by character: most tokens fit into one small buffer.
#[derive(Default)]
struct Hasher {
    buffer: [u8; 32],
    len: usize,
    long: Option<Box<Xxh3Default>>,
}

impl Hasher {
    fn push(&mut self, c: char) {
        if c.is_ascii() {
            self.bytes(&[c.to_ascii_lowercase() as u8]);
        } else {
            for lower in c.to_lowercase() {
                self.bytes(lower.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if let Some(room) = self.buffer.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        } else {
            let filled = self.buffer.get(..self.len).unwrap_or_default();
            self.long.get_or_insert_default().update(filled);
            self.len = 0;
            self.bytes(bytes);
        }
    }

    fn digest(mut self) -> u64 {
        let rest = self.buffer.get(..self.len).unwrap_or_default();
        match self.long.as_mut() {
            None => xxhash_rust::xxh3::xxh3_64(rest),
            Some(long) => {
                long.update(rest);
                long.digest()
            }
        }
    }
}

/// Characters that a reader does not see: soft hyphens, zero-width spaces, direction marks, tag characters, controls.
/// They break words for a search, and hide text from people that a model would read.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}' | '\u{fff9}'..='\u{fffb}')
        || (c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}'))
        || matches!(c, '\u{80}'..='\u{9f}')
}

/// Folds white space to single spaces, drops what is invisible, trims, normalises to NFC.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars() {
        if c.is_whitespace() {
            space = true;
        } else if !is_invisible(c) {
            if space && !out.is_empty() {
                out.push(' ');
            }
            space = false;
            out.push(c);
        }
    }
    nfc(out)
}

/// Normalises to NFC; costs nothing when the text is already.
pub(crate) fn nfc(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        text.nfc().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_any_script() {
        assert_eq!(count("We don't sell pumps – really!"), 5);
        assert_eq!(count("Über uns: 12 Menschen"), 4);
        assert_eq!(count("東京で働く人"), 3);
        assert_eq!(count("  …  "), 0);
    }

    #[test]
    fn folding_leaves_single_spaces_and_nothing_invisible() {
        assert_eq!(fold("  a\u{a0}\n b\u{ad}c\u{200b} \u{0}d "), "a bc d");
        assert_eq!(fold("e\u{301}"), "é");
        assert_eq!(fold("x\u{e0041}\u{e0042}y"), "xy");
    }

    #[test]
    fn tokens_ignore_case_and_punctuation_and_split_unspaced_scripts() {
        let left: Vec<u64> = tokens("Hello, WORLD-wide ÄRGER").collect();
        let right: Vec<u64> = tokens("hello world wide ärger").collect();
        assert_eq!(left, right);
        assert_eq!(tokens("東京 x").count(), 3);
        let long = "abcdefghij".repeat(9);
        assert_eq!(tokens(&long).next(), tokens(&long.to_uppercase()).next());
        assert_ne!(tokens(&long).next(), tokens(&format!("{long}k")).next());
    }
}
