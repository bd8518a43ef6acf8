//! A page, read as far as both the crawler's outline and the full content need it.

use domain::document::Data;
use domain::{BlockKind, Content, DocumentId, Link, LinkKind, Region};
use url::Url;

use super::blocks;
use super::cards::Cards;
use super::drafts::{Draft, Drafts};
use super::head::{self, Head};
use super::main_text;
use super::measure::Measures;
use super::origin;
use super::parse::parse;
use super::title;
use super::tree::{ROOT, Tree};
use crate::assemble::{self, Facts, Fingerprint};
use crate::charset::{Decoded, decode, header_charset};
use crate::markers;
use crate::read::Hint;
use crate::{Error, data, links, state};

/// An HTML page's size.
pub(crate) const MOST_BYTES: usize = 5 << 20;
/// Below so many words, a page's script may hold what it says.
const FEW_WORDS: u32 = 80;
const SHELL_WORDS: u32 = 20;
const SHELL_CHARS: u32 = 200;
const SCRIPT_SHARE: f64 = 0.6;

pub(crate) struct Page<'a> {
    pub(crate) source: Decoded<'a>,
    pub(crate) tree: Tree,
    pub(crate) base: Option<Url>,
    pub(crate) head: Head,
    pub(crate) data: Data,
    pub(crate) drafts: Drafts,
    pub(crate) fingerprint: Fingerprint,
    /// Why the page seems to need a script, and what its state says.
    pub(crate) shell: Option<Shell>,
    pub(crate) state: Vec<Draft>,
    pub(crate) warnings: Vec<String>,
}

/// Signs of a page that a script fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shell {
    Root,
    Scripts,
    Notice,
}

impl<'a> Page<'a> {
    /// Decodes, parses and reads a page; the main text is not yet chosen.
    pub(crate) fn open(raw: &'a [u8], hint: &Hint<'_>) -> Result<Self, Error> {
        if raw.len() > MOST_BYTES {
            return Err(Error::TooLarge { what: "HTML in bytes", limit: MOST_BYTES as u64 });
        }
        let source = decode(raw, hint.content_type.and_then(header_charset), true);
        let tree = parse(&source.text);
        let mut warnings = Vec::new();
        if tree.cut {
            warnings.push("markup nested or repeated beyond any page was flattened or cut".to_owned());
        }
        if source.malformed {
            warnings.push(format!("bytes that are no {} were replaced", source.charset));
        }
        let base = links::base(&tree, hint.url);
        let head = head::read(&tree, base.as_ref());
        let data = data::read(&tree, &source, base.as_ref(), &mut warnings);
        let measures = Measures::of(&tree);
        let cards = Cards::of(&tree, &measures);
        let drafts = blocks::read(&tree, &measures, &cards);
        let fingerprint = Fingerprint::of(&drafts.blocks);
        let mut page = Self {
            source,
            tree,
            base,
            head,
            data,
            drafts,
            fingerprint,
            shell: None,
            state: Vec::new(),
            warnings,
        };
        page.look_for_state(&measures);
        Ok(page)
    }

    /// A page of few words with the signs of a shell: its state is read. If it says enough, it is the page's text.
    fn look_for_state(&mut self, measures: &Measures) {
        if self.fingerprint.words >= FEW_WORDS {
            return;
        }
        self.shell = self.find_shell(measures);
        if self.shell.is_none() {
            return;
        }
        let texts = state::texts(&self.tree);
        self.state = texts.into_iter().map(|text| Draft::plain(BlockKind::Paragraph, text)).collect();
        if self.is_from_state() {
            self.fingerprint = Fingerprint::of(&self.state);
        }
    }

    fn find_shell(&self, measures: &Measures) -> Option<Shell> {
        let tree = &self.tree;
        let root = tree.elements(ROOT).any(|id| {
            markers::is_shell_root(tree.tag(id), tree.attr(id, "id"))
                && tree.inner_text(id, 400).split(' ').count() < SHELL_WORDS as usize
        });
        if root {
            return Some(Shell::Root);
        }
        let says = |block: &Draft| block.words < 100 && markers::asks_for_javascript(&block.text);
        if self.drafts.blocks.iter().any(says) {
            return Some(Shell::Notice);
        }
        let scripts: usize = tree
            .elements(ROOT)
            .filter(|id| tree.tag(*id) == "script")
            .map(|id| tree.raw_text(id).len())
            .sum();
        let heavy = scripts as f64 >= SCRIPT_SHARE * self.source.text.len() as f64;
        (heavy && measures.page().chars < SHELL_CHARS).then_some(Shell::Scripts)
    }

    /// Words in the strings of the page's state.
    pub(crate) fn state_words(&self) -> u32 {
        self.state.iter().map(|draft| draft.words).sum()
    }

    pub(crate) fn is_from_state(&self) -> bool {
        self.state_words() >= state::ENOUGH_WORDS
    }

