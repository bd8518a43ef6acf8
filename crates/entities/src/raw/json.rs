//! JSON as it stands in a page: where its keys and values are, also where the text needs repair to parse.

use std::collections::HashMap;

use crate::fold::squeeze;

/// A string or bare value with its place (in the scanned text) and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Leaf {
    start: usize,
    end: usize,
    /// Unescaped.
    says: String,
    /// The key it belongs to, as a place in the list; none for keys themselves.
    key: Option<usize>,
    is_key: bool,
}

/// The keys and values of a JSON text.
#[derive(Debug, Default)]
pub(crate) struct Places {
    leaves: Vec<Leaf>,
    /// The leaves of each value, by what it says without the white space around its words.
    values: HashMap<String, Vec<usize>>,
}

impl Places {
    /// Finds every string and bare value; never fails, what is no JSON has no places.
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut leaves: Vec<Leaf> = Vec::new();
        let mut key = None;
        let mut at = 0;
        while let Some(&b) = bytes.get(at) {
            match b {
                b'"' => {
                    let end = string_end(bytes, at);
                    let says = unescape(text.get(at + 1..end.saturating_sub(1)).unwrap_or_default());
                    let is_key = next_mark(bytes, end) == Some(b':');
                    leaves.push(Leaf { start: at, end, says, key: if is_key { None } else { key }, is_key });
                    if is_key {
                        key = Some(leaves.len() - 1);
                    }
                    at = end;
                }
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                    let end = at
                        + bytes.get(at..).map_or(0, |r| r.iter().take_while(|b| is_bare(**b)).count()).max(1);
                    let says = text.get(at..end).unwrap_or_default().to_owned();
                    leaves.push(Leaf { start: at, end, says, key, is_key: false });
                    at = end;
                }
                _ => at += 1,
            }
        }
        let mut values: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, leaf) in leaves.iter().enumerate().filter(|(_, leaf)| !leaf.is_key) {
            values.entry(squeeze(&leaf.says)).or_default().push(n);
        }
        Self { leaves, values }
    }

    /// The values that say this, in order.
    fn saying(&self, value: &str) -> impl Iterator<Item = &Leaf> {
        let places = self.values.get(&squeeze(value)).into_iter().flatten();
        places.filter_map(|n| self.leaves.get(*n)).filter(move |leaf| same(&leaf.says, value))
    }

    /// Where `key: value` stands: from the key's quotation mark to the end of the value. For a list's later values
    /// the value alone.
    pub(crate) fn find(&self, key: &str, value: &str) -> Option<(usize, usize)> {
        self.all(key, value).next()
    }

    /// The occurrence of `key: value` that lies closest to a place.
    pub(crate) fn near(&self, key: &str, value: &str, place: (usize, usize)) -> Option<(usize, usize)> {
        self.all(key, value).min_by_key(|&(start, end)| {
            if start >= place.1 { start - place.1 } else { place.0.saturating_sub(end) }
        })
    }

    fn all(&self, key: &str, value: &str) -> impl Iterator<Item = (usize, usize)> {
        self.saying(value).filter_map(move |l| {
            let k = self.leaves.get(l.key?)?;
            (k.says == key)
                .then_some((k.start, l.end))
                .filter(|&(s, e)| e - s <= 400)
                .or_else(|| (k.says == key).then_some((l.start, l.end)))
        })
    }

    /// Where the value stands under whatever key.
    pub(crate) fn value(&self, value: &str) -> Option<(usize, usize)> {
        let leaf = self.saying(value).next()?;
        let key = leaf.key.and_then(|k| self.leaves.get(k)).filter(|k| leaf.end - k.start <= 400);
        Some((key.map_or(leaf.start, |k| k.start), leaf.end))
    }
}

fn same(a: &str, b: &str) -> bool {
    a == b || (a.len() >= b.len() && a.split_whitespace().eq(b.split_whitespace()))
}

/// The byte after the closing quotation mark.
fn string_end(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn next_mark(bytes: &[u8], from: usize) -> Option<u8> {
    bytes.get(from..)?.iter().copied().find(|b| !b.is_ascii_whitespace())
}

const fn is_bare(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')
}

fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    // Control characters are escaped so that what browsers accept decodes too.
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    serde_json::from_str(&format!("\"{clean}\"")).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
#[allow(clippy::string_slice)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_with_its_key() {
        let text =
            r#"{"@type":"Person", "name" : "M\u00e4ra", "jobTitle":"CEO", "age": 42, "sameAs":["a","b"]}"#;
        let places = Places::of(text);
        let quote = |found: Option<(usize, usize)>| found.map(|(s, e)| &text[s..e]);
        assert_eq!(quote(places.find("name", "Mära")), Some(r#""name" : "M\u00e4ra""#));
        assert_eq!(quote(places.find("age", "42")), Some(r#""age": 42"#));
        assert_eq!(quote(places.find("sameAs", "b")), Some(r#""sameAs":["a","b""#));
        assert_eq!(places.find("name", "CEO"), None);
    }

    #[test]
    fn white_space_between_the_words_of_a_value_is_no_difference() {
        let text = r#"{"name":"Mara   Lind ","x":"Mara Lind"}"#;
        let places = Places::of(text);
        assert_eq!(
            places.find("name", "Mara Lind").map(|(s, e)| &text[s..e]),
            Some(r#""name":"Mara   Lind ""#)
        );
        assert_eq!(places.find("x", "Mara  Lind"), None, "what is looked for is squeezed");
    }

    #[test]
    fn the_occurrence_beside_its_object_is_taken() {
        let text = r#"[{"name":"A","jobTitle":"CEO"},{"name":"B","jobTitle":"CEO"}]"#;
        let places = Places::of(text);
        let b = places.find("name", "B").unwrap();
        assert!(places.near("jobTitle", "CEO", b).unwrap().0 > b.0);
    }

    #[test]
    fn broken_json_never_panics() {
        for text in ["", "\"", "\"\\", "{\"a\":", "{\"a\":\"b", "\"\\u12", "-", "tru"] {
            Places::of(text);
        }
    }
}
