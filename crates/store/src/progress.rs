//! How far a run is.

use std::ops::AddAssign;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{JobState, Run, RunId, RunState, Stage};
use sea_orm::sea_query::{Expr, Func, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, JoinType, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::convert::{Word, count};
use crate::entity::{documents, jobs, nodes};
use crate::{Error, FrontierCounts, Tenant};

/// Before that many pages were seen, nothing is said of the time left.
const PAGES_TO_ESTIMATE: u32 = 5;
/// The latest jobs that say how long one takes.
const JOBS_TO_ESTIMATE: u64 = 51;

/// Jobs by state. At every commit, `discovered` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobCounts {
    pub discovered: u64,
    pub waiting: u64,
    pub ready: u64,
    pub running: u64,
    pub done: u64,
    pub failed: u64,
    pub cancelled: u64,
    pub skipped: u64,
}

impl JobCounts {
    fn of(&mut self, state: JobState) -> &mut u64 {
        match state {
            JobState::Waiting => &mut self.waiting,
            JobState::Ready => &mut self.ready,
            JobState::Running => &mut self.running,
            JobState::Done => &mut self.done,
            JobState::Failed => &mut self.failed,
            JobState::Cancelled => &mut self.cancelled,
            JobState::Skipped => &mut self.skipped,
        }
    }

    /// How many have not ended.
    #[must_use]
    pub const fn unfinished(&self) -> u64 {
        self.waiting + self.ready + self.running
    }
}

impl AddAssign for JobCounts {
    fn add_assign(&mut self, other: Self) {
        self.discovered += other.discovered;
        self.waiting += other.waiting;
        self.ready += other.ready;
        self.running += other.running;
        self.done += other.done;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.skipped += other.skipped;
    }
}

/// One node of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeProgress {
    pub node: String,
    pub uses: String,
    pub stage: Stage,
    pub optional: bool,
    pub group: Option<String>,
    /// `running` once one of its jobs may run; terminal when the node has ended.
    pub state: JobState,
    pub jobs: JobCounts,
}

/// What a display shows of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// With its state, why nothing moves, and its money.
    pub run: Run,
    /// In manifest order.
    pub nodes: Vec<NodeProgress>,
    /// Over all nodes.
    pub jobs: JobCounts,
    pub documents: u64,
    pub frontier: FrontierCounts,
}

impl Tenant {
    pub async fn progress(&self, run: RunId) -> Result<Progress, Error> {
        let nodes = self.nodes(run).await?;
        let mut jobs = JobCounts::default();
        for node in &nodes {
            jobs += node.jobs;
        }
        let frontier = self.store().frontier_counts(run).await?;
        let documents = self.count_documents(run).await?;
        Ok(Progress { run: self.run(run).await?, nodes, jobs, documents, frontier })
    }

    /// The graph of a run and how far each node is, read at one instant.
    pub async fn nodes(&self, run: RunId) -> Result<Vec<NodeProgress>, Error> {
        self.owned(run).await?;
        let pipeline = self.store().snapshot(run).await?;
        let rows = self.store().read(self.count_jobs(run)).await?;
        let mut nodes: Vec<NodeProgress> = Vec::with_capacity(pipeline.nodes.len());
        for (node, state, discovered, job_state, jobs) in rows {
            if nodes.last().is_none_or(|last| last.node != node) {
                let spec = pipeline.node(&node);
                let spec = spec.ok_or_else(|| Error::corrupt(format!("the pipeline has no job `{node}`")))?;
                nodes.push(NodeProgress {
                    node,
                    uses: spec.uses.clone(),
                    stage: spec.stage,
                    optional: spec.optional,
                    group: spec.group.clone(),
                    state: JobState::read(&state)?,
                    jobs: JobCounts { discovered: count(discovered), ..JobCounts::default() },
                });
            }
            if let (Some(last), Some(job_state)) = (nodes.last_mut(), job_state) {
                *last.jobs.of(JobState::read(&job_state)?) += count(jobs);
            }
        }
        for node in nodes.iter_mut().filter(|node| node.state == JobState::Waiting) {
            if node.jobs.discovered > node.jobs.waiting {
                node.state = JobState::Running;
            }
        }
        Ok(nodes)
    }

