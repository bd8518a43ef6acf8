//! Every name in a template or a condition leads somewhere: into the input, the subject, or a job that comes before.

use std::collections::BTreeSet;

use serde_json::Value;

use super::arguments::{self, JobUse};
use super::order::Before;
use super::read::{Job, Manifest, Text};
use crate::expr::{self, FUNCTIONS, Reference};
use crate::mistake::{Mistakes, Source};
use crate::nearest::nearest;
use crate::template::Gives;
use crate::{schema, template};

/// What a subject has in templates and conditions.
const SUBJECT: [&str; 6] = ["facts", "key", "kind", "latest_version", "name", "profile"];

pub(super) struct Names<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) before: Before,
    pub(super) input: Option<&'a Value>,
    pub(super) profile: Option<&'a Value>,
}

impl Names<'_> {
    pub(super) fn check(&self, source: Source<'_>, mistakes: &mut Mistakes) {
        if let Some(key) = &self.manifest.subject_key {
            self.template(key, None, source, mistakes);
        }
        for job in &self.manifest.jobs {
            for (pointer, value) in job.strings() {
                let text = Text { value: value.to_owned(), span: job.place(&pointer).value };
                self.template(&text, Some(job), source, mistakes);
            }
            job.when.iter().for_each(|when| self.condition(when, job, source, mistakes));
            for used in arguments::jobs(job) {
                if let Some(reason) = self.no_such_job(&used, job) {
                    mistakes.at(source, job.place(&used.pointer).value.start, reason);
                }
            }
        }
    }

    fn template(&self, text: &Text, job: Option<&Job>, source: Source<'_>, mistakes: &mut Mistakes) {
        if let Err(error) = template::check(&text.value) {
            let (offset, reason) = error.placed();
            mistakes.at(
                source,
                source.inside(&text.span, &text.value, offset),
                format!("this is no template: {reason}"),
            );
            return;
        }
        for path in template::references(&text.value) {
            self.report(&path, text, job, source, mistakes);
        }
    }

    fn condition(&self, when: &Text, job: &Job, source: Source<'_>, mistakes: &mut Mistakes) {
        let references = match expr::references(&when.value) {
            Ok(references) => references,
            Err(error) => {
                let offset = match &error {
                    expr::Error::Syntax { line, column, .. } => byte(&when.value, *line, *column),
                    _ => 0,
                };
                let reason = format!("this is no condition: {error}");
                mistakes.at(source, source.inside(&when.span, &when.value, offset), reason);
                return;
            }
        };
        for reference in references {
            match reference {
                Reference::Path(path) => self.report(&path, when, Some(job), source, mistakes),
                Reference::Function(name) if !FUNCTIONS.contains(&name.as_str()) => {
                    let at = source.inside(&when.span, &when.value, when.value.find(&name).unwrap_or(0));
                    let hint = nearest(&name, FUNCTIONS);
                    mistakes.at(source, at, format!("there is no function `{name}`{hint}"));
                }
                Reference::Function(_) => {}
            }
        }
    }

    fn report(
        &self,
        path: &[String],
        text: &Text,
        job: Option<&Job>,
        source: Source<'_>,
        mistakes: &mut Mistakes,
    ) {
        if let Some(reason) = self.unknown(path, job) {
            let at = text.value.find(&path.join(".")).unwrap_or(0);
            mistakes.at(source, source.inside(&text.span, &text.value, at), reason);
        }
    }

    /// Why a name leads nowhere, if it does.
    fn unknown(&self, path: &[String], job: Option<&Job>) -> Option<String> {
        let (root, rest) = path.split_first()?;
        let first = rest.first().map(String::as_str);
        match (root.as_str(), first) {
            ("input", _) => in_schema("input", self.input?, rest),
            _ if job.is_none() => {
                Some(format!("`{root}` is not known yet: the subject's key is made from `input` alone"))
            }
            ("subject", Some("profile")) => match self.profile {
                Some(profile) => in_schema("subject.profile", profile, rest.get(1..)?),
                None if self.manifest.profile.is_some() || rest.len() < 2 => None,
                None => {
                    Some("the pipeline has no `profile` schema that says what a profile holds".to_owned())
                }
            },
            ("subject", Some(name)) if !SUBJECT.contains(&name) => {
                Some(format!("`subject` has no `{name}`{}", nearest(name, SUBJECT)))
            }
            ("subject", _) => None,
            ("state", Some(id)) => self.not_before(id, job?),
            ("state", None) => None,
            (id, _) => self.not_before(id, job?).or_else(|| self.without_output(id)),
        }
    }

    /// A job per document leaves documents and what was read in them, but no output of its own.
    fn without_output(&self, id: &str) -> Option<String> {
        let named = |job: &&Job| job.id.as_ref().is_some_and(|own| own.value == id);
        let fans = self.manifest.jobs.iter().find(named).is_some_and(|job| !job.for_each.is_empty());
        fans.then(|| {
            format!("`{id}` runs once per document and has no output; `state.{id}` says how it ended")
        })
    }

    /// Why an argument names no job that `job` could read something of.
    fn no_such_job(&self, used: &JobUse<'_>, job: &Job) -> Option<String> {
        let JobUse { id, uses, .. } = used;
        if template::gives(id) != Gives::Itself {
            return Some("a job is named by its id, not by a template".to_owned());
        }
        let ids = self.manifest.jobs.iter().filter_map(|job| Some((job.id.as_ref()?.value.as_str(), job)));
        let Some((_, other)) = ids.clone().find(|(known, _)| known == id) else {
            return Some(format!("there is no job `{id}`{}", nearest(id, ids.map(|(known, _)| known))));
        };
        let fits = other.uses.as_ref().is_none_or(|other| uses.contains(&other.value.as_str()));
        let misfit = || format!("`{id}` is no job of {}", uses.join(" or "));
        self.not_before(id, job).or_else(|| (!fits).then(misfit))
    }

    /// Why the output or the state of `id` is not there when `job` begins.
    fn not_before(&self, id: &str, job: &Job) -> Option<String> {
        let own = job.id.as_ref().map(|id| id.value.as_str());
        let before = own.and_then(|own| self.before.get(own));
        if before.is_some_and(|before| before.contains(id)) {
            return None;
        }
        let ids = self.manifest.jobs.iter().filter_map(|job| job.id.as_ref().map(|id| id.value.as_str()));
        if own == Some(id) {
            return Some(format!("`{id}` is this job itself: it has no output before it has run"));
        }
        if ids.clone().any(|known| known == id) {
            return Some(format!("`{id}` does not come before this job: add it to `needs`"));
        }
        let known: BTreeSet<&str> = ids.chain(["input", "subject", "state"]).collect();
        Some(format!("`{id}` refers to nothing{}", nearest(id, known)))
    }
}

/// Why a path does not exist in what a schema describes.
fn in_schema(what: &str, root: &Value, path: &[String]) -> Option<String> {
    let mut at = root;
    let mut here = what.to_owned();
    for name in path {
        match schema::property(root, at, name) {
            Some(property) => at = property,
            // An object that names some properties and is not closed could have others, but nobody can tell a typing
            // mistake from them; one that names none is free.
            None => {
                let known = schema::properties(root, at);
                let scalar = schema::types(root, at)
                    .is_some_and(|types| !types.contains("object") && !types.contains("array"));
                if known.is_empty() && !scalar && !schema::is_closed(root, at) {
                    return None;
                }
                return Some(format!("`{here}` has no `{name}`{}", nearest(name, known)));
            }
        }
        here = format!("{here}.{name}");
    }
    None
}

/// The byte at which a line and column of a text stand.
fn byte(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let rest = text.get(lines..).unwrap_or_default();
    lines + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}
