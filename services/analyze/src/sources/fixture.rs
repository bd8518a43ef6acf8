//! Documents and contents for tests, written down page by page.

use domain::document::Data;
use domain::{
    BlobId, Block, BlockKind, Content, Document, DocumentId, JobId, Region, RunId, SubjectId, TenantId,
};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

/// An invented site; every page is a document.
pub(crate) struct Site {
    pages: Vec<Page>,
}

pub(crate) struct Page {
    document: Document,
    content: Content,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self { pages: Vec::new() }
    }

    pub(crate) fn page(&mut self, path: &str, kind: &str) -> &mut Page {
        let id = DocumentId::new();
        let document = Document {
            id,
            tenant: TenantId::LOCAL,
            subject: SubjectId::new(),
            run: RunId::new(),
            job: JobId::new(),
            node: "site".to_owned(),
            url: Some(format!("https://brightwater.example{path}")),
            kind: kind.to_owned(),
            content_type: "text/html".to_owned(),
            size_bytes: 0,
            raw: BlobId(String::new()),
            attributes: Value::Null,
            fetched_at: "2025-03-02T10:00:00Z".parse().unwrap(),
        };
        let content = Content {
            document: id,
            text: String::new(),
            blocks: Vec::new(),
            links: Vec::new(),
            data: Data::default(),
            title: Some(format!("{kind} \u{2013} Brightwater")),
            language: Some("en".to_owned()),
            author: None,
            published: None,
            modified: None,
            kind: kind.to_owned(),
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
        };
        self.pages.push(Page { document, content });
        self.last()
    }

    pub(crate) fn last(&mut self) -> &mut Page {
        self.pages.last_mut().unwrap()
    }

    pub(crate) fn pairs(&self) -> Vec<(Document, Content)> {
        self.pages.iter().map(|page| (page.document.clone(), page.content.clone())).collect()
    }
}

impl Page {
    pub(crate) fn paragraph(&mut self, text: &str) -> &mut Self {
        self.block(BlockKind::Paragraph, Region::Main, text)
    }

    pub(crate) fn heading(&mut self, text: &str) -> &mut Self {
        self.block(BlockKind::Heading, Region::Main, text)
    }

    pub(crate) fn row(&mut self, text: &str) -> &mut Self {
        self.block(BlockKind::TableRow, Region::Main, text)
    }

    pub(crate) fn quote(&mut self, text: &str) -> &mut Self {
        self.block(BlockKind::Quote, Region::Main, text)
    }

    pub(crate) fn in_region(&mut self, region: Region, text: &str) -> &mut Self {
        self.block(BlockKind::Paragraph, region, text)
    }

    pub(crate) fn card(&mut self, number: u32, texts: &[&str]) -> &mut Self {
        for text in texts {
            self.block(BlockKind::Card, Region::Main, text);
            self.content.blocks.last_mut().unwrap().card = Some(number);
        }
        self
    }

    pub(crate) fn also(&mut self, kind: &str) -> &mut Self {
        self.content.kinds_also.push(kind.to_owned());
        self
    }

    pub(crate) fn attributes(&mut self, attributes: Value) -> &mut Self {
        self.document.attributes = attributes;
        self
    }

    pub(crate) fn published(&mut self, date: &str) -> &mut Self {
        self.content.published = Some(date.to_owned());
        self
    }

    pub(crate) fn id(&self) -> DocumentId {
        self.document.id
    }

    fn block(&mut self, kind: BlockKind, region: Region, text: &str) -> &mut Self {
        let content = &mut self.content;
        if !content.text.is_empty() {
            content.text.push_str("\n\n");
        }
        let start = content.text.len();
        content.text.push_str(text);
        let trail: Vec<String> = content
            .blocks
            .iter()
            .rev()
            .find(|block| block.kind == BlockKind::Heading)
            .map(|heading| content.block_text(heading).to_owned())
            .into_iter()
            .collect();
        content.blocks.push(Block {
            id: content.blocks.len() as u32,
            kind,
            level: (kind == BlockKind::Heading).then_some(2),
            start: start as u32,
            end: content.text.len() as u32,
            trail,
            region,
            hash: xxh3_64(text.as_bytes()),
            card: None,
            page: None,
        });
        content.word_count += text.split_whitespace().count() as u32;
        self
    }
}
