//! `with` against what the worker declares: unknown and missing arguments, wrong types and values.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::read::{Job, Manifest, escape};
use crate::mistake::{Mistakes, Source};
use crate::nearest::nearest;
use crate::template::{self, Gives};
use crate::{schema, uses};

/// What a file is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Format {
    Text,
    Schema,
    /// The schema of a section's answer.
    Answer,
    Template,
}

/// A file that an argument names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileUse {
    pub(super) uses: &'static str,
    pub(super) pointer: String,
    pub(super) name: String,
    pub(super) format: Format,
}

struct Worker {
    arguments: Value,
    validator: Option<Validator>,
}

static WORKERS: LazyLock<BTreeMap<&'static str, Worker>> = LazyLock::new(|| {
    let workers = uses::catalog().into_iter().map(|declaration| {
        let arguments = declaration.arguments.to_value();
        let validator = schema::compile(&arguments).ok();
        (declaration.uses, Worker { arguments, validator })
    });
    workers.collect()
});

fn worker(job: &Job) -> Option<(&'static str, &'static Worker)> {
    let uses = job.uses.as_ref()?;
    WORKERS.get_key_value(uses.value.as_str()).map(|(name, worker)| (*name, worker))
}

pub(super) fn check(manifest: &Manifest, input: Option<&Value>, source: Source<'_>, mistakes: &mut Mistakes) {
    for job in &manifest.jobs {
        let Some((uses, worker)) = worker(job) else { continue };
        let mut check = Check { job, uses, worker, input, source, mistakes, templated: BTreeMap::new() };
        check.templates();
        let with = Value::Object(job.with.clone());
        for error in worker.validator.iter().flat_map(|validator| validator.iter_errors(&with)) {
            check.error(&error, "");
        }
    }
}

struct Check<'a> {
    job: &'a Job,
    uses: &'a str,
    worker: &'a Worker,
    input: Option<&'a Value>,
    source: Source<'a>,
    mistakes: &'a mut Mistakes,
    /// Strings with templates, by pointer: what they will be is not known yet.
    templated: BTreeMap<String, Gives>,
}

impl Check<'_> {
    /// Strings with templates have no value yet, but often a type.
    fn templates(&mut self) {
        for (pointer, text) in self.job.strings() {
            let gives = template::gives(text);
            if gives == Gives::Itself {
                continue;
            }
            if let Some(reason) = self.misfit(&pointer, &gives) {
                self.mistakes.at(self.source, self.job.place(&pointer).value.start, reason);
            }
            self.templated.insert(pointer, gives);
        }
    }

    /// Why what a template gives can never be what the argument wants.
    fn misfit(&self, pointer: &str, gives: &Gives) -> Option<String> {
        let root = &self.worker.arguments;
        let wanted = schema::types(root, schema::at(root, pointer)?)?;
        let (what, given) = match gives {
            Gives::Itself => return None,
            Gives::Text => ("this template".to_owned(), BTreeSet::from(["string"])),
            Gives::Value(path) => {
                let path = path.as_ref().filter(|path| path.first().is_some_and(|root| root == "input"))?;
                let input = self.input?;
                let names = path.get(1..)?;
                let found = names.iter().try_fold(input, |at, name| schema::property(input, at, name))?;
                (format!("`{}`", path.join(".")), schema::types(input, found)?)
            }
        };
        let fits = given.iter().any(|given| {
            wanted.contains(given)
                || (*given == "integer" && wanted.contains("number"))
                || (*given == "number" && wanted.contains("integer"))
        });
        let list = |types: &BTreeSet<&str>| {
            types.iter().copied().filter(|name| *name != "null").collect::<Vec<_>>().join(" or ")
        };
        (!fits).then(|| {
            format!(
                "`{}` must be of type {}, {what} is of type {}",
                last(pointer),
                list(&wanted),
                list(&given)
            )
        })
    }

    fn error(&mut self, error: &ValidationError<'_>, above: &str) {
        let pointer = format!("{above}{}", error.instance_path().as_str());
        if let Some(meant) = schema::meant(error) {
            // Errors of an alternative count their place from the alternative's own root.
            let nested = meant
                .iter()
                .all(|inner| inner.instance_path().as_str().starts_with(error.instance_path().as_str()));
            let above = if nested { above } else { &pointer };
            meant.iter().for_each(|inner| self.error(inner, above));
            return;
        }
        if self.is_open(&pointer, error.kind()) {
            return;
        }
        let place = self.job.place(&pointer);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = schema::at(&self.worker.arguments, &pointer)
                    .map(|schema| schema::properties(&self.worker.arguments, schema))
                    .unwrap_or_default();
                for key in unexpected {
                    let hint = nearest(key, known.iter().copied());
                    let key_at = self.job.place(&format!("{pointer}/{}", escape(key))).key;
                    self.mistakes.at(
                        self.source,
                        key_at,
                        format!("{} takes no `{key}`{hint}", self.whose(&pointer)),
                    );
                }
            }
            ValidationErrorKind::Required { property } => {
                let reason = format!("{} needs `{}`", self.whose(&pointer), schema::bare(property));
                self.mistakes.at(self.source, place.value.start, reason);
            }
            _ => {
                let reason = format!("`{}` {}", last(&pointer), schema::wording(error));
                self.mistakes.at(self.source, place.value.start, reason);
            }
        }
    }

    /// Whether an error is about something that a template will fill.
    fn is_open(&self, pointer: &str, kind: &ValidationErrorKind) -> bool {
        let alternatives = matches!(
            kind,
            ValidationErrorKind::AnyOf { .. }
                | ValidationErrorKind::OneOfNotValid { .. }
                | ValidationErrorKind::UniqueItems
        );
        let inside = format!("{pointer}/");
        self.templated.contains_key(pointer)
            || (alternatives && self.templated.keys().any(|templated| templated.starts_with(&inside)))
    }

    fn whose(&self, pointer: &str) -> String {
        if pointer.is_empty() { format!("`{}`", self.uses) } else { format!("`{}`", last(pointer)) }
    }
}

