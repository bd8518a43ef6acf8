//! The journal of model calls, and the bill.

use chrono::{DateTime, Utc};
use domain::{Fence, JobId, MicroUsd, ModelCall, RunId, Tokens};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, TryInsertResult,
};

use crate::convert::{big, count, from_json, int, micros, plain, small_count, to_json};
use crate::entity::{jobs, model_calls, usage};
use crate::jobs::runs_of;
use crate::ledger::Ledger;
use crate::transaction::transact;
use crate::{Error, Store, Tenant};

/// A journaled call and whose it was.
#[derive(Debug, Clone, PartialEq)]
pub struct Journaled {
    pub job: JobId,
    /// The node of the job: the section.
    pub section: String,
    pub call: ModelCall,
}

/// One paid call on the bill; the answer is in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    pub job: JobId,
    /// The node of the job: the section.
    pub section: String,
    pub seq: u32,
    pub provider: String,
    pub model: String,
    pub tokens: Tokens,
    pub cost: MicroUsd,
    pub duration_ms: u64,
    pub at: DateTime<Utc>,
}

impl Store {
    /// The answer to call `seq` of the job, if the same question was asked then.
    pub async fn journaled(
        &self,
        job: JobId,
        seq: u32,
        request_hash: &str,
    ) -> Result<Option<ModelCall>, Error> {
        let key = (job.uuid(), int(seq), request_hash.to_owned());
        let row = self.read(model_calls::Entity::find_by_id(key).one(self.reader())).await?;
        row.map(read_call).transpose()
    }

    /// Journals a call that was paid, puts it on the bill and frees what was set aside for it. Not fenced: money that
    /// is spent is spent. The same call (job, seq, question and time) again changes nothing.
    pub async fn settle(&self, fence: Fence, call: ModelCall, now: DateTime<Utc>) -> Result<(), Error> {
        transact!(self, |tx| self.settle_in(&tx, fence, &call, now).await)
    }

    async fn settle_in(
        &self,
        tx: &DatabaseTransaction,
        fence: Fence,
        call: &ModelCall,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let run = runs_of(tx, &[fence.job]).await?.into_iter().next().ok_or(Error::missing("job"))?;
        let mut ledger = Ledger::lock(self, tx, run, now).await?;
        let job = jobs::Entity::find_by_id(fence.job.uuid()).one(tx).await?.ok_or(Error::missing("job"))?;
        let row = journal_row(&job, call)?;
        let known = OnConflict::columns([
            model_calls::Column::JobId,
            model_calls::Column::Seq,
            model_calls::Column::RequestHash,
        ]);
        let first = known.clone().do_nothing().to_owned();
        model_calls::Entity::insert(row).on_conflict(first).try_insert().exec_without_returning(tx).await?;
        let billed = OnConflict::columns([
            usage::Column::JobId,
            usage::Column::Seq,
            usage::Column::RequestHash,
            usage::Column::At,
        ])
        .do_nothing()
        .to_owned();
        let bill = usage::Entity::insert(bill_row(&job, call)).on_conflict(billed).try_insert();
        if let TryInsertResult::Inserted(1..) = bill.exec_without_returning(tx).await? {
            ledger.run.settled += call.cost.0;
        }
        ledger.take_back(fence, call.seq).await?;
        ledger.write().await
    }
}

impl Tenant {
    /// The bill of a run, in order of time.
    pub async fn usage(&self, run: RunId) -> Result<Vec<Usage>, Error> {
        self.owned(run).await?;
        let query = usage::Entity::find()
            .filter(usage::Column::RunId.eq(run.uuid()))
            .order_by_asc(usage::Column::At)
            .order_by_asc(usage::Column::JobId)
            .order_by_asc(usage::Column::Seq);
        let rows = self.store().read(query.all(self.store().reader())).await?;
        Ok(rows.into_iter().map(read_usage).collect())
    }

