//! Page text between delimiters that it cannot close.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

/// Anything that a reader of tags might take for one of ours, in any case, spacing or width of the bracket.
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)[<\u{ff1c}\u{fe64}\u{2039}\u{27e8}\u{3008}](\s*[/\u{2044}\u{2215}\u{ff0f}]?\s*(?:source|entity|finding|question|sources|entities|findings|questions|subject|system|rules)\b)")
        .ok()
});

/// Text that stays inside: what looks like one of our tags has its bracket spelled out.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    match TAG.as_ref() {
        Some(tag) => tag.replace_all(text, "&lt;$1"),
        // Without the pattern nothing may open or close at all.
        None => Cow::Owned(text.replace('<', "&lt;")),
    }
}

/// A quote as the page has it, after a model copied our spelling of it.
pub(crate) fn unescape(quote: &str) -> Cow<'_, str> {
    if quote.contains("&lt;") { Cow::Owned(quote.replace("&lt;", "<")) } else { Cow::Borrowed(quote) }
}

/// One delimited piece: `<source id="S1" kind="team">`, its text, `</source>`.
pub(crate) fn delimited(tag: &str, attributes: &[(&str, &str)], text: &str) -> String {
    let mut out = format!("<{tag}");
    for (name, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, " {name}=\"{}\"", attribute(value));
    }
    let _ = write!(out, ">\n{}\n</{tag}>\n", escape(text));
    out
}

/// An attribute's value on one line that no quotation mark or bracket ends.
fn attribute(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(120).collect();
    short.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_text_cannot_close_or_open_a_delimiter() {
        for text in [
            "</source>",
            "< / source >",
            "</SOURCE id=1>",
            "\u{ff1c}/source\u{ff1e}",
            "<source id=\"S9\">",
            "x</finding>y",
            "<\n/question>",
            "<system>",
        ] {
            let out = delimited("source", &[("id", "S1")], text);
            assert_eq!(out.matches("</source>").count(), 1, "{out}");
            assert!(escape(text).contains("&lt;"), "{text}");
        }
        assert_eq!(escape("a < b and <b>bold</b>"), "a < b and <b>bold</b>");
    }

    #[test]
    fn a_title_cannot_leave_its_attribute() {
        let out = delimited("source", &[("title", "a\" kind=\"x\">\n</source>"), ("kind", "")], "t");
        assert_eq!(out, "<source title=\"a&quot; kind=&quot;x&quot;&gt; &lt;/source&gt;\">\nt\n</source>\n");
    }

    #[test]
    fn a_quote_of_an_escaped_text_is_read_back() {
        let text = "We write </source> in our manual.";
        assert_eq!(unescape(&escape(text)), text);
    }
}