/// The last name in a pointer: of `/select/kinds/0`, `kinds`.
fn last(pointer: &str) -> &str {
    pointer
        .rsplit('/')
        .find(|segment| segment.parse::<usize>().is_err())
        .filter(|name| !name.is_empty())
        .unwrap_or("with")
}

/// The files that a job's arguments name, by the formats that its worker declares.
pub(super) fn files(job: &Job) -> Vec<FileUse> {
    let files = formats(job).into_iter().filter_map(|Formatted { uses, pointer, text, format, .. }| {
        let format = match format {
            "pipeline-file" => Format::Text,
            "pipeline-answer" => Format::Answer,
            "pipeline-template" => Format::Template,
            _ => return None,
        };
        Some(FileUse { uses, pointer, name: text.to_owned(), format })
    });
    files.collect()
}

/// Another job that an argument names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JobUse<'a> {
    pub(super) pointer: String,
    pub(super) id: &'a str,
    /// The workers that it may be a job of.
    pub(super) uses: Vec<&'static str>,
}

/// The other jobs that a job's arguments name.
pub(super) fn jobs(job: &Job) -> Vec<JobUse<'_>> {
    let jobs = formats(job).into_iter().filter(|argument| argument.format == "pipeline-job");
    let uses = |schema: &'static Value| {
        let names = schema.get("x-uses").and_then(Value::as_array).into_iter().flatten();
        names.filter_map(Value::as_str).collect()
    };
    jobs.map(|Formatted { pointer, text, schema, .. }| JobUse { pointer, id: text, uses: uses(schema) })
        .collect()
}

/// A string of a job's arguments that has a format.
struct Formatted<'a> {
    uses: &'static str,
    pointer: String,
    text: &'a str,
    format: &'static str,
    /// The schema that says so.
    schema: &'static Value,
}

fn formats(job: &Job) -> Vec<Formatted<'_>> {
    let Some((uses, worker)) = worker(job) else { return Vec::new() };
    let found = job.strings().into_iter().filter_map(|(pointer, text)| {
        let declared = schema::at(&worker.arguments, &pointer)?;
        let schemas = schema::alternatives(&worker.arguments, declared).into_iter();
        let (format, schema) =
            schemas.filter_map(|schema| Some((schema.get("format")?.as_str()?, schema))).next()?;
        Some(Formatted { uses, pointer, text, format, schema })
    });
    found.collect()
}
