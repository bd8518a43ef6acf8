//! From the schema a caller wrote to the part of it that a provider enforces.

use serde_json::{Map, Value, json};

/// What a provider's constrained decoding takes, by its documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Strict structured outputs: every key required, so that an optional one becomes nullable; no open objects.
    OpenAi,
    /// `output_config.format`: no open objects, no lengths or ranges, `minItems` 0 or 1; at most 24 optional keys
    /// and 16 unions.
    Anthropic,
    /// A llama.cpp grammar: lengths of arrays are cheap in it, lengths of strings are not.
    Ollama,
}

const ANTHROPIC_MOST_OPTIONAL: usize = 24;
const ANTHROPIC_MOST_UNIONS: usize = 16;

/// A schema as it is sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lowered {
    /// The provider enforces it.
    Enforced(Value),
    /// No provider could: it is shown in the prompt, and the answer is checked afterwards.
    InPrompt(Value),
}

/// What this provider is sent for `schema`.
pub(crate) fn lower(schema: &Value, dialect: Dialect) -> Lowered {
    let mut lowering = Lowering { root: schema, dialect, following: Vec::new(), optional: 0, unions: 0 };
    match lowering.node(schema) {
        Some(lowered) if lowering.is_acceptable(&lowered) => Lowered::Enforced(lowered),
        _ => Lowered::InPrompt(plain(schema)),
    }
}

/// The subschema that a local reference names.
pub(super) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    root.pointer(pointer)
}

struct Lowering<'a> {
    root: &'a Value,
    dialect: Dialect,
    /// The references under way: one that comes again is a recursion.
    following: Vec<String>,
    optional: usize,
    unions: usize,
}

impl Lowering<'_> {
    fn is_acceptable(&self, root: &Value) -> bool {
        match self.dialect {
            Dialect::OpenAi => is_type(root, "object"),
            Dialect::Anthropic => {
                self.optional <= ANTHROPIC_MOST_OPTIONAL && self.unions <= ANTHROPIC_MOST_UNIONS
            }
            Dialect::Ollama => true,
        }
    }

    /// None: this provider cannot enforce it.
    fn node(&mut self, schema: &Value) -> Option<Value> {
        let object = schema.as_object()?;
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            return self.reference(reference, object);
        }
        if object.contains_key("allOf") {
            return self.node(&merged(object, self.root)?);
        }
        if let Some(branches) = object.get("anyOf").or_else(|| object.get("oneOf")) {
            self.unions += 1;
            let branches: Option<Vec<Value>> = branches.as_array()?.iter().map(|b| self.node(b)).collect();
            let mut out = described(object, "");
            out.insert("anyOf".to_owned(), Value::Array(branches?));
            return Some(Value::Object(out));
        }
        self.simple(object)
    }

    fn reference(&mut self, reference: &str, beside: &Map<String, Value>) -> Option<Value> {
        if self.following.iter().any(|name| name == reference) {
            return None;
        }
        let mut target = resolve(self.root, reference)?.clone();
        if let (Some(target), Some(description)) = (target.as_object_mut(), beside.get("description")) {
            target.insert("description".to_owned(), description.clone());
        }
        self.following.push(reference.to_owned());
        let lowered = self.node(&target);
        self.following.pop();
        lowered
    }

    fn simple(&mut self, object: &Map<String, Value>) -> Option<Value> {
        let values = object.get("enum").cloned().or_else(|| Some(json!([object.get("const")?])));
        let kind = object.get("type").cloned().or_else(|| type_of(values.as_ref()?))?;
        if kind.is_array() {
            self.unions += 1;
        }
        let is = |name: &str| is_type(&json!({"type": kind}), name);
        let mut out = described(object, &self.hints(object));
        out.insert("type".to_owned(), kind.clone());
        if let Some(values) = values {
            out.insert("enum".to_owned(), values);
        }
        if is("array") {
            if object.contains_key("prefixItems") {
                return None;
            }
            let items = self.node(object.get("items")?)?;
            out.insert("items".to_owned(), items);
            self.lengths(object, &mut out);
        }
        if is("object") {
            self.properties(object, &mut out)?;
        }
        Some(Value::Object(out))
    }

    fn lengths(&self, object: &Map<String, Value>, out: &mut Map<String, Value>) {
        for key in ["minItems", "maxItems"] {
            let Some(n) = object.get(key).and_then(Value::as_u64) else { continue };
            let keep = match self.dialect {
                Dialect::OpenAi => false,
                Dialect::Anthropic => key == "minItems" && n <= 1,
                Dialect::Ollama => true,
            };
            if keep {
                out.insert(key.to_owned(), n.into());
            }
        }
    }

    fn properties(&mut self, object: &Map<String, Value>, out: &mut Map<String, Value>) -> Option<()> {
        let closed = object.get("additionalProperties").is_none_or(|more| *more == Value::Bool(false));
        if !closed || object.contains_key("patternProperties") {
            return None;
        }
        let given = object.get("properties")?.as_object()?;
        let required = required(object);
        let (mut properties, mut names) = (Map::new(), Vec::new());
        for (name, schema) in given {
            let mut lowered = self.node(schema)?;
            let needed = required.contains(&name.as_str());
            if !needed && self.dialect == Dialect::OpenAi {
                lowered = nullable(lowered);
            }
            if needed || self.dialect == Dialect::OpenAi {
                names.push(Value::from(name.as_str()));
            } else {
                self.optional += 1;
            }
            properties.insert(name.clone(), lowered);
        }
        out.insert("properties".to_owned(), Value::Object(properties));
        out.insert("required".to_owned(), Value::Array(names));
        out.insert("additionalProperties".to_owned(), Value::Bool(false));
        Some(())
    }

    /// In words what the provider will not enforce; models follow descriptions.
    fn hints(&self, object: &Map<String, Value>) -> String {
        let range = |least: &str, most: &str, unit: &str| match (object.get(least), object.get(most)) {
            (Some(least), Some(most)) => Some(format!("{least} to {most}{unit}")),
            (Some(least), None) => Some(format!("at least {least}{unit}")),
            (None, Some(most)) => Some(format!("at most {most}{unit}")),
            (None, None) => None,
        };
        let word = |key: &str| object.get(key).and_then(Value::as_str);
        let items =
            if self.dialect == Dialect::Ollama { None } else { range("minItems", "maxItems", " items") };
        [
            range("minLength", "maxLength", " characters"),
            range("minimum", "maximum", ""),
            items,
            word("format").map(|format| format!("format {format}")),
            word("pattern").map(|pattern| format!("matching {pattern}")),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
    }
}

