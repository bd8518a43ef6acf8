//! What the journal keeps of a call, and which question an answer belongs to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::provider::Turn;
use crate::{Error, Kind};

/// How many paid tries one question of a job may have: a repair, and new tries after answers that broke off.
pub(crate) const TRIES: u32 = 32;

/// The journal's number of the `n`-th try of a job's question `seq`.
pub(crate) const fn number(seq: u32, n: u32) -> u32 {
    seq.saturating_mul(TRIES).saturating_add(n)
}

/// One paid call as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    /// What the caller got.
    Value(Value),
    /// Paid, and no answer.
    Unusable(Unusable),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub(crate) enum Unusable {
    /// It does not fit the schema; the next try is shown this.
    Invalid { text: String, errors: Vec<String> },
    /// Cut off, refused, interrupted: by the error's code.
    Failed { code: String, detail: String },
}

/// The error that a failure of an earlier attempt would be again: the same question meets the same limit, the same
/// refusal. None for what broke off, which may come whole the next time.
pub(crate) fn again(code: &str, detail: &str, provider: Kind, model: &str, limit: u32) -> Option<Error> {
    let model = model.to_owned();
    let bare = |error: Error, detail: &str| {
        let head = error.to_string();
        detail.strip_prefix(head.as_str()).unwrap_or(detail).to_owned()
    };
    let empty = String::new;
    match code {
        "answer_cut_off" => Some(Error::CutOff { provider, model, limit }),
        "model_refused" => {
            let head = Error::Refused { provider, model: model.clone(), detail: empty() };
            Some(Error::Refused { provider, model, detail: bare(head, detail) })
        }
        "prompt_truncated" => {
            let head = Error::PromptTruncated { provider, model: model.clone(), detail: empty() };
            Some(Error::PromptTruncated { provider, model, detail: bare(head, detail) })
        }
        _ => None,
    }
}

/// SHA-256 over everything that makes an answer what it is, as lower-case hexadecimal.
pub(crate) fn hash(
    kind: Kind,
    model: &str,
    system: &str,
    turns: &[Turn],
    schema: Option<&Value>,
    most: u32,
) -> String {
    let turns: Vec<Value> =
        turns.iter().map(|turn| json!({"role": turn.role.as_str(), "text": turn.text})).collect();
    let request = json!({
        "provider": kind.as_str(),
        "model": model,
        "system": system,
        "turns": turns,
        "schema": schema,
        "max_output_tokens": most,
    });
    hex::encode(Sha256::digest(sorted(&request).to_string()))
}

/// The same value with the keys of every object in order: equal values have equal texts.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut pairs: Vec<_> = object.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            pairs.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Role;

    fn ask(text: &str, schema: &Value) -> String {
        let turns = [Turn { role: Role::User, text: text.to_owned() }];
        hash(Kind::Ollama, "llama3.1", "Be brief.", &turns, Some(schema), 500)
    }

    #[test]
    fn the_same_question_has_the_same_hash_whatever_the_order_of_keys() {
        let (a, b) = (json!({"type": "object", "title": "T"}), json!({"title": "T", "type": "object"}));
        assert_eq!(ask("Who?", &a), ask("Who?", &b));
        assert_ne!(ask("Who?", &a), ask("What?", &a));
        assert_ne!(ask("Who?", &a), ask("Who?", &json!({"type": "object"})));
    }

    /// Frozen: a changed hash would pay for every answer in every journal again.
    #[test]
    fn the_hash_of_a_question_never_changes() {
        insta::assert_snapshot!(ask("Who?", &json!({"type": "object"})));
    }

    #[test]
    fn what_is_kept_never_changes_its_form() {
        let entries = [
            Entry::Value(json!({"unusable": 1})),
            Entry::Unusable(Unusable::Invalid { text: "no".into(), errors: vec!["at /a: b".into()] }),
            Entry::Unusable(Unusable::Failed { code: "answer_cut_off".into(), detail: "cut".into() }),
        ];
        insta::assert_json_snapshot!(entries);
        let text = serde_json::to_string(&entries).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Entry>>(&text).unwrap(), entries);
    }

    #[test]
    fn what_would_fail_the_same_way_is_the_same_error_again() {
        let kind = Kind::Ollama;
        for error in [
            Error::CutOff { provider: kind, model: "m".into(), limit: 700 },
            Error::Refused { provider: kind, model: "m".into(), detail: "no".into() },
            Error::PromptTruncated { provider: kind, model: "m".into(), detail: "long".into() },
        ] {
            let repeated = again(error.code(), &error.to_string(), kind, "m", 700).unwrap();
            assert_eq!((repeated.code(), repeated.to_string()), (error.code(), error.to_string()));
        }
        assert!(again("provider_interrupted", "it broke off", kind, "m", 700).is_none());
    }

    #[test]
    fn tries_of_different_questions_never_share_a_number() {
        assert!(number(0, TRIES - 1) < number(1, 0));
        assert_eq!(number(u32::MAX, 5), u32::MAX);
    }
}
