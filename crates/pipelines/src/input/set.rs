//! Fields given as text: `--set key=value` and the bare source of the command line.
//!
//! What does not fit stays text, so that [`super::resolve`] reports it together with everything else that is wrong.

use std::collections::BTreeSet;

use domain::Problem;
use serde_json::{Map, Number, Value};

use super::Errors;
use crate::schema;

/// The field that a bare argument fills: `assay run company acme.example`.
#[must_use]
pub fn positional(schema: &Value) -> Option<&str> {
    schema.get("x-positional")?.as_str()
}

/// Puts a bare argument into its field.
///
/// # Errors
/// `invalid_input` when the pipeline takes none, or the field is given already.
pub fn place(schema: &Value, fields: &mut Map<String, Value>, source: &str) -> Result<(), Problem> {
    let mut errors = Errors::default();
    match positional(schema) {
        Some(field) if fields.contains_key(field) => errors.add(&format!("/{field}"), "is given twice"),
        Some(field) => {
            set(schema, fields, &[(field, source)]);
            return Ok(());
        }
        None => {
            let names = schema::properties(schema, schema).join(", ");
            errors.add("", format!("has no field for `{source}` alone: set one of {names}"));
        }
    }
    Err(errors.into())
}

/// Sets fields from texts, in order; a dot leads into an object (`sections.technology`). What a field held before is
/// replaced; a list that is set again gets more entries.
pub fn set<T: AsRef<str>>(schema: &Value, fields: &mut Map<String, Value>, settings: &[(T, T)]) {
    let mut before = BTreeSet::new();
    for (key, text) in settings {
        let key = key.as_ref().trim();
        let is_again = !before.insert(key);
        match (slot(fields, key), coerce(schema, key, text.as_ref())) {
            (Some(Value::Array(entries)), Value::Array(more)) if is_again => entries.extend(more),
            (Some(slot), value) => *slot = value,
            (None, _) => {}
        }
    }
}

/// Where the value of a key stands; what leads there is made.
fn slot<'a>(fields: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Value> {
    let mut inside = fields;
    let mut names = key.split('.').peekable();
    while let Some(name) = names.next() {
        let member = inside.entry(name).or_insert(Value::Null);
        if names.peek().is_none() {
            return Some(member);
        }
        if !member.is_object() {
            *member = Value::Object(Map::new());
        }
        inside = member.as_object_mut()?;
    }
    None
}

/// A text as a value of the type that the field wants: numbers, `true`/`yes`/`on`, lists as JSON or, where no entry can
/// be a sentence, comma-separated, objects as JSON. Text that does not fit stays text.
#[must_use]
pub fn coerce(schema: &Value, key: &str, text: &str) -> Value {
    let field = key.trim().split('.').try_fold(schema, |at, name| schema::property(schema, at, name));
    field.map_or_else(|| Value::from(text), |field| read(schema, field, text))
}

fn read(root: &Value, at: &Value, text: &str) -> Value {
    let Some(types) = schema::types(root, at) else {
        return serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    };
    let trimmed = text.trim();
    let json = || serde_json::from_str::<Value>(trimmed).ok();
    let each = types.iter().filter_map(|name| match *name {
        "null" => (trimmed == "null").then_some(Value::Null),
        "boolean" => boolean(trimmed).map(Value::Bool),
        "integer" => trimmed.parse::<i64>().ok().map(Value::from),
        "number" => number(trimmed),
        "array" if trimmed.starts_with('[') => json().filter(Value::is_array),
        "array" => Some(list(root, at, trimmed)),
        "object" => json().filter(Value::is_object),
        _ => None,
    });
    // A string takes anything, so it comes last: the types stand in alphabetical order, and lists take anything too.
    let found = each.min_by_key(Value::is_array);
    match found {
        Some(Value::Array(_)) if types.contains("string") && !trimmed.starts_with('[') => Value::from(text),
        Some(value) => value,
        None => Value::from(text),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let whole = text.parse::<i64>().ok().map(Value::from);
    whole.or_else(|| Number::from_f64(text.parse().ok()?).map(Value::Number))
}

fn list(root: &Value, at: &Value, text: &str) -> Value {
    let items = schema::alternatives(root, at).into_iter().find_map(|schema| schema.get("items"));
    let one = |text: &str| items.map_or_else(|| Value::from(text), |items| read(root, items, text));
    let entries: Vec<&str> = if items.is_some_and(|items| has_commas_between(root, items)) {
        text.split(',').collect()
    } else {
        vec![text]
    };
    let entries = entries.into_iter().map(str::trim).filter(|entry| !entry.is_empty());
    Value::Array(entries.map(one).collect())
}

/// Whether a comma parts the entries of a list. Not where an entry may be a sentence, which has commas of its own.
fn has_commas_between(root: &Value, items: &Value) -> bool {
    let is_told = schema::alternatives(root, items).into_iter().any(|schema| {
        let format = schema.get("format").and_then(Value::as_str);
        format.is_some_and(|format| format != "not-blank")
            || ["enum", "const", "pattern"].iter().any(|key| schema.get(key).is_some())
    });
    let types = schema::types(root, items);
    is_told
        || types.is_some_and(|types| ["string", "object", "array"].iter().all(|name| !types.contains(name)))
}
