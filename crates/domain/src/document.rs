//! Documents (sources kept, immutable) and their content (what `extract.content` read in them).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{BlobId, DocumentId, JobId, RunId, SubjectId, TenantId};

/// How a fetch ended. Only [`Verdict::Content`] goes on to analysis; every other one is listed as not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Content,
    Missing,
    Login,
    Blocked,
    Challenge,
    #[serde(rename = "soft_404")]
    Soft404,
    Empty,
    NeedsOcr,
    Error,
}

impl Verdict {
    pub const ALL: [Self; 9] = [
        Self::Content,
        Self::Missing,
        Self::Login,
        Self::Blocked,
        Self::Challenge,
        Self::Soft404,
        Self::Empty,
        Self::NeedsOcr,
        Self::Error,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Missing => "missing",
            Self::Login => "login",
            Self::Blocked => "blocked",
            Self::Challenge => "challenge",
            Self::Soft404 => "soft_404",
            Self::Empty => "empty",
            Self::NeedsOcr => "needs_ocr",
            Self::Error => "error",
        }
    }
}

/// A source kept: page, PDF, entry, transcript, sample, script. Never changed; a changed page is a new document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub id: DocumentId,
    pub tenant: TenantId,
    pub subject: SubjectId,
    /// The run that brought it in.
    pub run: RunId,
    /// The job that emitted it, and that job's place in the graph (what `for_each` names).
    pub job: JobId,
    pub node: String,
    /// The final URL; none for what did not come from the web.
    pub url: Option<String>,
    /// What sort of source the finder took it for (`pricing`, `team`); the content's kind is the judged one.
    pub kind: String,
    /// By content, not by extension: `text/html`, `application/pdf`.
    pub content_type: String,
    pub size_bytes: u64,
    /// The bytes as received (after transfer and content encoding).
    pub raw: BlobId,
    /// What the finder knows besides: status, redirects, aliases, headers, depth, via, signals, hashes.
    pub attributes: Value,
    pub fetched_at: DateTime<Utc>,
}

/// Which representation of a document an offset counts in. Offsets are UTF-8 byte ranges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// [`Content::text`].
    #[default]
    Text,
    /// The raw bytes.
    Source,
}

impl Layer {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Source => "source",
        }
    }
}

/// What a document says, read once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    pub document: DocumentId,
    /// NFC; white space folded inside a block, blocks parted by one blank line (`"\n\n"`). A line break of the source
    /// (`<br>`, a line of code) stays as one `"\n"`; nothing invisible (soft hyphens, zero-width signs) is left.
    pub text: String,
    /// In order of the text, covering all of it; `text[start..end]` is the block.
    pub blocks: Vec<Block>,
    pub links: Vec<Link>,
    /// What the page says in structured form.
    pub data: Data,
    pub title: Option<String>,
    /// BCP-47 primary language, `en`.
    pub language: Option<String>,
    pub author: Option<String>,
    /// ISO dates as printed or declared, `2024-03-01` or with a time.
    pub published: Option<String>,
    pub modified: Option<String>,
    /// The judged sort of page, how sure (0–1), why, and what else it is with ≥ .5.
    pub kind: String,
    pub kind_confidence: f64,
    pub kind_reason: String,
    pub kinds_also: Vec<String>,
    /// Words in `main` blocks.
    pub word_count: u32,
    /// Similarity hash and exact hash (hexadecimal) of the visible text.
    pub simhash: u64,
    pub text_hash: String,
    /// The text holds a sentence addressed to a model ("ignore previous instructions …").
    pub injection_suspect: bool,
    /// Built from embedded application state, not from visible elements.
    pub from_state: bool,
    pub charset: Option<String>,
    /// What could not be read: a broken JSON-LD block, a bad PDF page.
    pub warnings: Vec<String>,
}

/// Structured data of a page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Data {
    pub jsonld: Vec<DataItem>,
    pub microdata: Vec<DataItem>,
    pub rdfa: Vec<DataItem>,
    /// `og:*`, `article:*`, `product:*` and the like, in order of the page.
    pub opengraph: Vec<(String, String)>,
    /// `name` or `http-equiv` and `content`.
    pub meta: Vec<(String, String)>,
}

/// One structured object and where it stands in the raw bytes (`Layer::Source`): of JSON-LD the text of its script, of
/// microdata and RDFa the item's element (its start tag, where the end is not certain). `0..0` where nothing is certain.
///
/// Microdata and RDFa have the shape of JSON-LD (`@context`, `@type`, `@id`, properties by their short names).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataItem {
    pub value: Value,
    pub start: u64,
    pub end: u64,
}

/// A stretch of text that belongs together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Its number in the document, from 0.
    pub id: u32,
    pub kind: BlockKind,
    /// Of a heading: 1–6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    pub start: u32,
    pub end: u32,
    /// The headings above it, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trail: Vec<String>,
    pub region: Region,
    /// Of the folded text: equal text, equal hash.
    pub hash: u64,
    /// Blocks of one card (a repeated sibling subtree) share its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<u32>,
    /// Of a paged source (PDF): from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    Heading,
    Paragraph,
    ListItem,
    /// Cells parted by ` | `.
    TableRow,
    Quote,
    Card,
    Caption,
    Code,
}

/// Where on the page. Boilerplate is marked, not deleted; models get `main`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    Main,
    Nav,
    Footer,
    Aside,
    /// Consent and cookie notices.
    Banner,
    /// Not shown to a reader; never sent to a model.
    Hidden,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Absolute, as resolved against the page's base.
    pub href: String,
    /// The anchor's text, or the alternative text of its image.
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rel: Option<String>,
    pub region: Region,
    pub kind: LinkKind,
    /// The block the anchor stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<u32>,
    /// The anchor's start tag in the raw source, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    Page,
    Mailto,
    Tel,
    /// A known social network.
    Profile,
    File,
}

impl Content {
    /// The text of a block, empty if the block is not of this content.
    #[must_use]
    pub fn block_text(&self, block: &Block) -> &str {
        self.text.get(block.start as usize..block.end as usize).unwrap_or_default()
    }
}
