//! From characters with places to lines, from lines to blocks.
//!
//! A gap between characters is a space, a step down or back a new line (the thresholds are those of `pdf-extract`'s own
//! plain output). Lines near each other and of one size are a paragraph; larger ones are headings; those that stand on
//! most pages are running heads and feet.

use std::collections::HashMap;

use domain::{BlockKind, Region};
use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

use super::pages::kind_of;
use crate::html::drafts::Draft;
use crate::html::region::Place;
use crate::words;

/// Characters of one page; a page with more was made to have them.
const MOST_CHARS: usize = 500_000;

/// One line of text.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Line {
    pub(super) text: String,
    /// Size of its letters, and how far down the page it stands.
    pub(super) size: f64,
    pub(super) y: f64,
}

/// Takes the characters of a page.
#[derive(Debug, Default)]
pub(super) struct Collector {
    lines: Vec<Line>,
    now: Line,
    last_end: f64,
    last_y: f64,
    word_begins: bool,
    chars: usize,
}

impl Collector {
    pub(super) fn lines(mut self) -> Vec<Line> {
        self.end_line();
        self.lines
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.now);
        let text = words::fold(&line.text);
        if !text.is_empty() {
            self.lines.push(Line { text, ..line });
        }
    }
}

impl OutputDev for Collector {
    fn begin_page(
        &mut self,
        _page: u32,
        _media: &MediaBox,
        _art: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        transform: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        let (x, y) = (transform.m31, -transform.m32);
        // The side of a square as large as the letter's box.
        let across = (transform.m11 + transform.m21) * font_size;
        let down = (transform.m12 + transform.m22) * font_size;
        let size = (across * down).abs().sqrt();
        if self.word_begins && !self.now.text.is_empty() {
            let step = (y - self.last_y).abs();
            if step > size * 1.5 || x < self.last_end && step > size * 0.5 {
                self.end_line();
            } else if x > self.last_end + size * 0.1 {
                self.now.text.push(' ');
            }
        }
        if self.chars < MOST_CHARS {
            if self.now.text.is_empty() {
                (self.now.y, self.now.size) = (y, size);
            }
            self.now.size = self.now.size.max(size);
            self.now.text.push_str(text);
            self.chars += 1;
        }
        self.word_begins = false;
        self.last_y = y;
        self.last_end = x + width * size;
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.word_begins = true;
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// Blocks of all pages, in order.
pub(super) fn blocks(pages: &[Vec<Line>]) -> Vec<Draft> {
    let body = body_size(pages);
    let running = running(pages);
    let heads = heading_sizes(pages, body);
    let mut drafts = Vec::new();
    for (index, lines) in pages.iter().enumerate() {
        let number = u32::try_from(index + 1).ok();
        let leading = leading(lines);
        for group in groups(lines, leading) {
            drafts.extend(draft(&group, body, &heads, &running).map(|draft| Draft { page: number, ..draft }));
        }
    }
    drafts
}

fn rounded(size: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "letters are a few points high; saturates")]
    let tenths = (size * 2.0).round() as i64;
    tenths
}

/// The size most characters have.
fn body_size(pages: &[Vec<Line>]) -> i64 {
    let mut sizes: HashMap<i64, usize> = HashMap::new();
    for line in pages.iter().flatten() {
        *sizes.entry(rounded(line.size)).or_default() += line.text.len();
    }
    sizes.into_iter().max_by_key(|(size, chars)| (*chars, -size)).map_or(0, |(size, _)| size)
}

fn is_large(size: i64, body: i64) -> bool {
    size * 100 >= body * 118
}

/// Sizes of headings, largest first: their rank is their level.
fn heading_sizes(pages: &[Vec<Line>], body: i64) -> Vec<i64> {
    let mut sizes: Vec<i64> =
        pages.iter().flatten().map(|line| rounded(line.size)).filter(|size| is_large(*size, body)).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.dedup();
    sizes
}

/// Lines (digits aside) that stand on at least 3 and at least half of the pages.
fn running(pages: &[Vec<Line>]) -> HashMap<String, usize> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for lines in pages {
        let mut own: Vec<String> = lines.iter().map(|line| masked(&line.text)).collect();
        own.sort_unstable();
        own.dedup();
        for line in own {
            *seen.entry(line).or_default() += 1;
        }
    }
    seen.retain(|_, on| *on >= 3 && *on * 2 >= pages.len());
    seen
}