    /// Every answer that models gave in a run, in order of time.
    pub async fn journal(&self, run: RunId) -> Result<Vec<Journaled>, Error> {
        self.owned(run).await?;
        let nodes = jobs::Entity::find()
            .select_only()
            .columns([jobs::Column::Id, jobs::Column::Node])
            .filter(jobs::Column::RunId.eq(run.uuid()))
            .into_tuple::<(uuid::Uuid, String)>();
        let query = model_calls::Entity::find()
            .filter(model_calls::Column::RunId.eq(run.uuid()))
            .order_by_asc(model_calls::Column::At)
            .order_by_asc(model_calls::Column::JobId)
            .order_by_asc(model_calls::Column::Seq);
        let rows = self.store().read(query.all(self.store().reader())).await?;
        let nodes = self.store().read(nodes.all(self.store().reader())).await?;
        let nodes: std::collections::HashMap<_, _> = nodes.into_iter().collect();
        let read = |row: model_calls::Model| {
            let section = nodes.get(&row.job_id).cloned().unwrap_or_default();
            Ok(Journaled { job: JobId::from_uuid(row.job_id), section, call: read_call(row)? })
        };
        rows.into_iter().map(read).collect()
    }
}

fn journal_row(job: &jobs::Model, call: &ModelCall) -> Result<model_calls::ActiveModel, Error> {
    Ok(model_calls::ActiveModel {
        job_id: Set(job.id),
        seq: Set(int(call.seq)),
        request_hash: Set(call.request_hash.clone()),
        run_id: Set(job.run_id),
        provider: Set(plain(&call.provider)),
        model: Set(plain(&call.model)),
        answer: Set(to_json(&call.answer)?),
        tokens: Set(to_json(&call.tokens)?),
        cost: Set(call.cost.0),
        duration_ms: Set(big(call.duration_ms)),
        at: Set(micros(call.at)),
    })
}

fn bill_row(job: &jobs::Model, call: &ModelCall) -> usage::ActiveModel {
    usage::ActiveModel {
        job_id: Set(job.id),
        seq: Set(int(call.seq)),
        request_hash: Set(call.request_hash.clone()),
        at: Set(micros(call.at)),
        run_id: Set(job.run_id),
        tenant_id: Set(job.tenant_id),
        node: Set(job.node.clone()),
        provider: Set(plain(&call.provider)),
        model: Set(plain(&call.model)),
        input_tokens: Set(big(call.tokens.input)),
        cache_read_tokens: Set(big(call.tokens.cache_read)),
        cache_write_tokens: Set(big(call.tokens.cache_write)),
        output_tokens: Set(big(call.tokens.output)),
        reasoning_tokens: Set(big(call.tokens.reasoning)),
        cost: Set(call.cost.0),
        duration_ms: Set(big(call.duration_ms)),
    }
}

fn read_call(row: model_calls::Model) -> Result<ModelCall, Error> {
    Ok(ModelCall {
        seq: small_count(row.seq),
        request_hash: row.request_hash,
        provider: row.provider,
        model: row.model,
        answer: from_json("answer", &row.answer)?,
        tokens: from_json("number of tokens", &row.tokens)?,
        cost: MicroUsd(row.cost),
        duration_ms: count(row.duration_ms),
        at: row.at,
    })
}

fn read_usage(row: usage::Model) -> Usage {
    Usage {
        job: JobId::from_uuid(row.job_id),
        section: row.node,
        seq: small_count(row.seq),
        provider: row.provider,
        model: row.model,
        tokens: Tokens {
            input: count(row.input_tokens),
            cache_read: count(row.cache_read_tokens),
            cache_write: count(row.cache_write_tokens),
            output: count(row.output_tokens),
            reasoning: count(row.reasoning_tokens),
        },
        cost: MicroUsd(row.cost),
        duration_ms: count(row.duration_ms),
        at: row.at,
    }
}
