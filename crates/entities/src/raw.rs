//! The raw bytes of a document: finding the exact bytes that carry a structured value.

pub(crate) mod json;
pub(crate) mod markup;

/// Raw bytes as text, from `start` to `end`; none where they are no UTF-8 or out of range.
pub(crate) fn text(raw: &[u8], start: u64, end: u64) -> Option<&str> {
    let start = usize::try_from(start).ok()?;
    let end = usize::try_from(end).ok()?;
    std::str::from_utf8(raw.get(start..end)?).ok()
}

/// Where `needle` stands in the raw bytes between `start` and `end`.
pub(crate) fn find(raw: &[u8], start: u64, end: u64, needle: &str) -> Option<(u64, u64)> {
    let from = usize::try_from(start).ok()?;
    let to = usize::try_from(end).ok()?.min(raw.len());
    if needle.is_empty() {
        return None;
    }
    let at = find_bytes(raw.get(from..to)?, needle.as_bytes())?;
    let start = start + at as u64;
    Some((start, start + needle.len() as u64))
}

fn find_bytes(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = hay.get(from..)?.iter().position(|b| *b == first) {
        let at = from + at;
        if hay.get(at..at + needle.len())? == needle {
            return Some(at);
        }
        from = at + 1;
    }
    None
}
