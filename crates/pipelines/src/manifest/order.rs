//! What comes before what: ids, `needs`, `for_each`, and that they lead nowhere in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Job, Manifest, Text};
use crate::mistake::{Mistakes, Source};
use crate::nearest::nearest;
use crate::uses::{self, Declaration};

/// Ids that already mean something in a template or a condition.
const RESERVED: [&str; 30] = [
    "and",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "input",
    "is",
    "let",
    "loop",
    "namespace",
    "none",
    "not",
    "null",
    "or",
    "package",
    "return",
    "self",
    "state",
    "subject",
    "true",
    "var",
    "void",
    "while",
];

/// Of every job, the jobs that have ended when it begins.
pub(super) type Before = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(manifest: &Manifest, source: Source<'_>, mistakes: &mut Mistakes) -> Before {
    ids(manifest, source, mistakes);
    let catalog = uses::catalog();
    let known: Vec<&str> = manifest.jobs.iter().filter_map(id).collect();
    for job in &manifest.jobs {
        for other in
            job.needs.iter().chain(&job.for_each).filter(|other| !known.contains(&other.value.as_str()))
        {
            let hint = nearest(&other.value, known.iter().copied());
            mistakes.at(source, other.span.start, format!("there is no job `{}`{hint}", other.value));
        }
        documents(job, manifest, &catalog, source, mistakes);
    }
    circles(manifest, source, mistakes);
    manifest.jobs.iter().filter_map(id).map(|id| (id.to_owned(), before(manifest, id))).collect()
}

fn id(job: &Job) -> Option<&str> {
    job.id.as_ref().map(|id| id.value.as_str())
}

fn ids(manifest: &Manifest, source: Source<'_>, mistakes: &mut Mistakes) {
    let mut seen = BTreeSet::new();
    for id in manifest.jobs.iter().filter_map(|job| job.id.as_ref()) {
        if !seen.insert(&id.value) {
            mistakes.at(source, id.span.start, format!("there is already a job `{}`", id.value));
        }
        if RESERVED.contains(&id.value.as_str()) {
            let reason =
                format!("`{}` cannot be an id: it has a meaning in templates and conditions", id.value);
            mistakes.at(source, id.span.start, reason);
        }
    }
}

/// Who emits documents and who takes them is a property of the workers.
fn documents(
    job: &Job,
    manifest: &Manifest,
    catalog: &[Declaration],
    source: Source<'_>,
    mistakes: &mut Mistakes,
) {
    let declared = |uses: &Option<Text>| {
        let uses = uses.as_ref()?;
        catalog.iter().find(|declaration| declaration.uses == uses.value)
    };
    let Some(declaration) = declared(&job.uses) else {
        if let Some(uses) = &job.uses {
            let hint = nearest(&uses.value, catalog.iter().map(|declaration| declaration.uses));
            mistakes.at(source, uses.span.start, format!("there is no worker `{}`{hint}", uses.value));
        }
        return;
    };
    if declaration.takes_document && job.for_each.is_empty() {
        let reason =
            format!("`{}` reads one document: name the jobs that emit them in `for_each`", declaration.uses);
        mistakes.at(source, job.start, reason);
    }
    for other in &job.for_each {
        if !declaration.takes_document {
            let reason = format!(
                "`{}` does not run per document: use `needs` instead of `for_each`",
                declaration.uses
            );
            mistakes.at(source, other.span.start, reason);
        }
        let emitter = manifest
            .jobs
            .iter()
            .find(|job| id(job) == Some(&other.value))
            .and_then(|job| declared(&job.uses));
        if let Some(emitter) = emitter.filter(|emitter| !emitter.emits_documents) {
            let reason =
                format!("`{}` emits no documents: its worker `{}` does not", other.value, emitter.uses);
            mistakes.at(source, other.span.start, reason);
        }
    }
}

/// Reports every circle once, by the first of its jobs in the manifest.
fn circles(manifest: &Manifest, source: Source<'_>, mistakes: &mut Mistakes) {
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    for job in &manifest.jobs {
        let Some(start) = id(job).filter(|id| !reported.contains(id)) else { continue };
        let Some(circle) = way_back(manifest, start) else { continue };
        let place =
            job.needs.iter().chain(&job.for_each).find(|other| Some(&other.value.as_str()) == circle.get(1));
        let reason = if circle.len() == 2 {
            format!("`{start}` waits for itself")
        } else {
            format!("these jobs wait for each other: {}", circle.join(" → "))
        };
        mistakes.at(source, place.map_or(job.start, |place| place.span.start), reason);
        reported.extend(circle);
    }
}

/// The shortest way from a job over what it waits for back to itself: `a`, `b`, `a`.
fn way_back<'a>(manifest: &'a Manifest, start: &'a str) -> Option<Vec<&'a str>> {
    let mut ways: Vec<Vec<&str>> = vec![vec![start]];
    let mut seen = BTreeSet::new();
    let mut next = 0;
    while let Some(way) = ways.get(next).cloned() {
        next += 1;
        for other in way.last().into_iter().flat_map(|last| waits_for(manifest, last)) {
            let mut longer = way.clone();
            longer.push(other);
            if other == start {
                return Some(longer);
            }
            if seen.insert(other) {
                ways.push(longer);
            }
        }
    }
    None
}

fn waits_for<'a>(manifest: &'a Manifest, of: &str) -> Vec<&'a str> {
    let jobs = manifest.jobs.iter().filter(|job| id(job) == Some(of));
    jobs.flat_map(|job| job.needs.iter().chain(&job.for_each)).map(|other| other.value.as_str()).collect()
}

fn before(manifest: &Manifest, id: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = waits_for(manifest, id);
    while let Some(other) = open.pop() {
        if found.insert(other.to_owned()) {
            open.extend(waits_for(manifest, other));
        }
    }
    found
}
