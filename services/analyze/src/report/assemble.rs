//! From the rows of a run to the report as a value.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::{
    Candidate, Content, Document, DocumentId, Entity, Finding, FrontierState, Job, JobState, Layer, Run,
    Verdict,
};
use pipelines::uses::{Arguments, Ask, Report as Args, Score};
use pipelines::{Node, Snapshot};
use report::{
    Context as Around, Cost, Fact, NotSeen, Pages, PipelineRef, Report, RunRef, SCHEMA, Section, SectionCost,
    SectionState, Source, SubjectRef,
};
use serde_json::Value;
use store::{NodeProgress, Subject, Usage};
use worker::{Context, Error};

use super::around;
use super::method::{Chosen, EXTRACTIVE};
use crate::affirmed::affirmed;
use crate::ask::blocking;

/// How a section of `analyze.score` is labelled.
const RULES: &str = "rules";

/// Everything a report is made of, read once.
pub(super) struct Material {
    run: Run,
    subject: Subject,
    nodes: Vec<NodeProgress>,
    jobs: Vec<Job>,
    sources: Vec<(Document, Content)>,
    entities: Vec<Entity>,
    findings: Vec<Finding>,
    frontier: Vec<Candidate>,
    usage: Vec<Usage>,
    chosen: Chosen,
}

impl Material {
    pub(super) async fn read(ctx: &Context, chosen: Chosen) -> Result<Self, Error> {
        let (tenant, run) = (ctx.tenant(), ctx.run());
        let (sources, entities) = (tenant.contents(run.id).await?, tenant.entities(run.id).await?);
        let (sources, entities) = blocking(move || {
            let entities = affirmed(entities, &sources);
            (sources, entities)
        })
        .await?;
        Ok(Self {
            run: run.clone(),
            subject: tenant.subject(run.subject).await?,
            nodes: tenant.nodes(run.id).await?,
            jobs: tenant.jobs(run.id).await?,
            sources,
            entities,
            findings: tenant.findings(run.id).await?,
            frontier: tenant.frontier(run.id).await?,
            usage: tenant.usage(run.id).await?,
            chosen,
        })
    }

    pub(super) fn assemble(mut self, pipeline: &Snapshot, args: &Args, now: DateTime<Utc>) -> Report {
        let sections = self.sections(pipeline);
        let method = method(&sections);
        let name = self.name();
        let mut report = Report {
            schema: SCHEMA.to_owned(),
            title: args.title.clone().unwrap_or_else(|| name.clone()),
            pipeline: PipelineRef {
                name: pipeline.name.clone(),
                title: pipeline.title.clone(),
                hash: pipeline.hash.clone(),
            },
            subject: SubjectRef { id: self.subject.id, key: self.subject.key.clone(), name },
            run: RunRef {
                id: self.run.id,
                version: self.subject.latest_version.unwrap_or_default() + 1,
                input: self.run.input.clone(),
                method,
                started_at: self.run.started_at.unwrap_or(self.run.created_at),
                published_at: now,
            },
            facts: self.facts(args),
            scores: self.scores(args),
            sections,
            entities: std::mem::take(&mut self.entities),
            sources: self.sources.iter().map(|(document, content)| source(document, content)).collect(),
            not_seen: self.frontier.iter().filter_map(not_seen).collect(),
            pages: self.pages(),
            cost: self.cost(),
            citations: Vec::new(),
            notes: self.notes(),
        };
        let texts: HashMap<DocumentId, &str> =
            self.sources.iter().map(|(document, content)| (document.id, content.text.as_str())).collect();
        report.cite(|evidence| match texts.get(&evidence.document) {
            Some(text) if evidence.layer == Layer::Text => {
                around::context(text, evidence.start, evidence.end)
            }
            _ => Around::default(),
        });
        report
    }

    /// The subject's own name, else what the documents call it, else its key.
    fn name(&self) -> String {
        let itself = |entity: &&Entity| {
            entity.attributes.get("relationship").is_some_and(|all| all.iter().any(|one| one.value == "self"))
        };
        self.subject
            .name
            .clone()
            .or_else(|| {
                let named = self.entities.iter().filter(itself);
                named.max_by(|a, b| a.confidence.total_cmp(&b.confidence)).map(|entity| entity.value.clone())
            })
            .unwrap_or_else(|| self.subject.key.clone())
    }

    fn sections(&mut self, pipeline: &Snapshot) -> Vec<Section> {
        let mut findings: HashMap<String, Vec<Finding>> = HashMap::new();
        for finding in std::mem::take(&mut self.findings) {
            findings.entry(finding.section.clone()).or_default().push(finding);
        }
        let asked = pipeline.nodes.iter().filter(|node| node.uses == Ask::USES || node.uses == Score::USES);
        asked.map(|node| self.section(node, findings.remove(&node.id).unwrap_or_default())).collect()
    }

