//! Changes to the input of a run under way: only of the fields that its schema lists in `x-editable`.

use domain::Problem;
use serde_json::{Map, Value};

use super::{Errors, escape, resolve};
use crate::nearest::nearest;

/// The fields that may be changed while a run is paused.
#[must_use]
pub fn editable(schema: &Value) -> Vec<&str> {
    let listed = schema.get("x-editable").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The input with the changes in it, tidied and validated like a new one.
///
/// # Errors
/// `invalid_input` with every field that cannot be changed, or that is refused.
pub fn edit(schema: &Value, input: &Value, changes: Map<String, Value>) -> Result<Value, Problem> {
    let editable = editable(schema);
    let mut errors = Errors::default();
    for field in changes.keys().filter(|field| !editable.contains(&field.as_str())) {
        let hint = nearest(field, editable.iter().copied());
        errors.add(&format!("/{}", escape(field)), format!("cannot be changed once the run has begun{hint}"));
    }
    if !errors.found.is_empty() {
        return Err(errors.into());
    }
    let mut fields = input.as_object().cloned().unwrap_or_default();
    fields.extend(changes);
    resolve(schema, fields)
}
