//! Who wrote a page and when, and whether it says that it is an article.

use domain::document::Data;
use serde_json::Value;

use super::main_text::Claims;
use super::tree::{ROOT, Tree};
use crate::{dates, words};

/// Author, date of publication, date of change.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) author: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) modified: Option<String>,
}

/// Reads who wrote a page and when: structured data first, then meta, then the page's own marks.
pub(crate) fn origin(tree: &Tree, data: &Data) -> Origin {
    let mut origin = Origin::default();
    for item in data.jsonld.iter().chain(&data.microdata).chain(&data.rdfa) {
        from_item(&item.value, &mut origin, 0);
    }
    let pairs = || data.opengraph.iter().chain(&data.meta);
    let find = |names: &[&str]| {
        names.iter().find_map(|name| pairs().find(|(key, _)| key == name).map(|(_, value)| value.as_str()))
    };
    origin.published =
        origin.published.or_else(|| find(PUBLISHED).and_then(dates::iso)).or_else(|| of_time(tree));
    origin.modified = origin.modified.or_else(|| find(MODIFIED).and_then(dates::iso));
    origin.author = origin.author.or_else(|| find(AUTHORS).and_then(person)).or_else(|| byline(tree));
    origin
}

const PUBLISHED: &[&str] = &[
    "article:published_time",
    "article:published",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.issued",
    "pubdate",
    "publishdate",
    "publish_date",
    "publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "citation_publication_date",
    "article_date_original",
];
const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dc.date.modified",
    "dcterms.modified",
    "last-modified",
    "lastmod",
    "revised",
];
const AUTHORS: &[&str] = &[
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "citation_author",
];

/// Types whose author and dates are those of the page.
fn is_page_type(value: &Value) -> bool {
    let named = |name: &str| {
        let name = name.rsplit(['/', ':']).next().unwrap_or(name);
        name.ends_with("Article")
            || name.ends_with("Posting") && name != "JobPosting"
            || name.ends_with("Page")
            || matches!(name, "Report" | "CreativeWork" | "Review")
    };
    match value.get("@type") {
        Some(Value::String(name)) => named(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(named),
        _ => false,
    }
}

fn from_item(value: &Value, origin: &mut Origin, depth: usize) {
    if depth > 3 {
        return;
    }
    if let Value::Array(values) = value {
        values.iter().for_each(|value| from_item(value, origin, depth + 1));
        return;
    }
    if is_page_type(value) {
        let date = |name: &str| value.get(name).and_then(Value::as_str).and_then(dates::iso);
        origin.published = origin.published.take().or_else(|| date("datePublished"));
        origin.modified = origin.modified.take().or_else(|| date("dateModified"));
        origin.author = origin.author.take().or_else(|| value.get("author").and_then(author_name));
    }
    for name in ["@graph", "mainEntity"] {
        if let Some(inner) = value.get(name) {
            from_item(inner, origin, depth + 1);
        }
    }
}

fn author_name(value: &Value) -> Option<String> {
    match value {
        Value::String(name) => person(name),
        Value::Array(authors) => authors.iter().find_map(author_name),
        Value::Object(author) => author.get("name").and_then(Value::as_str).and_then(person),
        _ => None,
    }
}

/// A name, not an address and not a sentence.
fn person(name: &str) -> Option<String> {
    let name = words::fold(name);
    let bare = name.strip_prefix("By ").or_else(|| name.strip_prefix("by ")).unwrap_or(&name);
    let plausible =
        !bare.is_empty() && bare.chars().count() <= 80 && !bare.contains("://") && !bare.contains('@');
    plausible.then(|| bare.to_owned())
}

/// The first date of an article's `<time>`.
fn of_time(tree: &Tree) -> Option<String> {
    let times = tree.elements(ROOT).filter(|id| tree.tag(*id) == "time");
    let marked = |id: &u32| {
        tree.has_attr(*id, "pubdate")
            || tree.attr(*id, "itemprop").is_some_and(|name| name.contains("datePublished"))
    };
    let inside = |id: &u32| tree.ancestors(*id).any(|up| tree.tag(up) == "article");
    let times: Vec<u32> = times.take(50).collect();
    let chosen = times.iter().find(|id| marked(id)).or_else(|| times.iter().find(|id| inside(id)))?;
    tree.attr(*chosen, "datetime").and_then(dates::iso)
}

fn byline(tree: &Tree) -> Option<String> {
    let marked = |id: &u32| {
        let rel = tree.attr(*id, "rel").is_some_and(|rel| rel.split_whitespace().any(|rel| rel == "author"));
        rel || tree.attr(*id, "itemprop") == Some("author")
    };
    let id = tree.elements(ROOT).find(|id| tree.tag(*id) != "link" && marked(id))?;
    person(&tree.inner_text(id, 200))
}

/// What the page says of itself as an article, for the choice of its main text.
pub(crate) fn claims(data: &Data) -> Claims {
    let types = |value: &Value| is_article_type(value, 0);
    let declared = data.jsonld.iter().chain(&data.microdata).chain(&data.rdfa).any(|item| types(&item.value));
    let pairs = || data.opengraph.iter().chain(&data.meta);
    let dated = pairs().any(|(key, value)| PUBLISHED.contains(&key.as_str()) && dates::iso(value).is_some());
    let article =
        data.opengraph.iter().any(|(key, value)| key == "og:type" && value.eq_ignore_ascii_case("article"));
    Claims { dated_article: declared || dated, article }
}

fn is_article_type(value: &Value, depth: usize) -> bool {
    let named = |name: &str| {
        let name = name.rsplit(['/', ':']).next().unwrap_or(name);
        name.ends_with("Article") || name.ends_with("BlogPosting")
    };
    let own = match value.get("@type") {
        Some(Value::String(name)) => named(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(named),
        _ => false,
    };
    let inner = || match value.get("@graph").or_else(|| value.get("mainEntity")) {
        Some(Value::Array(values)) => values.iter().any(|value| is_article_type(value, depth + 1)),
        Some(value) => is_article_type(value, depth + 1),
        None => false,
    };
    own || depth < 3 && inner()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parse::parse;
    use super::*;

    #[test]
    fn author_and_dates_come_from_structured_data_first() {
        let tree = parse("<time datetime=2020-01-01>x</time><a rel=author>By Tomas Weil</a>");
        let value = json!({"@graph": [{"@type": "NewsArticle", "author": [{"name": "Mara Lind"}],
            "datePublished": "2024-03-01T10:00:00+01:00", "dateModified": "2024-04-02"}]});
        let item = domain::document::DataItem { value, start: 0, end: 0 };
        let data = Data { jsonld: vec![item], ..Data::default() };
        let found = origin(&tree, &data);
        assert_eq!(found.author.as_deref(), Some("Mara Lind"));
        assert_eq!(found.published.as_deref(), Some("2024-03-01T10:00:00+01:00"));
        assert_eq!(found.modified.as_deref(), Some("2024-04-02"));
        assert_eq!(origin(&tree, &Data::default()).author.as_deref(), Some("Tomas Weil"));
        assert!(claims(&data).dated_article && !claims(&Data::default()).dated_article);
    }
}
