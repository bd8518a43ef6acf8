//! Text from outside becomes Markdown that says the same text and nothing else.

use crate::visible::is_obeyed;

/// Escapes everything that Markdown or HTML could read as markup, and leaves out what a terminal would obey; white space is folded to single spaces, so a value
/// can stand in a table cell, a heading or a list without leaving it.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in fold(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '^' | '$' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            // A scheme is what a bare address needs to be made a link by readers that do so.
            _ => escaped.push(c),
        }
    }
    at_line_start(escaped)
}

fn fold(text: &str) -> String {
    let shown = text.chars().filter(|c| c.is_whitespace() || !is_obeyed(*c)).collect::<String>();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `- x`, `+ x`, `1. x`, `=` would begin a list or underline a heading if the value began a line.
fn at_line_start(escaped: String) -> String {
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    let after = escaped.as_bytes().get(digits);
    let position = match escaped.as_bytes().first() {
        Some(b'-' | b'+' | b'=') => 0,
        Some(_) if digits > 0 && matches!(after, Some(b'.' | b')')) => digits,
        _ => return escaped,
    };
    let mut escaped = escaped;
    escaped.insert(position, '\\');
    escaped
}

/// An address as the target of a Markdown link, or none if it is nothing a reader should be sent to.
pub(crate) fn target(href: &str) -> Option<String> {
    let url = url::Url::parse(href.trim()).ok()?;
    matches!(url.scheme(), "http" | "https" | "mailto" | "tel").then(|| {
        url.as_str()
            .chars()
            .map(|c| match c {
                '(' => "%28".to_owned(),
                ')' => "%29".to_owned(),
                '<' => "%3C".to_owned(),
                '>' => "%3E".to_owned(),
                '|' => "%7C".to_owned(),
                '\\' => "%5C".to_owned(),
                '*' => "%2A".to_owned(),
                '`' => "%60".to_owned(),
                c => c.to_string(),
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    proptest! {
        #[test]
        fn an_escaped_text_reads_as_itself(text in "\\PC{0,60}") {
            prop_assert_eq!(read(&escape(&text))?, fold(&text));
            prop_assert_eq!(read(&format!("a **b** ({})", escape(&text)))?, format!("a b ({})", fold(&text)));
        }

        #[test]
        fn an_escaped_line_of_markup_reads_as_itself(text in "[-+=#>*_`~|<&\\[\\](){}!:.0-9 a]{0,12}") {
            prop_assert_eq!(read(&escape(&text))?, fold(&text));
        }
    }

    /// What a reader sees, provided it is one paragraph without any markup but emphasis.
    fn read(markdown: &str) -> Result<String, TestCaseError> {
        let mut read = String::new();
        let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Text(text) => read.push_str(&text),
                Event::Start(Tag::Paragraph | Tag::Strong) | Event::End(_) => {}
                other => prop_assert!(false, "{other:?} in {markdown}"),
            }
        }
        Ok(read)
    }

    #[test]
    fn only_addresses_a_reader_may_follow_are_targets() {
        assert!(target("javascript:alert(1)").is_none());
        assert!(target(" JavaScript:alert(1)").is_none());
        assert!(target("data:text/html,x").is_none());
        assert!(target("/relative").is_none());
        assert_eq!(target("https://a.example/x(1)").as_deref(), Some("https://a.example/x%281%29"));
        assert!(target("mailto:info@a.example").is_some());
    }
}
