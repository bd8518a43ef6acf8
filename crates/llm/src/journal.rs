//! What the journal keeps of a call, and which question an answer belongs to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::Kind;
use crate::provider::Turn;

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
    fn tries_of_different_questions_never_share_a_number() {
        assert!(number(0, TRIES - 1) < number(1, 0));
        assert_eq!(number(u32::MAX, 5), u32::MAX);
    }
}
