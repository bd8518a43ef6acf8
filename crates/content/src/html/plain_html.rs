//! The page as HTML again, without what no reader sees: scripts, styles, pictures' data, hidden elements, notices.
//!
//! What judges the text is not led by what is not there, and has less to parse.

use std::collections::HashSet;
use std::fmt::Write;

use super::tree::{Id, ROOT, Step, Tree, is_void};
use super::visible::is_unread;

/// Longer attributes are data.
const MOST_ATTRIBUTE_BYTES: usize = 300;

/// Writes the page, elements in `left_out` and all in them skipped.
pub(crate) fn write(tree: &Tree, left_out: &HashSet<Id>) -> String {
    let mut out = String::with_capacity(tree.len() * 24);
    out.push_str("<!DOCTYPE html>");
    let mut walk = tree.walk(ROOT);
    while let Some(step) = walk.next() {
        match step {
            Step::Enter(id) => {
                if let Some(text) = tree.text(id) {
                    escape(text, &mut out);
                    continue;
                }
                let tag = tree.tag(id);
                let passed = left_out.contains(&id) || tag != "head" && is_unread(tag);
                if passed {
                    walk.pass(id);
                } else if !tag.is_empty() {
                    start(tree, id, tag, &mut out);
                }
            }
            Step::Leave(id) => {
                let tag = tree.tag(id);
                if !tag.is_empty() && !is_void(tag) {
                    let _ = write!(out, "</{tag}>");
                }
            }
        }
    }
    out
}

fn start(tree: &Tree, id: Id, tag: &str, out: &mut String) {
    let _ = write!(out, "<{tag}");
    for (name, value) in tree.attributes(id) {
        if name.starts_with("on") || name == "srcset" || value.len() > MOST_ATTRIBUTE_BYTES || !is_plain(name)
        {
            continue;
        }
        let _ = write!(out, " {name}=\"");
        escape(value, out);
        out.push('"');
    }
    out.push('>');
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':'))
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"']) {
        let (before, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        out.push_str(match tail.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            _ => "&quot;",
        });
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn what_is_seen_stays_and_reads_the_same() {
        let tree = parse(
            "<title>a</title><p class='x y' onclick=z>1 &lt; 2 &amp; <b>3</b><br><script>no</script><i>gone</i>",
        );
        let left_out = tree.elements(ROOT).filter(|id| tree.tag(*id) == "i").collect();
        let html = write(&tree, &left_out);
        assert_eq!(
            html,
            "<!DOCTYPE html><html><head><title>a</title></head><body><p class=\"x y\">1 &lt; 2 &amp; <b>3</b><br></p></body></html>"
        );
    }
}
