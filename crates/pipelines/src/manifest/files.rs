//! The files that a manifest names: there, readable, and what they are meant to be.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;
use serde_json::Value;
use toml::de::DeTable;

use super::arguments::{self, FileUse, Format};
use super::read::{Job, Text};
use crate::folder::{Folder, Refusal};
use crate::mistake::{Mistakes, Source};
use crate::nearest::nearest;
use crate::readers::{Read, Readers, Unreadable};
use crate::{json_text, schema, template};

/// All files of a pipeline together; every run keeps them.
const MAX_TOTAL_BYTES: usize = 8 * 1024 * 1024;

pub(super) struct Files<'a> {
    folder: &'a Folder,
    readers: &'a Readers,
    manifest: Source<'a>,
    mistakes: &'a mut Mistakes,
    texts: BTreeMap<String, String>,
    /// Files that were looked at for what they are, or cannot be had.
    checked: BTreeSet<(String, Format)>,
    refused: BTreeSet<String>,
    /// Files that are not even what their names say.
    broken: BTreeSet<String>,
    names: Option<Vec<String>>,
}

impl<'a> Files<'a> {
    pub(super) fn new(
        folder: &'a Folder,
        readers: &'a Readers,
        manifest: Source<'a>,
        mistakes: &'a mut Mistakes,
    ) -> Self {
        Self {
            folder,
            readers,
            manifest,
            mistakes,
            texts: BTreeMap::new(),
            checked: BTreeSet::new(),
            refused: BTreeSet::new(),
            broken: BTreeSet::new(),
            names: None,
        }
    }

    /// Every file that was named, by its path.
    pub(super) fn into_texts(self) -> BTreeMap<String, String> {
        self.texts
    }

    /// The JSON Schema in a file that the manifest names.
    pub(super) fn json(&mut self, file: Option<&Text>) -> Option<Value> {
        let file = file?;
        self.one(&file.value, Format::Schema, None, file.span.start);
        let text = self.texts.get(&file.value)?;
        serde_json::from_str(text).ok().filter(Value::is_object)
    }

    /// The files in a job's arguments.
    pub(super) fn of(&mut self, job: &Job) {
        for FileUse { uses, pointer, name, format } in arguments::files(job) {
            let offset = job.place(&pointer).value.start;
            let read = self.readers.get(uses, pointer.trim_start_matches('/'));
            match template::pattern(&name) {
                None => self.one(&name, format, read, offset),
                Some(pattern) => self.many(&name, &pattern, format, read, offset),
            }
        }
    }

    /// A name with templates stands for every file that it can become.
    fn many(&mut self, name: &str, pattern: &str, format: Format, read: Option<Read>, offset: usize) {
        let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() else { return };
        let matcher = glob.compile_matcher();
        let matching: Vec<String> =
            self.names().iter().filter(|name| matcher.is_match(name)).cloned().collect();
        if matching.is_empty() {
            self.mistakes.at(self.manifest, offset, format!("no file of the folder fits `{name}`"));
        }
        matching.iter().for_each(|file| self.one(file, format, read, offset));
    }

    fn one(&mut self, name: &str, format: Format, read: Option<Read>, offset: usize) {
        if !self.texts.contains_key(name) && !self.fetch(name, offset) {
            return;
        }
        let text = self.texts.get(name).map_or("", String::as_str);
        let source = Source { file: name, text };
        if self.checked.insert((name.to_owned(), format)) {
            let before = self.mistakes.len();
            is(format, source, self.mistakes);
            if self.mistakes.len() > before {
                self.broken.insert(name.to_owned());
            }
        }
        // Of what is broken already, a worker could only say the same in other words.
        if let Some(read) = read.filter(|_| !self.broken.contains(name)) {
            reads(read, source, self.mistakes);
        }
    }

    fn fetch(&mut self, name: &str, offset: usize) -> bool {
        if !self.refused.contains(name) {
            match self.folder.read(name) {
                Ok(text) => {
                    self.texts.insert(name.to_owned(), text);
                    let total: usize = self.texts.values().map(String::len).sum();
                    if total > MAX_TOTAL_BYTES {
                        self.mistakes.at(self.manifest, offset, "the files together are larger than 8 MiB");
                    }
                    return true;
                }
                Err(refusal) => {
                    let hint = match refusal {
                        Refusal::Missing => nearest(name, self.names().iter().map(String::as_str)),
                        _ => String::new(),
                    };
                    self.mistakes.at(self.manifest, offset, format!("`{name}`: {refusal}{hint}"));
                    self.refused.insert(name.to_owned());
                }
            }
        }
        false
    }

