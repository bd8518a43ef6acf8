//! `extract.content`: what one document says, read from its stored bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ::content::kinds::Kinds;
use ::content::{Error as Unread, Hint};
use async_trait::async_trait;
use domain::{Content, Document};
use pipelines::uses::ExtractContent;
use serde::Serialize;
use serde_json::Value;
use store::Effects;
use url::Url;
use worker::{Context, Error, Outcome, Worker};

use crate::thread;

#[derive(Debug, Default)]
pub(crate) struct ContentWorker {
    /// Tables of page kinds by the hash of their text: every document of a run is judged by the same one, and to
    /// compile it takes longer than to read a page.
    tables: Mutex<HashMap<String, Arc<Kinds>>>,
}

/// Tables kept; a process serves few pipelines at a time.
const MOST_TABLES: usize = 8;

impl ContentWorker {
    fn table(&self, text: &str) -> Result<Arc<Kinds>, Error> {
        let hash = ::content::text_hash(text);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tables.get(&hash) {
            return Ok(Arc::clone(known));
        }
        let table = Kinds::parse(text).map_err(|error| Error::fatal("invalid_kinds", error.to_string()))?;
        let table = Arc::new(table);
        if tables.len() >= MOST_TABLES {
            tables.clear();
        }
        tables.insert(hash, Arc::clone(&table));
        Ok(table)
    }
}

/// What the job says of the document.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    kind: String,
    words: u32,
    language: Option<String>,
}

#[async_trait]
impl Worker for ContentWorker {
    type Args = ExtractContent;
    type Output = Output;

    async fn run(&self, ctx: &Context, args: ExtractContent) -> Result<Outcome<Output>, Error> {
        let id = ctx.job().document.ok_or_else(|| {
            Error::fatal("no_document", "extract.content runs once per document: give the job `for_each`")
        })?;
        let kinds = match &args.kinds {
            Some(file) => Some(self.table(ctx.file(&file.0)?)?),
            None => None,
        };
        let document = ctx.tenant().document(id).await?;
        let raw = ctx.store().blobs().get(&document.raw).await?;
        let own_name = ctx.tenant().subject(ctx.job().subject).await?.name;
        ctx.check()?;

        let read =
            tokio::task::spawn_blocking(move || read(&raw, &document, kinds.as_deref(), own_name.as_deref()));
        let content = read
            .await
            .map_err(|stopped| {
                thread::error(&stopped, "the document met a case its reader was not written for")
            })?
            .map_err(|unread| Error::fatal("unreadable", unread.to_string()))?;
        let output = Output {
            kind: content.kind.clone(),
            words: content.word_count,
            language: content.language.clone(),
        };
        Ok(Outcome::with(output, Effects { contents: vec![content], ..Effects::default() }))
    }
}

fn read(
    raw: &[u8],
    document: &Document,
    kinds: Option<&Kinds>,
    own_name: Option<&str>,
) -> Result<Content, Unread> {
    let url = document.url.as_deref().and_then(|url| Url::parse(url).ok());
    let header = |name: &str| document.attributes.pointer("/headers")?.get(name)?.as_str();
    let anchors: Vec<&str> = document
        .attributes
        .get("anchors")
        .and_then(Value::as_array)
        .map(|anchors| anchors.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let hint = Hint {
        url: url.as_ref(),
        content_type: document
            .attributes
            .get("content_type")
            .and_then(Value::as_str)
            .or_else(|| header("content-type")),
        content_language: header("content-language"),
        last_modified: document
            .attributes
            .get("last_modified")
            .and_then(Value::as_str)
            .or_else(|| header("last-modified")),
        anchors: &anchors,
        own_name,
    };
    let mut content = ::content::read(raw, &hint, kinds, document.id)?;
    if kinds.is_none() {
        content.kind.clone_from(&document.kind);
        content.kind_reason = "as the finder took it".to_owned();
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::{BlobId, DocumentId, JobId, RunId, SubjectId, TenantId};
    use serde_json::json;

    use super::*;

    fn document(attributes: Value) -> Document {
        Document {
            id: DocumentId::new(),
            tenant: TenantId::LOCAL,
            subject: SubjectId::new(),
            run: RunId::new(),
            job: JobId::new(),
            node: "site".to_owned(),
            url: Some("https://acme.example/team".to_owned()),
            kind: "team".to_owned(),
            content_type: "text/html".to_owned(),
            size_bytes: 0,
            raw: BlobId("0".repeat(64)),
            attributes,
            fetched_at: DateTime::UNIX_EPOCH,
        }
    }

    const TABLE: &str = include_str!("../../../crates/pipelines/builtin/company/kinds.toml");

    #[test]
    fn the_headers_kept_with_a_document_are_heard() {
        let raw = b"<html><p>Gr\xf6\xdfe</p><a href=/x>x</a>";
        let kept = document(
            json!({"headers": {"content-type": "text/html; charset=iso-8859-1", "content-language": "de"}}),
        );
        let content = read(raw, &kept, None, None).unwrap();
        assert_eq!(content.blocks.first().map(|block| content.block_text(block)), Some("Größe"));
        assert_eq!(content.language.as_deref(), Some("de"));
        assert_eq!(content.links.first().map(|link| link.href.as_str()), Some("https://acme.example/x"));
        assert_eq!(content.document, kept.id);
    }

    #[test]
    fn without_a_table_of_kinds_the_finder_s_guess_stays() {
        let kept = document(json!({}));
        assert_eq!(read(b"<html><p>x", &kept, None, None).unwrap().kind, "team");
        let table = Kinds::parse(TABLE).unwrap();
        let judged = read(b"<html><h1>Our team</h1><p>x", &kept, Some(&table), Some("Acme")).unwrap();
        assert_eq!(judged.kind, "team");
        assert!(judged.kind_confidence > 0.8 && judged.kind_reason != "as the finder took it");
    }

    #[test]
    fn a_table_is_compiled_once() {
        let worker = ContentWorker::default();
        let (first, second) = (worker.table(TABLE).unwrap(), worker.table(TABLE).unwrap());
        assert!(Arc::ptr_eq(&first, &second));
        assert!(matches!(worker.table("nonsense"), Err(Error::Fatal(_))));
    }

    #[test]
    fn bytes_that_are_no_document_say_why() {
        let kept = document(json!({}));
        assert!(matches!(read(b"\x89PNG\r\n\x1a\n", &kept, None, None), Err(Unread::Unsupported(_))));
    }
}
