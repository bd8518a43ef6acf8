//! A look at single tags in the source: where one begins, how many attributes it has.

/// A range of the decoded text.
pub(super) fn span(start: usize, end: usize) -> Option<(u32, u32)> {
    Some((u32::try_from(start).ok()?, u32::try_from(end).ok()?))
}

/// How a tag that begins at the first byte reads on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// The tag's length, `>` included; `None` if it does not end.
    pub(super) len: Option<usize>,
    pub(super) attributes: usize,
}

/// Reads over one start tag as the HTML Standard's tokenizer does: quotes count only right behind `=`.
pub(super) fn scan(tag: &[u8]) -> Scan {
    #[derive(Clone, Copy)]
    enum State {
        Name,
        Between,
        Attribute,
        AfterAttribute,
        BeforeValue,
        Quoted(u8),
        Bare,
    }
    let (mut state, mut attributes) = (State::Name, 0);
    for (at, &byte) in tag.iter().enumerate().skip(1) {
        let space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c);
        if byte == b'>' && !matches!(state, State::Quoted(_)) {
            return Scan { len: Some(at + 1), attributes };
        }
        state = match state {
            State::Name if space || byte == b'/' => State::Between,
            State::Name => State::Name,
            State::Between | State::AfterAttribute if space || byte == b'/' => state,
            State::AfterAttribute | State::Attribute if byte == b'=' => State::BeforeValue,
            State::Between | State::AfterAttribute => {
                attributes += 1;
                State::Attribute
            }
            State::Attribute if space => State::AfterAttribute,
            State::Attribute if byte == b'/' => State::Between,
            State::Attribute => State::Attribute,
            State::BeforeValue if space => State::BeforeValue,
            State::BeforeValue if matches!(byte, b'"' | b'\'') => State::Quoted(byte),
            State::BeforeValue => State::Bare,
            State::Quoted(quote) if byte == quote => State::Between,
            State::Quoted(quote) => State::Quoted(quote),
            State::Bare if space => State::Between,
            State::Bare => State::Bare,
        };
    }
    Scan { len: None, attributes }
}

/// Whether a start tag begins at this byte.
pub(super) fn is_open(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'<') && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
}

/// Where the start tag that ends at `end` begins, given that no other tag or comment ends between `from` and there.
/// The first `<` with a letter must begin it, bear its name and read on exactly to `end`; else nothing is claimed.
pub(super) fn find_open(source: &str, from: usize, end: usize, name: &str) -> Option<(u32, u32)> {
    let bytes = source.as_bytes().get(from..end)?;
    let at = (0..bytes.len()).find(|at| is_open(bytes, *at))?;
    let tag = bytes.get(at..)?;
    let named = tag.get(1..=name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
    (named && scan(tag).len == Some(tag.len())).then(|| span(from + at, end)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_ends_at_the_first_angle_outside_a_value() {
        let scan_of = |tag: &str| scan(tag.as_bytes());
        assert_eq!(scan_of("<a href=\"x>y\" b='>' c>text"), Scan { len: Some(22), attributes: 3 });
        assert_eq!(scan_of("<a href = x/y>"), Scan { len: Some(14), attributes: 1 });
        assert_eq!(scan_of("<br/>"), Scan { len: Some(5), attributes: 0 });
        assert_eq!(scan_of("<a title=it's>"), Scan { len: Some(14), attributes: 1 });
        assert_eq!(scan_of("<a href=\"never"), Scan { len: None, attributes: 1 });
    }

    #[test]
    fn the_place_of_a_tag_is_exact_or_unknown() {
        let source = "1 < 2 and <A class=x href='/a'>";
        assert_eq!(find_open(source, 0, source.len(), "a"), Some((10, 31)));
        assert_eq!(find_open(source, 0, source.len(), "b"), None);
        let hidden = "<![CDATA[<a href=1>]]><a href=2>";
        assert_eq!(find_open(hidden, 0, hidden.len(), "a"), None);
    }
}