    fn names(&mut self) -> &[String] {
        let folder = self.folder;
        self.names.get_or_insert_with(|| folder.names())
    }
}

fn is(format: Format, source: Source<'_>, mistakes: &mut Mistakes) {
    match format {
        Format::Answer => is_answer(source, mistakes),
        Format::Schema => drop(is_schema(source, mistakes)),
        Format::Template => is_template(source, mistakes),
        Format::Text if source.file.ends_with(".toml") => is_toml(source, mistakes),
        Format::Text if source.file.ends_with(".json") => drop(is_json(source, mistakes)),
        Format::Text => {}
    }
}

/// Whether the worker can use it.
fn reads(read: Read, source: Source<'_>, mistakes: &mut Mistakes) {
    let Err(Unreadable { place, reason }) = read(source.text) else { return };
    match place {
        Some((line, column)) => mistakes.line(source.file, line, column, reason),
        None => mistakes.file(source.file, reason),
    }
}

fn is_json(source: Source<'_>, mistakes: &mut Mistakes) -> Option<Value> {
    let parsed = serde_json::from_str(source.text);
    parsed
        .map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            mistakes.line(source.file, error.line(), error.column(), format!("this is no JSON: {reason}"));
        })
        .ok()
}

fn is_schema(source: Source<'_>, mistakes: &mut Mistakes) -> Option<Value> {
    let value = is_json(source, mistakes)?;
    for (pointer, reason) in schema::compile(&value).err().into_iter().flatten() {
        let place = if pointer.is_empty() { String::new() } else { format!(" `{pointer}`") };
        mistakes.at(
            source,
            json_text::offset(source.text, &pointer),
            format!("this is no JSON Schema:{place} {reason}"),
        );
    }
    for pointer in schema::foreign_words(&value) {
        let word = pointer.rsplit('/').next().unwrap_or_default();
        let hint = nearest(word, schema::WORDS);
        mistakes.at(
            source,
            json_text::offset(source.text, &pointer),
            format!("`{word}` has no meaning here{hint}"),
        );
    }
    Some(value)
}

/// A section's answer has claims, a summary, or both, each a list of objects with what it says.
fn is_answer(source: Source<'_>, mistakes: &mut Mistakes) {
    let before = mistakes.len();
    let Some(root) = is_schema(source, mistakes).filter(|_| mistakes.len() == before) else { return };
    let lists = [("claims", "statement"), ("summary", "text")];
    if !lists.iter().any(|(list, _)| root.pointer(&format!("/properties/{list}")).is_some()) {
        mistakes.at(
            source,
            0,
            "the schema of an answer must have `claims` or `summary` among its `properties`",
        );
    }
    for (list, says) in lists {
        let place = format!("/properties/{list}");
        let Some(schema) = root.pointer(&place) else { continue };
        let entry = schema::alternatives(&root, schema).into_iter().find_map(|schema| schema.get("items"));
        let says_so = entry.is_some_and(|entry| {
            let required = schema::alternatives(&root, entry).into_iter().any(|schema| {
                let names = schema.get("required").and_then(Value::as_array);
                names.is_some_and(|names| names.iter().any(|name| name == says))
            });
            required && schema::property(&root, entry, says).is_some()
        });
        if !says_so {
            let reason = format!("`{list}` must be a list of objects that are required to have a `{says}`");
            mistakes.at(source, json_text::offset(source.text, &place), reason);
        }
    }
}

fn is_template(source: Source<'_>, mistakes: &mut Mistakes) {
    for (offset, reason) in template::report::mistakes(source.text) {
        mistakes.at(source, offset, reason);
    }
}

fn is_toml(source: Source<'_>, mistakes: &mut Mistakes) {
    for error in DeTable::parse_recoverable(source.text).1 {
        let reason = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        mistakes.at(source, error.span().map_or(0, |span| span.start), format!("this is no TOML: {reason}"));
    }
}
