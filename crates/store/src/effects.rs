//! Effects: everything a job brings, written at once with its commit or its ending, or not at all.

use std::collections::HashMap;

use domain::{Candidate, Content, Document, Entity, Finding, NewEvent};
use serde_json::{Map, Value};

use crate::Error;
use crate::entity::jobs;
use crate::ledger::Ledger;

/// What a job brings. Documents fan out to the nodes that run `for_each` of the job's node, in the same transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    pub documents: Vec<Document>,
    /// One per document and run; a later one replaces.
    pub contents: Vec<Content>,
    /// One per id and run; a later one replaces.
    pub entities: Vec<Entity>,
    pub findings: Vec<Finding>,
    /// Upserted by `(run, url_key)`; what was discovered first stays first. A `waiting` one never reopens what is
    /// `done`.
    pub frontier: Vec<Candidate>,
    pub events: Vec<NewEvent>,
    /// Merged into the subject's facts by name; null takes a fact away.
    pub facts: Map<String, Value>,
    /// Published as the subject's next version.
    pub report: Option<Value>,
    /// Replaces what the job saved before.
    pub checkpoint: Option<Value>,
}

impl Effects {
    /// Whether they are written to the subject's row, too.
    pub(crate) fn changes_subject(&self) -> bool {
        self.report.is_some() || !self.facts.is_empty()
    }
}

impl Ledger<'_> {
    /// Writes all of it but the checkpoint, which goes with the job's row.
    pub(crate) async fn apply(&mut self, job: &jobs::Model, effects: &Effects) -> Result<(), Error> {
        self.keep_documents(job, &effects.documents).await?;
        self.keep_contents(&effects.contents).await?;
        self.keep_entities(&effects.entities).await?;
        self.keep_findings(job, &effects.findings).await?;
        self.keep_frontier(&effects.frontier).await?;
        self.keep_facts(&effects.facts).await?;
        for event in &effects.events {
            self.record(Some(job), event)?;
        }
        if let Some(report) = &effects.report {
            self.publish(job, report).await?;
        }
        self.fan_out(&job.node, &effects.documents).await
    }
}

/// The last of those with the same key, in the order in which the keys came first: one statement must not touch a
/// row twice.
pub(crate) fn last_of_each<T, K: std::hash::Hash + Eq>(items: &[T], key: impl Fn(&T) -> K) -> Vec<&T> {
    let mut places = HashMap::with_capacity(items.len());
    let mut last: Vec<&T> = Vec::with_capacity(items.len());
    for item in items {
        let place = *places.entry(key(item)).or_insert(last.len());
        match last.get_mut(place) {
            Some(earlier) => *earlier = item,
            None => last.push(item),
        }
    }
    last
}
