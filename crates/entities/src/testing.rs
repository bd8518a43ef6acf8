//! Pages for tests, written as lines: `# ` heading, `- ` list item, `| ` table row, `> ` quote, `[3] ` card 3,
//! `{footer} ` region, anything else a paragraph.

#![allow(clippy::string_slice)]

use std::sync::OnceLock;

use chrono::DateTime;
use domain::document::Data;
use domain::{Block, BlockKind, Content, Document, Entity, Layer, Region, RunId, SubjectId, TenantId};
use serde_json::json;

use crate::knowledge::Knowledge;
use crate::technology::Fingerprints;
use crate::{Extractor, Options, Rules, Source, Technologies};

const RULES: &str = include_str!("../../pipelines/builtin/company/entities.toml");
const TECHNOLOGIES: &str = include_str!("../../pipelines/builtin/company/technologies.toml");

pub(crate) fn rules() -> Rules {
    Rules::parse(RULES).unwrap()
}

pub(crate) fn know() -> &'static Knowledge {
    static KNOW: OnceLock<Knowledge> = OnceLock::new();
    KNOW.get_or_init(|| {
        let table = Fingerprints::new(Technologies::parse(TECHNOLOGIES).unwrap()).unwrap();
        Knowledge::new(rules(), Some(table)).unwrap()
    })
}

pub(crate) fn extractor() -> &'static Extractor {
    static EXTRACTOR: OnceLock<Extractor> = OnceLock::new();
    EXTRACTOR
        .get_or_init(|| Extractor::new(rules(), Some(Technologies::parse(TECHNOLOGIES).unwrap())).unwrap())
}

/// A page of acme.example.
pub(crate) fn page(lines: &str) -> (Document, Content) {
    page_at("https://acme.example/", "home", lines)
}

pub(crate) fn page_at(url: &str, kind: &str, lines: &str) -> (Document, Content) {
    static SUBJECT: OnceLock<SubjectId> = OnceLock::new();
    let id = domain::DocumentId::new();
    let document = Document {
        id,
        tenant: TenantId::LOCAL,
        subject: *SUBJECT.get_or_init(SubjectId::new),
        run: RunId::new(),
        job: domain::JobId::new(),
        node: "site".into(),
        url: Some(url.into()),
        kind: kind.into(),
        content_type: "text/html".into(),
        size_bytes: 0,
        raw: domain::BlobId(String::new()),
        attributes: json!({}),
        fetched_at: DateTime::from_timestamp(1_740_000_000, 0).unwrap(),
    };
    (document, content(id, kind, lines))
}

fn content(document: domain::DocumentId, kind: &str, lines: &str) -> Content {
    let mut text = String::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut trail: Vec<(u8, String)> = Vec::new();
    for line in lines.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let mut rest = line;
        let (mut region, mut card) = (Region::Main, None);
        for (mark, is) in
            [("{footer} ", Region::Footer), ("{nav} ", Region::Nav), ("{hidden} ", Region::Hidden)]
        {
            if let Some(r) = rest.strip_prefix(mark) {
                (region, rest) = (is, r);
            }
        }
        if let Some((number, r)) = rest.strip_prefix('[').and_then(|r| r.split_once("] "))
            && let Ok(n) = number.parse()
        {
            (card, rest) = (Some(n), r);
        }
        let hashes = rest.bytes().take_while(|b| *b == b'#').count();
        let (block_kind, level, rest) = match rest {
            r if hashes > 0 && r[hashes..].starts_with(' ') => {
                (BlockKind::Heading, Some(hashes as u8), &r[hashes + 1..])
            }
            r if r.starts_with("- ") => (BlockKind::ListItem, None, &r[2..]),
            r if r.starts_with("| ") => (BlockKind::TableRow, None, &r[2..]),
            r if r.starts_with("> ") => (BlockKind::Quote, None, &r[2..]),
            r => (BlockKind::Paragraph, None, r),
        };
        if let Some(level) = level {
            trail.retain(|(l, _)| *l < level);
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let start = text.len() as u32;
        text.push_str(rest);
        blocks.push(Block {
            id: blocks.len() as u32,
            kind: block_kind,
            level,
            start,
            end: text.len() as u32,
            trail: trail.iter().map(|t| t.1.clone()).collect(),
            region,
            hash: xxhash_rust::xxh3::xxh3_64(rest.as_bytes()),
            card,
            page: None,
        });
        if let Some(level) = level {
            trail.push((level, rest.to_owned()));
        }
    }
    Content {
        document,
        text,
        blocks,
        links: Vec::new(),
        data: Data { opengraph: vec![("og:site_name".into(), "Acme".into())], ..Data::default() },
        title: None,
        language: Some("en".into()),
        author: None,
        published: None,
        modified: None,
        kind: kind.into(),
        kind_confidence: 1.0,
        kind_reason: String::new(),
        kinds_also: Vec::new(),
        word_count: 0,
        simhash: 0,
        text_hash: String::new(),
        injection_suspect: false,
        from_state: false,
        charset: None,
        warnings: Vec::new(),
    }
}

/// The entities of pages; every quote is checked.
pub(crate) fn extract(pages: &[(Document, Content)]) -> Vec<Entity> {
    extract_with(pages, &Options::default())
}

pub(crate) fn extract_with(pages: &[(Document, Content)], options: &Options) -> Vec<Entity> {
    let sources: Vec<Source<'_>> =
        pages.iter().map(|(document, content)| Source { document, content, raw: None }).collect();
    let entities = extractor().extract(&sources, options);
    for entity in &entities {
        for evidence in &entity.evidence {
            let (_, content) = pages.iter().find(|(d, _)| d.id == evidence.document).unwrap();
            assert_eq!(evidence.layer, Layer::Text);
            let there = &content.text[evidence.start as usize..evidence.end as usize];
            assert_eq!(there, evidence.quote, "{entity:?}");
        }
    }
    entities
}

/// Of a kind: the values, in order.
pub(crate) fn values(entities: &[Entity], kind: &str) -> Vec<String> {
    entities.iter().filter(|e| e.kind == kind).map(|e| e.value.clone()).collect()
}

/// The first value of an attribute, as text.
pub(crate) fn first(entity: &Entity, name: &str) -> Option<String> {
    let value = &entity.attributes.get(name)?.first()?.value;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
