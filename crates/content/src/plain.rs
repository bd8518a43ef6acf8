//! Plain text and Markdown.

use domain::{BlockKind, Content, DocumentId, Link, Region};

use crate::assemble::{self, Facts, Fingerprint};
use crate::charset::{decode, header_charset};
use crate::html::drafts::Draft;
use crate::read::Hint;
use crate::{Error, links, words};

const MOST_BYTES: usize = 5 << 20;
/// Lines of a paragraph longer than this on average were broken by a writer's right margin.
const WRAPPED_CHARS: usize = 50;

/// Reads plain text: paragraphs are parted by blank lines.
pub(crate) fn text(raw: &[u8], hint: &Hint<'_>, document: DocumentId) -> Result<Content, Error> {
    build(raw, hint, document, |text, drafts, _| {
        for paragraph in paragraphs(text) {
            push(drafts, BlockKind::Paragraph, None, &join(&paragraph));
        }
    })
}

/// Reads Markdown: headings, lists, quotes, code, tables, links.
pub(crate) fn markdown(raw: &[u8], hint: &Hint<'_>, document: DocumentId) -> Result<Content, Error> {
    build(raw, hint, document, |text, drafts, found| {
        let mut reader =
            Markdown { drafts, links: found, pending: Vec::new(), fence: None, code: Vec::new() };
        text.lines().for_each(|line| reader.line(line));
        reader.finish();
    })
}

type Found = Vec<(u32, String, String)>;

fn build(
    raw: &[u8],
    hint: &Hint<'_>,
    document: DocumentId,
    read: impl FnOnce(&str, &mut Vec<Draft>, &mut Found),
) -> Result<Content, Error> {
    if raw.len() > MOST_BYTES {
        return Err(Error::TooLarge { what: "text in bytes", limit: MOST_BYTES as u64 });
    }
    let decoded = decode(raw, hint.content_type.and_then(header_charset), false);
    let (mut drafts, mut found) = (Vec::new(), Vec::new());
    read(&decoded.text, &mut drafts, &mut found);
    let heading = drafts.iter().find(|draft| draft.kind == BlockKind::Heading);
    let mut warnings = Vec::new();
    if decoded.malformed {
        warnings.push(format!("bytes that are no {} were replaced", decoded.charset));
    }
    let facts = Facts {
        title: heading.map(|draft| draft.text.clone()),
        links: found.into_iter().filter_map(|(block, text, href)| link(block, text, &href, hint)).collect(),
        language: hint.content_language.and_then(crate::html::head::primary_language),
        modified: hint.last_modified.and_then(crate::dates::iso),
        fingerprint: Fingerprint::of(&drafts),
        charset: Some(decoded.charset.to_owned()),
        warnings,
        ..Facts::default()
    };
    Ok(assemble::content(document, drafts, facts))
}

fn link(block: u32, text: String, href: &str, hint: &Hint<'_>) -> Option<Link> {
    let url = links::resolve(href, hint.url)?;
    let kind = links::kind(&url)?;
    Some(Link {
        href: url.into(),
        text,
        rel: None,
        region: Region::Main,
        kind,
        block: Some(block),
        card: None,
        source: None,
    })
}

fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            all.push(Vec::new());
        } else if let Some(last) = all.last_mut() {
            last.push(line);
        }
    }
    all.retain(|paragraph| !paragraph.is_empty());
    all
}

/// Lines broken by a margin become one; lines broken on purpose stay.
fn join(lines: &[&str]) -> String {
    let folded: Vec<String> =
        lines.iter().map(|line| words::fold(line)).filter(|line| !line.is_empty()).collect();
    let chars: usize = folded.iter().map(|line| line.chars().count()).sum();
    folded.join(if chars > WRAPPED_CHARS * folded.len() { " " } else { "\n" })
}

fn push(drafts: &mut Vec<Draft>, kind: BlockKind, level: Option<u8>, text: &str) {
    if !text.trim().is_empty() {
        drafts.push(Draft { level, ..Draft::plain(kind, text.to_owned()) });
    }
}

