//! `x-extractive`: what a section's schema says about finding its topics without a model.
//!
//! ```json
//! "x-extractive": {
//!   "topics": { "founded": { "words": ["founded"], "patterns": ["(?i)\\bfounded in \\d{4}\\b"], "kinds": ["about"],
//!                            "entity": { "kind": "date", "where": { "role": ["founded"] }, "say": "Founded {value}" },
//!                            "max": 1 } },
//!   "summary": [ { "from": ["description"], "max": 1 }, { "from": ["founded"], "lead": "Facts: ", "join": "; " } ],
//!   "tags": ["quotes_not_analysis"]
//! }
//! ```
//!
//! `{name}` in a pattern stands for the subject's names. `say` is a template over the entity: `{value}`,
//! `{roles.title*}` for several values; a stretch in `[ ]` is left out when a name in it has no value; `labels` give
//! values for machines a name for readers. What a sentence denies states a topic only where that has `denials: true`.

mod say;

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use crate::draft::ValueType;
use crate::text::terms::{is_stop, term, terms};

pub(crate) use say::{Labels, paths, say};

/// Hints that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("x-extractive: {0}")]
pub(crate) struct Error(String);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    topics: BTreeMap<String, WrittenTopic>,
    order: Vec<String>,
    summary: Vec<Line>,
    tags: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WrittenTopic {
    words: Vec<String>,
    patterns: Vec<String>,
    unless: Vec<String>,
    kinds: Vec<String>,
    #[serde(deserialize_with = "one_or_many")]
    entity: Vec<EntityHint>,
    findings: Vec<FindingHint>,
    rows: bool,
    only_patterns: bool,
    denials: bool,
    max: Option<usize>,
}

/// Entities of one kind that state the topic.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntityHint {
    pub(crate) kind: String,
    /// Attribute path → values of which one must be there; null = none at all.
    #[serde(default, rename = "where", deserialize_with = "conditions")]
    pub(crate) conditions: BTreeMap<String, Vec<Value>>,
    /// The statement.
    pub(crate) say: String,
    #[serde(default)]
    pub(crate) labels: Labels,
    /// How its value is typed: the type, and the path of the value and its unit.
    #[serde(default)]
    pub(crate) value: Option<ValueHint>,
    #[serde(default)]
    pub(crate) max: Option<usize>,
    /// Page kinds on one of which its evidence must stand.
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueHint {
    #[serde(rename = "type")]
    pub(crate) kind: ValueType,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) unit: Option<String>,
}

/// Earlier findings: all conditions that are given must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FindingHint {
    pub(crate) section: Option<String>,
    pub(crate) topics: Vec<String>,
    /// `fact`, `flag` …
    pub(crate) kinds: Vec<String>,
    pub(crate) severity: Vec<String>,
    pub(crate) max: Option<usize>,
}

/// A line of the summary: statements of topics as sentences of their own, or joined into one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Line {
    /// The paragraph, where a section has paragraphs.
    pub(crate) topic: Option<String>,
    /// Topics of this section, in order of preference.
    pub(crate) from: Vec<String>,
    /// Earlier findings, in order of preference.
    pub(crate) findings: Vec<FindingHint>,
    pub(crate) max: Option<usize>,
    pub(crate) lead: Option<String>,
    pub(crate) join: Option<String>,
    /// Of a joined statement with a colon (`Customer: Acme`): only what stands before or after it.
    pub(crate) part: Option<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    Head,
    Tail,
}

/// One topic, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) name: String,
    /// Single words as terms.
    pub(crate) words: BTreeSet<String>,
    /// Words of several parts, lower case.
    pub(crate) phrases: Vec<String>,
    pub(crate) patterns: Vec<Regex>,
    /// What never states the topic, whatever else it holds.
    pub(crate) unless: Vec<Regex>,
    /// Empty: every kind the section reads.
    pub(crate) kinds: Vec<String>,
    pub(crate) entities: Vec<EntityHint>,
    pub(crate) findings: Vec<FindingHint>,
    /// Table rows, list entries and cards count too, not only sentences.
    pub(crate) rows: bool,
    /// Words alone do not suffice.
    pub(crate) only_patterns: bool,
    /// What is denied counts too: `we do not sell data` answers a question about selling data.
    pub(crate) denials: bool,
    pub(crate) max: usize,
}

/// A section's hints, compiled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    /// In the order of the schema's topics.
    pub(crate) topics: Vec<Topic>,
    pub(crate) summary: Vec<Line>,
    pub(crate) tags: Vec<String>,
}

/// Claims of a topic when its hint says nothing.
const MAX: usize = 2;

impl Hints {
    /// Reads the hints of a schema; topics without one get their name's words. `names` are the subject's.
    pub(crate) fn of(schema: &Value, names: &[String]) -> Result<Self, Error> {
        let written: Written = match schema.get("x-extractive") {
            Some(hints) => Written::deserialize(hints).map_err(|error| Error(error.to_string()))?,
            None => Written::default(),
        };
        let mut order = written.order.clone();
        let declared = topics(schema).into_iter().chain(written.topics.keys().cloned());
        for topic in declared {
            if !order.contains(&topic) {
                order.push(topic);
            }
        }
        let name = names_pattern(names);
        let topics = order
            .into_iter()
            .map(|name_of| Topic::compile(written.topics.get(&name_of).cloned(), name_of, &name))
            .collect::<Result<_, _>>()?;
        Ok(Self { topics, summary: written.summary, tags: written.tags })
    }

    /// All words of the section as terms: what ranking looks for.
    pub(crate) fn terms(&self) -> BTreeSet<String> {
        let words = self.topics.iter().flat_map(|topic| topic.words.iter().cloned());
        let phrases = self.topics.iter().flat_map(|topic| &topic.phrases).flat_map(|phrase| terms(phrase));
        words.chain(phrases).filter(|word| !is_stop(word)).collect()
    }