fn masked(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

/// The usual step from line to line on a page.
fn leading(lines: &[Line]) -> f64 {
    let mut steps: Vec<f64> = lines
        .windows(2)
        .filter_map(|pair| Some(pair.last()?.y - pair.first()?.y))
        .filter(|step| *step > 0.5)
        .collect();
    steps.sort_unstable_by(f64::total_cmp);
    steps.get(steps.len() / 3).copied().unwrap_or(0.0)
}

/// Lines that follow each other at the usual step, in one size, without a list's mark, belong together.
fn groups(lines: &[Line], leading: f64) -> Vec<Vec<&Line>> {
    let mut all: Vec<Vec<&Line>> = Vec::new();
    for line in lines {
        let joins = all.last().and_then(|group| group.last()).is_some_and(|before| {
            let step = line.y - before.y;
            let near = step > 0.0 && step <= (leading * 1.3).max(before.size * 1.35);
            near && rounded(line.size) == rounded(before.size) && kind_of(&line.text) == BlockKind::Paragraph
        });
        match all.last_mut() {
            Some(group) if joins => group.push(line),
            _ => all.push(vec![line]),
        }
    }
    all
}

fn draft(group: &[&Line], body: i64, heads: &[i64], running: &HashMap<String, usize>) -> Option<Draft> {
    let text = words::nfc(joined(group));
    let size = rounded(group.first()?.size);
    let is_running = group.iter().all(|line| running.contains_key(&masked(&line.text)));
    let heading =
        is_large(size, body) && text.chars().count() <= 200 && text.chars().any(char::is_alphabetic);
    let kind = if heading { BlockKind::Heading } else { kind_of(&text) };
    let rank = heads.iter().position(|head| *head == size).and_then(|rank| u8::try_from(rank + 1).ok());
    let region = if is_running { Region::Footer } else { Region::Main };
    Some(Draft {
        level: rank.filter(|_| heading).map(|rank| rank.min(6)),
        place: Place { region, firm: true },
        ..Draft::plain(kind, text)
    })
}

/// Lines joined by spaces; a word broken at the margin is made whole.
fn joined(group: &[&Line]) -> String {
    let mut out = String::new();
    for line in group {
        let broken = out.strip_suffix('-').is_some_and(|head| head.ends_with(char::is_alphabetic))
            && line.text.starts_with(char::is_lowercase);
        if broken {
            out.pop();
        } else if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&line.text);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, size: f64, y: f64) -> Line {
        Line { text: text.to_owned(), size, y }
    }

    #[test]
    fn lines_become_headings_paragraphs_and_list_items() {
        let page = vec![
            line("Annual report", 20.0, 10.0),
            line("We make pumps that run for ten years with-", 10.0, 40.0),
            line("out oil, in Leeds.", 10.0, 52.0),
            line("Our people are many, and they like it here.", 10.0, 80.0),
            line("• first", 10.0, 92.0),
            line("• second", 10.0, 104.0),
        ];
        let drafts = blocks(&[page]);
        let found: Vec<(BlockKind, &str)> =
            drafts.iter().map(|draft| (draft.kind, draft.text.as_str())).collect();
        assert_eq!(
            found,
            [
                (BlockKind::Heading, "Annual report"),
                (BlockKind::Paragraph, "We make pumps that run for ten years without oil, in Leeds."),
                (BlockKind::Paragraph, "Our people are many, and they like it here."),
                (BlockKind::ListItem, "• first"),
                (BlockKind::ListItem, "• second"),
            ]
        );
        assert_eq!(drafts[0].level, Some(1));
        assert_eq!(drafts[0].page, Some(1));
    }

    #[test]
    fn running_heads_and_feet_are_marked() {
        let page = |n: u32| {
            vec![
                line(&format!("text of page {}", "x".repeat(n as usize)), 10.0, 10.0),
                line(&format!("Brightwater – page {n}"), 8.0, 700.0),
            ]
        };
        let drafts = blocks(&[page(1), page(2), page(3)]);
        let regions: Vec<Region> = drafts.iter().map(|draft| draft.place.region).collect();
        assert_eq!(regions, [Region::Main, Region::Footer].repeat(3));
    }
}
