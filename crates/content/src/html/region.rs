//! Where on the page: what the markup says about an element before its text is judged.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use domain::Region;

use super::consent;
use super::measure::Measures;
use super::tree::{Id, Tree};
use super::visible::{Sheet, is_hidden};

/// What an element is to its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) region: Region,
    /// Named so by the standard's elements and roles, not only by a class.
    pub(crate) firm: bool,
}

impl Place {
    pub(crate) const MAIN: Self = Self { region: Region::Main, firm: false };

    const fn firm(region: Region) -> Self {
        Self { region, firm: true }
    }

    const fn soft(region: Region) -> Self {
        Self { region, firm: false }
    }
}

/// The place of an element within one at `outer`. Hidden and banner hold for all inside; a firm place is not changed
/// by what stands in it, but for what is hidden.
pub(crate) fn place(tree: &Tree, id: Id, outer: Place, measures: &Measures, sheet: &Sheet) -> Place {
    if outer.region == Region::Hidden || outer.region == Region::Banner {
        return outer;
    }
    if is_hidden(tree, id, sheet) && !is_shown(tree, id, measures, sheet) {
        return Place::firm(Region::Hidden);
    }
    if consent::is_notice(tree, id, measures) {
        return Place::firm(Region::Banner);
    }
    if outer.firm && outer.region != Region::Main {
        return outer;
    }
    match by_markup(tree, id, measures) {
        Some(place) => place,
        None if outer.region == Region::Main => by_name(tree, id, measures).unwrap_or(outer),
        None => outer,
    }
}

/// Not hidden after all: most of a page of some size, which a script shows; or by a rule of the style sheet a large
/// part of it or what holds its heading, where another rule that is not understood shows it.
fn is_shown(tree: &Tree, id: Id, measures: &Measures, sheet: &Sheet) -> bool {
    let own = measures.get(id);
    let share = f64::from(own.chars) / f64::from(measures.page().chars.max(1));
    own.chars > 1_500 && share > 0.6 || sheet.hides(tree, id) && (own.h1 || own.chars > 500 && share > 0.3)
}

/// Elements and roles that say what they are.
fn by_markup(tree: &Tree, id: Id, measures: &Measures) -> Option<Place> {
    let role = tree.attr(id, "role").unwrap_or_default();
    let own = measures.get(id);
    let most = f64::from(own.chars) > 0.7 * f64::from(measures.page().chars);
    match (tree.tag(id), role) {
        ("main", _) | (_, "main") => Some(Place { region: Region::Main, firm: false }),
        ("nav", _) | (_, "navigation" | "menu" | "menubar") if !most => Some(Place::firm(Region::Nav)),
        (_, "search") => Some(Place::firm(Region::Nav)),
        ("footer", _) | (_, "contentinfo") if !most => {
            let inside = |tags: &[&str]| tree.ancestors(id).any(|up| tags.contains(&tree.tag(up)));
            if inside(&["blockquote", "figure"]) {
                None
            } else if inside(&["article"]) {
                Some(Place::soft(Region::Aside))
            } else {
                Some(Place::firm(Region::Footer))
            }
        }
        ("aside", _) | (_, "complementary") if !most => Some(Place::soft(Region::Aside)),
        ("header", _) | (_, "banner") if !most && is_site_header(tree, id, measures) => {
            Some(Place::soft(Region::Nav))
        }
        _ => None,
    }
}

/// A header of the page, not of an article: above everything, and without the page's own heading or a paragraph.
fn is_site_header(tree: &Tree, id: Id, measures: &Measures) -> bool {
    let own = measures.get(id);
    let inside = tree.ancestors(id).any(|up| matches!(tree.tag(up), "main" | "article" | "section"));
    !inside && (own.prose < 60 && (!own.h1 || own.link_density() > 0.5))
}