struct Markdown<'a> {
    drafts: &'a mut Vec<Draft>,
    links: &'a mut Found,
    /// Lines of the paragraph being read.
    pending: Vec<String>,
    /// The fence that the code being read ends at.
    fence: Option<String>,
    code: Vec<String>,
}

impl Markdown<'_> {
    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        if let Some(fence) = &self.fence {
            if trimmed.starts_with(fence.as_str()) {
                self.end_code();
            } else {
                self.code.push(words::fold(line));
            }
            return;
        }
        let fence: String = trimmed.chars().take_while(|c| *c == '`' || *c == '~').collect();
        if fence.len() >= 3 {
            self.end_paragraph();
            self.fence = Some(fence);
        } else if trimmed.is_empty() {
            self.end_paragraph();
        } else if let Some((level, text)) = heading(trimmed) {
            self.end_paragraph();
            self.block(BlockKind::Heading, Some(level), text);
        } else if !self.underline(trimmed) {
            self.other(trimmed);
        }
    }

    fn other(&mut self, line: &str) {
        if let Some(row) = table_row(line) {
            self.end_paragraph();
            if !row.is_empty() {
                self.block(BlockKind::TableRow, None, &row);
            }
        } else if let Some(item) = list_item(line) {
            self.end_paragraph();
            self.block(BlockKind::ListItem, None, item);
        } else if let Some(quote) = line.strip_prefix('>') {
            self.end_paragraph();
            self.block(BlockKind::Quote, None, quote);
        } else if line.chars().all(|c| matches!(c, '-' | '*' | '_' | ' ')) {
            self.end_paragraph();
        } else {
            self.pending.push(line.to_owned());
        }
    }

    /// A line of `=` or `-` makes the line above it a heading.
    fn underline(&mut self, line: &str) -> bool {
        let all = |mark: char| line.len() >= 2 && line.chars().all(|c| c == mark);
        let level = if all('=') { 1 } else { 2 };
        if self.pending.len() != 1 || !(all('=') || all('-')) {
            return false;
        }
        let text = self.pending.pop().unwrap_or_default();
        self.block(BlockKind::Heading, Some(level), &text);
        true
    }

    fn end_paragraph(&mut self) {
        let lines = std::mem::take(&mut self.pending);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        if !lines.is_empty() {
            self.block(BlockKind::Paragraph, None, &join(&lines));
        }
    }

    fn end_code(&mut self) {
        self.fence = None;
        let lines = std::mem::take(&mut self.code);
        let lines: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
        push(self.drafts, BlockKind::Code, None, &lines.join("\n"));
    }

    fn block(&mut self, kind: BlockKind, level: Option<u8>, marked: &str) {
        let number = u32::try_from(self.drafts.len()).unwrap_or(u32::MAX);
        let mut found = Vec::new();
        let text = without_marks(marked, &mut found);
        let before = self.drafts.len();
        push(self.drafts, kind, level, text.trim());
        if self.drafts.len() > before {
            self.links.extend(found.into_iter().map(|(text, href)| (number, text, href)));
        }
    }

    fn finish(&mut self) {
        self.end_paragraph();
        self.end_code();
    }
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let level = line.chars().take_while(|c| *c == '#').count();
    let text = line.get(level..)?.strip_prefix(' ')?;
    (1..=6).contains(&level).then_some((u8::try_from(level).ok()?, text.trim_end_matches('#').trim()))
}

fn list_item(line: &str) -> Option<&str> {
    let bullet = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark));
    let numbered = || {
        let digits = line.chars().take_while(char::is_ascii_digit).count();
        let rest = line.get(digits..).filter(|_| (1..=4).contains(&digits))?;
        rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))
    };
    bullet.or_else(numbered).map(|item| item.trim_start_matches("[ ] ").trim_start_matches("[x] "))
}

