//! A pipeline in words, for the command line.

use std::fmt::Write as _;

use serde_json::Value;

use crate::library::{Library, Origin};
pub use crate::plan::plan;
use crate::{Node, Snapshot, input, schema};

/// All pipelines, one per line, and what is wrong with the folders that hold none.
#[must_use]
pub fn list(library: &Library) -> String {
    let mut rows = vec![["name", "subject", "jobs", "from", "title"].map(str::to_owned)];
    for snapshot in library.list() {
        let from = match library.origin(&snapshot.name) {
            Some(Origin::Folder(path)) => path.display().to_string(),
            Some(Origin::BuiltIn) | None => "built in".to_owned(),
        };
        let jobs = snapshot.nodes.len().to_string();
        rows.push([snapshot.name.clone(), snapshot.subject.clone(), jobs, from, snapshot.title.clone()]);
    }
    let mut text = table(&rows, "");
    for invalid in library.mistakes() {
        let _ = write!(text, "\n{invalid}\n");
    }
    text
}

/// One pipeline: what it is about, its input with the presets, its jobs.
#[must_use]
pub fn show(snapshot: &Snapshot) -> String {
    let mut text = format!("{}: {}\n", snapshot.name, snapshot.title);
    let _ = writeln!(text, "subject: {}, told apart by {}", snapshot.subject, snapshot.subject_key);
    let _ = writeln!(text, "version: {}", snapshot.hash.chars().take(12).collect::<String>());
    text.push_str("\ninput");
    if let Some(field) = input::positional(&snapshot.input) {
        let _ = write!(text, " (SOURCE is `{field}`)");
    }
    text.push('\n');
    text.push_str(&table(&fields(&snapshot.input), "  "));
    let editable = input::editable(&snapshot.input);
    if !editable.is_empty() {
        let _ = writeln!(text, "can be changed while a run is paused: {}", editable.join(", "));
    }
    text.push_str("\njobs\n");
    text.push_str(&table(&snapshot.nodes.iter().map(job).collect::<Vec<_>>(), "  "));
    text
}

/// The input table: a column per preset, or one for the defaults.
fn fields(root: &Value) -> Vec<Vec<String>> {
    let presets = input::presets(root);
    let mut head = vec!["field".to_owned(), "what".to_owned()];
    match &presets {
        Some(presets) => {
            let default =
                schema::property(root, root, presets.by).and_then(|field| field.get("default")?.as_str());
            head.extend(presets.sets.keys().map(|name| {
                let mark = if default == Some(name) { " (default)" } else { "" };
                format!("{} {name}{mark}", presets.by)
            }));
        }
        None => head.push("default".to_owned()),
    }
    let mut rows = vec![head];
    let required: Vec<&str> = root
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for name in schema::properties(root, root) {
        let Some(field) = schema::property(root, root, name) else { continue };
        let mark = if required.contains(&name) { " *" } else { "" };
        let mut row = vec![format!("{name}{mark}"), what(root, field)];
        let default = field.get("default").map(short).unwrap_or_default();
        match &presets {
            Some(presets) if presets.by == name => row.extend(presets.sets.keys().cloned()),
            Some(presets) => {
                row.extend(
                    presets.sets.values().map(|set| set.get(name).map_or_else(|| default.clone(), short)),
                );
            }
            None => row.push(default),
        }
        rows.push(row);
    }
    rows
}

/// `integer 1–1000`, `quick | thorough`, `list of web-site, at most 50`.
fn what(root: &Value, field: &Value) -> String {
    let parts = schema::alternatives(root, field);
    let said = |key: &str| parts.iter().find_map(|part| part.get(key));
    if let Some(Value::Array(options)) = said("enum") {
        return options.iter().map(schema::bare).collect::<Vec<_>>().join(" | ");
    }
    let mut text = said("format").map_or_else(
        || {
            schema::types(root, field)
                .map_or_else(|| "any".to_owned(), |types| types.into_iter().collect::<Vec<_>>().join(" or "))
        },
        schema::bare,
    );
    if let Some(items) = said("items") {
        text = format!("list of {}", what(root, items));
    }
    let inside = schema::properties(root, field);
    if !inside.is_empty() {
        text = format!("{text} of {}", inside.join(", "));
    }
    match (said("minimum"), said("maximum")) {
        (Some(min), Some(max)) => _ = write!(text, " {min}–{max}"),
        (Some(min), None) => _ = write!(text, " from {min}"),
        (None, Some(max)) => _ = write!(text, " up to {max}"),
        (None, None) => {}
    }
    for (key, unit) in [("maxLength", "characters"), ("maxItems", "entries")] {
        if let Some(limit) = said(key) {
            let _ = write!(text, ", at most {limit} {unit}");
        }
    }
    text
}

/// A value in a cell: `en, de`, `technology: true`.
pub(crate) fn short(value: &Value) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(short).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| format!("{key}: {}", short(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => schema::bare(other),
    }
}

fn job(node: &Node) -> Vec<String> {
    let mut said = Vec::new();
    if !node.for_each.is_empty() {
        said.push(format!("for each document of {}", node.for_each.join(", ")));
    }
    if !node.needs.is_empty() {
        said.push(format!("after {}", node.needs.join(", ")));
    }
    if !node.when.is_empty() {
        said.push(format!("when {}", node.when.join(" or ")));
    }
    if node.optional {
        said.push("optional".to_owned());
    }
    if let Some(group) = &node.group {
        said.push(format!("group {group}"));
    }
    vec![node.id.clone(), node.uses.clone(), said.join("; ")]
}

/// Columns of equal width, two spaces apart.
fn table<R: AsRef<[String]>>(rows: &[R], indent: &str) -> String {
    let columns = rows.iter().map(|row| row.as_ref().len()).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.as_ref().get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.as_ref().iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{indent}{}", line.trim_end());
    }
    text
}