    /// Kinds of entities that some topic names.
    pub(crate) fn entity_kinds(&self) -> BTreeSet<&str> {
        self.topics.iter().flat_map(|topic| &topic.entities).map(|hint| hint.kind.as_str()).collect()
    }
}

impl Topic {
    pub(crate) fn compile(written: Option<WrittenTopic>, name: String, names: &str) -> Result<Self, Error> {
        let mut written = written.unwrap_or_default();
        let bare = written.words.is_empty() && written.patterns.is_empty();
        if bare && written.entity.is_empty() && written.findings.is_empty() {
            written.words = name.split('_').map(str::to_owned).collect();
        }
        let compile = |patterns: &[String]| -> Result<Vec<Regex>, Error> {
            let patterns = patterns.iter().map(|pattern| Regex::new(&pattern.replace("{name}", names)));
            patterns
                .collect::<Result<_, _>>()
                .map_err(|error| Error(format!("pattern of topic `{name}`: {error}")))
        };
        let (patterns, unless) = (compile(&written.patterns)?, compile(&written.unless)?);
        let (phrases, words): (Vec<String>, Vec<String>) =
            written.words.iter().map(|word| word.to_lowercase()).partition(|word| word.contains([' ', '-']));
        Ok(Self {
            name,
            words: words.iter().map(|word| term(word)).collect(),
            phrases,
            patterns,
            unless,
            kinds: written.kinds,
            entities: written.entity,
            findings: written.findings,
            rows: written.rows,
            only_patterns: written.only_patterns,
            denials: written.denials,
            max: written.max.unwrap_or(MAX),
        })
    }

    /// A topic for a question: its own words.
    pub(crate) fn of_question(number: usize, question: &str, max: usize) -> Self {
        Self {
            name: format!("question_{number}"),
            words: terms(question).filter(|word| !is_stop(word) && word.chars().count() > 2).collect(),
            phrases: Vec::new(),
            patterns: Vec::new(),
            unless: Vec::new(),
            kinds: Vec::new(),
            entities: Vec::new(),
            findings: Vec::new(),
            rows: false,
            only_patterns: false,
            denials: true,
            max,
        }
    }
}

impl FindingHint {
    pub(crate) fn fits(&self, finding: &domain::Finding) -> bool {
        let among = |list: &[String], word: &str| list.is_empty() || list.iter().any(|known| known == word);
        self.section.as_ref().is_none_or(|section| *section == finding.section)
            && among(&self.topics, &finding.topic)
            && among(&self.kinds, finding.kind.as_str())
            && among(&self.severity, finding.severity.as_deref().unwrap_or_default())
    }
}

/// The topics that claims may have by the schema, in its order; of a summary without claims, its paragraphs.
pub(crate) fn topics(schema: &Value) -> Vec<String> {
    let of = |list: &str| schema.pointer(&format!("/properties/{list}/items/properties/topic/enum"));
    let names = of("claims").or_else(|| of("summary")).and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Any of the names, as a pattern; something that never matches when there is none.
pub(crate) fn names_pattern(names: &[String]) -> String {
    let mut names: Vec<String> =
        names.iter().filter(|name| name.chars().count() > 1).map(|name| regex::escape(name)).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    if names.is_empty() { r"[^\s\S]".to_owned() } else { format!("(?:{})", names.join("|")) }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<EntityHint>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Many(Vec<EntityHint>),
        One(EntityHint),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Many(list) => list,
        Either::One(hint) => vec![hint],
    })
}

pub(crate) fn conditions<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<Value>>, D::Error> {
    let written = BTreeMap::<String, Value>::deserialize(deserializer)?;
    Ok(written
        .into_iter()
        .map(|(path, value)| (path, if let Value::Array(list) = value { list } else { vec![value] }))
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn topics_keep_the_order_of_the_schema_and_those_without_hints_get_their_own_words() {
        let schema = json!({
            "properties": { "claims": { "items": { "properties": { "topic": { "enum": ["size", "open_roles"] } } } } },
            "x-extractive": { "topics": { "size": { "words": ["Employees", "head count"], "patterns": ["(?i)^{name} employs"] } } }
        });
        let hints = Hints::of(&schema, &["Brightwater (UK)".to_owned(), "Brightwater".to_owned()]).unwrap();
        assert_eq!(
            hints.topics.iter().map(|topic| topic.name.as_str()).collect::<Vec<_>>(),
            ["size", "open_roles"]
        );
        let topic = |name: &str| hints.topics.iter().find(|topic| topic.name == name).unwrap();
        let size = topic("size");
        assert!(size.words.contains("employee") && size.phrases == ["head count"]);
        assert!(size.patterns[0].is_match("Brightwater (UK) employs 34 people"));
        assert!(topic("open_roles").words.contains("role"));
        assert!(hints.terms().contains("count"));
    }

    #[test]
    fn a_mistake_in_the_hints_is_named() {
        for (hints, word) in [
            (json!({"topics": {"a": {"pattern": []}}}), "pattern"),
            (json!({"topics": {"a": {"patterns": ["("]}}}), "topic `a`"),
            (json!({"topics": {"a": {"entity": {"kind": "date"}}}}), "x-extractive"),
        ] {
            let error = Hints::of(&json!({"x-extractive": hints}), &[]).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn without_a_name_a_pattern_for_it_matches_nothing() {
        let schema = json!({"x-extractive": {"topics": {"a": {"patterns": ["^{name} makes"]}}}});
        let hints = Hints::of(&schema, &[]).unwrap();
        assert!(!hints.topics[0].patterns[0].is_match(" makes"));
    }
}
