//! Marks of pages that are none: walls, parked domains, pages not found, sign-in pages, shells without text.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
struct Table {
    #[serde(default)]
    wall: Vec<Wall>,
    #[serde(default)]
    parked: Marks,
    #[serde(default)]
    not_found: Phrases,
    #[serde(default)]
    sign_in: Phrases,
    #[serde(default)]
    shell: Shell,
}

#[derive(Debug, Deserialize)]
struct Wall {
    name: String,
    source: Vec<String>,
    text: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Marks {
    source: Vec<String>,
    text: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Phrases {
    phrases: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Shell {
    roots: Vec<String>,
    elements: Vec<String>,
    notices: Vec<String>,
}

/// The table is part of the program; a test reads it.
static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("tables/markers.toml")).unwrap_or_default());

/// All marks of walls and parked domains, searched for in one pass: in the source and in the text.
static SOURCE: LazyLock<Search> =
    LazyLock::new(|| Search::of(TABLE.wall.iter().map(|wall| &wall.source), &TABLE.parked.source));
static TEXT: LazyLock<Search> =
    LazyLock::new(|| Search::of(TABLE.wall.iter().map(|wall| &wall.text), &TABLE.parked.text));
static NOTICES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| searcher(&TABLE.shell.notices));

fn searcher(patterns: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).ok()
}

#[derive(Debug)]
struct Search {
    patterns: Option<AhoCorasick>,
    /// For each pattern: which wall, or none for a parked domain.
    of: Vec<Option<usize>>,
}

impl Search {
    fn of<'w>(walls: impl Iterator<Item = &'w Vec<String>>, parked: &[String]) -> Self {
        let (mut patterns, mut of) = (Vec::new(), Vec::new());
        for (index, marks) in walls.enumerate() {
            of.extend(std::iter::repeat_n(Some(index), marks.len()));
            patterns.extend(marks.iter().cloned());
        }
        of.extend(std::iter::repeat_n(None, parked.len()));
        patterns.extend(parked.iter().cloned());
        Self { patterns: searcher(&patterns), of }
    }

    fn find(&self, text: &str, found: &mut Found) {
        let Some(patterns) = &self.patterns else { return };
        for hit in patterns.find_iter(text) {
            match self.of.get(hit.pattern().as_usize()) {
                Some(Some(wall)) if found.wall.is_none() => {
                    found.wall = TABLE.wall.get(*wall).map(|wall| wall.name.as_str());
                }
                Some(None) => found.parked = true,
                _ => {}
            }
        }
    }
}

/// What was found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) wall: Option<&'static str>,
    pub(crate) parked: bool,
}

/// Walls and parked domains, by the markup and by title and text.
pub(crate) fn find(source: &str, title: &str, text: &str) -> Found {
    let mut found = Found::default();
    SOURCE.find(source, &mut found);
    TEXT.find(&title.replace('’', "'"), &mut found);
    TEXT.find(&text.replace('’', "'"), &mut found);
    found
}

/// A title's parts, lower case, in order: `Team | Acme` → `team`, `acme`; the whole comes first.
fn parts(title: &str) -> impl Iterator<Item = String> {
    let lower = title.to_lowercase().replace('’', "'");
    let trim = |part: &str| part.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let pieces: Vec<String> = lower
        .split(['|', '–', '—', '·', '•', '»', '«', ':', '/'])
        .flat_map(|p| p.split(" - "))
        .map(trim)
        .collect();
    std::iter::once(trim(&lower)).chain(pieces)
}

fn is_named(title: &str, phrases: &[String]) -> bool {
    parts(title).any(|part| phrases.contains(&part))
}

/// Whether a title or heading says that the page is not there (en, de, fr, es, it, nl, pt).
pub(crate) fn says_not_found(title: &str) -> bool {
    is_named(title, &TABLE.not_found.phrases)
        || TABLE
            .not_found
            .phrases
            .iter()
            .filter(|phrase| phrase.contains(' ') && phrase.len() > 14)
            .any(|phrase| title.to_lowercase().contains(phrase.as_str()))
}

/// Whether a title or heading is that of a sign-in page.
pub(crate) fn says_sign_in(title: &str) -> bool {
    is_named(title, &TABLE.sign_in.phrases)
}

/// Whether a path is one that sign-in forms and redirects use.
pub(crate) fn is_sign_in_path(path: &str) -> bool {
    path.split(['/', '?']).any(|segment| TABLE.sign_in.paths.contains(&segment.to_ascii_lowercase()))
}

/// Whether an element is one that a script fills.
pub(crate) fn is_shell_root(tag: &str, id: Option<&str>) -> bool {
    TABLE.shell.elements.iter().any(|known| known == tag)
        || id.is_some_and(|id| TABLE.shell.roots.iter().any(|known| known == id))
}

/// Whether a text says that the page needs JavaScript.
pub(crate) fn asks_for_javascript(text: &str) -> bool {
    NOTICES.as_ref().is_some_and(|notices| notices.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(TABLE.wall.len() >= 10);
        assert!(SOURCE.patterns.is_some() && TEXT.patterns.is_some() && NOTICES.is_some());
        let lower = |list: &[String]| list.iter().all(|phrase| *phrase == phrase.to_lowercase());
        assert!(lower(&TABLE.not_found.phrases) && lower(&TABLE.sign_in.phrases));
        assert!(TABLE.wall.iter().all(|wall| lower(&wall.text)));
    }

    #[test]
    fn walls_and_parked_domains_are_found() {
        assert_eq!(find("", "Just a moment...", "").wall, Some("cloudflare"));
        assert_eq!(find("<script>window._cf_chl_opt={}</script>", "", "").wall, Some("cloudflare"));
        assert_eq!(find("", "", "Please verify you are a human").wall, Some("captcha"));
        assert!(find("", "acme.example", "Buy this domain").parked);
        assert_eq!(
            find("<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js>", "Contact", "Call us"),
            Found::default()
        );
    }

    #[test]
    fn pages_not_found_say_so_in_seven_languages() {
        for title in [
            "404",
            "404 – Seite nicht gefunden | Acme",
            "Page not found - Acme",
            "Page introuvable",
            "Página no encontrada",
            "Errore 404 | Acme",
            "Pagina niet gevonden",
            "Página não encontrada",
            "Oops! That page can’t be found.",
        ] {
            assert!(says_not_found(title), "{title}");
        }
        for title in ["404 Media", "Peugeot 404", "Lost and found", "Acme", "Suite 404: our office"] {
            assert!(!says_not_found(title), "{title}");
        }
    }

    #[test]
    fn sign_in_pages_are_told_by_title_and_path() {
        assert!(
            says_sign_in("Log in | Acme") && says_sign_in("Anmelden") && says_sign_in("Connexion - Acme")
        );
        assert!(!says_sign_in("How to log in twice") && !says_sign_in("Acme"));
        assert!(is_sign_in_path("/users/sign_in?next=/") && is_sign_in_path("/wp-login.php"));
        assert!(!is_sign_in_path("/team/author"));
    }

    #[test]
    fn shells_are_told_by_root_and_notice() {
        assert!(is_shell_root("div", Some("root")) && is_shell_root("app-root", None));
        assert!(!is_shell_root("div", Some("content")));
        assert!(asks_for_javascript("You need to enable JavaScript to run this app."));
    }
}
