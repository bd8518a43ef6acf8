//! One report in three formats: the same findings, nothing from outside as markup, every quote in its place.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use domain::{
    DocumentId, Evidence, Finding, FindingId, FindingKind, Layer, Level, QuoteVerdict, RunId, SubjectId,
};
use report::{
    Context, Cost, Fact, FactState, Format, NotSeen, Pages, PipelineRef, Report, RunRef, SCHEMA, Section,
    SectionState, Source, SubjectRef, is_about, render,
};
use serde_json::{Value, json};

const NASTY: &str = "<b>A|B</b> \"x\" & [y](javascript:alert(1)) *z* 🚰 شركة";
const TEXT: &str = "Before the quote. It was founded in 2014 in Leeds. After the quote.";

const TEMPLATE: &str = r#"
# {{ title }}
| Fact | Value |
|---|---|
{% for fact in facts %}
| {{ fact.label }} | {{ fact.value }}{{ fact.findings | marks }} |
{% endfor %}
{% for section in sections %}
## {{ section.title }}
{% for finding in section.findings %}
- {{ finding.statement }}{{ finding | cite }}
{% endfor %}
{% endfor %}
{% for page in not_seen %}
- {{ page.url | host | link(page.url) }} {{ page.verdict }}
{% endfor %}
{{ chart("Kinds", pages.by_kind) }}

{{ footnotes() }}
"#;

fn report() -> Report {
    let document = DocumentId::new();
    let start = TEXT.find("founded").unwrap();
    let evidence = Evidence {
        document,
        layer: Layer::Text,
        start: start as u64,
        end: (start + 15) as u64,
        quote: TEXT[start..start + 15].to_owned(),
        verdict: QuoteVerdict::Verified,
        method: "extractive".to_owned(),
        page: None,
    };
    let finding = |statement: &str, evidence: Vec<Evidence>, cites: Vec<FindingId>| Finding {
        id: FindingId::new(),
        section: "overview".to_owned(),
        ordinal: 0,
        topic: "founded".to_owned(),
        kind: FindingKind::Fact,
        statement: statement.to_owned(),
        value: None,
        because: None,
        severity: None,
        confidence: 0.9,
        level: Level::High,
        looked_in: Vec::new(),
        cites,
        tags: Vec::new(),
        evidence,
    };
    let first = finding(NASTY, vec![evidence.clone()], Vec::new());
    let summary = finding("It was founded in 2014.", Vec::new(), vec![first.id]);
    let (when, facts) = (
        "2025-03-02T10:00:00Z".parse().unwrap(),
        vec![Fact {
            id: "founded".to_owned(),
            label: "Founded".to_owned(),
            state: FactState::Found,
            value: Some(NASTY.to_owned()),
            level: Some(Level::High),
            findings: vec![first.id],
            looked_in: Vec::new(),
            reason: None,
        }],
    );
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        title: NASTY.to_owned(),
        pipeline: PipelineRef { name: "company".into(), title: "Company".into(), hash: "0123".into() },
        subject: SubjectRef { id: SubjectId::new(), key: "a.example".into(), name: NASTY.into() },
        run: RunRef {
            id: RunId::new(),
            version: 1,
            input: json!({}),
            method: "extractive".into(),
            started_at: when,
            published_at: when,
        },
        facts,
        scores: Value::Null,
        sections: vec![Section {
            id: "overview".into(),
            title: "Overview".into(),
            state: SectionState::Done,
            reason: None,
            method: "extractive".into(),
            findings: vec![first, summary],
            output: Value::Null,
        }],
        entities: Vec::new(),
        sources: vec![Source {
            id: document,
            url: Some("https://a.example/about?a=1&b=2".into()),
            title: Some(NASTY.into()),
            kind: "about".into(),
            kind_confidence: 1.0,
            kind_reason: String::new(),
            language: None,
            content_type: "text/html".into(),
            words: 12,
            fetched_at: when,
            injection_suspect: false,
            warnings: Vec::new(),
        }],
        not_seen: vec![
            NotSeen { url: "javascript:alert(2)".into(), verdict: "skipped".into(), reason: None },
            NotSeen { url: "https://a.example/x|y".into(), verdict: "login".into(), reason: None },
        ],
        pages: Pages { kept: 1, by_kind: [("about".to_owned(), 1)].into(), ..Pages::default() },
        cost: Cost::default(),
        citations: Vec::new(),
        notes: Vec::new(),
    };
    report.cite(|evidence| Context {
        before: TEXT[..evidence.start as usize].to_owned(),
        after: TEXT[evidence.end as usize..].to_owned(),
    });
    report
}