    fn section(&self, node: &Node, findings: Vec<Finding>) -> Section {
        let job = self.job(&node.id);
        let state =
            self.nodes.iter().find(|progress| progress.node == node.id).map(|progress| progress.state);
        let state = match state {
            Some(JobState::Done) => SectionState::Done,
            Some(JobState::Skipped) | None => SectionState::Skipped,
            Some(_) => SectionState::Failed,
        };
        let method = if node.uses == Score::USES {
            RULES.to_owned()
        } else {
            self.chosen.method(node, job.and_then(|job| job.output.as_ref()))
        };
        let title =
            node.with.get("title").and_then(Value::as_str).map_or_else(|| headline(&node.id), str::to_owned);
        Section {
            id: node.id.clone(),
            title,
            state,
            reason: job.and_then(|job| job.problem.as_ref()).map(|problem| problem.detail.clone()),
            method,
            findings,
            output: job.and_then(|job| job.output.clone()).unwrap_or_default(),
        }
    }

    fn job(&self, node: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.node == node)
    }

    fn facts(&self, args: &Args) -> Vec<Fact> {
        let output = args.facts.as_ref().and_then(|node| self.job(&node.0)?.output.as_ref()?.get("facts"));
        let facts = output.and_then(Value::as_array).into_iter().flatten();
        facts.filter_map(|fact| serde_json::from_value(fact.clone()).ok()).collect()
    }

    /// The output of the score job without its facts, which stand apart.
    fn scores(&self, args: &Args) -> Value {
        let mut output =
            args.facts.as_ref().and_then(|node| self.job(&node.0)?.output.clone()).unwrap_or_default();
        if let Some(object) = output.as_object_mut() {
            object.remove("facts");
        }
        output
    }

    fn pages(&self) -> Pages {
        let mut pages = Pages { kept: self.sources.len() as u64, ..Pages::default() };
        for (_, content) in &self.sources {
            *pages.by_kind.entry(content.kind.clone()).or_default() += 1;
        }
        for verdict in self.frontier.iter().filter_map(|row| row.verdict) {
            *pages.by_verdict.entry(verdict.as_str().to_owned()).or_default() += 1;
        }
        pages.limits_hit = self.said("limits_hit");
        pages.limits_hit.sort_unstable();
        pages.limits_hit.dedup();
        pages
    }

    /// The texts that jobs list in their outputs under one name.
    fn said(&self, name: &str) -> Vec<String> {
        let lists = self.jobs.iter().filter_map(|job| job.output.as_ref()?.get(name)?.as_array());
        lists.flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    fn cost(&self) -> Cost {
        let mut sections: BTreeMap<(&str, &str), SectionCost> = BTreeMap::new();
        let mut cost = Cost { settled_micro_usd: self.run.settled, ..Cost::default() };
        for call in &self.usage {
            let one = sections.entry((&call.section, &call.model)).or_insert_with(|| SectionCost {
                section: call.section.clone(),
                model: call.model.clone(),
                calls: 0,
                tokens: domain::Tokens::default(),
                micro_usd: domain::MicroUsd::ZERO,
            });
            one.calls += 1;
            one.micro_usd += call.cost;
            one.tokens += call.tokens;
            cost.calls += 1;
            cost.tokens += call.tokens;
        }
        cost.settled_micro_usd = self.usage.iter().map(|call| call.cost).sum();
        cost.by_section = sections.into_values().collect();
        cost
    }

    /// What jobs want a reader to know, and pages that need a warning.
    fn notes(&self) -> Vec<String> {
        let mut notes = self.said("notes");
        for (document, content) in &self.sources {
            let place = document.url.as_deref().or(content.title.as_deref()).unwrap_or("a document");
            if content.injection_suspect {
                notes.push(format!("{place} holds text that addresses a model; it was treated as text"));
            }
            notes.extend(content.warnings.iter().map(|warning| format!("{place}: {warning}")));
        }
        notes
    }
}

/// Who wrote the report: the sections' methods, each once. A section that was skipped has nobody.
fn method(sections: &[Section]) -> String {
    let wrote = |section: &&Section| section.state != SectionState::Skipped && section.method != RULES;
    let mut methods: Vec<&str> =
        sections.iter().filter(wrote).map(|section| section.method.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    if methods.is_empty() { EXTRACTIVE.to_owned() } else { methods.join(", ") }
}

/// `red_flags` → `Red flags`
fn headline(id: &str) -> String {
    let words = id.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn source(document: &Document, content: &Content) -> Source {
    Source {
        id: document.id,
        url: document.url.clone(),
        title: content.title.clone(),
        kind: content.kind.clone(),
        kind_confidence: content.kind_confidence,
        kind_reason: content.kind_reason.clone(),
        language: content.language.clone(),
        content_type: document.content_type.clone(),
        words: content.word_count,
        fetched_at: document.fetched_at,
        injection_suspect: content.injection_suspect,
        warnings: content.warnings.clone(),
    }
}

/// An address that was known and not read. What was never meant to be read (another site, a second address of the same
/// page) is not missing.
fn not_seen(row: &Candidate) -> Option<NotSeen> {
    let verdict = match (row.state, row.verdict) {
        (FrontierState::Done, Some(Verdict::Content) | None) => return None,
        (FrontierState::Done, Some(verdict)) => verdict.as_str(),
        (FrontierState::Waiting, _) => "waiting",
        (FrontierState::Skipped, Some(verdict)) => verdict.as_str(),
        (FrontierState::Skipped, None) => "skipped",
    };
    Some(NotSeen { url: row.url.clone(), verdict: verdict.to_owned(), reason: row.reason.clone() })
}