/// Class names and ids, as far as their segments are unmistakable and their text agrees.
fn by_name(tree: &Tree, id: Id, measures: &Measures) -> Option<Place> {
    if matches!(
        tree.tag(id),
        "html" | "body" | "main" | "article" | "h1" | "h2" | "p" | "a" | "span" | "td" | "tr"
    ) {
        return None;
    }
    let own = measures.get(id);
    if own.chars == 0 || f64::from(own.chars) > 0.5 * f64::from(measures.page().chars) {
        return None;
    }
    let names = [tree.attr(id, "id"), tree.attr(id, "class")];
    // Nearly no element's names hold any of the words: most are done with here.
    let hints = |names: &&str| WORDS.as_ref().is_some_and(|words| words.is_match(*names));
    names.into_iter().flatten().filter(hints).flat_map(str::split_whitespace).find_map(|name| {
        let region = named(name)?;
        let agrees = match region {
            Region::Nav => own.link_density() > 0.6 && !own.h1,
            Region::Footer => {
                !own.h1 && u64::from(measures.behind(id)) * 2 < u64::from(measures.page().chars)
            }
            _ => !own.h1,
        };
        agrees.then_some(Place::soft(region))
    })
}

/// All words that [`named`] knows.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = MENUS.iter().chain(ASIDES).chain(&["footer", "colophon", "foot", "widget"]);
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
});

/// First segments of names: of the page's own footer (`scope` names whose it is), of menus, of what stands beside.
const SCOPES: &[&str] = &[
    "site",
    "page",
    "global",
    "main",
    "layout",
    "app",
    "wp",
    "body",
    "top",
    "bottom",
    "primary",
    "secondary",
    "mobile",
    "desktop",
    "sticky",
];
const MENUS: &[&str] = &[
    "nav",
    "navbar",
    "navigation",
    "menu",
    "breadcrumb",
    "breadcrumbs",
    "pagination",
    "pager",
    "topbar",
    "megamenu",
    "subnav",
    "skip",
];
const ASIDES: &[&str] = &[
    "sidebar",
    "newsletter",
    "related",
    "share",
    "sharing",
    "sharedaddy",
    "addtoany",
    "advert",
    "advertisement",
    "ads",
    "ad",
    "sponsored",
    "popup",
    "modal",
    "comments",
    "comment",
    "respond",
    "disqus",
    "subscribe",
    "signup",
    "recommended",
    "outbrain",
    "taboola",
];

/// The region that one class name or id names: `site-footer`, `mainNav`, `sidebar_left`.
fn named(name: &str) -> Option<Region> {
    let lower = segmented(name);
    if matches!(lower.as_str(), "widget-area" | "widgets" | "colophon" | "foot") {
        return Some(if lower.starts_with("widget") { Region::Aside } else { Region::Footer });
    }
    let mut segments = lower.split(['-', '_', ' ']).filter(|segment| !segment.is_empty());
    let first = segments.next()?;
    let scoped = SCOPES.contains(&first) && segments.clone().any(|segment| segment == "footer");
    let last = segments.next_back().unwrap_or(first);
    if first == "footer" || scoped {
        Some(Region::Footer)
    } else if MENUS.contains(&first) || MENUS.contains(&last) {
        Some(Region::Nav)
    } else if ASIDES.contains(&first)
        || matches!(last, "sidebar" | "share" | "sharing" | "newsletter" | "comments" | "ads" | "popup")
    {
        Some(Region::Aside)
    } else {
        None
    }
}

/// Lower case, camel humps parted: `mainNav` → `main-nav`.
fn segmented(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            out.push('-');
        }
        lower = c.is_ascii_lowercase();
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_by_whole_segments() {
        assert_eq!(named("site-footer"), Some(Region::Footer));
        assert_eq!(named("footer_links"), Some(Region::Footer));
        assert_eq!(named("mainNav"), Some(Region::Nav));
        assert_eq!(named("sidebar-left"), Some(Region::Aside));
        for content in
            ["card-footer", "navigator", "canvas", "broadcast", "shareholders", "adidas", "content"]
        {
            assert_eq!(named(content), None, "{content}");
        }
    }
}
