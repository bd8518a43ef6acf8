//! What the run has found out so far, read once per job.

use std::collections::BTreeSet;

use domain::{Candidate, Content, Document, Entity, Finding};
use pipelines::Snapshot;
use serde_json::Value;
use worker::{Context, Error};

use crate::names::names;
use crate::sources::{Sources, host};

/// Documents with their contents, entities, findings, frontier, and what the subject is called.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) pairs: Vec<(Document, Content)>,
    pub(crate) entities: Vec<Entity>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) frontier: Vec<Candidate>,
    /// Longest first.
    pub(crate) names: Vec<String>,
}

impl Known {
    pub(crate) async fn read(ctx: &Context) -> Result<Self, Error> {
        let (tenant, run) = (ctx.tenant(), ctx.run());
        let subject = tenant.subject(run.subject).await?;
        let pairs = tenant.contents(run.id).await?;
        let entities = tenant.entities(run.id).await?;
        let given = [subject.name.as_deref(), run.input.get("name").and_then(Value::as_str)];
        let home = pairs.iter().find(|(_, content)| content.kind == "home").or_else(|| pairs.first());
        let host = home.map(|(document, _)| host(document)).unwrap_or_default();
        let names = names(given.into_iter().flatten(), &entities, host);
        Ok(Self {
            findings: tenant.findings(run.id).await?,
            frontier: tenant.frontier(run.id).await?,
            pairs,
            entities,
            names,
        })
    }

    pub(crate) fn sources(&self) -> Sources<'_> {
        let pages: Vec<(&str, &Content)> =
            self.pairs.iter().map(|(document, content)| (host(document), content)).collect();
        let template = content::template(&pages);
        Sources::new(&self.pairs, |host, block| template.holds(host, block))
    }

    /// The longest name, empty if none is known.
    pub(crate) fn name(&self) -> &str {
        self.names.first().map(String::as_str).unwrap_or_default()
    }
}

/// The jobs that a job needs, and those that these need: what has surely ended when it runs.
pub(crate) fn ancestors(snapshot: &Snapshot, node: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = vec![node];
    while let Some(id) = open.pop() {
        let Some(node) = snapshot.node(id) else { continue };
        for need in node.needs.iter().chain(&node.for_each) {
            if found.insert(need.clone()) {
                open.push(need);
            }
        }
    }
    found
}
