//! Text in embedded application state: what a page's script would show, read without running it.
//!
//! JSON-LD, `__NEXT_DATA__` and other JSON scripts are parsed; `__NUXT__`, `__next_f` and the like are JavaScript, of
//! which the string literals are read.

use std::collections::HashSet;

use serde_json::Value;

use crate::data::jsonld::{self, is_jsonld};
use crate::html::line::plain_text;
use crate::html::tree::{Id, ROOT, Tree};
use crate::words;

/// From so many words on, a page is read from its state.
pub(crate) const ENOUGH_WORDS: u32 = 80;
const MOST_DEPTH: usize = 64;
const MOST_LEAVES: usize = 5_000;
const MOST_BYTES: usize = 1 << 20;

/// Names of variables that hold the state of a page.
const VARIABLES: &[&str] = &[
    "__NUXT__",
    "__INITIAL_STATE__",
    "__PRELOADED_STATE__",
    "__APOLLO_STATE__",
    "__next_f",
    "__remixContext",
    "__INITIAL_DATA__",
    "__INITIAL_PROPS__",
    "__SSR_STATE__",
    "__STATE__",
    "__data__",
    "__sveltekit",
];

/// The texts in a page's state, folded, in order, each once.
pub(crate) fn texts(tree: &Tree) -> Vec<String> {
    let mut leaves = Leaves::default();
    for id in tree.elements(ROOT).filter(|id| tree.tag(*id) == "script") {
        if is_json(tree, id) {
            if let Ok(value) = jsonld::parse(&tree.raw_text(id)) {
                leaves.value(&value, "", 0);
            }
        } else if tree.attr(id, "src").is_none() {
            let script = tree.raw_text(id);
            if VARIABLES.iter().any(|name| script.contains(name)) {
                leaves.literals(&script, 0);
            }
        }
    }
    leaves.texts
}

fn is_json(tree: &Tree, id: Id) -> bool {
    let kind = tree.attr(id, "type").unwrap_or_default();
    is_jsonld(tree, id)
        || kind.eq_ignore_ascii_case("application/json")
        || tree.attr(id, "id") == Some("__NEXT_DATA__")
        || tree.attr(id, "id") == Some("__NUXT_DATA__")
}

#[derive(Debug, Default)]
struct Leaves {
    texts: Vec<String>,
    seen: HashSet<u64>,
    bytes: usize,
}

impl Leaves {
    fn value(&mut self, value: &Value, key: &str, depth: usize) {
        if depth > MOST_DEPTH {
            return;
        }
        match value {
            Value::String(text) if !is_technical(key) => self.text(text),
            Value::Array(values) => values.iter().for_each(|value| self.value(value, key, depth + 1)),
            Value::Object(object) => object.iter().for_each(|(key, value)| self.value(value, key, depth + 1)),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.texts.len() >= MOST_LEAVES || self.bytes >= MOST_BYTES {
            return;
        }
        let text =
            if text.contains('<') && text.contains('>') { plain_text(text) } else { words::fold(text) };
        if is_prose(&text) && self.seen.insert(crate::hash::block_hash(&text)) {
            self.bytes += text.len();
            self.texts.push(text);
        }
    }

    /// Reads the string literals of a script; those that hold a script or JSON again are read in turn.
    fn literals(&mut self, script: &str, depth: usize) {
        let mut rest = script;
        while let Some(at) = rest.find(['"', '\'', '`']) {
            let quote = rest.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('"');
            let Some((literal, after)) = rest.get(at + 1..).and_then(|inner| literal(inner, quote)) else {
                return;
            };
            if depth < 2 && literal.contains('"') && literal.contains([':', ',']) {
                self.literals(&literal, depth + 1);
            } else {
                self.text(&literal);
            }
            rest = after;
        }
    }
}

/// Reads a string literal up to its quote, escapes resolved.
fn literal(inner: &str, quote: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                'n' | 'r' | 't' => out.push(' '),
                'u' => out.extend(unicode(&mut chars)),
                '\n' => {}
                other => out.push(other),
            },
            _ if c == quote => return Some((out, inner.get(at + 1..).unwrap_or_default())),
            '\n' if quote != '`' => return Some((String::new(), inner.get(at + 1..).unwrap_or_default())),
            _ => out.push(c),
        }
    }
    None
}

/// Four hexadecimal digits. Halves of a pair fall away: they stand for pictures and rare signs.
fn unicode(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
}

/// Keys whose strings nobody reads.
fn is_technical(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    [
        "css",
        "classname",
        "class",
        "style",
        "svg",
        "path",
        "query",
        "script",
        "url",
        "href",
        "src",
        "hash",
        "token",
        "typename",
        "@context",
        "@type",
        "@id",
        "html_attributes",
        "buildid",
    ]
    .contains(&lower.as_str())
        || ["url", "src", "href", "css", "query", "token", "id"]
            .iter()
            .any(|end| lower.len() > end.len() + 2 && lower.ends_with(end))
}

/// Three words or more, mostly letters, no code.
fn is_prose(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic() || c.is_whitespace()).count();
    let all = text.chars().count();
    let code = text.contains(['{', '}', '\\'])
        || text.contains("=>")
        || text.contains("();")
        || text.contains("://") && !text.contains(". ");
    words::count(text) >= 3
        && letters * 10 >= all * 7
        && !code
        && text.split(' ').all(|word| word.chars().count() <= 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::parse::parse;

    #[test]
    fn strings_of_json_scripts_are_read_once_and_in_order() {
        let tree = parse(
            r#"<script id=__NEXT_DATA__ type="application/json">{"props":{"title":"We make quiet pumps","className":"a b c d",
            "body":"<p>They run for <b>ten years</b></p>","again":"We make quiet pumps","n":5,"href":"/a b c d"}}</script>"#,
        );
        assert_eq!(texts(&tree), ["We make quiet pumps", "They run for ten years"]);
    }

    #[test]
    fn string_literals_of_state_scripts_are_read() {
        let tree = parse(
            r#"<script>window.__NUXT__=(function(a){return {d:{t:"Pumps that run d\u00fcrable",u:"https://a.example/x y z"}}}(1))</script>
            <script>self.__next_f.push([1,"5:[\"$\",\"p\",null,{\"children\":\"Our team works in Leeds\"}]\n"])</script>
            <script>var other = "this one is not read at all"</script>"#,
        );
        assert_eq!(texts(&tree), ["Pumps that run dürable", "Our team works in Leeds"]);
    }

    #[test]
    fn broken_literals_end_the_reading() {
        let tree = parse("<script>__NUXT__ = {a: 'it is not closed</script><p>x");
        assert!(texts(&tree).is_empty());
    }
}
