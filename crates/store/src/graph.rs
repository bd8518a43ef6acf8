//! What follows when a job ends: nodes end, others become ready or are skipped, the run is done or has failed.
//!
//! A node ends when its `open` and its `blockers` are zero: no unfinished job of its own, no unfinished node that feeds
//! it or that it needs. Then the `blockers` of every node that needs it go down; at zero the waiting jobs of that node
//! are decided.

use domain::{Document, JobId, JobState, Problem, RunState};
use pipelines::Node;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::json;

use crate::convert::{CHUNK, Word, int, to_json};
use crate::entity::jobs;
use crate::jobs::{is, locked};
use crate::ledger::{Ledger, Place};
use crate::{Error, scope};

/// What becomes of the waiting jobs of a node once nothing blocks them.
enum Decision {
    Ready,
    Skipped,
    Failed(Problem),
}

impl Ledger<'_> {
    /// Counts a job as ended in its node. Call [`Ledger::follow`] when all is counted.
    pub(crate) fn count_ended(&mut self, node: &str, state: JobState, jobs: i32) -> Result<(), Error> {
        let row = &mut self.place(node)?.row;
        row.open -= jobs;
        match state {
            JobState::Done => row.done += jobs,
            JobState::Failed => row.failed += jobs,
            JobState::Skipped => row.skipped += jobs,
            _ => {}
        }
        Ok(())
    }

    /// Adds one job per document to every node that `source` feeds.
    pub(crate) async fn fan_out(&mut self, source: &str, documents: &[Document]) -> Result<(), Error> {
        if documents.is_empty() {
            return Ok(());
        }
        let fed: Vec<Node> = self.pipeline.fans(source).cloned().collect();
        for node in fed {
            let rows: Vec<_> = documents.iter().map(|document| self.new_job(&node, Some(document))).collect();
            for chunk in rows.chunks(CHUNK) {
                jobs::Entity::insert_many(chunk.to_vec()).exec_without_returning(self.tx).await?;
            }
            let row = &mut self.place(&node.id)?.row;
            let added = int(documents.len());
            row.open += added;
            row.jobs += added;
            row.waiting += added;
        }
        Ok(())
    }

    /// A job that waits to be decided.
    pub(crate) fn new_job(&self, node: &Node, document: Option<&Document>) -> jobs::ActiveModel {
        jobs::ActiveModel {
            id: Set(JobId::new().uuid()),
            run_id: Set(self.run.id),
            tenant_id: Set(self.run.tenant_id),
            subject_id: Set(self.run.subject_id),
            node: Set(node.id.clone()),
            uses: Set(node.uses.clone()),
            stage: Set(node.stage.as_str().to_owned()),
            state: Set(JobState::Waiting.word().to_owned()),
            attempt: Set(0),
            failures: Set(0),
            document_id: Set(document.map(|document| document.id.uuid())),
            checkpoint: Set(None),
            output: Set(None),
            problem: Set(None),
            blocked_on: Set(None),
            due_at: Set(self.now),
            ring_at: Set(None),
            rings: Set(0),
            lease_until: Set(None),
            worker_id: Set(None),
            created_at: Set(self.now),
            started_at: Set(None),
            ended_at: Set(None),
        }
    }

    /// Draws every consequence, until nothing follows any more.
    pub(crate) async fn follow(&mut self) -> Result<(), Error> {
        while !self.is_over() {
            let unblocked = |place: &Place| !place.has_ended() && place.row.blockers == 0;
            let finished = |place: &Place| unblocked(place) && place.row.open == 0;
            let undecided = |place: &Place| unblocked(place) && place.row.waiting > 0;
            if let Some(at) = self.places.iter().position(finished) {
                self.end_node(at)?;
            } else if let Some(place) = self.places.iter().find(|place| undecided(place)) {
                let node = self.node(&place.row.node)?.clone();
                self.decide(&node).await?;
            } else {
                break;
            }
        }
        if !self.is_over() && self.places.iter().all(Place::has_ended) {
            self.end(RunState::Done);
            self.release_all().await?;
            self.record_run("run.done", json!({}))?;
        }
        Ok(())
    }

    fn end_node(&mut self, at: usize) -> Result<(), Error> {
        let Some(id) = self.places.get(at).map(|place| place.row.node.clone()) else { return Ok(()) };
        let node = self.node(&id)?.clone();
        let state = self.outcome(&node)?;
        self.place(&id)?.end(state);
        let pipeline = self.pipeline.clone();
        for dependent in pipeline.dependents(&id) {
            self.place(&dependent.id)?.row.blockers -= 1;
        }
        for fed in pipeline.fans(&id) {
            self.place(&fed.id)?.row.open -= 1;
        }
        if let Some(group) = &node.group {
            let members = pipeline.nodes.iter().filter(|node| node.group.as_ref() == Some(group));
            let ids: Vec<&str> = members.map(|node| node.id.as_str()).collect();
            let mut places = self.places.iter().filter(|place| ids.contains(&place.row.node.as_str()));
            if places.all(Place::has_ended) {
                self.record_run("group.ended", json!({ "group": group }))?;
            }
        }
        Ok(())
    }

    /// How a node ends that has no unfinished job: by its jobs, or without any by what fed it.
    fn outcome(&mut self, node: &Node) -> Result<JobState, Error> {
        let row = &self.place(&node.id)?.row;
        let (jobs, done, failed) = (row.jobs, row.done, row.failed);
        Ok(if done > 0 {
            JobState::Done
        } else if failed > 0 {
            JobState::Failed
        } else if jobs > 0 || self.all_skipped(&node.for_each) {
            JobState::Skipped
        } else {
            JobState::Done
        })
    }

    fn all_skipped(&self, nodes: &[String]) -> bool {
        let mut places = self.places.iter().filter(|place| nodes.contains(&place.row.node)).peekable();
        places.peek().is_some() && places.all(Place::is_skipped)
    }

    async fn decide(&mut self, node: &Node) -> Result<(), Error> {
        let decision = self.decision(node).await?;
        let row = &mut self.place(&node.id)?.row;
        row.waiting = 0;
        let (state, problem) = match &decision {
            Decision::Ready => (JobState::Ready, None),
            Decision::Skipped => (JobState::Skipped, None),
            Decision::Failed(problem) => (JobState::Failed, Some(to_json(problem)?)),
        };
        let ended_at = state.is_terminal().then_some(self.now);
        let ring_at = self.ring_at(self.now).filter(|_| !state.is_terminal());
        let decided = jobs::Entity::update_many()
            .col_expr(jobs::Column::State, Expr::value(state.word()))
            .col_expr(jobs::Column::Problem, Expr::value(problem))
            .col_expr(jobs::Column::DueAt, Expr::value(self.now))
            .col_expr(jobs::Column::RingAt, Expr::value(ring_at))
            .col_expr(jobs::Column::Rings, Expr::value(0))
            .col_expr(jobs::Column::EndedAt, Expr::value(ended_at))
            .filter(jobs::Column::RunId.eq(self.run.id))
            .filter(jobs::Column::Node.eq(node.id.as_str()))
            .filter(jobs::Column::State.eq(JobState::Waiting.word()))
            .exec_with_returning(self.tx)
            .await?;
        if state.is_terminal() {
            self.count_ended(&node.id, state, int(decided.len()))?;
        }
        for job in &decided {
            match &decision {
                Decision::Ready => self.rings(job)?,
                Decision::Skipped => self.record_job(job, "job.skipped", json!({}))?,
                Decision::Failed(problem) => {
                    self.record_job(job, "job.failed", json!({ "problem": problem }))?;
                }
            }
        }
        match decision {
            Decision::Failed(problem) if !node.optional => self.fail(&node.id, &problem).await,
            _ => Ok(()),
        }
    }

    async fn decision(&self, node: &Node) -> Result<Decision, Error> {
        if node.when.is_empty() {
            return Ok(if self.all_skipped(&node.needs) { Decision::Skipped } else { Decision::Ready });
        }
        let states = self.places.iter().map(|place| (place.row.node.as_str(), place.row.state.as_str()));
        let scope = scope::build(self.tx, &self.run, &self.pipeline, states).await?;
        for condition in &node.when {
            match scope::holds(condition, &scope) {
                Ok(true) => return Ok(Decision::Ready),
                Ok(false) => {}
                Err(reason) => {
                    let detail = format!("the condition `{condition}` cannot be decided: {reason}");
                    return Ok(Decision::Failed(Problem::new("condition_failed", detail)));
                }
            }
        }
        Ok(Decision::Skipped)
    }

    /// A job that had to succeed did not: the run fails at once, and with it everything that has not started.
    pub(crate) async fn fail(&mut self, node: &str, problem: &Problem) -> Result<(), Error> {
        self.place(node)?.end(JobState::Failed);
        self.stop(RunState::Failed).await?;
        self.run.problem = Some(to_json(problem)?);
        self.record_run("run.failed", json!({ "node": node, "problem": problem }))
    }

    /// Ends the run before its time. What runs is told by its heartbeat and ends as cancelled, too.
    pub(crate) async fn stop(&mut self, state: RunState) -> Result<(), Error> {
        let unstarted = Condition::all()
            .add(jobs::Column::RunId.eq(self.run.id))
            .add(Condition::any().add(is(JobState::Waiting)).add(is(JobState::Ready)));
        let cancelled = jobs::Entity::update_many()
            .col_expr(jobs::Column::State, Expr::value(JobState::Cancelled.word()))
            .col_expr(jobs::Column::EndedAt, Expr::value(Some(self.now)))
            .filter(jobs::Column::Id.in_subquery(locked(unstarted)))
            .exec_with_returning(self.tx)
            .await?;
        for job in &cancelled {
            self.count_ended(&job.node, JobState::Cancelled, 1)?;
        }
        for place in &mut self.places {
            place.row.waiting = 0;
            place.changed = true;
            if !place.has_ended() {
                place.end(JobState::Cancelled);
            }
        }
        self.end(state);
        self.release_unstarted().await
    }
}
