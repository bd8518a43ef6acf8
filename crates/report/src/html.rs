//! The Markdown, typeset: one file, no scripts, nothing loaded from elsewhere, fit for paper.

use std::collections::HashMap;
use std::fmt::Write as _;

use domain::QuoteVerdict;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use crate::Report;
use crate::charts::html as text;
use crate::mark::meta;
use crate::markdown::live;
use crate::model::Cited;

const STYLE: &str = include_str!("style.css");

/// `markdown` is the template's output for `report`.
pub(crate) fn render(report: &Report, markdown: &str) -> String {
    let mut body = String::with_capacity(markdown.len() * 2);
    pulldown_cmark::html::push_html(&mut body, typeset(markdown).into_iter());
    let title = text(&report.title);

    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n{}\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n{}</body>\n</html>\n",
        meta(&report.subject.key),
        evidence(report)
    )
}

/// Footnote marks become links to the evidence; footnote texts are dropped, the evidence list says more. Links that
/// lead anywhere but the web, mail or telephone lose their target.
fn typeset(markdown: &str) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    let (mut in_note, mut dropped_links) = (false, 0_u32);
    let mut marks: HashMap<String, u32> = HashMap::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES) {
        match event {
            Event::Start(Tag::FootnoteDefinition(_)) => in_note = true,
            Event::End(TagEnd::FootnoteDefinition) => in_note = false,
            _ if in_note => {}
            Event::FootnoteReference(number) => {
                let nth = marks.entry(number.to_string()).or_default();
                *nth += 1;
                // The first mark of a note is what the evidence links back to.
                let id = if *nth == 1 { format!(" id=\"r{number}\"") } else { String::new() };
                events.push(Event::InlineHtml(CowStr::from(format!(
                    "<sup class=\"mark\"{id}><a href=\"#e{number}\">{number}</a></sup>"
                ))));
            }
            Event::Start(Tag::Link { ref dest_url, .. }) if !may_follow(dest_url) => dropped_links += 1,
            Event::End(TagEnd::Link) if dropped_links > 0 => dropped_links -= 1,
            event => events.push(event),
        }
    }
    events
}

fn may_follow(href: &str) -> bool {
    href.starts_with('#') || crate::escape::target(href).is_some()
}

/// Every quote with the stored text around it, its verdict and its source.
fn evidence(report: &Report) -> String {
    if report.citations.is_empty() {
        return String::new();
    }
    let mut list = String::from("<section class=\"evidence\">\n<h2 id=\"evidence\">Evidence</h2>\n<ol>\n");
    for cited in &report.citations {
        list.push_str(&item(report, cited));
    }
    list.push_str("</ol>\n</section>\n");
    list
}

fn item(report: &Report, cited: &Cited) -> String {
    let Cited { number, evidence, context } = cited;
    let source = report.source(evidence.document);
    let url = source.and_then(|source| source.url.as_deref()).filter(|url| may_follow(url));
    let mut item = format!(
        "<li id=\"e{number}\" value=\"{number}\"><blockquote>{}<mark class=\"{}\">{}</mark>{}</blockquote><p>",
        text(&context.before),
        evidence.verdict.as_str(),
        text(&evidence.quote),
        text(&context.after)
    );
    let name = source.and_then(|source| source.title.as_deref()).or(url).unwrap_or("document");
    let _ = match url {
        Some(url) => write!(
            item,
            "<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>",
            text(&live(url, evidence)),
            text(name)
        ),
        None => write!(item, "{}", text(name)),
    };
    if let Some(page) = evidence.page {
        let _ = write!(item, ", page {page}");
    }
    if let Some(source) = source {
        let _ = write!(item, " · fetched {}", source.fetched_at.format("%Y-%m-%d"));
    }
    let verdict = match evidence.verdict {
        QuoteVerdict::Verified => "verified word for word",
        QuoteVerdict::Loose => "found with small differences",
        QuoteVerdict::Unsupported => "not found in the source",
    };
    let _ = writeln!(
        item,
        " · {verdict} · <span class=\"place\">{} {}–{}</span> <a href=\"#r{number}\" aria-label=\"back to the text\">↩</a></p></li>",
        evidence.document, evidence.start, evidence.end
    );
    item
}
