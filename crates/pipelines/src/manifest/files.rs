//! The files that a manifest names: there, readable, and what they are meant to be.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;
use minijinja::Environment;
use serde_json::Value;
use toml::de::DeTable;

use super::arguments::{self, FileUse, Format};
use super::read::{Job, Text};
use crate::folder::{Folder, Refusal};
use crate::mistake::{Mistakes, Source};
use crate::nearest::nearest;
use crate::{json_text, schema, template};

/// All files of a pipeline together; every run keeps them.
const MAX_TOTAL_BYTES: usize = 8 * 1024 * 1024;

pub(super) struct Files<'a> {
    folder: &'a Folder,
    manifest: Source<'a>,
    mistakes: &'a mut Mistakes,
    texts: BTreeMap<String, String>,
    /// Files that were looked at for what they are, or cannot be had.
    checked: BTreeSet<(String, Format)>,
    refused: BTreeSet<String>,
    names: Option<Vec<String>>,
}

impl<'a> Files<'a> {
    pub(super) fn new(folder: &'a Folder, manifest: Source<'a>, mistakes: &'a mut Mistakes) -> Self {
        let (texts, checked, refused) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { folder, manifest, mistakes, texts, checked, refused, names: None }
    }

    /// Every file that was named, by its path.
    pub(super) fn into_texts(self) -> BTreeMap<String, String> {
        self.texts
    }

    /// The JSON Schema in a file that the manifest names.
    pub(super) fn json(&mut self, file: Option<&Text>) -> Option<Value> {
        let file = file?;
        self.one(&file.value, Format::Schema, file.span.start);
        let text = self.texts.get(&file.value)?;
        serde_json::from_str(text).ok().filter(Value::is_object)
    }

    /// The files in a job's arguments.
    pub(super) fn of(&mut self, job: &Job) {
        for FileUse { pointer, name, format } in arguments::files(job) {
            let offset = job.place(&pointer).value.start;
            match template::pattern(&name) {
                None => self.one(&name, format, offset),
                Some(pattern) => self.many(&name, &pattern, format, offset),
            }
        }
    }

    /// A name with templates stands for every file that it can become.
    fn many(&mut self, name: &str, pattern: &str, format: Format, offset: usize) {
        let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() else { return };
        let matcher = glob.compile_matcher();
        let matching: Vec<String> =
            self.names().iter().filter(|name| matcher.is_match(name)).cloned().collect();
        if matching.is_empty() {
            self.mistakes.at(self.manifest, offset, format!("no file of the folder fits `{name}`"));
        }
        matching.iter().for_each(|file| self.one(file, format, offset));
    }

    fn one(&mut self, name: &str, format: Format, offset: usize) {
        if !self.texts.contains_key(name) && !self.fetch(name, offset) {
            return;
        }
        if !self.checked.insert((name.to_owned(), format)) {
            return;
        }
        let text = self.texts.get(name).map_or("", String::as_str);
        let source = Source { file: name, text };
        match format {
            Format::Schema => is_schema(source, self.mistakes),
            Format::Template => is_template(source, self.mistakes),
            Format::Text if name.ends_with(".toml") => is_toml(source, self.mistakes),
            Format::Text if name.ends_with(".json") => drop(is_json(source, self.mistakes)),
            Format::Text => {}
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

fn is_schema(source: Source<'_>, mistakes: &mut Mistakes) {
    let Some(value) = is_json(source, mistakes) else { return };
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
}

fn is_template(source: Source<'_>, mistakes: &mut Mistakes) {
    if let Err(error) = Environment::new().template_from_str(source.text) {
        let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        mistakes.at(
            source,
            error.range().map_or(0, |range| range.start),
            format!("this is no template: {reason}"),
        );
    }
}

fn is_toml(source: Source<'_>, mistakes: &mut Mistakes) {
    for error in DeTable::parse_recoverable(source.text).1 {
        let reason = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        mistakes.at(source, error.span().map_or(0, |span| span.start), format!("this is no TOML: {reason}"));
    }
}
