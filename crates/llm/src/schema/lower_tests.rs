use super::*;

fn section() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["claims"],
        "x-extractive": {"words": ["robot"]},
        "properties": {
            "claims": {
                "type": "array", "minItems": 1, "maxItems": 12,
                "items": {
                    "type": "object",
                    "required": ["topic", "statement", "evidence"],
                    "properties": {
                        "topic": {"enum": ["founded", "size"], "x-extractive": {"founded": {"max": 1}}},
                        "statement": {"type": "string", "minLength": 8, "maxLength": 240, "description": "One sentence."},
                        "evidence": {"type": "array", "items": {"$ref": "#/$defs/evidence"}},
                        "because": {"type": "string"},
                        "value": {"oneOf": [{"$ref": "#/$defs/money"}, {"type": "string", "format": "date"}]},
                        "level": {"const": "high"},
                        "again": {"$ref": "#/$defs/evidence", "description": "The best one."}
                    }
                }
            }
        },
        "$defs": {
            "evidence": {
                "type": "object", "additionalProperties": false, "required": ["source", "quote"],
                "properties": {"source": {"type": "string", "pattern": "^S[0-9]+$"}, "quote": {"type": "string"}}
            },
            "money": {"type": "object", "required": ["number"], "properties": {"number": {"type": "number", "minimum": 0}}}
        }
    })
}

fn enforced(dialect: Dialect) -> Value {
    match lower(&section(), dialect) {
        Lowered::Enforced(schema) => schema,
        Lowered::InPrompt(schema) => panic!("not enforced: {schema}"),
    }
}

#[test]
fn what_each_provider_is_sent_of_a_section() {
    for (name, dialect) in
        [("openai", Dialect::OpenAi), ("anthropic", Dialect::Anthropic), ("ollama", Dialect::Ollama)]
    {
        insta::assert_json_snapshot!(format!("lowered_{name}"), enforced(dialect));
    }
}

#[test]
fn nothing_of_ours_and_no_reference_is_sent() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic, Dialect::Ollama] {
        let text = enforced(dialect).to_string();
        for unwanted in ["x-extractive", "$ref", "$defs", "$schema", "oneOf", "pattern\""] {
            assert!(!text.contains(unwanted), "{dialect:?}: {unwanted} in {text}");
        }
    }
}

#[test]
fn openai_requires_every_key_and_makes_the_optional_ones_nullable() {
    let schema = enforced(Dialect::OpenAi);
    let claim = &schema["properties"]["claims"]["items"];
    assert_eq!(claim["required"].as_array().unwrap().len(), claim["properties"].as_object().unwrap().len());
    assert_eq!(claim["properties"]["because"]["type"], json!(["string", "null"]));
    assert_eq!(claim["properties"]["level"]["enum"], json!(["high", null]));
    assert_eq!(claim["properties"]["value"]["anyOf"][2], json!({"type": "null"}));
    assert_eq!(claim["additionalProperties"], false);
}

#[test]
fn what_no_decoder_can_enforce_goes_into_the_prompt_without_our_keys() {
    let recursive = json!({
        "type": "object", "x-extractive": {}, "required": ["children"],
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}
    });
    let open = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let pair = json!({"type": "object", "properties": {"p": {"type": "array", "prefixItems": [true], "items": {"type": "string"}}}});
    let anything = json!({"type": "object", "properties": {"a": {}}});
    for schema in [recursive, open, pair, anything] {
        for dialect in [Dialect::OpenAi, Dialect::Anthropic, Dialect::Ollama] {
            let Lowered::InPrompt(sent) = lower(&schema, dialect) else { panic!("{dialect:?} {schema}") };
            assert!(!sent.to_string().contains("x-"), "{sent}");
        }
    }
}

#[test]
fn limits_of_a_single_provider_are_its_own() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    assert!(matches!(lower(&list, Dialect::OpenAi), Lowered::InPrompt(_)), "strict mode wants an object");
    assert!(matches!(lower(&list, Dialect::Ollama), Lowered::Enforced(_)));
    let properties: Map<String, Value> =
        (0..25).map(|n| (format!("k{n}"), json!({"type": "string"}))).collect();
    let wide = json!({"type": "object", "properties": properties});
    assert!(matches!(lower(&wide, Dialect::Anthropic), Lowered::InPrompt(_)), "25 optional keys");
    assert!(matches!(lower(&wide, Dialect::OpenAi), Lowered::Enforced(_)));
}

#[test]
fn all_of_becomes_one_object() {
    let schema = json!({
        "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"b": {"type": "integer"}}, "required": ["b"]}],
        "$defs": {"base": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}}
    });
    let Lowered::Enforced(sent) = lower(&schema, Dialect::Anthropic) else { panic!("not enforced") };
    assert_eq!(sent["required"], json!(["a", "b"]));
}
