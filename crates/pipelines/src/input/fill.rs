//! What a caller leaves out: presets first, then defaults.

use serde_json::{Map, Value};

use crate::schema;

/// The presets of an input: `"x-presets": {"by": "mode", "sets": {"quick": {"max_pages": 25}, …}}`.
///
/// The value of the field `by` (its default, when it is left out) chooses a set; the set fills the fields that the caller
/// left out, and only those; of an object, its members one by one.
#[derive(Debug, Clone, Copy)]
pub struct Presets<'a> {
    /// The field that chooses.
    pub by: &'a str,
    /// By the value of that field: the fields it fills.
    pub sets: &'a Map<String, Value>,
}

/// The presets of a schema, if it has any.
#[must_use]
pub fn presets(schema: &Value) -> Option<Presets<'_>> {
    let presets = schema.get("x-presets")?;
    Some(Presets { by: presets.get("by")?.as_str()?, sets: presets.get("sets")?.as_object()? })
}

/// Fills what is missing.
pub(super) fn fill(schema: &Value, fields: &mut Value) {
    if let Some(presets) = presets(schema) {
        let default = || schema::property(schema, schema, presets.by)?.get("default");
        let chosen = fields.get(presets.by).or_else(default).and_then(Value::as_str);
        if let Some(set) = chosen.and_then(|chosen| presets.sets.get(chosen)).cloned() {
            missing(fields, set);
        }
    }
    defaults(schema, schema, fields);
}

/// Puts what `from` has and `into` has not.
fn missing(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else { return };
    for (key, value) in from {
        match into.get_mut(&key) {
            Some(given) => missing(given, value),
            None => drop(into.insert(key, value)),
        }
    }
}

fn defaults(root: &Value, at: &Value, fields: &mut Value) {
    let Value::Object(members) = fields else { return };
    for name in schema::properties(root, at) {
        let Some(property) = schema::property(root, at, name) else { continue };
        if !members.contains_key(name)
            && let Some(default) =
                schema::alternatives(root, property).into_iter().find_map(|schema| schema.get("default"))
        {
            members.insert(name.to_owned(), default.clone());
        }
        if let Some(value) = members.get_mut(name) {
            defaults(root, property, value);
        }
    }
}
