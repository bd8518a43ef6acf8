//! `extract.entities`: who and what all documents of a run name, merged, with evidence.

use std::collections::BTreeMap;

use ::entities::{Extractor, Options, Rules, Source, Technologies};
use async_trait::async_trait;
use bytes::Bytes;
use domain::{Content, Document, Entity};
use pipelines::uses::{ExtractEntities, File, People};
use serde::Serialize;
use store::Effects;
use tokio::sync::mpsc;
use worker::{Context, Error, Outcome, Worker};

use crate::thread;

/// Raw documents that wait to be read: few, so that a large site does not lie in memory twice.
const READ_AHEAD: usize = 4;

#[derive(Debug)]
pub(crate) struct EntitiesWorker;

/// What the job says of its entities.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    documents: usize,
    entities: usize,
    by_kind: BTreeMap<String, usize>,
    /// Entities whose sources disagree.
    conflicts: usize,
}

#[async_trait]
impl Worker for EntitiesWorker {
    type Args = ExtractEntities;
    type Output = Output;

    async fn run(&self, ctx: &Context, args: ExtractEntities) -> Result<Outcome<Output>, Error> {
        let rules = Rules::parse(ctx.file(&args.rules.0)?).map_err(|error| invalid(&args.rules, &error))?;
        let technologies = match &args.technologies {
            Some(file) => {
                Some(Technologies::parse(ctx.file(&file.0)?).map_err(|error| invalid(file, &error))?)
            }
            None => None,
        };
        let extractor = Extractor::new(rules, technologies).map_err(|error| invalid(&args.rules, &error))?;
        let options = Options { people: args.people == People::Roles };
        let contents = ctx.tenant().contents(ctx.run().id).await?;
        let documents: Vec<Document> = contents.iter().map(|(document, _)| document.clone()).collect();

        let (sender, raws) = mpsc::channel(READ_AHEAD);
        let told = ctx.cancelled().clone();
        let reading = tokio::task::spawn_blocking(move || {
            extract(&extractor, &contents, options, raws, &|| told.is_cancelled())
        });
        let sent = send(ctx, &documents, sender).await;
        let found = reading.await.map_err(|stopped| {
            thread::error(&stopped, "a document met a case the extraction was not written for")
        })?;
        sent?;
        let entities = found.ok_or(Error::Cancelled)?;
        let output = Output {
            documents: documents.len(),
            entities: entities.len(),
            by_kind: entities.iter().fold(BTreeMap::new(), |mut counts, entity| {
                *counts.entry(entity.kind.clone()).or_default() += 1;
                counts
            }),
            conflicts: entities.iter().filter(|entity| !entity.conflicts.is_empty()).count(),
        };
        Ok(Outcome::with(output, Effects { entities, ..Effects::default() }))
    }
}

fn invalid(file: &File, error: &::entities::Error) -> Error {
    Error::fatal("invalid_rules", format!("{}: {error}", file.0))
}

/// Hands the raw bytes over, in the order of the documents; only pages have any that can be quoted.
async fn send(
    ctx: &Context,
    documents: &[Document],
    sender: mpsc::Sender<Option<Bytes>>,
) -> Result<(), Error> {
    for document in documents {
        ctx.check()?;
        let page = document.content_type.contains("html");
        let raw = if page { Some(ctx.store().blobs().get(&document.raw).await?) } else { None };
        if sender.send(raw).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// None if the job was told to stop meanwhile.
fn extract(
    extractor: &Extractor,
    contents: &[(Document, Content)],
    options: Options,
    mut raws: mpsc::Receiver<Option<Bytes>>,
    stop: &dyn Fn() -> bool,
) -> Option<Vec<Entity>> {
    let pairs: Vec<(&Document, &Content)> =
        contents.iter().map(|(document, content)| (document, content)).collect();
    let mut run = extractor.begin(&pairs, &options, stop);
    for (document, content) in pairs {
        // The sender stops early only when the job is to stop, or the bytes cannot be had.
        let raw = raws.blocking_recv()?;
        run.read(&Source { document, content, raw: raw.as_deref() });
    }
    run.finish()
}
