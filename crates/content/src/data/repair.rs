//! The four faults of JSON-LD that are repaired: comments, CDATA marks, control characters, trailing commas. Anything
//! else would be guessing at what the page meant.

/// Gives back repaired JSON.
pub(super) fn repair(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    let mut inside = false;
    while let Some(c) = rest.chars().next() {
        if !inside && let Some(after) = skip(rest) {
            rest = after;
            continue;
        }
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\\' if inside => {
                let escaped = tail.chars().next();
                out.push(c);
                out.extend(escaped.filter(|next| !next.is_control()));
                rest = tail.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
                continue;
            }
            '"' => {
                inside = !inside;
                out.push(c);
            }
            '\n' if inside => out.push_str("\\n"),
            '\t' if inside => out.push_str("\\t"),
            _ if c.is_control() => out.push(' '),
            '}' | ']' if !inside => {
                drop_comma(&mut out);
                out.push(c);
            }
            _ => out.push(c),
        }
        rest = tail;
    }
    out
}

/// What is left out between values: comments and the marks around old scripts.
fn skip(rest: &str) -> Option<&str> {
    for mark in [
        "<!--",
        "-->",
        "//<![CDATA[",
        "// <![CDATA[",
        "//]]>",
        "// ]]>",
        "/*<![CDATA[*/",
        "/*]]>*/",
        "<![CDATA[",
        "]]>",
    ] {
        if let Some(after) = rest.strip_prefix(mark) {
            return Some(after);
        }
    }
    if let Some(comment) = rest.strip_prefix("/*") {
        return Some(comment.split_once("*/").map_or("", |(_, after)| after));
    }
    let comment = rest.strip_prefix("//")?;
    Some(comment.find('\n').and_then(|end| comment.get(end..)).unwrap_or_default())
}

fn drop_comma(out: &mut String) {
    let kept = out.trim_end().len();
    if out.get(..kept).is_some_and(|text| text.ends_with(',')) {
        out.truncate(kept - 1);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn repaired(json: &str) -> Option<Value> {
        serde_json::from_str(&repair(json)).ok()
    }

    #[test]
    fn the_four_faults_are_repaired() {
        let broken = "<!--\n//<![CDATA[\n{ /* who */ \"name\": \"A\u{1} // B,]\",\n \"url\": \"http://x/*y*/\", // site\n \"list\": [1, 2, ],\n \"text\": \"two\nlines\t.\", }\n//]]>\n-->";
        let value = repaired(broken).unwrap();
        assert_eq!(
            value,
            json!({"name": "A  // B,]", "url": "http://x/*y*/", "list": [1, 2], "text": "two\nlines\t."})
        );
    }

    #[test]
    fn anything_else_stays_broken() {
        for broken in ["{'name': 'A'}", "{name: 1}", "{\"a\": 1", "{\"a\": &quot;b&quot;}", "\"\\"] {
            assert_eq!(repaired(broken), None, "{broken}");
        }
    }
}
