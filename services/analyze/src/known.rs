//! What the run has found out so far, read once per job.

use std::collections::BTreeSet;

use domain::{Candidate, Content, Document, Entity, Finding};
use pipelines::Snapshot;
use pipelines::uses::FindingsFrom;
use serde_json::Value;
use worker::{Context, Error};

use crate::affirmed::affirmed;
use crate::ask::blocking;
use crate::names::names;
use crate::sources::{Sources, host};

/// Documents with their contents, entities, findings, frontier, and what the subject is called.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) pairs: Vec<(Document, Content)>,
    /// What the documents affirm.
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
        let (pairs, entities) = blocking(move || {
            let entities = affirmed(entities, &pairs);
            (pairs, entities)
        })
        .await?;
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

/// Whether a section may see the findings of another: what came before it and was selected. What runs beside it may have
/// ended or not, and what a section says must not depend on that.
pub(crate) fn sees(selected: &FindingsFrom, before: &BTreeSet<String>, section: &str) -> bool {
    let is_selected = match selected {
        FindingsFrom::All(all) => *all,
        FindingsFrom::Of(jobs) => jobs.iter().any(|job| job.0 == section),
    };
    is_selected && before.contains(section)
}

#[cfg(test)]
mod tests {
    use pipelines::uses::{FindingsFrom, FindingsJob};

    use super::sees;

    #[test]
    fn only_selected_findings_of_jobs_before_are_seen() {
        let before = ["checks", "overview"].map(str::to_owned).into();
        let of =
            |ids: &[&str]| FindingsFrom::Of(ids.iter().map(|id| FindingsJob((*id).to_owned())).collect());
        for (selected, section, seen) in [
            (FindingsFrom::All(true), "checks", true),
            (FindingsFrom::All(true), "beside", false),
            (FindingsFrom::All(false), "checks", false),
            (of(&["overview"]), "overview", true),
            (of(&["overview"]), "checks", false),
            (of(&["beside"]), "beside", false),
        ] {
            assert_eq!(sees(&selected, &before, section), seen, "{selected:?} {section}");
        }
    }
}
