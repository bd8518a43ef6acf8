//! The shipped company pipeline's hints and rules, held to what this service understands.

use std::path::PathBuf;

use serde_json::Value;

use crate::hints::{Hints, topics};

const SECTIONS: [&str; 9] = [
    "overview",
    "business_model",
    "team",
    "market",
    "technology",
    "questions",
    "red_flags",
    "insights",
    "executive_summary",
];

/// A file of the company pipeline.
pub(crate) fn file(path: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../crates/pipelines/builtin/company");
    std::fs::read_to_string(folder.join(path)).unwrap()
}

pub(crate) fn schema(section: &str) -> Value {
    serde_json::from_str(&file(&format!("schemas/{section}.schema.json"))).unwrap()
}

/// The hints of a section for a company of that name.
pub(crate) fn hints(section: &str, name: &str) -> Hints {
    Hints::of(&schema(section), &[name.to_owned()]).unwrap()
}

#[test]
fn every_section_has_a_prompt_a_schema_and_hints_that_agree() {
    for section in SECTIONS {
        assert!(file(&format!("prompts/{section}.md")).len() > 300, "{section}");
        let schema = schema(section);
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        let declared = topics(&schema);
        assert!(!declared.is_empty(), "{section}");
        let hints = hints(section, "Brightwater Pumps");
        for topic in &hints.topics {
            assert!(
                declared.contains(&topic.name),
                "{section}: hint for `{}`, which is no topic",
                topic.name
            );
        }
        for line in &hints.summary {
            assert!(!line.from.is_empty() || !line.findings.is_empty(), "{section}: a line from nothing");
            for topic in line.from.iter().chain(&line.topic) {
                assert!(declared.contains(topic), "{section}: a line from `{topic}`, which is no topic");
            }
        }
    }
}

#[test]
fn every_topic_of_a_section_is_explained_in_its_prompt() {
    for section in SECTIONS.into_iter().filter(|section| *section != "questions") {
        let prompt = file(&format!("prompts/{section}.md"));
        for topic in topics(&schema(section)) {
            assert!(prompt.contains(&format!("`{topic}`")), "{section}: `{topic}` is not explained");
        }
    }
}
