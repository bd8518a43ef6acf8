//! `pipeline.toml`: read, checked, expanded to a [`Snapshot`].
//!
//! Everything is checked when a pipeline is loaded, and every mistake is reported at once, so that a run never meets one.
//! The order is: the text ([`read`]), the graph ([`order`]), the files ([`files`]), the arguments ([`arguments`]), the
//! names in templates and conditions ([`names`]).

mod arguments;
mod files;
mod names;
mod order;
mod read;

use std::collections::BTreeMap;
use std::path::Path;

use domain::Stage;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::folder::Folder;
use crate::input;
use crate::mistake::{Invalid, Mistakes, Source};
use crate::{Node, Readers, Snapshot};
use files::Files;
use read::Manifest;

/// The file that makes a folder a pipeline.
pub const FILE: &str = "pipeline.toml";

/// The pipeline in a folder on disk, for whoever has no workers: see [`Readers`].
///
/// # Errors
/// Every mistake in the manifest and the files it names.
pub fn load(folder: &Path) -> Result<Snapshot, Invalid> {
    load_with(folder, &Readers::default())
}

/// The pipeline in a folder on disk; `readers` judge the files that only workers understand.
///
/// # Errors
/// Every mistake in the manifest and the files it names.
pub fn load_with(folder: &Path, readers: &Readers) -> Result<Snapshot, Invalid> {
    let name = folder.display().to_string();
    let folder = Folder::open(folder).map_err(|error| {
        let mut mistakes = Mistakes::default();
        mistakes.file(FILE, format!("the folder cannot be read: {error}"));
        Invalid { folder: name.clone(), mistakes: mistakes.sorted() }
    })?;
    load_from(&folder, &name, readers)
}

/// The pipeline in a folder; `name` is what mistakes call the folder.
pub(crate) fn load_from(folder: &Folder, name: &str, readers: &Readers) -> Result<Snapshot, Invalid> {
    let mut mistakes = Mistakes::default();
    let snapshot = expand(folder, readers, &mut mistakes);
    match snapshot.filter(|_| mistakes.is_empty()) {
        Some(snapshot) => Ok(snapshot),
        None => Err(Invalid { folder: name.to_owned(), mistakes: mistakes.sorted() }),
    }
}

fn expand(folder: &Folder, readers: &Readers, mistakes: &mut Mistakes) -> Option<Snapshot> {
    let text = match folder.read(FILE) {
        Ok(text) => text,
        Err(refusal) => {
            mistakes.file(FILE, refusal.to_string());
            return None;
        }
    };
    let source = Source { file: FILE, text: &text };
    let manifest = read::manifest(source, mistakes)?;
    let before = order::check(&manifest, source, mistakes);
    let mut files = Files::new(folder, readers, source, mistakes);
    let fields = files.json(manifest.input.as_ref());
    let profile = files.json(manifest.profile.as_ref());
    for job in &manifest.jobs {
        files.of(job);
    }
    let files = files.into_texts();
    arguments::check(&manifest, fields.as_ref(), source, mistakes);
    if let (Some(schema), Some(file)) = (&fields, &manifest.input) {
        let text = files.get(&file.value).map_or("", String::as_str);
        input::check(schema, Source { file: &file.value, text }, mistakes);
    }
    names::Names { manifest: &manifest, before, input: fields.as_ref(), profile: profile.as_ref() }
        .check(source, mistakes);
    Some(snapshot(manifest, files, fields?, profile, &text))
}

fn snapshot(
    manifest: Manifest,
    files: BTreeMap<String, String>,
    input: Value,
    profile: Option<Value>,
    text: &str,
) -> Snapshot {
    let owned = |texts: Vec<read::Text>| texts.into_iter().map(|text| text.value).collect();
    let nodes = manifest.jobs.into_iter().filter_map(|job| {
        let uses = job.uses?.value;
        Some(Node {
            id: job.id?.value,
            stage: Stage::of_worker(&uses)?,
            uses,
            with: job.with,
            needs: owned(job.needs),
            for_each: owned(job.for_each),
            when: owned(job.when),
            optional: job.optional,
            group: job.group.map(|group| group.value),
        })
    });
    let text_of = |text: Option<read::Text>| text.map(|text| text.value).unwrap_or_default();
    Snapshot {
        hash: hash(text, &files),
        nodes: nodes.collect(),
        name: text_of(manifest.name),
        title: text_of(manifest.title),
        subject: text_of(manifest.subject),
        subject_key: text_of(manifest.subject_key),
        files,
        input,
        profile,
    }
}

/// Over names and contents, each with its length, so that no two folders can look alike.
fn hash(manifest: &str, files: &BTreeMap<String, String>) -> String {
    let mut hasher = Sha256::new();
    let all = std::iter::once((FILE, manifest))
        .chain(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    for part in all.flat_map(|(name, text)| [name, text]) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests;
