//! JSON Schema (draft 2020-12), as far as manifests and inputs need to look into it.

use std::collections::BTreeSet;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::nearest::nearest;

/// How many references and alternatives are followed; a schema may point at itself.
const MAX_STEPS: usize = 64;

/// A schema and everything it stands for: the targets of its references and its alternatives, itself first.
pub(crate) fn alternatives<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = vec![schema];
    let mut next = 0;
    while let Some(schema) = found.get(next).copied().filter(|_| next < MAX_STEPS) {
        next += 1;
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        let target = target.and_then(|pointer| root.pointer(pointer));
        let inside =
            ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        for schema in target.into_iter().chain(inside) {
            if !found.iter().any(|known| std::ptr::eq(*known, schema)) {
                found.push(schema);
            }
        }
    }
    found
}

/// The schema of a property.
pub(crate) fn property<'a>(root: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    alternatives(root, schema).into_iter().find_map(|schema| schema.get("properties")?.get(name))
}

/// The names of an object's properties, in order.
pub(crate) fn properties<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a str> {
    let objects =
        alternatives(root, schema).into_iter().filter_map(|schema| schema.get("properties")?.as_object());
    objects.flat_map(|properties| properties.keys().map(String::as_str)).collect()
}

/// Whether an object may have no other properties than those it names.
pub(crate) fn is_closed(root: &Value, schema: &Value) -> bool {
    alternatives(root, schema).into_iter().any(|schema| {
        ["additionalProperties", "unevaluatedProperties"]
            .iter()
            .any(|key| schema.get(key) == Some(&Value::Bool(false)))
    })
}

/// The schema of what stands at a JSON pointer of an instance.
pub(crate) fn at<'a>(root: &'a Value, pointer: &str) -> Option<&'a Value> {
    pointer.split('/').skip(1).try_fold(root, |schema, segment| {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let items = || alternatives(root, schema).into_iter().find_map(|schema| schema.get("items"));
        property(root, schema, &name).or_else(items)
    })
}

/// The types a value may have; none if the schema does not say.
pub(crate) fn types<'a>(root: &'a Value, schema: &'a Value) -> Option<BTreeSet<&'a str>> {
    types_within(root, schema, 8)
}

fn types_within<'a>(root: &'a Value, schema: &'a Value, steps: u8) -> Option<BTreeSet<&'a str>> {
    let steps = steps.checked_sub(1)?;
    let listed = |values: &'a Value| {
        values.as_array().map(|values| values.iter().map(|value| type_of(value)).collect())
    };
    match schema.get("type") {
        Some(Value::String(name)) => return Some(BTreeSet::from([name.as_str()])),
        Some(Value::Array(names)) => return Some(names.iter().filter_map(Value::as_str).collect()),
        _ => {}
    }
    if let Some(values) = schema.get("enum") {
        return listed(values);
    }
    if let Some(value) = schema.get("const") {
        return Some(BTreeSet::from([type_of(value)]));
    }
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'))
    {
        return types_within(root, root.pointer(pointer)?, steps);
    }
    if let Some(any) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
        let each = any.iter().map(|schema| types_within(root, schema, steps));
        return Some(each.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect());
    }
    let all = schema.get("allOf").and_then(Value::as_array)?;
    all.iter().find_map(|schema| types_within(root, schema, steps))
}

pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A schema made ready.
///
/// # Errors
/// Where it is no schema (a JSON pointer into it), and why.
pub(crate) fn compile(schema: &Value) -> Result<Validator, Vec<(String, String)>> {
    if !schema.is_object() {
        return Err(vec![(
            String::new(),
            format!("a JSON Schema is an object, this is of type {}", type_of(schema)),
        )]);
    }
    let declared = schema.get("$schema").and_then(Value::as_str).unwrap_or(DRAFT);
    if declared.trim_end_matches('#') != DRAFT {
        return Err(vec![("/$schema".to_owned(), format!("schemas are of draft 2020-12 here: `{DRAFT}`"))]);
    }
    let meta = jsonschema::draft202012::meta::validator();
    let meta: Vec<_> =
        meta.iter_errors(schema).map(|error| (error.instance_path().to_string(), wording(&error))).collect();
    if !meta.is_empty() {
        return Err(meta);
    }
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(schema).map_err(|error| vec![(error.instance_path().to_string(), error.to_string())])
}

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Our words in schemas. Nothing else may begin with `x-`: a mistyped word would be without effect, and nobody would know.
pub(crate) const WORDS: [&str; 4] = ["x-editable", "x-extractive", "x-positional", "x-presets"];

