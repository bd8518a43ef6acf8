//! A run's input: checked against the pipeline's schema, with presets and defaults filled in.
//!
//! The schema is JSON Schema (2020-12) with three words of ours: `x-presets` ([`presets`]), `x-positional`
//! ([`positional`]) and `x-editable` ([`editable`]), and three formats: `web-site`, `not-blank` and `glob`, which also
//! tidy what they are given.

mod check;
mod edit;
mod fill;
mod formats;
mod set;
mod web_site;

use domain::{FieldError, Problem};
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value, json};

use crate::nearest::nearest;
use crate::{Snapshot, schema, template};

pub(crate) use check::check;
pub use edit::{edit, editable};
pub use fill::{Presets, presets};
pub use set::{coerce, place, positional, set};

/// The code of every refused input but those that have a code of their own.
pub const INVALID: &str = "invalid_input";

/// The input that a run keeps: tidied, complete, valid.
///
/// 1. Strings with a format of ours are tidied (`acme.example` → `https://acme.example/`).
/// 2. Fields that the caller left out get the value of the chosen preset, else the schema's `default`.
/// 3. The whole is validated.
///
/// # Errors
/// `invalid_input` with every refused field and why, or the code of the one field that has its own (`url_is_profile`).
pub fn resolve(schema: &Value, given: Map<String, Value>) -> Result<Value, Problem> {
    let mut errors = Errors::default();
    let mut fields = Value::Object(given);
    unknown(schema, schema, &fields, "", &mut errors);
    tidy(schema, schema, &mut fields, "", &mut errors);
    fill::fill(schema, &mut fields);
    validate(schema, &fields, &mut errors);
    if errors.found.is_empty() { Ok(in_order(schema, fields)) } else { Err(errors.into()) }
}

/// The key of the subject that a resolved input is about.
///
/// # Errors
/// `invalid_input` when the input leads to no key: a field is missing, or what it holds gives none.
pub fn subject_key(pipeline: &Snapshot, input: &Value) -> Result<String, Problem> {
    let scope = json!({ "input": input });
    let refuse = |why: String| Problem::new(INVALID, format!("the input leads to no subject: {why}"));
    let key =
        template::render_str(&pipeline.subject_key, &scope).map_err(|error| refuse(error.to_string()))?;
    let key = key.trim();
    if key.is_empty() { Err(refuse("its key is empty".to_owned())) } else { Ok(key.to_owned()) }
}

/// Fields as they are found wrong.
#[derive(Debug, Default)]
struct Errors {
    found: Vec<FieldError>,
    /// The code of a field that has one of its own.
    code: Option<&'static str>,
}

impl Errors {
    fn add(&mut self, pointer: &str, detail: impl Into<String>) {
        self.found.push(FieldError { pointer: pointer.to_owned(), detail: detail.into() });
    }

    /// Whether a field, or something it stands in, was found wrong before.
    fn covers(&self, pointer: &str) -> bool {
        self.found.iter().any(|error| {
            let inside = pointer.strip_prefix(&error.pointer);
            inside.is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && !error.pointer.is_empty()))
        })
    }
}

impl From<Errors> for Problem {
    fn from(errors: Errors) -> Self {
        let code = errors.code.filter(|_| errors.found.len() == 1).unwrap_or(INVALID);
        let detail = match errors.found.as_slice() {
            [one] if one.pointer.is_empty() => format!("the input {}", one.detail),
            [one] => format!("`{}` {}", one.pointer.trim_start_matches('/').replace('/', "."), one.detail),
            many => format!("{} fields of the input are wrong", many.len()),
        };
        Self::new(code, detail).with_errors(errors.found)
    }
}

/// Reports every field that a closed object does not name.
fn unknown(root: &Value, at: &Value, value: &Value, pointer: &str, errors: &mut Errors) {
    match value {
        Value::Object(members) => {
            let closed = schema::is_closed(root, at);
            for (key, value) in members {
                let inside = format!("{pointer}/{}", escape(key));
                match schema::property(root, at, key) {
                    Some(property) => unknown(root, property, value, &inside, errors),
                    None if closed => {
                        let hint = nearest(key, schema::properties(root, at));
                        errors.add(&inside, format!("is not a field of the input{hint}"));
                    }
                    None => {}
                }
            }
        }
        Value::Array(items) => {
            let Some(schema) = schema::at(root, &format!("{pointer}/0")) else { return };
            for (n, item) in items.iter().enumerate() {
                unknown(root, schema, item, &format!("{pointer}/{n}"), errors);
            }
        }
        _ => {}
    }
}

/// Applies the formats of ours: each string is replaced by its tidy form.
fn tidy(root: &Value, at: &Value, value: &mut Value, pointer: &str, errors: &mut Errors) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if let Some(property) = schema::property(root, at, key) {
                    tidy(root, property, value, &format!("{pointer}/{}", escape(key)), errors);
                }
            }
        }
        Value::Array(items) => {
            let alternatives = schema::alternatives(root, at);
            let Some(schema) = alternatives.into_iter().find_map(|schema| schema.get("items")) else {
                return;
            };
            for (n, item) in items.iter_mut().enumerate() {
                tidy(root, schema, item, &format!("{pointer}/{n}"), errors);
            }
        }
        Value::String(text) => {
            let named = schema::alternatives(root, at)
                .into_iter()
                .filter_map(|schema| schema.get("format")?.as_str());
            for format in named {
                match formats::apply(format, text) {
                    Ok(tidied) => *text = tidied,
                    Err(refusal) => {
                        errors.code = refusal.code.or(errors.code);
                        errors.add(pointer, refusal.detail);
                    }
                }
            }
        }
        _ => {}
    }
}

fn validate(schema: &Value, fields: &Value, errors: &mut Errors) {
    let validator = match schema::compile(schema) {
        Ok(validator) => validator,
        // A pipeline with such a schema is refused when it is loaded; whoever brings another gets an answer too.
        Err(_) => return errors.add("", "cannot be checked: the pipeline's schema is no JSON Schema"),
    };
    for error in validator.iter_errors(fields) {
        let at = error.instance_path().as_str();
        let (pointer, detail) = match error.kind() {
            ValidationErrorKind::Required { property } => {
                (format!("{at}/{}", escape(&schema::bare(property))), "is missing".to_owned())
            }
            ValidationErrorKind::AdditionalProperties { .. } if errors.covers_inside(at) => continue,
            _ => (at.to_owned(), schema::wording(&error)),
        };
        if !errors.covers(&pointer) {
            errors.add(&pointer, detail);
        }
    }
}

impl Errors {
    /// Whether something inside was found wrong before.
    fn covers_inside(&self, pointer: &str) -> bool {
        let inside = format!("{pointer}/");
        self.found.iter().any(|error| error.pointer.starts_with(&inside))
    }
}

/// Fields in the order of the schema, so that every run of a pipeline shows them alike.
fn in_order(schema: &Value, fields: Value) -> Value {
    let Value::Object(mut fields) = fields else { return fields };
    let mut ordered = Map::new();
    for name in schema::properties(schema, schema) {
        if let Some((name, value)) = fields.remove_entry(name) {
            ordered.insert(name, value);
        }
    }
    ordered.extend(fields);
    Value::Object(ordered)
}

/// A key as a segment of a JSON pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
