//! What a real provider would not take, so that a wrong request fails here and not first in production.

use serde_json::{Map, Value};

use super::Api;

/// Why the provider would answer 400; none if it would not.
pub(super) fn complaint(api: Api, body: &Value, headers: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    match api {
        Api::Anthropic => anthropic(body, headers),
        Api::OpenAi => openai(body),
        Api::Ollama => None,
    }
}

fn anthropic(body: &Value, headers: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if headers("anthropic-version").is_none() {
        return Some("anthropic-version: header is required".to_owned());
    }
    if body.get("max_tokens").and_then(Value::as_u64).is_none() {
        return Some("max_tokens: Field required".to_owned());
    }
    let messages = body.get("messages")?.as_array()?;
    if messages.iter().any(|message| message["content"] == "") {
        return Some("messages: text content blocks must be non-empty".to_owned());
    }
    if messages.last().is_some_and(|message| message["role"] != "user") {
        return Some("messages: the final message must be of the user".to_owned());
    }
    let schema = body.pointer("/output_config/format/schema")?;
    let unsupported = [
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "multipleOf",
        "maxItems",
        "uniqueItems",
        "not",
        "if",
        "oneOf",
        "prefixItems",
        "patternProperties",
    ];
    walk(schema, &mut |node| {
        let keyword = unsupported.iter().find(|keyword| node.contains_key(**keyword));
        let open = node.contains_key("properties") && node.get("additionalProperties") != Some(&false.into());
        match keyword {
            Some(keyword) => Some(format!("output_config.format.schema: `{keyword}` is not supported")),
            None if open => Some(
                "output_config.format.schema: 'additionalProperties' must be explicitly set to false"
                    .to_owned(),
            ),
            None => None,
        }
    })
}

fn openai(body: &Value) -> Option<String> {
    let reasoning = body.get("model")?.as_str()?.starts_with("gpt-6");
    if reasoning && body.get("max_tokens").is_some() {
        return Some("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.".to_owned());
    }
    let format = body.pointer("/response_format/json_schema")?;
    if format.get("name").and_then(Value::as_str).is_none() {
        return Some("Missing required parameter: 'response_format.json_schema.name'".to_owned());
    }
    if format.get("strict") != Some(&true.into()) {
        return None;
    }
    let schema = format.get("schema")?;
    if schema.get("type") != Some(&"object".into()) {
        return Some(
            "Invalid schema for response_format: schema must be a JSON Schema of 'type: \"object\"'"
                .to_owned(),
        );
    }
    let unsupported =
        ["allOf", "oneOf", "not", "if", "minLength", "maxLength", "prefixItems", "patternProperties"];
    walk(schema, &mut |node| {
        if let Some(keyword) = unsupported.iter().find(|keyword| node.contains_key(**keyword)) {
            return Some(format!("Invalid schema for response_format: '{keyword}' is not permitted"));
        }
        let properties = node.get("properties")?.as_object()?;
        if node.get("additionalProperties") != Some(&false.into()) {
            return Some("Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false".to_owned());
        }
        let required: Vec<&Value> =
            node.get("required").and_then(Value::as_array).into_iter().flatten().collect();
        let missing = properties.keys().find(|name| !required.contains(&&Value::from(name.as_str())));
        missing.map(|name| {
            format!("Invalid schema for response_format: 'required' must include every key: missing '{name}'")
        })
    })
}

/// The first complaint about a schema or one under it.
fn walk(schema: &Value, judge: &mut dyn FnMut(&Map<String, Value>) -> Option<String>) -> Option<String> {
    let node = schema.as_object()?;
    if let Some(complaint) = judge(node) {
        return Some(complaint);
    }
    let properties =
        ["properties", "$defs"].iter().filter_map(|key| node.get(*key)?.as_object()).flat_map(Map::values);
    let branches = ["anyOf", "allOf"].iter().filter_map(|key| node.get(*key)?.as_array()).flatten();
    let under: Vec<&Value> = properties.chain(branches).chain(node.get("items")).collect();
    under.into_iter().find_map(|schema| walk(schema, judge))
}