/// The pointers of every `x-` word that is none of [`WORDS`].
pub(crate) fn foreign_words(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    words(schema, "", &mut found);
    found
}

fn words(at: &Value, pointer: &str, found: &mut Vec<String>) {
    match at {
        Value::Object(members) => {
            for (key, value) in members {
                let inside = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                match key.as_str() {
                    key if WORDS.contains(&key) => {}
                    key if key.starts_with("x-") => found.push(inside),
                    "enum" | "const" | "default" | "examples" => {}
                    // Here the keys are names of somebody's choice.
                    "properties" | "patternProperties" | "$defs" | "dependentSchemas" => {
                        for (name, schema) in value.as_object().into_iter().flatten() {
                            let name = name.replace('~', "~0").replace('/', "~1");
                            words(schema, &format!("{inside}/{name}"), found);
                        }
                    }
                    _ => words(value, &inside, found),
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| words(item, &format!("{pointer}/{n}"), found));
        }
        _ => {}
    }
}

/// What is wrong with a value, in words that need no knowledge of JSON Schema.
pub(crate) fn wording(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let expected = match kind {
                TypeKind::Single(kind) => kind.to_string(),
                TypeKind::Multiple(kinds) => {
                    let names = kinds.iter().map(|kind| kind.to_string()).filter(|name| name != "null");
                    names.collect::<Vec<_>>().join(" or ")
                }
            };
            format!("must be of type {expected}, is of type {}", type_of(error.instance()))
        }
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
            one_of(error, &options(error))
        }
        ValidationErrorKind::Required { property } => format!("`{}` is missing", bare(property)),
        ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        ValidationErrorKind::MinLength { limit: 1 } => "must not be empty".to_owned(),
        ValidationErrorKind::MinLength { limit } => format!("must have at least {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("must have at most {limit} characters"),
        ValidationErrorKind::MinItems { limit } => format!("must have at least {limit} entries"),
        ValidationErrorKind::MaxItems { limit } => format!("must have at most {limit} entries"),
        ValidationErrorKind::UniqueItems => "must not have an entry twice".to_owned(),
        ValidationErrorKind::Pattern { pattern } => format!("must match `{pattern}`"),
        ValidationErrorKind::Format { format } => format!("is no {format}"),
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let options: Vec<String> = context.iter().flatten().flat_map(options).collect();
            if options.is_empty() || !error.instance().is_string() {
                return "has none of the forms that are allowed here".to_owned();
            }
            one_of(error, &options)
        }
        ValidationErrorKind::FalseSchema => "is not allowed here".to_owned(),
        _ => error.masked_with("it").to_string(),
    }
}

/// The values that an error says were expected.
fn options(error: &ValidationError<'_>) -> Vec<String> {
    match error.kind() {
        ValidationErrorKind::Enum { options } => options.as_array().into_iter().flatten().map(bare).collect(),
        ValidationErrorKind::Constant { expected_value } => vec![bare(expected_value)],
        _ => Vec::new(),
    }
}

fn one_of(error: &ValidationError<'_>, options: &[String]) -> String {
    let hint = nearest(error.instance().as_str().unwrap_or_default(), options.iter().map(String::as_str));
    let one_of = if options.len() == 1 { "" } else { "one of " };
    format!("must be {one_of}{}{hint}", options.join(", "))
}

/// A value as a person writes it: strings without quotation marks.
pub(crate) fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Of an error about alternatives, the errors of the one that was meant: what is left when `null` is set aside.
pub(crate) fn meant<'e, 'v>(error: &'e ValidationError<'v>) -> Option<&'e [ValidationError<'static>]> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return None;
    };
    let null = |errors: &&Vec<ValidationError<'static>>| {
        errors.iter().any(|error| {
            matches!(error.kind(), ValidationErrorKind::Type { kind: TypeKind::Single(kind) } if kind.to_string() == "null")
        })
    };
    let mut left = context.iter().filter(|errors| !null(errors));
    left.next().filter(|_| left.next().is_none()).map(Vec::as_slice)
}
