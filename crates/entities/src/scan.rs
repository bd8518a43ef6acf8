//! A text with the rules' words found in it, and its tokens.

use std::ops::Range;

use crate::fold::lower;
use crate::lexicon::{Hit, Lexicon, Tag};

/// A sentence goes no further: what is longer is a list or a text without marks, and is parted at white space.
const MOST_SENTENCE_BYTES: usize = 1 << 10;

/// A text, searched once.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    pub(crate) text: &'a str,
    /// Same offsets as `text`.
    pub(crate) low: String,
    hits: Vec<Hit>,
}

/// A word or a punctuation mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) is: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// `dot`: followed by a dot that belongs to it (an initial, an abbreviation).
    Word {
        dot: bool,
    },
    Mark(char),
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        matches!(self.is, Sort::Word { .. })
    }

    pub(crate) fn mark(&self) -> Option<char> {
        match self.is {
            Sort::Mark(c) => Some(c),
            Sort::Word { .. } => None,
        }
    }
}

impl<'a> Scan<'a> {
    pub(crate) fn new(lexicon: &Lexicon, text: &'a str) -> Self {
        let low = lower(text);
        let hits = lexicon.hits(text, &low);
        Self { text, low, hits }
    }

    pub(crate) fn get(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    pub(crate) fn get_low(&self, range: Range<usize>) -> &str {
        self.low.get(range).unwrap_or_default()
    }

    pub(crate) fn word(&self, token: &Token) -> &'a str {
        self.get(token.start..token.end)
    }

    pub(crate) fn low_word(&self, token: &Token) -> &str {
        self.get_low(token.start..token.end)
    }

    /// All hits, by start.
    pub(crate) fn all(&self) -> &[Hit] {
        &self.hits
    }

    /// The hits that start in the range.
    pub(crate) fn hits(&self, range: Range<usize>) -> &[Hit] {
        let from = self.hits.partition_point(|h| h.start < range.start);
        let to = self.hits.partition_point(|h| h.start < range.end);
        self.hits.get(from..to).unwrap_or_default()
    }

    /// What stands before a place, not further back than `floor` nor than so many bytes, from the start of a word on.
    pub(crate) fn before(&self, floor: usize, place: usize, bytes: usize) -> Range<usize> {
        let start = self.text.floor_char_boundary(place.saturating_sub(bytes));
        if start <= floor {
            return floor..place;
        }
        let word = self.get(start..place).find(char::is_whitespace).unwrap_or(0);
        start + word..place
    }

    /// What stands behind a place, not further than `limit` nor than so many bytes.
    pub(crate) fn behind(&self, place: usize, limit: usize, bytes: usize) -> Range<usize> {
        place..self.text.floor_char_boundary(place + bytes).min(limit).max(place)
    }

    /// Whether the range has a hit of the sort.
    pub(crate) fn has(&self, range: Range<usize>, is: impl Fn(Tag) -> bool) -> bool {
        let end = range.end;
        self.hits(range).iter().any(|h| h.end <= end && is(h.tag))
    }

    /// Words and punctuation marks of the range.
    pub(crate) fn tokens(&self, range: Range<usize>) -> Vec<Token> {
        tokens(self.text, range)
    }
}

/// Words and marks; the end of a line is a mark. Hyphens, apostrophes, `&` and dots between letters belong to the word; so does the dot after an
/// initial or a known abbreviation.
pub(crate) fn tokens(text: &str, range: Range<usize>) -> Vec<Token> {
    let Some(part) = text.get(range.clone()) else { return Vec::new() };
    let mut out = Vec::new();
    let mut chars = part.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let start = range.start + at;
        if c.is_alphanumeric() {
            let mut end = at + c.len_utf8();
            while let Some(&(i, next)) = chars.peek() {
                let joins = is_joint(next)
                    && part
                        .get(i + next.len_utf8()..)
                        .and_then(|r| r.chars().next())
                        .is_some_and(char::is_alphanumeric);
                if !(is_inner(next) || joins) {
                    break;
                }
                end = i + next.len_utf8();
                chars.next();
            }
            let word = part.get(at..end).unwrap_or_default();
            let dot = matches!(chars.peek(), Some(&(_, '.'))) && takes_dot(word);
            if dot {
                chars.next();
            }
            out.push(Token { start, end: range.start + end, is: Sort::Word { dot } });
        } else if c == '\n' || !c.is_whitespace() {
            out.push(Token { start, end: start + c.len_utf8(), is: Sort::Mark(c) });
        }
    }
    out
}

