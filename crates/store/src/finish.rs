//! The end of attempts, and progress inside of them: fenced, at once, or not at all.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::{BlockedOn, Fence, JobId, JobState, Problem};
use sea_orm::ActiveValue::Set;
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::convert::{Word, later, micros, to_json};
use crate::entity::jobs;
use crate::jobs::{is_held, job_change, lock_running, runs_of};
use crate::ledger::Ledger;
use crate::transaction::transact;
use crate::{BLOCKED_POLL, Committed, Effects, Ending, Error, Finish, MAX_FAILURES, Store, subjects};

impl Store {
    /// Keeps what a running job has brought so far. Progress: its failures count from nothing again.
    ///
    /// [`Error::Fenced`] when the job is no longer held by this attempt or its run has ended (then the job is
    /// cancelled); nothing of the effects is kept then.
    pub async fn commit(
        &self,
        fence: Fence,
        effects: Effects,
        now: DateTime<Utc>,
    ) -> Result<Committed, Error> {
        let committed = transact!(self, |tx| self.commit_in(&tx, fence, &effects, now).await)?;
        committed.ok_or(Error::Fenced)
    }

    async fn commit_in(
        &self,
        tx: &DatabaseTransaction,
        fence: Fence,
        effects: &Effects,
        now: DateTime<Utc>,
    ) -> Result<Option<Committed>, Error> {
        let Some(run) = runs_of(tx, &[fence.job]).await?.into_iter().next() else { return Ok(None) };
        let mut ledger = Ledger::lock(self, tx, run, now).await?;
        let job = lock_running(tx, [fence.job]).await?.pop().filter(|job| is_held(job, fence.attempt));
        let Some(job) = job else { return Ok(None) };
        if ledger.is_over() {
            ledger.cancelled_late(&job).await?;
            ledger.write().await?;
            return Ok(None);
        }
        ledger.apply(&job, effects).await?;
        if job.failures != 0 || effects.checkpoint.is_some() {
            let checkpoint = effects.checkpoint.as_ref().map(to_json).transpose()?;
            let change = jobs::ActiveModel {
                id: sea_orm::ActiveValue::Unchanged(job.id),
                failures: Set(0),
                checkpoint: Set(checkpoint.or_else(|| job.checkpoint.clone())),
                ..Default::default()
            };
            ledger.change_job(change).await?;
        }
        ledger.follow().await?;
        let committed = ledger.take();
        ledger.write().await?;
        Ok(Some(committed))
    }