#[test]
fn a_name_of_markup_is_shown_and_does_nothing() {
    let report = report();
    let html = render(&report, TEMPLATE, Format::Html).unwrap();
    assert!(html.contains("&lt;b&gt;A|B&lt;/b&gt;") && html.contains("🚰 شركة"), "{html}");
    assert!(!html.contains("<b>") && !html.contains("<script"), "{html}");
    let hrefs: Vec<&str> =
        html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(
        hrefs.iter().all(|href| href.starts_with("https://a.example/") || href.starts_with('#')),
        "{hrefs:?}"
    );
    let markdown = render(&report, TEMPLATE, Format::Markdown).unwrap();
    assert!(markdown.contains("\\[y\\](javascript:alert(1))"), "{markdown}");
    assert_eq!(
        markdown.lines().filter(|line| line.starts_with("| Founded")).count(),
        1,
        "the cell stays in its row"
    );
}

#[test]
fn a_footnote_leads_to_the_quote_in_its_context_and_to_the_live_page() {
    let html = render(&report(), TEMPLATE, Format::Html).unwrap();
    assert!(html.contains("<a href=\"#e1\">1</a>"), "{html}");
    assert!(html.contains("It was <mark class=\"verified\">founded in 2014</mark> in Leeds."), "{html}");
    assert!(html.contains("https://a.example/about?a=1&amp;b=2#:~:text=founded%20in%202014"), "{html}");
    assert_eq!(
        html.matches("href=\"#e1\"").count(),
        3,
        "the fact, the claim and the summary lead to the same quote"
    );
    assert_eq!(html.matches("id=\"e1\"").count(), 1);
    assert_eq!(html.matches("id=\"r1\"").count(), 1);
}

#[test]
fn what_a_macro_or_a_block_has_written_is_not_escaped_again() {
    let template = "{% macro said(text) %}*so: {{ text }}*{% endmacro %}{% set block %}*{{ title }}*{% endset %}\n\
                    {{ said(title) }}\n\n{{ block }}\n\n{{ said(title) | replace('so', 'thus') }}\n";
    let mut report = report();
    report.title = "a_b *c*".to_owned();
    let markdown = render(&report, template, Format::Markdown).unwrap();
    for line in ["*so: a\\_b \\*c\\**", "*a\\_b \\*c\\**", "*thus: a\\_b \\*c\\**"] {
        assert!(markdown.lines().any(|written| written == line), "{line} in {markdown}");
    }
}

#[test]
fn what_a_terminal_obeys_is_in_no_format() {
    let obeyed = "Zeta \u{1b}[31mRED\u{9b}0m\u{202e}txt.exe";
    let mut report = report();
    report.title = obeyed.to_owned();
    report.sections[0].findings[0].statement = obeyed.to_owned();
    report.sources[0].title = Some(obeyed.to_owned());
    report.citations[0].evidence.quote = obeyed.to_owned();
    report.citations[0].context.before = obeyed.to_owned();
    for format in Format::ALL {
        let text = render(&report, TEMPLATE, format).unwrap();
        let found = text.chars().find(|c| *c != '\n' && (c.is_control() || *c == '\u{202e}'));
        assert_eq!(found, None, "{format}: {text}");
        assert!(text.contains("RED"), "{format}");
    }
    let json = render(&report, TEMPLATE, Format::Json).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report, "nothing is lost");
}

#[test]
fn a_file_tells_which_subject_it_is_about() {
    let mut report = report();
    report.subject.key = "a.example/--><b>\"".to_owned();
    for format in Format::ALL {
        let file = render(&report, TEMPLATE, format).unwrap();
        assert!(is_about(&file, format, &report.subject.key), "{format}: {file}");
        assert!(!is_about(&file, format, "b.example"), "{format}");
        assert!(!is_about("a letter to a.example", format, "a.example"), "{format}");
        assert!(format == Format::Json || !file.contains("--><b>"), "{format}: {file}");
    }
}

#[test]
fn json_is_the_report() {
    let report = report();
    let json = render(&report, TEMPLATE, Format::Json).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}

#[test]
fn a_template_that_asks_for_what_is_not_there_is_refused_with_its_line() {
    let error = render(&report(), "fine\n{{ nothing.at.all }}", Format::Markdown).unwrap_err();
    assert!(error.to_string().contains("report.md:2"), "{error}");
}

#[test]
fn the_markdown_is_what_it_was() {
    let markdown = render(&report(), TEMPLATE, Format::Markdown).unwrap();
    insta::assert_snapshot!(markdown);
}
