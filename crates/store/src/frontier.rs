//! The frontier of a run: every address it knows of, best first.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use domain::{Candidate, DocumentId, FrontierState, RunId, Verdict};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::convert::{CHUNK, Word, count, from_json, int, micros, plain, plain_maybe, small_count, to_json};
use crate::effects::last_of_each;
use crate::entity::frontier;
use crate::ledger::Ledger;
use crate::{Error, Store, Tenant};

/// How many addresses a run knows, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrontierCounts {
    pub waiting: u64,
    pub done: u64,
    pub skipped: u64,
}

impl Store {
    /// What to fetch next: waiting and due, the greatest priority first, then in order of discovery.
    pub async fn frontier_next(
        &self,
        run: RunId,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Candidate>, Error> {
        let query = frontier::Entity::find()
            .filter(frontier::Column::RunId.eq(run.uuid()))
            .filter(frontier::Column::State.eq(FrontierState::Waiting.word()))
            .filter(frontier::Column::DueAt.lte(micros(now)))
            .order_by_desc(frontier::Column::Priority)
            .order_by_asc(frontier::Column::Ordinal)
            .limit(limit);
        let rows = self.read(query.all(self.reader())).await?;
        rows.into_iter().map(read_candidate).collect()
    }

    /// When the next address becomes due, if one waits.
    pub async fn frontier_due(&self, run: RunId) -> Result<Option<DateTime<Utc>>, Error> {
        let query = frontier::Entity::find()
            .select_only()
            .column(frontier::Column::DueAt)
            .filter(frontier::Column::RunId.eq(run.uuid()))
            .filter(frontier::Column::State.eq(FrontierState::Waiting.word()))
            .order_by_asc(frontier::Column::DueAt)
            .limit(1)
            .into_tuple();
        self.read(query.one(self.reader())).await
    }

    pub async fn frontier_counts(&self, run: RunId) -> Result<FrontierCounts, Error> {
        let query = frontier::Entity::find()
            .select_only()
            .column(frontier::Column::State)
            .column_as(frontier::Column::Id.count(), "rows")
            .filter(frontier::Column::RunId.eq(run.uuid()))
            .group_by(frontier::Column::State)
            .into_tuple::<(String, i64)>();
        let mut counts = FrontierCounts::default();
        for (state, rows) in self.read(query.all(self.reader())).await? {
            match FrontierState::read(&state)? {
                FrontierState::Waiting => counts.waiting = count(rows),
                FrontierState::Done => counts.done = count(rows),
                FrontierState::Skipped => counts.skipped = count(rows),
            }
        }
        Ok(counts)
    }

    /// Which of these the run knows already.
    pub async fn frontier_known(&self, run: RunId, url_keys: &[&str]) -> Result<HashSet<String>, Error> {
        let mut known = HashSet::new();
        for chunk in url_keys.chunks(CHUNK) {
            let query = frontier::Entity::find()
                .select_only()
                .column(frontier::Column::UrlKey)
                .filter(frontier::Column::Id.is_in(chunk.iter().map(|key| row_id(run.uuid(), key))))
                .into_tuple::<String>();
            known.extend(self.read(query.all(self.reader())).await?);
        }
        Ok(known)
    }
}

impl Tenant {
    /// Every address of a run, in order of discovery.
    pub async fn frontier(&self, run: RunId) -> Result<Vec<Candidate>, Error> {
        self.owned(run).await?;
        let query = frontier::Entity::find()
            .filter(frontier::Column::RunId.eq(run.uuid()))
            .order_by_asc(frontier::Column::Ordinal);
        let rows = self.store().read(query.all(self.store().reader())).await?;
        rows.into_iter().map(read_candidate).collect()
    }
}

impl Ledger<'_> {
    pub(crate) async fn keep_frontier(&mut self, candidates: &[Candidate]) -> Result<(), Error> {
        let mut rows = Vec::with_capacity(candidates.len());
        for candidate in last_of_each(candidates, |candidate| row_id(self.run.id, &candidate.url_key)) {
            self.run.frontier_seq += 1;
            rows.push(row(self.run.id, self.run.frontier_seq, candidate)?);
        }
        for chunk in rows.chunks(CHUNK) {
            frontier::Entity::insert_many(chunk.to_vec())
                .on_conflict(update())
                .exec_without_returning(self.tx)
                .await?;
        }
        Ok(())
    }
}

/// The row of an address: the same address of the same run, the same row.
fn row_id(run: Uuid, url_key: &str) -> Uuid {
    Uuid::new_v5(&run, plain(url_key).as_bytes())
}

/// Everything but the place in the order of discovery; what is done stays done.
fn update() -> OnConflict {
    use frontier::Column;
    let done = FrontierState::Done.word();
    OnConflict::column(Column::Id)
        .update_columns([
            Column::Url,
            Column::Host,
            Column::KindGuess,
            Column::Priority,
            Column::Depth,
            Column::Via,
            Column::DiscoveredFrom,
            Column::State,
            Column::Verdict,
            Column::Reason,
            Column::Status,
            Column::DocumentId,
            Column::DueAt,
            Column::Attempts,
            Column::Notes,
        ])
        .action_and_where(Expr::cust(format!(
            r#""frontier"."state" <> '{done}' or "excluded"."state" = '{done}'"#
        )))
        .to_owned()
}

fn row(run: Uuid, ordinal: i64, candidate: &Candidate) -> Result<frontier::ActiveModel, Error> {
    Ok(frontier::ActiveModel {
        id: Set(row_id(run, &candidate.url_key)),
        run_id: Set(run),
        ordinal: Set(ordinal),
        url_key: Set(plain(&candidate.url_key)),
        url: Set(plain(&candidate.url)),
        host: Set(plain(&candidate.host)),
        kind_guess: Set(plain(&candidate.kind_guess)),
        priority: Set(candidate.priority),
        depth: Set(int(candidate.depth)),
        via: Set(plain(&candidate.via)),
        discovered_from: Set(plain_maybe(candidate.discovered_from.as_ref())),
        state: Set(candidate.state.word().to_owned()),
        verdict: Set(candidate.verdict.map(|verdict| verdict.word().to_owned())),
        reason: Set(plain_maybe(candidate.reason.as_ref())),
        status: Set(candidate.status.map(i32::from)),
        document_id: Set(candidate.document.map(DocumentId::uuid)),
        due_at: Set(micros(candidate.due_at)),
        attempts: Set(int(candidate.attempts)),
        notes: Set(to_json(&candidate.notes)?),
    })
}

fn read_candidate(row: frontier::Model) -> Result<Candidate, Error> {
    Ok(Candidate {
        url_key: row.url_key,
        url: row.url,
        host: row.host,
        kind_guess: row.kind_guess,
        priority: row.priority,
        depth: small_count(row.depth),
        via: row.via,
        discovered_from: row.discovered_from,
        state: FrontierState::read(&row.state)?,
        verdict: Verdict::read_maybe(row.verdict.as_ref())?,
        reason: row.reason,
        status: row.status.and_then(|status| status.try_into().ok()),
        document: row.document_id.map(DocumentId::from_uuid),
        due_at: row.due_at,
        attempts: small_count(row.attempts),
        notes: from_json("note of an address", &row.notes)?,
    })
}
