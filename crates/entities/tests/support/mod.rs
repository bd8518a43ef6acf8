//! Small sites written as HTML: read by `content`, extracted, and every quote checked.

use chrono::DateTime;
use content::Hint;
use content::kinds::Kinds;
use domain::{BlobId, Content, Document, DocumentId, Entity, JobId, Layer, RunId, SubjectId, TenantId};
use entities::{Extractor, Options, Rules, Source, Technologies};
use url::Url;

const RULES: &str = include_str!("../../../pipelines/builtin/company/entities.toml");
const TECHNOLOGIES: &str = include_str!("../../../pipelines/builtin/company/technologies.toml");
const KINDS: &str = include_str!("../../../pipelines/builtin/company/kinds.toml");

/// The pages of one site.
pub struct Site {
    subject: SubjectId,
    kinds: Kinds,
    pages: Vec<(Document, Content, Vec<u8>)>,
}

impl Site {
    pub fn new() -> Self {
        Self { subject: SubjectId::new(), kinds: Kinds::parse(KINDS).unwrap(), pages: Vec::new() }
    }

    /// A page; its kind is judged as in a run.
    pub fn page(self, url: &str, html: &str) -> Self {
        self.page_bytes(url, html.as_bytes())
    }

    pub fn page_bytes(mut self, url: &str, html: &[u8]) -> Self {
        let parsed = Url::parse(url).unwrap();
        let hint = Hint { url: Some(&parsed), ..Hint::default() };
        let id = DocumentId::new();
        let content = content::read(html, &hint, Some(&self.kinds), id).unwrap();
        let document = Document {
            id,
            tenant: TenantId::LOCAL,
            subject: self.subject,
            run: RunId::new(),
            job: JobId::new(),
            node: "site".into(),
            url: Some(url.into()),
            kind: content.kind.clone(),
            content_type: "text/html".into(),
            size_bytes: html.len() as u64,
            raw: BlobId(String::new()),
            attributes: serde_json::json!({}),
            fetched_at: DateTime::from_timestamp(1_740_000_000, 0).unwrap(),
        };
        self.pages.push((document, content, html.to_vec()));
        self
    }

    pub fn extract(&self) -> Vec<Entity> {
        self.extract_with(&Options::default())
    }

    pub fn extract_with(&self, options: &Options) -> Vec<Entity> {
        let extractor =
            Extractor::new(Rules::parse(RULES).unwrap(), Some(Technologies::parse(TECHNOLOGIES).unwrap()))
                .unwrap();
        let sources: Vec<Source<'_>> = self
            .pages
            .iter()
            .map(|(document, content, raw)| Source { document, content, raw: Some(raw) })
            .collect();
        let entities = extractor.extract(&sources, options);
        self.assert_quotes(&entities);
        entities
    }

    /// Every quote stands in its layer at its offsets, and every value names evidence that is there.
    fn assert_quotes(&self, entities: &[Entity]) {
        for entity in entities {
            assert!(!entity.evidence.is_empty() || entity.kind == "technology", "{entity:#?}");
            for evidence in &entity.evidence {
                let (_, content, raw) =
                    self.pages.iter().find(|(d, _, _)| d.id == evidence.document).unwrap();
                let layer = match evidence.layer {
                    Layer::Text => content.text.as_bytes(),
                    Layer::Source => raw,
                };
                let there = &layer[evidence.start as usize..evidence.end as usize];
                assert_eq!(there, evidence.quote.as_bytes(), "{entity:#?}");
            }
            for attribute in entity.attributes.values().flatten() {
                assert!(
                    attribute.evidence.iter().all(|n| (*n as usize) < entity.evidence.len()),
                    "{entity:#?}"
                );
                assert!((0.0..=0.99).contains(&attribute.confidence), "{entity:#?}");
            }
            assert!((0.0..=0.99).contains(&entity.confidence), "{entity:#?}");
        }
    }
}

pub fn values(entities: &[Entity], kind: &str) -> Vec<String> {
    entities.iter().filter(|e| e.kind == kind).map(|e| e.value.clone()).collect()
}

pub fn one<'e>(entities: &'e [Entity], kind: &str, value: &str) -> &'e Entity {
    entities.iter().find(|e| e.kind == kind && e.value == value).unwrap_or_else(|| {
        panic!(
            "no {kind} {value} among {:?}",
            entities.iter().map(|e| (&e.kind, &e.value)).collect::<Vec<_>>()
        )
    })
}

/// All values of an attribute, as text.
pub fn all(entity: &Entity, name: &str) -> Vec<String> {
    let list = entity.attributes.get(name).cloned().unwrap_or_default();
    list.iter().map(|a| a.value.as_str().map_or_else(|| a.value.to_string(), str::to_owned)).collect()
}

/// Titles of a person's roles; `!` in front of those that are over, `@` before their company.
pub fn roles(entity: &Entity) -> Vec<String> {
    let list = entity.attributes.get("roles").cloned().unwrap_or_default();
    list.iter()
        .map(|a| {
            let over = if a.value["current"] == false { "!" } else { "" };
            let at = a.value["organisation"].as_str().map(|o| format!("@{o}")).unwrap_or_default();
            format!("{over}{}{at}", a.value["title"].as_str().unwrap())
        })
        .collect()
}
