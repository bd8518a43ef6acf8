//! Reports: what a run publishes as its subject's next version.

use chrono::{DateTime, Utc};
use domain::{RunId, SubjectId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::convert::{from_json, small_count, to_json};
use crate::entity::{jobs, reports, subjects};
use crate::ledger::Ledger;
use crate::{Error, Tenant};

/// A version of a subject's report.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    pub subject: SubjectId,
    pub run: RunId,
    pub version: u32,
    pub body: Value,
    pub published_at: DateTime<Utc>,
}

impl Tenant {
    /// What the run published, if it has.
    pub async fn report(&self, run: RunId) -> Result<Option<Published>, Error> {
        self.owned(run).await?;
        let query = reports::Entity::find().filter(reports::Column::RunId.eq(run.uuid()));
        let row = self.store().read(query.one(self.store().reader())).await?;
        row.map(read_report).transpose()
    }

    /// One version of a subject's report, if there is one.
    pub async fn report_version(&self, subject: SubjectId, version: u32) -> Result<Option<Published>, Error> {
        let query = reports::Entity::find()
            .filter(reports::Column::TenantId.eq(self.id().uuid()))
            .filter(reports::Column::SubjectId.eq(subject.uuid()))
            .filter(reports::Column::Version.eq(version));
        let row = self.store().read(query.one(self.store().reader())).await?;
        row.map(read_report).transpose()
    }
}

impl Ledger<'_> {
    /// Takes the subject's next number; a run that publishes again keeps its number and replaces what it said.
    pub(crate) async fn publish(&mut self, job: &jobs::Model, body: &Value) -> Result<(), Error> {
        let subject = self.lock_subject().await?;
        let version = self.run.version.unwrap_or_else(|| subject.latest_version.unwrap_or(0) + 1);
        let row = reports::ActiveModel {
            subject_id: Set(self.run.subject_id),
            version: Set(version),
            run_id: Set(self.run.id),
            tenant_id: Set(self.run.tenant_id),
            body: Set(to_json(body)?),
            published_at: Set(self.now),
        };
        let replace = OnConflict::column(reports::Column::RunId)
            .update_columns([reports::Column::Body, reports::Column::PublishedAt])
            .to_owned();
        reports::Entity::insert(row).on_conflict(replace).exec_without_returning(self.tx).await?;
        if self.run.version.is_none() {
            self.run.version = Some(version);
            let change = subjects::ActiveModel { latest_version: Set(Some(version)), ..Default::default() };
            self.change_subject(change).await?;
        }
        self.record_job(job, "report.published", json!({ "version": version }))
    }
}

fn read_report(row: reports::Model) -> Result<Published, Error> {
    Ok(Published {
        subject: SubjectId::from_uuid(row.subject_id),
        run: RunId::from_uuid(row.run_id),
        version: small_count(row.version),
        body: from_json("report", &row.body)?,
        published_at: row.published_at,
    })
}
