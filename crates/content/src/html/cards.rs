//! Cards: siblings of one shape (people, plans, places, logos with a caption) whose fields belong together.

use std::collections::{HashMap, HashSet};

use super::measure::Measures;
use super::tables::is_data_table;
use super::tree::{Id, ROOT, Tree, is_phrasing};
use super::visible::is_unread;

/// Siblings of one shape that make cards.
const LEAST: usize = 3;
/// A card's text in characters without white space: longer ones are sections of prose.
const MOST_CHARS: u32 = 1_200;
/// How deep and how far a shape is looked at.
const SHAPE_DEPTH: usize = 4;
const SHAPE_NODES: usize = 48;
/// Children of one parent that are compared.
const MOST_SIBLINGS: usize = 1_000;
/// Share of paths that two shapes have in common.
const SIMILAR: f64 = 0.5;

/// The cards of a page.
#[derive(Debug, Default)]
pub(crate) struct Cards {
    /// The root element of each card and its number, in document order.
    pub(crate) roots: HashMap<Id, u32>,
    /// Elements inside cards that stand in a line but are fields of their own: a name and a role in two spans.
    pub(crate) fields: HashSet<Id>,
}

impl Cards {
    pub(crate) fn of(tree: &Tree, measures: &Measures) -> Self {
        let mut cards = Self::default();
        let mut pending = vec![ROOT];
        while let Some(id) = pending.pop() {
            if is_unread(tree.tag(id)) || tree.tag(id) == "table" && is_data_table(tree, id, measures) {
                continue;
            }
            let found = Finder { tree, measures }.under(id);
            let members: HashSet<Id> = found.iter().copied().collect();
            for root in found {
                let number = u32::try_from(cards.roots.len()).unwrap_or(u32::MAX);
                cards.roots.insert(root, number);
                cards.part_fields(tree, root);
            }
            let wrapped = |child: &Id| tree.child_elements(*child).any(|inner| members.contains(&inner));
            let rest: Vec<Id> =
                tree.child_elements(id).filter(|child| !members.contains(child) && !wrapped(child)).collect();
            pending.extend(rest.into_iter().rev());
        }
        cards
    }

    /// Marks inline siblings that fill their parent alone as fields.
    fn part_fields(&mut self, tree: &Tree, root: Id) {
        for id in tree.elements(root) {
            let bare = tree.children(id).all(|child| tree.text(child).is_none_or(is_separator));
            let inner: Vec<Id> = tree.child_elements(id).filter(|child| tree.tag(*child) != "br").collect();
            let lines = inner.iter().filter(|child| has_words(tree, **child)).count();
            if bare && lines >= 2 && inner.iter().all(|child| is_phrasing(tree.tag(*child))) {
                self.fields.extend(inner.into_iter().filter(|child| has_words(tree, *child)));
            }
        }
    }
}

/// Between fields stands nothing, or a mark that parts them.
fn is_separator(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || matches!(c, '|' | ',' | '·' | '•' | '-' | '–' | '—' | '/' | ':' | ';'))
}

fn has_words(tree: &Tree, id: Id) -> bool {
    tree.inner_text(id, 64).chars().filter(|c| c.is_alphanumeric()).take(2).count() >= 2
}

struct Finder<'t> {
    tree: &'t Tree,
    measures: &'t Measures,
}

