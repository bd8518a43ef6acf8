//! How much text and how many links each element holds, in one pass from the leaves up.

use super::consent;
use super::tree::{Id, ROOT, Step, Tree};
use super::visible::is_unread;

/// Sums over an element and everything in it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measure {
    /// Characters that are no white space, and those of them inside links.
    pub(crate) chars: u32,
    pub(crate) linked: u32,
    pub(crate) anchors: u32,
    pub(crate) images: u32,
    /// Characters in `<p>`.
    pub(crate) prose: u32,
    pub(crate) h1: bool,
    /// Buttons and inputs.
    pub(crate) controls: u32,
    /// The text speaks of cookies or the like.
    pub(crate) consent: bool,
}

impl Measure {
    fn add(&mut self, other: &Self) {
        self.chars = self.chars.saturating_add(other.chars);
        self.linked = self.linked.saturating_add(other.linked);
        self.anchors = self.anchors.saturating_add(other.anchors);
        self.images = self.images.saturating_add(other.images);
        self.prose = self.prose.saturating_add(other.prose);
        self.controls = self.controls.saturating_add(other.controls);
        self.h1 |= other.h1;
        self.consent |= other.consent;
    }

    /// The share of the text that stands in links; of an element without text, 1.
    pub(crate) fn link_density(&self) -> f64 {
        if self.chars == 0 { 1.0 } else { f64::from(self.linked) / f64::from(self.chars) }
    }
}

/// The measures of every node.
#[derive(Debug)]
pub(crate) struct Measures {
    sums: Vec<Measure>,
    /// Characters of the page before each node.
    before: Vec<u32>,
}

impl Measures {
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut sums = Self { sums: vec![Measure::default(); tree.len()], before: vec![0; tree.len()] };
        let (mut links, mut paragraphs, mut seen) = (0_u32, 0_u32, 0_u32);
        let mut walk = tree.walk(ROOT);
        while let Some(step) = walk.next() {
            match step {
                Step::Enter(id) => {
                    if let Some(before) = sums.before.get_mut(id as usize) {
                        *before = seen;
                    }
                    if let Some(text) = tree.text(id) {
                        let own = of_text(text, links > 0, paragraphs > 0);
                        seen = seen.saturating_add(own.chars);
                        sums.add(id, &own);
                        sums.pass_up(tree, id);
                    } else if is_unread(tree.tag(id)) {
                        walk.pass(id);
                    } else {
                        links += u32::from(tree.tag(id) == "a");
                        paragraphs += u32::from(tree.tag(id) == "p");
                    }
                }
                Step::Leave(id) => {
                    let tag = tree.tag(id);
                    links -= u32::from(tag == "a" && links > 0);
                    paragraphs -= u32::from(tag == "p" && paragraphs > 0);
                    sums.add(id, &of_element(tag));
                    sums.pass_up(tree, id);
                }
            }
        }
        sums
    }

    /// Characters of the page behind an element.
    pub(crate) fn behind(&self, id: Id) -> u32 {
        let before = self.before.get(id as usize).copied().unwrap_or_default();
        self.page().chars.saturating_sub(before).saturating_sub(self.get(id).chars)
    }

    fn add(&mut self, id: Id, own: &Measure) {
        if let Some(sum) = self.sums.get_mut(id as usize) {
            sum.add(own);
        }
    }

    fn pass_up(&mut self, tree: &Tree, id: Id) {
        if let Some(parent) = tree.parent(id) {
            let own = self.get(id);
            self.add(parent, &own);
        }
    }

    pub(crate) fn get(&self, id: Id) -> Measure {
        self.sums.get(id as usize).copied().unwrap_or_default()
    }

    /// All of the page.
    pub(crate) fn page(&self) -> Measure {
        self.get(ROOT)
    }
}

fn of_text(text: &str, linked: bool, prose: bool) -> Measure {
    let chars = text.chars().filter(|c| !c.is_whitespace()).count();
    let chars = u32::try_from(chars).unwrap_or(u32::MAX);
    Measure {
        chars,
        linked: if linked { chars } else { 0 },
        prose: if prose { chars } else { 0 },
        consent: chars > 0 && consent::speaks_of_cookies(text),
        ..Measure::default()
    }
}

fn of_element(tag: &str) -> Measure {
    let mut own = Measure::default();
    match tag {
        "a" => own.anchors = 1,
        "img" => own.images = 1,
        "h1" => own.h1 = true,
        "button" | "input" => own.controls = 1,
        _ => {}
    }
    own
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn sums_reach_the_top_and_scripts_do_not_count() {
        let tree =
            parse("<div><p>four <a href=x>and <b>six</b></a></p><script>var x</script><h1>x</h1></div>");
        let measure = Measures::of(&tree).page();
        assert_eq!((measure.chars, measure.linked, measure.prose), (11, 6, 10));
        assert!(measure.h1);
        assert_eq!(measure.anchors, 1);
    }
}
