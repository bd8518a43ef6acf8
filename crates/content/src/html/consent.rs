//! Consent and cookie notices: known containers, dialogs, or a short text with a button to agree.

use std::collections::HashSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::measure::{Measure, Measures};
use super::tree::{Id, Tree};

/// A notice is short: beyond this many characters (no white space) it is a policy, or a page.
const NOTICE_CHARS: u32 = 1_500;
/// Known containers may hold the whole list of vendors and purposes.
const CONTAINER_SHARE: f64 = 0.7;

#[derive(Debug, Default, Deserialize)]
struct Table {
    containers: HashSet<String>,
    topics: Vec<String>,
    buttons: HashSet<String>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("../tables/consent.toml")).unwrap_or_default());

static NAMES: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(&TABLE.containers).ok());

static TOPICS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(&TABLE.topics).ok());

/// Whether the element is a consent notice.
pub(crate) fn is_notice(tree: &Tree, id: Id, measures: &Measures) -> bool {
    let tag = tree.tag(id);
    if matches!(
        tag,
        "html" | "body" | "main" | "article" | "p" | "a" | "li" | "ul" | "h1" | "h2" | "td" | "tr"
    ) {
        return false;
    }
    let own = measures.get(id);
    if own.chars == 0 || own.h1 && own.chars * 2 > measures.page().chars.min(2 * NOTICE_CHARS) {
        return false;
    }
    is_container(tree, id, own, measures)
        || is_dialog(tree, id, own)
        || is_short_notice(tree, id, own, measures)
}

fn is_container(tree: &Tree, id: Id, own: Measure, measures: &Measures) -> bool {
    let page = measures.page();
    if f64::from(own.chars) > CONTAINER_SHARE * f64::from(page.chars) && own.chars > NOTICE_CHARS {
        return false;
    }
    // Nearly no element's names hold any of the words: most are done with here.
    let hints = |name: &str| NAMES.as_ref().is_some_and(|names| names.is_match(name));
    let names = [tree.attr(id, "id"), tree.attr(id, "class")];
    if !hints(tree.tag(id)) && !names.into_iter().flatten().any(hints) {
        return false;
    }
    let named = |name: &str| {
        let lower = name.to_ascii_lowercase();
        TABLE.containers.contains(&lower)
            || lower
                .match_indices(['-', '_'])
                .any(|(at, _)| lower.get(..at).is_some_and(|head| TABLE.containers.contains(head)))
    };
    // `cookie-policy` is the class of a policy's text as often as of a notice.
    let policy = |name: &str| name.to_ascii_lowercase().contains("policy") && own.chars > NOTICE_CHARS;
    named(tree.tag(id))
        || names
            .into_iter()
            .flatten()
            .flat_map(str::split_whitespace)
            .any(|name| named(name) && !policy(name))
}

fn is_dialog(tree: &Tree, id: Id, own: Measure) -> bool {
    let role = tree.attr(id, "role").unwrap_or_default();
    let dialog = matches!(role, "dialog" | "alertdialog") || tree.attr(id, "aria-modal") == Some("true");
    dialog && own.chars <= NOTICE_CHARS * 4 && own.consent
}

/// The smallest box that speaks of cookies and has a button to agree.
fn is_short_notice(tree: &Tree, id: Id, own: Measure, measures: &Measures) -> bool {
    matches!(tree.tag(id), "div" | "section" | "aside" | "form" | "dialog")
        && own.consent
        && !own.h1
        && own.chars <= NOTICE_CHARS
        && own.controls + own.anchors > 0
        && own.controls + own.anchors <= 12
        && !tree.ancestors(id).any(|up| matches!(tree.tag(up), "article" | "main"))
        && has_button(tree, id)
        && !tree.child_elements(id).any(|child| {
            let inner = measures.get(child);
            inner.consent && inner.chars < own.chars && has_button(tree, child)
        })
}

/// Whether a text speaks of cookies, consent or the like.
pub(super) fn speaks_of_cookies(text: &str) -> bool {
    TOPICS.as_ref().is_some_and(|topics| topics.is_match(text))
}

fn has_button(tree: &Tree, id: Id) -> bool {
    tree.elements(id).any(|element| {
        let button =
            matches!(tree.tag(element), "button" | "a") || tree.attr(element, "role") == Some("button");
        let label = match tree.tag(element) {
            "input" => tree.attr(element, "value").unwrap_or_default().to_lowercase(),
            _ if button => tree.inner_text(element, 200).to_lowercase(),
            _ => return false,
        };
        TABLE.buttons.contains(label.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::super::tree::ROOT;
    use super::*;

    fn notices(html: &str) -> usize {
        let tree = parse(html);
        let measures = Measures::of(&tree);
        tree.elements(ROOT).filter(|id| is_notice(&tree, *id, &measures)).count()
    }

    #[test]
    fn the_table_is_read() {
        assert!(TABLE.containers.len() > 40 && TABLE.buttons.len() > 40 && TOPICS.is_some());
    }

    #[test]
    fn notices_are_known_by_container_by_dialog_and_by_their_text() {
        let page =
            "<main><p>Some words of a page that is longer than its notice, and goes on and on.</p></main>";
        for notice in [
            "<div id=onetrust-banner-sdk><p>We value your privacy</p></div>",
            "<div class='x cookie-notice'>We use cookies.</div>",
            "<div role=dialog><p>Wir nutzen Cookies.</p><button>Alle akzeptieren</button></div>",
            "<div class=x7><p>This site uses cookies.</p><a href=#>Got it</a></div>",
        ] {
            assert_eq!(notices(&format!("{page}{notice}")), 1, "{notice}");
        }
    }

    #[test]
    fn a_page_about_cookies_is_no_notice() {
        assert_eq!(
            notices("<main><h1>Cookie policy</h1><p>We use cookies.</p><a href=#>accept</a></main>"),
            0
        );
        let long = "We bake cookies every day. ".repeat(100);
        assert_eq!(notices(&format!("<div><p>{long}</p><button>OK</button></div>")), 0);
    }
}
