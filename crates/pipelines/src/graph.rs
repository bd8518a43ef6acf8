//! A pipeline as runs use it: validated, expanded, with every file it names.

use std::collections::BTreeMap;

use domain::Stage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a run keeps of its pipeline, so that a deployment never changes a run under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub name: String,
    pub title: String,
    /// What the subject is: `company`, `journal`.
    pub subject: String,
    /// A template over `input` that gives the subject's key.
    pub subject_key: String,
    /// SHA-256 (hexadecimal) over the manifest and every file, by name and content.
    pub hash: String,
    /// In manifest order; needs always name nodes.
    pub nodes: Vec<Node>,
    /// Every file of the folder that a node, `input` or `profile` names, by its path in the folder.
    pub files: BTreeMap<String, String>,
    /// JSON Schema of the input, with `x-presets` and `x-positional`.
    pub input: Value,
    pub profile: Option<Value>,
}

/// One `[[job]]` of the manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: String,
    pub uses: String,
    pub stage: Stage,
    /// Templates not yet rendered.
    #[serde(default)]
    pub with: Map<String, Value>,
    #[serde(default)]
    pub needs: Vec<String>,
    /// One job per document that these nodes emit. Empty: one job.
    #[serde(default)]
    pub for_each: Vec<String>,
    /// CEL expressions; the job runs if any holds. Empty: no condition.
    #[serde(default)]
    pub when: Vec<String>,
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub group: Option<String>,
}

impl Snapshot {
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// The nodes that need `id`.
    pub fn dependents<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(move |node| node.needs.iter().any(|need| need == id))
    }

    /// The nodes that run once per document which `id` emits.
    pub fn fans<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(move |node| node.for_each.iter().any(|source| source == id))
    }
}