/// `| a | b |` as `a | b`; the line under a table's head is an empty row.
fn table_row(line: &str) -> Option<String> {
    let inner = line.strip_prefix('|')?.trim_end().trim_end_matches('|');
    if inner.chars().all(|c| matches!(c, '-' | ':' | '|' | ' ')) {
        return Some(String::new());
    }
    Some(inner.split('|').map(str::trim).collect::<Vec<_>>().join(" | "))
}

/// Takes emphasis and code marks off, and links apart: `[text](address)`, `<address>`.
fn without_marks(text: &str, found: &mut Vec<(String, String)>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '<', '*', '`', '_']) {
        let (before, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        if let Some((label, href, after)) = inline_link(tail) {
            if out.ends_with('!') {
                out.pop();
            }
            out.push_str(label);
            found.push((words::fold(label), href.to_owned()));
            rest = after;
            continue;
        }
        let mark = tail.chars().next().unwrap_or(' ');
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let inside_word = word(before.chars().next_back()) && word(tail.chars().nth(1));
        if !matches!(mark, '*' | '`') && (mark != '_' || inside_word) {
            out.push(mark);
        }
        rest = tail.get(mark.len_utf8()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A link at the beginning: its text, its address and what follows.
fn inline_link(tail: &str) -> Option<(&str, &str, &str)> {
    if let Some(inner) = tail.strip_prefix('<') {
        let (address, after) = inner.split_once('>')?;
        return (address.contains("://") || address.starts_with("mailto:"))
            .then_some((address, address, after));
    }
    let (label, after) = tail.strip_prefix('[')?.split_once("](")?;
    let (href, after) = after.split_once(')')?;
    let address = href.split_whitespace().next()?;
    (!label.contains('[') && label.len() <= 500).then_some((label, address, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(content: &Content) -> Vec<(BlockKind, &str)> {
        content.blocks.iter().map(|block| (block.kind, content.block_text(block))).collect()
    }

    #[test]
    fn paragraphs_of_plain_text_keep_lines_that_were_broken_on_purpose() {
        let raw = b"Brightwater Pumps Ltd\n12 Canal St\nLeeds\n\n\nA paragraph that a writer broke at the margin of the page, so that\nits lines are long and belong together as one.\n";
        let content = text(raw, &Hint::default(), DocumentId::new()).unwrap();
        assert_eq!(content.blocks.len(), 2);
        assert_eq!(content.block_text(&content.blocks[0]), "Brightwater Pumps Ltd\n12 Canal St\nLeeds");
        assert!(content.block_text(&content.blocks[1]).contains("so that its lines"));
    }

    #[test]
    fn markdown_blocks_and_links_are_read() {
        let raw = "# Über *uns*\n\nSetext\n------\n\n- [Team](/team \"x\") and `code`\n2. second\n> a quote\n\n| Plan | Price |\n|---|---|\n| Basic | £49 |\n\n```rust\nlet a = 1;\n\nlet b;\n```\nSee <https://x.example/y> and snake_case.";
        let url = url::Url::parse("https://a.example/readme").unwrap();
        let hint = Hint { url: Some(&url), ..Hint::default() };
        let content = markdown(raw.as_bytes(), &hint, DocumentId::new()).unwrap();
        assert_eq!(
            kinds(&content),
            [
                (BlockKind::Heading, "Über uns"),
                (BlockKind::Heading, "Setext"),
                (BlockKind::ListItem, "Team and code"),
                (BlockKind::ListItem, "second"),
                (BlockKind::Quote, "a quote"),
                (BlockKind::TableRow, "Plan | Price"),
                (BlockKind::TableRow, "Basic | £49"),
                (BlockKind::Code, "let a = 1;\nlet b;"),
                (BlockKind::Paragraph, "See https://x.example/y and snake_case."),
            ]
        );
        assert_eq!(content.links[0].href, "https://a.example/team");
        assert_eq!(content.links[0].block, Some(2));
        assert_eq!(content.links[1].href, "https://x.example/y");
        assert_eq!(content.title.as_deref(), Some("Über uns"));
    }
}
