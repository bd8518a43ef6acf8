//! Fields given as text: `--set key=value` and the bare source of the command line.
//!
//! What does not fit stays text, so that [`super::resolve`] reports it together with everything else that is wrong.

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
            set(schema, fields, field, source);
            return Ok(());
        }
        None => {
            let names = schema::properties(schema, schema).join(", ");
            errors.add("", format!("has no field for `{source}` alone: set one of {names}"));
        }
    }
    Err(errors.into())
}

/// Sets one field from a text; a dot leads into an object (`sections.technology`). A field that is set again is replaced.
pub fn set(schema: &Value, fields: &mut Map<String, Value>, key: &str, text: &str) {
    let value = coerce(schema, key, text);
    let mut inside = fields;
    let mut names = key.trim().split('.').peekable();
    while let Some(name) = names.next() {
        if names.peek().is_none() {
            inside.insert(name.to_owned(), value);
            return;
        }
        let member = inside.entry(name).or_insert(Value::Null);
        if !member.is_object() {
            *member = Value::Object(Map::new());
        }
        let Value::Object(members) = member else { return };
        inside = members;
    }
}

/// A text as a value of the type that the field wants: numbers, `true`/`yes`/`on`, lists comma-separated or as JSON,
/// objects as JSON. Text that does not fit stays text.
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
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    Value::Array(
        entries
            .map(|entry| items.map_or_else(|| Value::from(entry), |items| read(root, items, entry)))
            .collect(),
    )
}
