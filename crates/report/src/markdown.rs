//! The pipeline's template, filled in: Markdown in which nothing from outside is markup.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use domain::{Entity, Evidence, Finding, FindingId, MicroUsd};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Rest, Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value, context};

use crate::charts::{self, Bar};
use crate::entity::{details, origin};
use crate::escape::{escape, target};
use crate::model::{Cited, Section};
use crate::{Error, Report};

/// A template that loops for ever is stopped after this many instructions.
const FUEL: u64 = 50_000_000;
/// Macros and loops that call themselves; each call takes some KB of the stack.
const RECURSION: usize = 64;

/// Whether charts are drawn beside their tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charts {
    Figures,
    Tables,
}

pub(crate) fn render(report: &Report, template: &str, charts: Charts) -> Result<String, Error> {
    // Before anything else looks at it: the snapshot of an older run was checked by older rules.
    pipelines::template::report::bounded(template)?;
    let report = Arc::new(report.clone());
    let mut env = Environment::new();
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(RECURSION);
    // What a macro or a `set` block has written is escaped, and must not be escaped again.
    env.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    env.set_formatter(write_escaped);
    env.add_filter("usd", |micros: i64| MicroUsd(micros).to_string());
    env.add_filter("day", |time: &str| time.get(..10).unwrap_or(time).to_owned());
    env.add_filter("host", |url: &str| short(url));
    env.add_filter("link", |label: &str, href: Option<&str>| link(label, href));
    env.add_function("chart", move |title: &str, bars: Value| chart(title, &bars, charts));
    let cited = Arc::clone(&report);
    env.add_filter("cite", move |finding: Serde<Finding>| cite(&cited, &finding));
    let marked = Arc::clone(&report);
    env.add_filter("marks", move |ids: Serde<Vec<FindingId>>| marks_of(&marked, &ids));
    let placed = Arc::clone(&report);
    env.add_filter("origin", move |entity: Serde<Entity>| origin(&placed, &entity));
    env.add_filter("details", |entity: Serde<Entity>| details(&entity));
    let noted = Arc::clone(&report);
    env.add_function("footnotes", move |_: Rest<Value>| Value::from_safe_string(footnotes(&noted)));
    env.add_template("report.md", template)?;
    let quotes = quotes_by_section(&report);
    let context = context! { quotes_by_section => quotes, ..Value::from(Serde(report.as_ref().clone())) };
    Ok(tidy(&env.get_template("report.md")?.render(context)?))
}

fn write_escaped(out: &mut Output, _: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    let written = match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(()),
        ValueKind::Number | ValueKind::Bool => write!(out, "{value}"),
        _ if value.is_safe() => write!(out, "{value}"),
        _ => out.write_str(&escape(&value.to_string())),
    };
    written.map_err(|_| {
        minijinja::Error::new(minijinja::ErrorKind::WriteFailure, "the report could not be written")
    })
}

/// Blank lines by the dozen are what conditions leave behind; Markdown needs one.
fn tidy(markdown: &str) -> String {
    let mut tidy = String::with_capacity(markdown.len());
    let mut blank = true;
    for line in markdown.lines().map(str::trim_end) {
        if !(line.is_empty() && blank) {
            tidy.push_str(line);
            tidy.push('\n');
        }
        blank = line.is_empty();
    }
    tidy
}

pub(crate) fn short(url: &str) -> String {
    let bare = url.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    bare.trim_end_matches('/').to_owned()
}

pub(crate) fn link(label: &str, href: Option<&str>) -> Value {
    let label = escape(label);
    Value::from_safe_string(match href.and_then(target) {
        Some(target) => format!("[{label}]({target})"),
        None => label,
    })
}

fn cite(report: &Report, finding: &Finding) -> Value {
    marks(report.numbers(finding))
}

/// The footnote marks of several findings, each once.
fn marks_of(report: &Report, ids: &[FindingId]) -> Value {
    let findings = ids.iter().filter_map(|id| report.finding(*id));
    let mut numbers: Vec<u32> = findings.flat_map(|finding| report.numbers(finding)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    marks(numbers)
}

fn marks(numbers: Vec<u32>) -> Value {
    let marks: String = numbers.iter().map(|number| format!("[^{number}]")).collect();
    Value::from_safe_string(if marks.is_empty() { marks } else { format!(" {marks}") })
}

/// Section title to how many quotes stand under it.
fn quotes_by_section(report: &Report) -> BTreeMap<String, u64> {
    let count =
        |section: &Section| section.findings.iter().map(|finding| finding.evidence.len() as u64).sum();
    let counts = report.sections.iter().map(|section| (section.title.clone(), count(section)));
    counts.filter(|(_, quotes)| *quotes > 0).collect()
}

fn chart(title: &str, bars: &Value, charts: Charts) -> Result<Value, minijinja::Error> {
    let mut numbers: Vec<Bar> = Vec::new();
    for label in bars.try_iter()? {
        let n = u64::try_from(bars.get_item(&label)?)?;
        numbers.push((label.to_string(), n));
    }
    let mut text = charts::table(title, &numbers);
    if charts == Charts::Figures {
        text = format!("{}\n\n{text}", charts::svg(title, &numbers));
    }
    Ok(Value::from_safe_string(text))
}

fn footnotes(report: &Report) -> String {
    let mut notes = String::new();
    for cited in &report.citations {
        let _ = writeln!(notes, "[^{}]: {}\n", cited.number, footnote(report, cited));
    }
    notes
}

fn footnote(report: &Report, cited: &Cited) -> String {
    let Cited { evidence, .. } = cited;
    let source = report.source(evidence.document);
    let url = source.and_then(|source| source.url.as_deref());
    let place = url.map(short).or_else(|| source.and_then(|source| source.title.clone()));
    let place = link(place.as_deref().unwrap_or("document"), url.map(|url| live(url, evidence)).as_deref());
    let page = evidence.page.map(|page| format!(", page {page}")).unwrap_or_default();
    let day =
        source.map(|source| source.fetched_at.format(", fetched %Y-%m-%d").to_string()).unwrap_or_default();
    format!("“{}” — {place}{page}{day}, {}", escape(&evidence.quote), evidence.verdict.as_str())
}

/// The address with a text fragment, so that a browser scrolls to the quote.
pub(crate) fn live(url: &str, evidence: &Evidence) -> String {
    if evidence.layer == domain::Layer::Source || url.contains('#') {
        return url.to_owned();
    }
    let words: Vec<&str> = evidence.quote.split_whitespace().collect();
    let fragment = match (words.get(..5), words.len().checked_sub(4).and_then(|from| words.get(from..))) {
        (Some(first), Some(last)) if words.len() > 12 => format!("{},{}", encoded(first), encoded(last)),
        _ => encoded(&words),
    };
    format!("{url}#:~:text={fragment}")
}

/// Percent-encoded for a text directive, where `-` and `,` have a meaning of their own.
pub(crate) fn encoded(words: &[&str]) -> String {
    let text = words.join(" ");
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