fn described(object: &Map<String, Value>, hints: &str) -> Map<String, Value> {
    let given = object.get("description").and_then(Value::as_str).unwrap_or_default();
    let text = match (given.is_empty(), hints.is_empty()) {
        (false, false) => format!("{given} ({hints})"),
        (true, false) => hints.to_owned(),
        _ => given.to_owned(),
    };
    let mut out = Map::new();
    if !text.is_empty() {
        out.insert("description".to_owned(), text.into());
    }
    out
}

pub(super) fn required(object: &Map<String, Value>) -> Vec<&str> {
    object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

pub(super) fn is_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == name,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == name),
        _ => false,
    }
}

/// The type of listed values, if it is one.
fn type_of(values: &Value) -> Option<Value> {
    let name = |value: &Value| match value {
        Value::String(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(_) => Some("number"),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let names: Vec<_> = values.as_array()?.iter().map(name).collect();
    let first = (*names.first()?)?;
    names.iter().all(|name| *name == Some(first)).then(|| Value::from(first))
}

/// One object in place of `allOf`: the properties and requirements of all parts.
fn merged(object: &Map<String, Value>, root: &Value) -> Option<Value> {
    let mut whole = object.clone();
    for part in whole.shift_remove("allOf")?.as_array()? {
        let part = match part.get("$ref").and_then(Value::as_str) {
            Some(reference) => resolve(root, reference)?,
            None => part,
        };
        for (key, value) in part.as_object()? {
            match (key.as_str(), whole.get_mut(key)) {
                ("properties", Some(Value::Object(known))) => known.extend(value.as_object()?.clone()),
                ("required", Some(Value::Array(known))) => known.extend(value.as_array()?.iter().cloned()),
                ("allOf" | "anyOf" | "oneOf", Some(_)) => return None,
                (_, Some(_)) => {}
                (_, None) => {
                    whole.insert(key.clone(), value.clone());
                }
            }
        }
    }
    Some(Value::Object(whole))
}

/// The same schema, null allowed.
fn nullable(schema: Value) -> Value {
    let Value::Object(mut object) = schema else { return schema };
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.push(json!({"type": "null"}));
        return Value::Object(object);
    }
    let nested = object.contains_key("properties") || object.contains_key("items");
    match object.get("type").cloned() {
        _ if nested => {
            let description = object.shift_remove("description");
            let mut out = Map::new();
            if let Some(description) = description {
                out.insert("description".to_owned(), description);
            }
            out.insert("anyOf".to_owned(), json!([object, {"type": "null"}]));
            Value::Object(out)
        }
        Some(kind) => {
            let mut kinds = kind.as_array().cloned().unwrap_or_else(|| vec![kind]);
            if !kinds.iter().any(|kind| kind == "null") {
                kinds.push("null".into());
            }
            object.insert("type".to_owned(), Value::Array(kinds));
            if let Some(Value::Array(values)) = object.get_mut("enum")
                && !values.contains(&Value::Null)
            {
                values.push(Value::Null);
            }
            Value::Object(object)
        }
        None => Value::Object(object),
    }
}

/// The schema without our own `x-` keys: they are for code.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !key.starts_with("x-"))
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
#[path = "lower_tests.rs"]
mod tests;
