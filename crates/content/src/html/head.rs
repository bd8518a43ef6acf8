//! What stands in a page's head: title, language, canonical address, robots, alternates.

use url::Url;

use super::tree::{ROOT, Tree};
use crate::links::resolve;
use crate::words;

/// What stands in the head, as far as it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// The `<title>`, folded.
    pub(crate) title: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) canonical: Option<Url>,
    /// `hreflang` and address.
    pub(crate) alternates: Vec<(String, Url)>,
    pub(crate) feeds: Vec<Url>,
    pub(crate) next: Option<Url>,
    pub(crate) prev: Option<Url>,
    pub(crate) noindex: bool,
    pub(crate) nofollow: bool,
}

const MOST_ALTERNATES: usize = 200;
const MOST_TITLE_CHARS: usize = 500;

/// Reads the head. Links and robots rules count wherever they stand: broken markup moves them into the body.
pub(crate) fn read(tree: &Tree, base: Option<&Url>) -> Head {
    let mut head = Head { language: html_language(tree), ..Head::default() };
    for id in tree.elements(ROOT) {
        match tree.tag(id) {
            "title" if head.title.is_none() && !tree.ancestors(id).any(|up| tree.tag(up) == "svg") => {
                let title: String = words::fold(&tree.raw_text(id)).chars().take(MOST_TITLE_CHARS).collect();
                head.title = Some(title).filter(|title| !title.is_empty());
            }
            "meta" => head.robots(tree.attr(id, "name"), tree.attr(id, "content")),
            "link" | "a" => head.link(tree, id, base),
            _ => {}
        }
    }
    head
}

fn html_language(tree: &Tree) -> Option<String> {
    let html = tree.first("html")?;
    tree.attr_text(html, "lang").or_else(|| tree.attr_text(html, "xml:lang")).and_then(primary_language)
}

impl Head {
    fn robots(&mut self, name: Option<&str>, content: Option<&str>) {
        if name.is_some_and(|name| name.trim().eq_ignore_ascii_case("robots")) {
            let (noindex, nofollow) = robots_rules(content.unwrap_or_default());
            self.noindex |= noindex;
            self.nofollow |= nofollow;
        }
    }

    fn link(&mut self, tree: &Tree, id: u32, base: Option<&Url>) {
        let Some(rel) = tree.attr_text(id, "rel") else { return };
        let Some(url) = tree.attr_text(id, "href").and_then(|href| resolve(href, base)) else { return };
        if !matches!(url.scheme(), "http" | "https") {
            return;
        }
        let is_link = tree.tag(id) == "link";
        for rel in rel.split_whitespace().map(str::to_ascii_lowercase) {
            match rel.as_str() {
                "canonical" if is_link && self.canonical.is_none() => self.canonical = Some(url.clone()),
                "next" if self.next.is_none() => self.next = Some(url.clone()),
                "prev" | "previous" if self.prev.is_none() => self.prev = Some(url.clone()),
                "alternate" if is_link => self.alternate(tree, id, &url),
                _ => {}
            }
        }
    }

    fn alternate(&mut self, tree: &Tree, id: u32, url: &Url) {
        let kind = tree.attr(id, "type").unwrap_or_default().to_ascii_lowercase();
        if kind.contains("rss") || kind.contains("atom") {
            self.feeds.push(url.clone());
        } else if let Some(language) = tree.attr_text(id, "hreflang")
            && self.alternates.len() < MOST_ALTERNATES
        {
            self.alternates.push((language.to_ascii_lowercase(), url.clone()));
        }
    }
}

/// `noindex` and `nofollow` of a robots rule, as in a `<meta>` or an `X-Robots-Tag` header.
pub(crate) fn robots_rules(content: &str) -> (bool, bool) {
    let lower = content.to_ascii_lowercase();
    let has = |rule: &str| lower.split([',', ' ', ';']).any(|word| word.trim() == rule);
    (has("noindex") || has("none"), has("nofollow") || has("none"))
}

/// The primary subtag of a language tag, lower case: `de-AT` → `de`.
pub(crate) fn primary_language(tag: &str) -> Option<String> {
    let primary = tag.split(['-', '_', ',', ';', ' ']).next()?.to_ascii_lowercase();
    let plausible = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    (plausible && !matches!(primary.as_str(), "und" | "mul" | "xx" | "zxx")).then_some(primary)
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn languages_are_primary_subtags() {
        assert_eq!(primary_language("de-AT").as_deref(), Some("de"));
        assert_eq!(primary_language("pt_BR").as_deref(), Some("pt"));
        assert_eq!(primary_language("english"), None);
        assert_eq!(primary_language("x"), None);
    }

    #[test]
    fn the_head_is_read() {
        let tree = parse(
            "<html lang=de><title> Über  uns </title><link rel=canonical href=/about><link rel=next href='?page=2'>\
             <link rel=alternate hreflang=EN href=/en/about><link rel=alternate type='application/rss+xml' href=/feed>\
             <meta name=ROBOTS content='noindex, NoFollow'><svg><title>icon</title></svg>",
        );
        let base = Url::parse("https://a.example/x").ok();
        let head = read(&tree, base.as_ref());
        assert_eq!(head.title.as_deref(), Some("Über uns"));
        assert_eq!(head.language.as_deref(), Some("de"));
        assert_eq!(head.canonical.unwrap().as_str(), "https://a.example/about");
        assert_eq!(head.next.unwrap().as_str(), "https://a.example/x?page=2");
        assert_eq!(head.alternates[0].0, "en");
        assert_eq!(head.feeds.len(), 1);
        assert!(head.noindex && head.nofollow);
        assert_eq!(robots_rules("max-snippet:-1, index"), (false, false));
    }
}