    /// Ends attempts, in one transaction, each with its effects and all that follows; no call of theirs may be under way
    /// any more. The answers are in the order asked. A late one is refused ([`Error::Fenced`]), only that what it left
    /// reserved is freed, and does not hinder the others; neither does one whose effects the database refuses.
    pub async fn finish(
        &self,
        finishes: &[Finish],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Committed, Error>>, Error> {
        let outcome = self.finish_slice(finishes, now).await;
        let bad = matches!(outcome, Err(Error::Corrupt { .. } | Error::Conflict(_) | Error::NotFound { .. }));
        if !bad {
            return outcome;
        }
        if let ([_], Err(error)) = (finishes, outcome) {
            return Ok(vec![Err(error)]);
        }
        let mut outcomes = Vec::with_capacity(finishes.len());
        for finish in finishes {
            let outcome = self.finish_slice(std::slice::from_ref(finish), now).await;
            outcomes.push(outcome.and_then(|mut one| one.pop().unwrap_or(Err(Error::Fenced))));
        }
        Ok(outcomes)
    }

    async fn finish_slice(
        &self,
        finishes: &[Finish],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Committed, Error>>, Error> {
        transact!(self, |tx| self.finish_in(&tx, finishes, now).await)
    }

    async fn finish_in(
        &self,
        tx: &DatabaseTransaction,
        finishes: &[Finish],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Committed, Error>>, Error> {
        let ids: Vec<JobId> = finishes.iter().map(|finish| finish.fence.job).collect();
        let mut ledgers = BTreeMap::new();
        for run in runs_of(tx, &ids).await? {
            ledgers.insert(run.uuid(), Ledger::lock(self, tx, run, now).await?);
        }
        let rows = lock_running(tx, ids).await?;
        let mut held: HashMap<Uuid, jobs::Model> = rows.into_iter().map(|job| (job.id, job)).collect();
        let written = finishes.iter().filter(|finish| finish.effects.changes_subject());
        let written = written.filter_map(|finish| held.get(&finish.fence.job.uuid()));
        let written = written.map(|job| job.subject_id).collect();
        subjects::lock(tx, &written).await?;
        let mut outcomes = Vec::with_capacity(finishes.len());
        for finish in finishes {
            let job = held.remove(&finish.fence.job.uuid()).filter(|job| is_held(job, finish.fence.attempt));
            let outcome = match job.as_ref().and_then(|job| Some((job, ledgers.get_mut(&job.run_id)?))) {
                Some((job, ledger)) => {
                    ledger.finish(job, finish).await?;
                    Ok(ledger.take())
                }
                None => {
                    for ledger in ledgers.values_mut() {
                        ledger.release_attempt(finish.fence).await?;
                    }
                    Err(Error::Fenced)
                }
            };
            outcomes.push(outcome);
        }
        for ledger in ledgers.into_values() {
            ledger.write().await?;
        }
        Ok(outcomes)
    }
}

impl Ledger<'_> {
    async fn finish(&mut self, job: &jobs::Model, finish: &Finish) -> Result<(), Error> {
        // Before the job is ready again: money that it frees itself must not wake it at once.
        self.release_attempt(finish.fence).await?;
        if self.is_over() {
            return self.cancelled_late(job).await;
        }
        self.apply(job, &finish.effects).await?;
        let mut change = jobs::ActiveModel::default();
        if let Some(checkpoint) = &finish.effects.checkpoint {
            change.checkpoint = Set(Some(to_json(checkpoint)?));
        }
        match &finish.ending {
            Ending::Done { output } => self.done(job, change, output).await?,
            Ending::Yield { after } => self.back(job, change, later(self.now, *after)).await?,
            Ending::Released => self.back(job, change, self.now).await?,
            Ending::Retry { problem, after } => self.failed_once(job, change, problem, *after).await?,
            Ending::Blocked { on, until, problem } => self.blocked(job, change, *on, *until, problem).await?,
            Ending::Failed { problem } => self.failed(job, change, problem).await?,
        }
        self.follow().await
    }

    async fn done(
        &mut self,
        job: &jobs::Model,
        change: jobs::ActiveModel,
        output: &Value,
    ) -> Result<(), Error> {
        let ended = jobs::ActiveModel {
            output: Set(Some(to_json(output)?)),
            problem: Set(None),
            ended_at: Set(Some(self.now)),
            checkpoint: change.checkpoint,
            ..job_change(job, JobState::Done)
        };
        self.change_job(ended).await?;
        self.record_job(job, "job.done", json!({}))?;
        self.count_ended(&job.node, JobState::Done, 1)
    }

    /// Back to the queue.
    async fn back(
        &mut self,
        job: &jobs::Model,
        change: jobs::ActiveModel,
        due_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let back = jobs::ActiveModel {
            failures: change.failures,
            problem: change.problem,
            blocked_on: change.blocked_on,
            checkpoint: change.checkpoint,
            ..self.ready_again(job, due_at)
        };
        self.change_job(back).await?;
        self.rings(&jobs::Model { due_at, ..job.clone() })
    }

    /// An attempt that failed: once more, or that was the last one.
    pub(crate) async fn failed_once(
        &mut self,
        job: &jobs::Model,
        change: jobs::ActiveModel,
        problem: &Problem,
        after: std::time::Duration,
    ) -> Result<(), Error> {
        let failures = job.failures + 1;
        if failures > MAX_FAILURES {
            return self.failed(job, jobs::ActiveModel { failures: Set(failures), ..change }, problem).await;
        }
        let due_at = later(self.now, after);
        let data = json!({ "problem": problem, "failures": failures, "due_at": due_at });
        self.record_job(job, "job.retried", data)?;
        let change =
            jobs::ActiveModel { failures: Set(failures), problem: Set(Some(to_json(problem)?)), ..change };
        self.back(job, change, due_at).await
    }

    async fn blocked(
        &mut self,
        job: &jobs::Model,
        change: jobs::ActiveModel,
        on: BlockedOn,
        until: Option<DateTime<Utc>>,
        problem: &Problem,
    ) -> Result<(), Error> {
        let until = until.map(micros);
        self.run.blocked_on = Some(on.word().to_owned());
        self.run.blocked_until = until;
        self.record_job(job, "job.blocked", json!({ "on": on, "until": until, "problem": problem }))?;
        let change = jobs::ActiveModel {
            blocked_on: Set(Some(on.word().to_owned())),
            problem: Set(Some(to_json(problem)?)),
            ..change
        };
        self.back(job, change, until.unwrap_or_else(|| later(self.now, BLOCKED_POLL))).await
    }

    async fn failed(
        &mut self,
        job: &jobs::Model,
        change: jobs::ActiveModel,
        problem: &Problem,
    ) -> Result<(), Error> {
        let ended = jobs::ActiveModel {
            failures: change.failures,
            problem: Set(Some(to_json(problem)?)),
            ended_at: Set(Some(self.now)),
            checkpoint: change.checkpoint,
            ..job_change(job, JobState::Failed)
        };
        self.change_job(ended).await?;
        self.record_job(job, "job.failed", json!({ "problem": problem }))?;
        self.count_ended(&job.node, JobState::Failed, 1)?;
        if self.node(&job.node)?.optional { Ok(()) } else { self.fail(&job.node, problem).await }
    }

    /// A job that was still running when its run ended: whatever it brings, it is cancelled.
    pub(crate) async fn cancelled_late(&mut self, job: &jobs::Model) -> Result<(), Error> {
        let ended =
            jobs::ActiveModel { ended_at: Set(Some(self.now)), ..job_change(job, JobState::Cancelled) };
        self.change_job(ended).await?;
        self.count_ended(&job.node, JobState::Cancelled, 1)?;
        self.release_job(job.id).await
    }
}