impl Finder<'_> {
    /// The cards that are children of `parent`, or grandchildren where the children only arrange them in rows.
    fn under(&self, parent: Id) -> Vec<Id> {
        let mut by_tag: Vec<(&str, Vec<Id>)> = Vec::new();
        for child in
            self.tree.child_elements(parent).filter(|child| self.is_candidate(*child)).take(MOST_SIBLINGS)
        {
            let tag = self.tree.tag(child);
            match by_tag.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, group)) => group.push(child),
                None => by_tag.push((tag, vec![child])),
            }
        }
        let mut found: Vec<Id> = by_tag
            .iter()
            .filter(|(_, group)| group.len() >= 2)
            .flat_map(|(_, group)| self.cards_among(group))
            .collect();
        found.sort_unstable();
        found
    }

    fn is_candidate(&self, id: Id) -> bool {
        let tag = self.tree.tag(id);
        let shaped = matches!(
            tag,
            "div"
                | "li"
                | "article"
                | "section"
                | "a"
                | "figure"
                | "td"
                | "dl"
                | "button"
                | "fieldset"
                | "blockquote"
        ) || tag.contains('-');
        shaped && self.measures.get(id).chars > 0
    }

    fn cards_among(&self, group: &[Id]) -> Vec<Id> {
        let mut clusters: Vec<(HashSet<u64>, Vec<Id>)> = Vec::new();
        for id in group {
            let shape = self.shape(*id);
            if let Some((_, members)) =
                clusters.iter_mut().find(|(known, _)| similarity(known, &shape) >= SIMILAR)
            {
                members.push(*id);
            } else if clusters.len() < 8 {
                clusters.push((shape, vec![*id]));
            }
        }
        clusters
            .into_iter()
            .flat_map(|(_, members)| self.rows(&members).unwrap_or_else(|| self.checked(members)))
            .collect()
    }

    /// The group's grandchildren, if its members do nothing but hold cards.
    fn rows(&self, group: &[Id]) -> Option<Vec<Id>> {
        if group.len() < 2 {
            return None;
        }
        let mut inner = Vec::new();
        for member in group {
            let mut holder = *member;
            if self.own_text(holder) {
                return None;
            }
            let children: Vec<Id> =
                self.tree.child_elements(holder).filter(|id| self.measures.get(*id).chars > 0).collect();
            holder = match children.as_slice() {
                [only] => *only,
                _ => holder,
            };
            if self.own_text(holder) {
                return None;
            }
            inner.extend(self.tree.child_elements(holder).filter(|id| self.is_candidate(*id)));
        }
        let first = inner.first().map(|id| self.shape(*id))?;
        let tag = inner.first().map(|id| self.tree.tag(*id))?;
        let alike = inner
            .iter()
            .all(|id| self.tree.tag(*id) == tag && similarity(&first, &self.shape(*id)) >= SIMILAR);
        let rows = inner.len() > group.len() && alike;
        rows.then(|| self.checked(inner)).filter(|cards| !cards.is_empty())
    }

    /// Siblings of one shape are cards if they are three or more, short, and most hold two fields or more.
    fn checked(&self, members: Vec<Id>) -> Vec<Id> {
        let short = members.iter().filter(|id| self.measures.get(**id).chars <= MOST_CHARS).count();
        let full = members.iter().filter(|id| self.fields(**id) >= 2).count();
        let fits = members.len() >= LEAST && short == members.len() && full * 10 >= members.len() * 6;
        if fits { members } else { Vec::new() }
    }

    fn own_text(&self, id: Id) -> bool {
        self.tree.children(id).any(|child| self.tree.text(child).is_some_and(|text| !text.trim().is_empty()))
    }

    /// How many separate texts an element holds; words emphasised inside a sentence are none of their own.
    fn fields(&self, id: Id) -> usize {
        let mut count = 0;
        let mut seen = 0;
        for element in self.tree.elements(id) {
            seen += 1;
            let inside_line = element != id
                && is_phrasing(self.tree.tag(element))
                && self.tree.parent(element).is_some_and(|parent| self.own_text(parent));
            count += usize::from(self.own_text(element) && !inside_line);
            if count >= 2 || seen > 4 * SHAPE_NODES {
                break;
            }
        }
        count
    }

    /// The tag paths under an element, as hashes.
    fn shape(&self, root: Id) -> HashSet<u64> {
        let mut paths = HashSet::new();
        let mut level: Vec<(Id, u64)> = vec![(root, 0)];
        for _ in 0..SHAPE_DEPTH {
            let mut below = Vec::new();
            for (id, path) in level {
                for child in self.tree.child_elements(id) {
                    let path = xxhash_rust::xxh3::xxh3_64_with_seed(self.tree.tag(child).as_bytes(), path);
                    if paths.len() < SHAPE_NODES && paths.insert(path) || below.len() < SHAPE_NODES {
                        below.push((child, path));
                    }
                }
            }
            below.truncate(SHAPE_NODES);
            level = below;
        }
        paths
    }
}

/// Jaccard similarity; two elements without elements inside are alike.
fn similarity(a: &HashSet<u64>, b: &HashSet<u64>) -> f64 {
    let common = a.intersection(b).count();
    let all = a.len() + b.len() - common;
    if all == 0 { 1.0 } else { common as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn cards(html: &str) -> Vec<String> {
        let tree = parse(html);
        let measures = Measures::of(&tree);
        let mut found: Vec<(u32, String)> = Cards::of(&tree, &measures)
            .roots
            .into_iter()
            .map(|(id, n)| (n, tree.inner_text(id, 500)))
            .collect();
        found.sort();
        found.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn people_side_by_side_are_cards_although_one_lacks_a_picture() {
        let html = "<div><div><img src=a><h3>Mara Lind</h3><p>CEO</p></div><div><h3>Tomas Weil</h3><p>CTO</p></div>\
                    <div><img src=c><h3>Ada Moss</h3><p>CFO</p></div></div>";
        assert_eq!(cards(html), ["Mara Lind CEO", "Tomas Weil CTO", "Ada Moss CFO"]);
    }

    #[test]
    fn rows_only_arrange_the_cards_in_them() {
        let card = |n: &str| format!("<div><h3>{n}</h3><p>role {n}</p></div>");
        let html =
            format!("<div><div>{}{}</div><div>{}{}</div></div>", card("a"), card("b"), card("c"), card("d"));
        assert_eq!(cards(&html), ["a role a", "b role b", "c role c", "d role d"]);
    }

    #[test]
    fn a_plan_with_a_list_is_one_card() {
        let plan =
            |n: &str| format!("<div><h3>{n}</h3><b>£{n}</b><ul><li>x</li><li>y</li><li>z</li></ul></div>");
        let html = format!("<section>{}{}{}</section>", plan("1"), plan("2"), plan("3"));
        assert_eq!(cards(&html).len(), 3);
    }

    #[test]
    fn menus_paragraphs_and_pairs_are_no_cards() {
        assert!(
            cards("<ul><li><a href=a>A</a></li><li><a href=b>B</a></li><li><a href=c>C</a></li></ul>")
                .is_empty()
        );
        assert!(cards("<div><p>a <b>b</b></p><p>c</p><p>d</p></div>").is_empty());
        assert!(cards("<div><div><h3>a</h3><p>b</p></div><div><h3>c</h3><p>d</p></div></div>").is_empty());
        let prose = "word ".repeat(400);
        let section = format!("<section><h2>x</h2><p>{prose}</p></section>");
        assert!(cards(&section.repeat(4)).is_empty());
    }
}
