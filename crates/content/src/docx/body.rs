//! The text of a part: paragraphs, headings, list items, table rows, links.

use std::collections::HashMap;

use domain::{BlockKind, Region};
use quick_xml::events::{BytesStart, Event};

use super::parts::{attr, entity_char, events, named_level};
use crate::html::drafts::Draft;
use crate::html::region::Place;
use crate::words;

/// Tables in cells deeper than this are read as text.
const MOST_DEPTH: usize = 64;

type Found = Vec<(u32, String, String)>;

/// Reads a part: its blocks, and its links as (block, text, address).
pub(super) fn read(
    xml: &[u8],
    styles: &HashMap<String, u8>,
    targets: &HashMap<String, String>,
    warnings: &mut Vec<String>,
) -> (Vec<Draft>, Found) {
    let mut body = Body {
        styles,
        targets,
        drafts: Vec::new(),
        links: Vec::new(),
        now: Paragraph::default(),
        tables: Vec::new(),
        skipped: 0,
        link: None,
        in_text: false,
        hidden: false,
    };
    if let Err(error) = events(xml, |event| body.event(event)) {
        warnings.push(format!("the document's XML is broken, what follows was not read: {error}"));
    }
    body.end_paragraph();
    while !body.tables.is_empty() {
        body.end_row();
        body.tables.pop();
    }
    (body.drafts, body.links)
}

/// The paragraph being read.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    hidden: String,
    level: Option<u8>,
    list: bool,
    links: Vec<(String, String)>,
}

/// A row being read: its cells so far, and the one being read.
#[derive(Debug, Default)]
struct Row {
    cells: Vec<String>,
    links: Vec<(String, String)>,
}

struct Body<'a> {
    styles: &'a HashMap<String, u8>,
    targets: &'a HashMap<String, String>,
    drafts: Vec<Draft>,
    links: Found,
    now: Paragraph,
    tables: Vec<Row>,
    /// Inside what is read elsewhere or not at all: the second version of a drawing, deleted text.
    skipped: usize,
    link: Option<(String, String)>,
    in_text: bool,
    hidden: bool,
}

impl Body<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(start) => self.start(start, false),
            Event::Empty(start) => self.start(start, true),
            Event::End(end) => self.end(end.local_name().as_ref()),
            Event::Text(text) if self.in_text => {
                let text = text.to_string();
                self.text(&text);
            }
            Event::GeneralRef(entity) if self.in_text => {
                if let Some(c) = entity_char(entity) {
                    self.text(c.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, empty: bool) {
        let name = start.local_name();
        let name = name.as_ref();
        if self.skipped > 0 || matches!(name, "Fallback" | "del" | "moveFrom" | "instrText") {
            self.skipped += usize::from(!empty);
            return;
        }
        let on = || !matches!(attr(start, "val").as_deref(), Some("0" | "false" | "off"));
        match name {
            "t" => self.in_text = !empty,
            "tab" => self.text(" "),
            "br" | "cr" => self.text("\n"),
            "noBreakHyphen" => self.text("-"),
            "r" => self.hidden = false,
            "vanish" | "webHidden" => self.hidden = on(),
            "pStyle" => self.now.level = attr(start, "val").and_then(|style| self.level(&style)),
            "outlineLvl" => {
                let level =
                    attr(start, "val").and_then(|level| level.parse::<u8>().ok()).filter(|level| *level < 6);
                self.now.level = self.now.level.or(level.map(|level| level + 1));
            }
            "numPr" => self.now.list = true,
            "hyperlink" => {
                let target = attr(start, "id").and_then(|id| self.targets.get(&id).cloned());
                self.link = target.map(|target| (String::new(), target));
            }
            "p" if empty => self.end_paragraph(),
            "tbl" if !empty && self.tables.len() < MOST_DEPTH => {
                self.end_paragraph();
                self.tables.push(Row::default());
            }
            "tc" if !empty => {
                if let Some(row) = self.tables.last_mut() {
                    row.cells.push(String::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "t" => self.in_text = false,
            "r" => self.hidden = false,
            "p" => self.end_paragraph(),
            "hyperlink" => self.now.links.extend(self.link.take()),
            "tr" => self.end_row(),
            "tbl" => {
                self.end_row();
                self.tables.pop();
            }
            _ => {}
        }
    }

    fn level(&self, style: &str) -> Option<u8> {
        self.styles.get(style).copied().or_else(|| named_level(style))
    }

    fn text(&mut self, text: &str) {
        if self.hidden {
            self.now.hidden.push_str(text);
            return;
        }
        self.now.text.push_str(text);
        if let Some((label, _)) = &mut self.link {
            label.push_str(text);
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.now);
        if !paragraph.hidden.trim().is_empty() {
            let place = Place { region: Region::Hidden, firm: true };
            let text = words::fold(&paragraph.hidden);
            self.drafts.push(Draft { place, ..Draft::plain(BlockKind::Paragraph, text) });
        }
        let text = folded_lines(&paragraph.text);
        if let Some(row) = self.tables.last_mut() {
            row.links.extend(paragraph.links);
            if let Some(cell) = row.cells.last_mut().filter(|_| !text.is_empty()) {
                if !cell.is_empty() {
                    cell.push(' ');
                }
                cell.push_str(&text.replace('\n', " "));
            }
            return;
        }
        let kind = match (paragraph.level, paragraph.list) {
            (Some(_), _) => BlockKind::Heading,
            (None, true) => BlockKind::ListItem,
            (None, false) => BlockKind::Paragraph,
        };
        self.push(kind, paragraph.level, text, paragraph.links);
    }

    fn end_row(&mut self) {
        self.end_paragraph();
        let Some(row) = self.tables.last_mut().map(std::mem::take) else { return };
        let text = row.cells.join(" | ");
        if !text.chars().any(char::is_alphanumeric) {
            return;
        }
        if self.tables.len() > 1 {
            // A table inside a cell is part of it.
            let outer = self.tables.len() - 2;
            if let Some(cell) = self.tables.get_mut(outer).and_then(|row| row.cells.last_mut()) {
                cell.push_str(if cell.is_empty() { "" } else { " " });
                cell.push_str(&text);
            }
            return;
        }
        self.push(BlockKind::TableRow, None, text, row.links);
    }

    fn push(&mut self, kind: BlockKind, level: Option<u8>, text: String, found: Vec<(String, String)>) {
        if text.is_empty() {
            return;
        }
        let number = u32::try_from(self.drafts.len()).unwrap_or(u32::MAX);
        self.links.extend(found.into_iter().map(|(label, href)| (number, words::fold(&label), href)));
        self.drafts.push(Draft {
            level,
            place: Place { firm: true, ..Place::MAIN },
            ..Draft::plain(kind, text)
        });
    }
}

/// Lines of a paragraph, each folded, blank ones left out.
fn folded_lines(text: &str) -> String {
    text.lines().map(words::fold).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
