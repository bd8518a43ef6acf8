//! What a run with an input would do at the most, without doing it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::describe::short;
use crate::expr::{self, Reference};
use crate::uses::{Arguments, Ask, CrawlPage, CrawlSite};
use crate::{Node, Snapshot, template};

/// Whether a job would run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Will {
    Run,
    /// Its condition does not hold for this input.
    Skip,
    /// Its condition asks for what earlier jobs find.
    Depend,
}

/// One job of the manifest before a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedJob {
    pub id: String,
    pub uses: String,
    pub will: Will,
}

/// A run before it is started. Bounds, not estimates: what it will not exceed, counted as each says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    pub pipeline: String,
    pub title: String,
    pub input: Value,
    /// In order of the manifest.
    pub jobs: Vec<PlannedJob>,
    /// Documents that may be kept.
    pub max_documents: u64,
    /// Addresses that may be asked for, each counted once. What comes on top depends on the hosts: redirects, second
    /// tries, robots files and sitemaps.
    pub max_fetches: u64,
    /// Sections asked of a model, each with one repair; tokens of their sources and of their answers.
    pub max_model_calls: u64,
    pub max_source_tokens: u64,
    pub max_answer_tokens: u64,
}

/// What a run of `pipeline` with the resolved `input` would do.
#[must_use]
pub fn plan(pipeline: &Snapshot, input: &Value) -> Plan {
    let scope = json!({ "input": input, "subject": { "profile": {}, "facts": {} }, "state": {} });
    let will = forecast(pipeline, &scope);
    let mut plan = Plan {
        pipeline: pipeline.name.clone(),
        title: pipeline.title.clone(),
        input: input.clone(),
        jobs: Vec::new(),
        max_documents: 0,
        max_fetches: 0,
        max_model_calls: 0,
        max_source_tokens: 0,
        max_answer_tokens: 0,
    };
    for node in &pipeline.nodes {
        let will = will.get(node.id.as_str()).copied().unwrap_or(Will::Depend);
        plan.jobs.push(PlannedJob { id: node.id.clone(), uses: node.uses.clone(), will });
        if will != Will::Skip {
            plan.add(node, &scope);
        }
    }
    plan
}

impl Plan {
    fn add(&mut self, node: &Node, scope: &Value) {
        let Ok(with) = template::render(&node.with, scope) else { return };
        if let Some(site) = arguments::<CrawlSite>(node, &with) {
            self.max_documents += u64::from(site.max_pages);
            self.max_fetches += u64::from(site.max_fetches());
        }
        if let Some(page) = arguments::<CrawlPage>(node, &with) {
            self.max_documents += page.urls.len() as u64;
            self.max_fetches += page.urls.len() as u64;
        }
        if let Some(ask) = arguments::<Ask>(node, &with) {
            self.max_model_calls += 2;
            // The repair sees the failed claims and what they cite: at most 30 % of the section's sources.
            let sources = f64::from(ask.select.tokens) * ask.token_scale * 1.3;
            self.max_source_tokens += sources.ceil() as u64;
            self.max_answer_tokens += 2 * u64::from(ask.max_output_tokens);
        }
    }
}

fn arguments<A: Arguments + DeserializeOwned>(node: &Node, with: &Map<String, Value>) -> Option<A> {
    let args = (node.uses == A::USES).then(|| Value::Object(with.clone()))?;
    serde_json::from_value(args).ok()
}

/// Jobs in an order in which everything comes after what it waits for.
fn forecast<'a>(pipeline: &'a Snapshot, scope: &Value) -> BTreeMap<&'a str, Will> {
    let mut known: BTreeMap<&str, Will> = BTreeMap::new();
    while known.len() < pipeline.nodes.len() {
        let before = known.len();
        for node in
            pipeline.nodes.iter().filter(|node| !known.contains_key(node.id.as_str())).collect::<Vec<_>>()
        {
            let mut waits = node.needs.iter().chain(&node.for_each);
            if waits.all(|other| known.contains_key(other.as_str())) {
                let will = will(node, scope, &known);
                known.insert(&node.id, will);
            }
        }
        // A circle cannot be loaded; if one is brought here all the same, it ends here.
        if known.len() == before {
            break;
        }
    }
    known
}

fn will(node: &Node, scope: &Value, known: &BTreeMap<&str, Will>) -> Will {
    let all_skipped = |others: &[String]| {
        !others.is_empty() && others.iter().all(|other| known.get(other.as_str()) == Some(&Will::Skip))
    };
    if all_skipped(&node.for_each) || (node.when.is_empty() && all_skipped(&node.needs)) {
        return Will::Skip;
    }
    if node.when.is_empty() {
        return Will::Run;
    }
    let mut answers =
        node.when.iter().map(|when| if is_about_input(when) { expr::holds(when, scope).ok() } else { None });
    if answers.clone().any(|holds| holds == Some(true)) {
        Will::Run
    } else if answers.all(|holds| holds == Some(false)) {
        Will::Skip
    } else {
        Will::Depend
    }
}

fn is_about_input(when: &str) -> bool {
    let about_input = |reference: &Reference| match reference {
        Reference::Path(path) => path.first().is_some_and(|root| root == "input"),
        Reference::Function(_) => true,
    };
    expr::references(when).is_ok_and(|references| references.iter().all(about_input))
}

/// A value as shown: on one line, but for a list with commas inside its entries, which has a line for each.
fn lines(value: &Value) -> Vec<String> {
    match value.as_array().map(|entries| entries.iter().map(short).collect::<Vec<_>>()) {
        Some(entries) if entries.iter().any(|entry| entry.contains(',')) => entries,
        _ => vec![short(value)],
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.pipeline, self.title)?;
        let fields = self.input.as_object().into_iter().flatten();
        let width = fields.clone().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in fields {
            let mut name = name.as_str();
            for line in lines(value) {
                writeln!(f, "  {name:width$}  {line}")?;
                name = "";
            }
        }
        for (will, what) in
            [(Will::Run, "run"), (Will::Depend, "depend on what is found"), (Will::Skip, "skipped")]
        {
            let ids: Vec<&str> =
                self.jobs.iter().filter(|job| job.will == will).map(|job| job.id.as_str()).collect();
            if !ids.is_empty() {
                writeln!(f, "{} jobs {what}: {}", ids.len(), ids.join(", "))?;
            }
        }
        write!(
            f,
            "at the most: {} documents, {} addresses asked (redirects, second tries, robots files and sitemaps come on \
             top), {} model calls with {} tokens of sources and {} of answers",
            self.max_documents,
            self.max_fetches,
            self.max_model_calls,
            self.max_source_tokens,
            self.max_answer_tokens
        )
    }
}
