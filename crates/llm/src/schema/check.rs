//! Whether an answer fits the schema that the caller wrote.

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::lower::{is_type, required, resolve};
use crate::Error;
use crate::error::shorten;

/// Errors shown to the model, and their longest.
const MOST_ERRORS: usize = 10;
const LONGEST_ERROR: usize = 200;
/// Deeper answers are not tidied; validation judges them as they are.
const DEEPEST: usize = 64;

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Checker<'a> {
    schema: &'a Value,
    validator: Validator,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(schema: &'a Value) -> Result<Self, Error> {
        let validator = jsonschema::validator_for(schema)
            .map_err(|error| Error::Schema(shorten(&error.to_string(), LONGEST_ERROR)))?;
        Ok(Self { schema, validator })
    }

    /// The answer as the caller's schema has it, or what is wrong with it, in words that a model can act on.
    pub(crate) fn read(&self, text: &str) -> Result<Value, Vec<String>> {
        let mut value: Value = serde_json::from_str(unfenced(text))
            .map_err(|error| vec![format!("the answer is no JSON: {error}")])?;
        drop_nulls(&mut value, self.schema, self.schema, 0);
        let errors: Vec<String> = self
            .validator
            .iter_errors(&value)
            .take(MOST_ERRORS)
            .map(|error| {
                let at = error.instance_path().to_string();
                let at = if at.is_empty() { "the whole answer" } else { &at };
                shorten(&format!("at {at}: {error}"), LONGEST_ERROR)
            })
            .collect();
        if errors.is_empty() { Ok(value) } else { Err(errors) }
    }
}

/// The inside of a Markdown code fence, which models like to put around JSON.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    inside.map_or(text, |inside| inside.strip_prefix("json").unwrap_or(inside).trim())
}

/// Removes keys that are null only because a provider requires every key: optional ones that may not be null.
fn drop_nulls(value: &mut Value, schema: &Value, root: &Value, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let Some(object) = schema.as_object() else { return };
    if let Some(target) = object.get("$ref").and_then(Value::as_str).and_then(|r| resolve(root, r)) {
        drop_nulls(value, target, root, depth + 1);
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        for branch in object.get(key).and_then(Value::as_array).into_iter().flatten() {
            drop_nulls(value, branch, root, depth + 1);
        }
    }
    match value {
        Value::Array(items) => {
            if let Some(schema) = object.get("items") {
                for item in items {
                    drop_nulls(item, schema, root, depth + 1);
                }
            }
        }
        Value::Object(fields) => {
            let empty = Map::new();
            let properties = object.get("properties").and_then(Value::as_object).unwrap_or(&empty);
            let required = required(object);
            fields.retain(|name, field| {
                let Some(schema) = properties.get(name) else { return true };
                drop_nulls(field, schema, root, depth + 1);
                !field.is_null() || required.contains(&name.as_str()) || takes_null(schema, root, 0)
            });
        }
        _ => {}
    }
}