    /// All visible text, for the search of marks.
    pub(crate) fn visible_text(&self, limit: usize) -> String {
        let mut out = String::new();
        let seen = |block: &&Draft| !matches!(block.place.region, Region::Hidden | Region::Banner);
        for block in self.drafts.blocks.iter().filter(seen) {
            out.push_str(&block.text);
            out.push('\n');
            if out.len() > limit {
                break;
            }
        }
        out
    }

    pub(crate) fn visible_words(&self) -> u32 {
        let seen = |block: &&Draft| !matches!(block.place.region, Region::Hidden | Region::Banner);
        self.drafts.blocks.iter().filter(seen).map(|block| block.words).sum()
    }

    /// Words shown in the element that an application is mounted in.
    pub(crate) fn app_root_words(&self) -> Option<u32> {
        let tree = &self.tree;
        let root =
            tree.elements(ROOT).find(|id| markers::is_shell_root(tree.tag(*id), tree.attr(*id, "id")))?;
        Some(crate::words::count(&tree.inner_text(root, 100_000)))
    }

    pub(crate) fn script_bytes(&self) -> usize {
        let scripts = self.tree.elements(ROOT).filter(|id| self.tree.tag(*id) == "script");
        scripts.map(|id| self.tree.raw_text(id).len()).sum()
    }

    pub(crate) fn links(&self, blocks: &[Draft]) -> Vec<Link> {
        links::read(&self.tree, &self.drafts.anchors, blocks, self.base.as_ref(), &self.source)
    }

    pub(crate) fn title(&self, hint: &Hint<'_>) -> Option<String> {
        title::title(&self.head, &self.data, &self.drafts, &self.tree, hint.url)
    }

    /// The language that the page or its headers declare.
    pub(crate) fn declared_language(&self, hint: &Hint<'_>) -> Option<String> {
        let meta =
            |name: &str| self.data.meta.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let locale = || {
            self.data.opengraph.iter().find(|(key, _)| key == "og:locale").map(|(_, value)| value.as_str())
        };
        let declared = self.head.language.clone();
        declared
            .or_else(|| meta("content-language").and_then(head::primary_language))
            .or_else(|| hint.content_language.and_then(head::primary_language))
            .or_else(|| locale().and_then(head::primary_language))
    }

    /// The whole content: the main text is chosen, everything is put together.
    pub(crate) fn content(mut self, hint: &Hint<'_>, document: DocumentId) -> Content {
        let from_state = self.is_from_state();
        if !from_state {
            let claims = origin::claims(&self.data);
            main_text::settle(&mut self.drafts, &self.tree, claims);
        }
        let links = self.links(&self.drafts.blocks);
        let origin = origin::origin(&self.tree, &self.data);
        let facts = Facts {
            links: if from_state { links.into_iter().map(unplaced).collect() } else { links },
            title: self.title(hint),
            language: self.declared_language(hint),
            author: origin.author,
            published: origin.published,
            modified: origin.modified.or_else(|| hint.last_modified.and_then(crate::dates::iso)),
            fingerprint: self.fingerprint,
            from_state,
            charset: Some(self.source.charset.to_owned()),
            warnings: self.warnings,
            data: self.data,
        };
        assemble::content(document, if from_state { self.state } else { self.drafts.blocks }, facts)
    }

    /// A way to reach somebody: a `mailto:` or `tel:` link.
    pub(crate) fn has_contact(links: &[Link]) -> bool {
        links.iter().any(|link| matches!(link.kind, LinkKind::Mailto | LinkKind::Tel))
    }

    /// A password field, and a form that leads to a sign-in path.
    pub(crate) fn sign_in(&self) -> (bool, bool) {
        let tree = &self.tree;
        let is = |id: u32, name: &str, value: &str| {
            tree.attr(id, name).is_some_and(|v| v.trim().eq_ignore_ascii_case(value))
        };
        let password = tree.elements(ROOT).any(|id| tree.tag(id) == "input" && is(id, "type", "password"));
        let form = tree.elements(ROOT).any(|id| {
            tree.tag(id) == "form" && tree.attr(id, "action").is_some_and(markers::is_sign_in_path)
        });
        (password, form)
    }

    /// Forms in which readers tell something of themselves: not searches, filters and sign-ins.
    pub(crate) fn personal_forms(&self) -> usize {
        let tree = &self.tree;
        let asks = |id: u32| match tree.tag(id) {
            "textarea" => true,
            "input" => ["type", "name", "autocomplete"].iter().any(|name| {
                let value = tree.attr(id, name).unwrap_or_default().to_ascii_lowercase();
                ["mail", "tel", "phone"].iter().any(|word| value.contains(word))
            }),
            _ => false,
        };
        let is_sign_in = |form: u32| {
            tree.elements(form)
                .any(|id| tree.attr(id, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("password")))
        };
        let forms = tree.elements(ROOT).filter(|id| tree.tag(*id) == "form");
        forms.filter(|form| tree.elements(*form).any(asks) && !is_sign_in(*form)).count()
    }
}

/// A link of a page whose visible blocks gave way to its state.
fn unplaced(link: Link) -> Link {
    Link { block: None, card: None, ..link }
}