    /// Node, its state, how many jobs it ever got; and by state of job, how many there are. One statement, so that
    /// the numbers belong together.
    async fn count_jobs(
        &self,
        run: RunId,
    ) -> Result<Vec<(String, String, i64, Option<String>, i64)>, sea_orm::DbErr> {
        let node = |column| (nodes::Entity, column);
        let job = |column| (jobs::Entity, column);
        let jobs_of_node = Expr::col(job(jobs::Column::RunId))
            .equals(node(nodes::Column::RunId))
            .and(Expr::col(job(jobs::Column::Node)).equals(node(nodes::Column::Node)));
        let rows: SimpleExpr = Func::count(Expr::col(job(jobs::Column::Id))).into();
        let query = Query::select()
            .expr_as(Expr::col(node(nodes::Column::Node)), "node")
            .expr_as(Expr::col(node(nodes::Column::State)), "node_state")
            .expr_as(Expr::col(node(nodes::Column::Jobs)), "discovered")
            .expr_as(Expr::col(job(jobs::Column::State)), "job_state")
            .expr_as(rows, "jobs")
            .from(nodes::Entity)
            .join(JoinType::LeftJoin, jobs::Entity, jobs_of_node)
            .and_where(Expr::col(node(nodes::Column::RunId)).eq(run.uuid()))
            .group_by_columns([
                node(nodes::Column::Ordinal),
                node(nodes::Column::Node),
                node(nodes::Column::State),
                node(nodes::Column::Jobs),
            ])
            .group_by_col(job(jobs::Column::State))
            .order_by(node(nodes::Column::Ordinal), Order::Asc)
            .take();
        let rows = self.store().reader().query_all(&query).await?;
        let read = |row: sea_orm::QueryResult| {
            let discovered: i32 = row.try_get("", "discovered")?;
            Ok((
                row.try_get("", "node")?,
                row.try_get("", "node_state")?,
                i64::from(discovered),
                row.try_get("", "job_state")?,
                row.try_get("", "jobs")?,
            ))
        };
        rows.into_iter().map(read).collect()
    }

    /// How long the run probably still takes: the addresses that wait at the pace of those that were seen, then the
    /// jobs that are left, each as long as the median of the latest. None until enough is known, and while nothing moves.
    pub async fn time_left(
        &self,
        progress: &Progress,
        now: DateTime<Utc>,
    ) -> Result<Option<Duration>, Error> {
        let run = &progress.run;
        let seen = u32::try_from(progress.frontier.done).unwrap_or(u32::MAX);
        let is_early = seen < PAGES_TO_ESTIMATE && progress.frontier.waiting > 0;
        if run.state != RunState::Running || run.blocked_on.is_some() || is_early {
            return Ok(None);
        }
        let Some(job) = self.median_duration(run.id).await? else { return Ok(None) };
        let elapsed = run.started_at.and_then(|start| (now - start).to_std().ok()).unwrap_or_default();
        let page = elapsed.checked_div(seen).unwrap_or_default();
        let times = |each: Duration, n: u64| each.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX));
        Ok(Some(times(page, progress.frontier.waiting) + times(job, progress.jobs.unfinished())))
    }

    async fn median_duration(&self, run: RunId) -> Result<Option<Duration>, Error> {
        let query = jobs::Entity::find()
            .select_only()
            .columns([jobs::Column::StartedAt, jobs::Column::EndedAt])
            .filter(jobs::Column::RunId.eq(run.uuid()))
            .filter(jobs::Column::State.eq(JobState::Done.word()))
            .order_by_desc(jobs::Column::EndedAt)
            .limit(JOBS_TO_ESTIMATE)
            .into_tuple::<(Option<DateTime<Utc>>, Option<DateTime<Utc>>)>();
        let rows = self.store().read(query.all(self.store().reader())).await?;
        let took =
            |(start, end): (Option<DateTime<Utc>>, Option<DateTime<Utc>>)| (end? - start?).to_std().ok();
        let mut durations: Vec<Duration> = rows.into_iter().filter_map(took).collect();
        durations.sort_unstable();
        Ok(durations.get(durations.len() / 2).copied())
    }

    async fn count_documents(&self, run: RunId) -> Result<u64, Error> {
        let query = documents::Entity::find().filter(documents::Column::RunId.eq(run.uuid()));
        self.store().read(query.count(self.store().reader())).await
    }
}