fn takes_null(schema: &Value, root: &Value, depth: usize) -> bool {
    let Some(object) = schema.as_object() else { return schema.as_bool().unwrap_or(true) };
    if depth > DEEPEST {
        return true;
    }
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        return resolve(root, reference).is_none_or(|target| takes_null(target, root, depth + 1));
    }
    if let Some(branches) = object.get("anyOf").or_else(|| object.get("oneOf")).and_then(Value::as_array) {
        return branches.iter().any(|branch| takes_null(branch, root, depth + 1));
    }
    if let Some(values) = object.get("enum").and_then(Value::as_array) {
        return values.contains(&Value::Null);
    }
    match object.get("const") {
        Some(value) => value.is_null(),
        None => !object.contains_key("type") || is_type(schema, "null"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::schema::{Dialect, Lowered, lower};

    fn schema() -> Value {
        json!({
            "type": "object", "required": ["claims"], "additionalProperties": false,
            "properties": {
                "claims": {"type": "array", "items": {"$ref": "#/$defs/claim"}},
                "note": {"type": ["string", "null"]}
            },
            "$defs": {"claim": {
                "type": "object", "required": ["statement", "kind"], "additionalProperties": false,
                "properties": {
                    "statement": {"type": "string", "maxLength": 40},
                    "kind": {"enum": ["fact", "gap"]},
                    "because": {"type": "string"},
                    "value": {"anyOf": [
                        {"type": "number"},
                        {"type": "object", "properties": {"unit": {"type": "string"}}, "additionalProperties": false}
                    ]}
                }
            }}
        })
    }

    #[test]
    fn nulls_of_optional_keys_are_dropped_and_those_that_mean_something_stay() {
        let schema = schema();
        let text = r#"{"claims":[{"statement":"S","kind":"fact","because":null,"value":{"unit":null}}],"note":null}"#;
        let value = Checker::new(&schema).unwrap().read(text).unwrap();
        assert_eq!(value, json!({"claims": [{"statement": "S", "kind": "fact", "value": {}}], "note": null}));
    }

    #[test]
    fn every_keyword_is_checked_and_the_errors_say_where() {
        let schema = schema();
        let checker = Checker::new(&schema).unwrap();
        let long = "x".repeat(41);
        let text =
            json!({"claims": [{"statement": long, "kind": "guess"}, {"kind": null, "statement": "S"}]})
                .to_string();
        let errors = checker.read(&text).unwrap_err();
        assert_eq!(errors.len(), 3, "{errors:?}");
        for place in ["at /claims/0/statement", "at /claims/0/kind", "at /claims/1/kind"] {
            assert!(errors.iter().any(|error| error.starts_with(place)), "{errors:?}");
        }
        assert!(errors.iter().all(|error| error.chars().count() <= LONGEST_ERROR + 1));
    }

    #[test]
    fn a_fence_is_taken_off_and_prose_is_no_answer() {
        let schema = json!({"type": "array"});
        let checker = Checker::new(&schema).unwrap();
        for text in ["[1]", " ```json\n[1]\n``` ", "```[1]```"] {
            assert_eq!(checker.read(text), Ok(json!([1])));
        }
        for text in ["", "Here you are: [1]", "[1", "{\"a\": 1,"] {
            assert!(checker.read(text).unwrap_err().concat().contains("no JSON"), "{text}");
        }
        assert!(checker.read("{}").unwrap_err().concat().starts_with("at the whole answer:"));
    }

    #[test]
    fn what_is_no_schema_or_points_elsewhere_is_refused() {
        for schema in [json!({"type": 7}), json!({"$ref": "https://elsewhere.example/schema.json"})] {
            assert!(matches!(Checker::new(&schema), Err(Error::Schema(_))), "{schema}");
        }
    }

    proptest! {
        /// What a strict provider may write, with null for every key left out, is the answer that was meant.
        #[test]
        fn a_lowered_answer_comes_back_as_it_was_meant(because in proptest::option::of("[a-z ]{0,20}"), value in proptest::option::of(0.0f64..9.0), note in proptest::option::of("[a-z]{0,5}")) {
            let schema = schema();
            let mut claim = json!({"statement": "S", "kind": "gap"});
            let mut strict = json!({"statement": "S", "kind": "gap", "because": null, "value": null});
            if let Some(text) = &because {
                claim["because"] = json!(text);
                strict["because"] = json!(text);
            }
            if let Some(number) = value {
                claim["value"] = json!(number);
                strict["value"] = json!(number);
            }
            let sent = json!({"claims": [strict], "note": note});
            let Lowered::Enforced(strict_schema) = lower(&schema, Dialect::OpenAi) else { panic!("not enforced") };
            prop_assert!(jsonschema::is_valid(&strict_schema, &sent), "{strict_schema} {sent}");
            let read = Checker::new(&schema).unwrap().read(&sent.to_string()).unwrap();
            prop_assert_eq!(read, json!({"claims": [claim], "note": note}));
        }
    }
}
