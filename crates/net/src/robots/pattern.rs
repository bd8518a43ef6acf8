//! Path patterns: `*` stands for anything, a `$` at the end for the end of the path.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What stands between the stars, in one percent-encoding.
    pieces: Vec<Vec<u8>>,
    /// Whether the path must end where the pattern does.
    anchored: bool,
    weight: usize,
}

impl Pattern {
    pub(super) fn new(pattern: &str, reading: Reading) -> Self {
        let (body, anchored) = match pattern.strip_suffix('$') {
            Some(body) => (body, true),
            None => (pattern, false),
        };
        let pieces: Vec<Vec<u8>> =
            body.split('*').map(|piece| normal(piece.as_bytes(), reading, true)).collect();
        let stars = pieces.len().saturating_sub(1);
        let weight = pieces.iter().map(Vec::len).sum::<usize>() + stars + usize::from(anchored);
        Self { pieces, anchored, weight }
    }

    /// How specific it is: its length in octets (RFC 9309 §2.2.2).
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    /// Whether `path` (in the pattern's own reading) begins with something of this shape. Taking each piece where it
    /// first occurs never loses a match, so one pass is enough.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        let Some((first, rest)) = self.pieces.split_first() else { return true };
        let Some(mut left) = path.strip_prefix(first.as_slice()) else { return false };
        let Some((last, middle)) = rest.split_last() else { return !self.anchored || left.is_empty() };
        for piece in middle {
            match after(left, piece) {
                Some(remaining) => left = remaining,
                None => return false,
            }
        }
        if self.anchored { left.ends_with(last) } else { after(left, last).is_some() }
    }
}

/// What follows the first occurrence of `piece`.
fn after<'a>(path: &'a [u8], piece: &[u8]) -> Option<&'a [u8]> {
    if piece.is_empty() {
        return Some(path);
    }
    let at = path.windows(piece.len()).position(|window| window == piece)?;
    path.get(at + piece.len()..)
}

/// How percent-encoding is read where RFC 9309 and common parsers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// `%62` is `b` (RFC 9309 §2.2.2).
    Wide,
    /// `%62` is not `b`, and what should have been encoded and is not matches nothing (Google's parser).
    Narrow,
}

/// Path and query of a request, ready to be matched in both readings.
pub(super) struct Target {
    wide: Vec<u8>,
    narrow: Vec<u8>,
}

impl Target {
    pub(super) fn new(target: &str) -> Self {
        let normal = |reading| normal(target.as_bytes(), reading, reading == Reading::Wide);
        Self { wide: normal(Reading::Wide), narrow: normal(Reading::Narrow) }
    }

    pub(super) fn read(&self, reading: Reading) -> &[u8] {
        match reading {
            Reading::Wide => &self.wide,
            Reading::Narrow => &self.narrow,
        }
    }
}

/// One spelling for every octet: unreserved characters and delimiters plain, everything else, the two special
/// characters of patterns included, percent-encoded in upper case. Octets that came encoded stay so, unless they are
/// unreserved and the reading is wide: `%2F` is never `/`.
fn normal(text: &[u8], reading: Reading, encode_non_ascii: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let plain = is_unreserved(*byte) || b"%/?:@!&(),;=+[]".contains(byte);
        if *byte == b'%'
            && let Some((octet, after)) = octet(rest)
        {
            rest = after;
            if is_unreserved(octet) && reading == Reading::Wide {
                out.push(octet)
            } else {
                encode(octet, &mut out)
            }
        } else if plain || (!byte.is_ascii() && !encode_non_ascii) {
            out.push(*byte);
        } else {
            encode(*byte, &mut out);
        }
    }
    out
}

fn octet(text: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], rest) = text.split_first_chunk::<2>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some((digit(*high)? << 4 | digit(*low)?, rest))
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn encode(octet: u8, out: &mut Vec<u8>) {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase();
    out.push(b'%');
    out.extend([octet >> 4, octet & 15].map(|nibble| u8::try_from(digit(nibble)).unwrap_or(b'0')));
}
