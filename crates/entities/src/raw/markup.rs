//! A light reader of start tags: enough to quote an attribute, not a parser of documents.

/// A start tag and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// As written, without `<`.
    pub(crate) name: &'a str,
    /// From `<` to `>`.
    pub(crate) text: &'a str,
    pub(crate) start: usize,
}

/// An attribute: its value (entities not decoded) and the place of `name="value"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The start tags of a text; comments and the insides of scripts and styles are passed over.
pub(crate) fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + text.get(at..)?.find('<')?;
            let rest = text.get(open..)?;
            if rest.starts_with("<!--") {
                at = rest.find("-->").map_or(text.len(), |e| open + e + 3);
                continue;
            }
            if !rest.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic) {
                at = open + 1;
                continue;
            }
            let end = open + tag_end(rest);
            let tag = text.get(open..end)?;
            let name_end =
                tag.find(|c: char| c.is_whitespace() || c == '>' || (c == '/')).unwrap_or(tag.len());
            let name = tag.get(1..name_end)?;
            at = end;
            if name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style") {
                at = closing(text, end, name);
            }
            return Some(Tag { name, text: tag, start: open });
        }
    })
}

/// The length of the tag that begins the text, quotation marks respected.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (i, b) in text.bytes().enumerate() {
        match (quote, b) {
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(q), b) if b == q => quote = None,
            (None, b'>') => return i + 1,
            _ => {}
        }
    }
    text.len()
}

fn closing(text: &str, from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(found) = text.get(at..).and_then(|t| t.find("</")) {
        let place = at + found;
        let rest = text.get(place + 2..).unwrap_or_default();
        if rest.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)) {
            return place;
        }
        at = place + 2;
    }
    text.len()
}

impl<'a> Tag<'a> {
    /// The attributes, with places in the whole text.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let (text, base) = (self.text, self.start);
        let mut at = self.name.len() + 1;
        std::iter::from_fn(move || {
            let rest = text.get(at..)?;
            let start = at + rest.find(|c: char| !c.is_whitespace() && c != '/' && c != '>')?;
            let rest = text.get(start..)?;
            let name_len = rest
                .char_indices()
                .find(|&(i, c)| i > 0 && (c.is_whitespace() || matches!(c, '=' | '>' | '/')))
                .map_or(rest.len(), |(i, _)| i);
            let name = rest.get(..name_len)?;
            let after = rest.get(name_len..)?;
            let trimmed = after.trim_start();
            let Some(value) = trimmed.strip_prefix('=').map(str::trim_start) else {
                at = start + name_len;
                return Some(Attribute {
                    name,
                    value: "",
                    start: base + start,
                    end: base + start + name_len,
                });
            };
            let value_at = start + (rest.len() - value.len());
            let (value, end) = attribute_value(value);
            at = value_at + end;
            Some(Attribute { name, value, start: base + start, end: base + at })
        })
    }

    /// An attribute by name, any case.
    pub(crate) fn attribute(&self, name: &str) -> Option<Attribute<'a>> {
        self.attributes().find(|a| a.name.eq_ignore_ascii_case(name))
    }
}

/// The value that begins the text, and how far it reaches with its quotation marks.
fn attribute_value(text: &str) -> (&str, usize) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            let len = inside.find(quote).unwrap_or(inside.len());
            return (inside.get(..len).unwrap_or_default(), (len + 2).min(text.len()));
        }
    }
    let len = text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len());
    (text.get(..len).unwrap_or_default(), len)
}

#[cfg(test)]
#[allow(clippy::string_slice)]
mod tests {
    use super::*;

    #[test]
    fn attributes_stand_where_they_say() {
        let html = r#"<p>x</p><!-- <a href="no"> --><A class='b c' href="mailto:a@b.c" hidden data-x=1/><script>"<img src=no>"</script><img src=yes>"#;
        let found: Vec<Tag> = tags(html).collect();
        assert_eq!(found.iter().map(|t| t.name).collect::<Vec<_>>(), ["p", "A", "script", "img"]);
        let href = found[1].attribute("href").unwrap();
        assert_eq!(href.value, "mailto:a@b.c");
        assert_eq!(&html[href.start..href.end], r#"href="mailto:a@b.c""#);
        assert_eq!(found[1].attribute("class").unwrap().value, "b c");
        assert!(found[1].attribute("hidden").is_some());
        assert_eq!(found[3].attribute("src").unwrap().value, "yes");
    }

    #[test]
    fn broken_markup_never_panics() {
        for html in [
            "<",
            "<a",
            "<a href",
            "<a href=",
            "<a href=\"",
            "<a href='x' =>",
            "<!--",
            "<script>",
            "<a / = / >",
            "<ä",
            "<a ä=ö",
        ] {
            for tag in tags(html) {
                for a in tag.attributes() {
                    assert!(html.get(a.start..a.end).is_some(), "{html}");
                }
            }
        }
    }
}