fn is_inner(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

fn is_joint(c: char) -> bool {
    matches!(c, '\'' | '’' | '-' | '‐' | '‑' | '&' | '.' | '_')
}

fn takes_dot(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let single = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    let initials = word.contains('.') && word.split('.').all(|p| p.chars().count() == 1);
    single
        || initials
        || matches!(
            word.to_ascii_lowercase().as_str(),
            "dr" | "mr"
                | "mrs"
                | "ms"
                | "prof"
                | "st"
                | "jr"
                | "sr"
                | "inc"
                | "ltd"
                | "corp"
                | "co"
                | "dipl"
                | "ing"
                | "mag"
                | "hon"
                | "rev"
                | "sig"
                | "dott"
                | "sra"
                | "no"
                | "nr"
                | "str"
                | "approx"
                | "ca"
                | "ph.d"
        )
}

/// The sentences of a range: parted at the ends of lines and after `.`, `!`, `?` before a capital, a digit or a quotation mark; not after
/// initials, abbreviations and ordinals.
pub(crate) fn sentences(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let Some(part) = text.get(range.clone()) else { return Vec::new() };
    let mut out = Vec::new();
    let mut start = 0;
    for (at, c) in part.char_indices() {
        let end = at + c.len_utf8();
        if c == '\n' && at >= start {
            out.push(range.start + start..range.start + at);
            start = end;
            continue;
        }
        if !matches!(c, '.' | '!' | '?' | '…') || end < start {
            continue;
        }
        let rest = part.get(end..).unwrap_or_default();
        let closing = rest
            .chars()
            .take_while(|c| matches!(c, '"' | '”' | '’' | ')' | '»' | '“'))
            .map(char::len_utf8)
            .sum();
        let rest = rest.get(closing..).unwrap_or_default();
        let begins = rest.trim_start().chars().next();
        let parted = rest.starts_with(char::is_whitespace)
            && begins.is_some_and(|b| {
                b.is_uppercase() || b.is_ascii_digit() || matches!(b, '"' | '“' | '„' | '«' | '(' | '‘')
            });
        if parted && !(c == '.' && is_abbreviated(part.get(start..at).unwrap_or_default(), begins)) {
            out.push(range.start + start..range.start + end + closing);
            start = end + closing;
        }
    }
    out.push(range.start + start..range.end);
    out.into_iter().flat_map(|sentence| stretches(text, sentence)).collect()
}

/// A sentence without the white space before it; one without end in stretches.
fn stretches(text: &str, sentence: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = sentence.start;
    std::iter::from_fn(move || {
        let rest = text.get(at..sentence.end)?;
        let start = sentence.end - rest.trim_start().len();
        let mut end = sentence.end;
        if end - start > MOST_SENTENCE_BYTES {
            let limit = text.floor_char_boundary(start + MOST_SENTENCE_BYTES);
            end = text.get(start..limit)?.rfind(char::is_whitespace).map_or(limit, |gap| start + gap);
        }
        at = end;
        (start < end).then_some(start..end)
    })
}

fn is_abbreviated(before: &str, begins: Option<char>) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let ordinal = word.chars().count() <= 2 && !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
    (takes_dot(word) && !matches!(word.to_ascii_lowercase().as_str(), "inc" | "ltd" | "corp" | "co"))
        || (ordinal && begins.is_some_and(char::is_uppercase))
        || matches!(
            word.to_ascii_lowercase().as_str(),
            "e.g" | "i.e" | "z.b" | "bzw" | "vs" | "tel" | "av" | "avda" | "bd"
        )
}

#[cfg(test)]
#[allow(clippy::string_slice)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text, 0..text.len()).iter().map(|t| &text[t.start..t.end]).collect()
    }

    #[test]
    fn hyphens_apostrophes_and_inner_dots_stay_in_the_word() {
        assert_eq!(
            words("Jean-Luc O'Neill, Node.js & AT&T."),
            ["Jean-Luc", "O'Neill", ",", "Node.js", "&", "AT&T", "."]
        );
    }

    #[test]
    fn the_dot_of_an_initial_is_no_mark() {
        assert_eq!(words("Dr. J. R. Smith left."), ["Dr", "J", "R", "Smith", "left", "."]);
    }

    #[test]
    fn a_sentence_without_end_is_parted() {
        let text = format!("Short. {} End.", "größer ".repeat(500).trim_end());
        let found = sentences(&text, 0..text.len());
        assert_eq!(found.iter().map(|s| &text[s.clone()]).collect::<Vec<_>>().join(" "), text);
        assert!(found.len() > 4 && found.iter().all(|s| s.len() <= MOST_SENTENCE_BYTES));
        let word = "ß".repeat(2_000);
        assert_eq!(sentences(&word, 0..word.len()).into_iter().map(|s| s.len()).sum::<usize>(), word.len());
    }

    #[test]
    fn windows_begin_at_words_and_end_at_limits() {
        let lexicon = &crate::testing::know().lexicon;
        let scan = Scan::new(lexicon, "größer als zwölf und mehr");
        let place = scan.text.len();
        assert_eq!(scan.get(scan.before(0, place, 99)), scan.text);
        assert_eq!(scan.get(scan.before(0, place, 12)), " und mehr");
        assert_eq!(scan.get(scan.before(place - 4, place, 12)), "mehr");
        assert_eq!(scan.get(scan.behind(0, place, 4)), "grö");
        assert_eq!(scan.get(scan.behind(0, 2, 9)), "gr");
        assert!(scan.get(scan.behind(place, 2, 9)).is_empty());
    }

    #[test]
    fn sentences_end_at_full_stops_and_not_at_abbreviations() {
        let text = "Dr. J. Smith joined on 3. März 2020. He runs it! “So what?” We grew to 3.5 million.";
        let found: Vec<&str> = sentences(text, 0..text.len()).into_iter().map(|r| &text[r]).collect();
        assert_eq!(
            found,
            ["Dr. J. Smith joined on 3. März 2020.", "He runs it!", "“So what?”", "We grew to 3.5 million."]
        );
    }
}
