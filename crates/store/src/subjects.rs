//! Subjects: who or what is studied over time.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{SubjectId, TenantId};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::convert::{from_json, plain, plain_maybe, to_json};
use crate::entity::subjects;
use crate::ledger::Ledger;
use crate::{Error, Tenant};

/// The longest key of a subject, in bytes: what an index entry holds.
const KEY_LIMIT: usize = 1000;

/// A company, a person's journal, an author …
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    pub id: SubjectId,
    pub tenant: TenantId,
    pub kind: String,
    /// What makes two inputs one subject.
    pub key: String,
    pub name: Option<String>,
    /// Set by the user.
    pub profile: Value,
    /// Computed and kept between runs.
    pub facts: Map<String, Value>,
    /// The number of the latest report.
    pub latest_version: Option<u32>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Tenant {
    pub async fn subject(&self, subject: SubjectId) -> Result<Subject, Error> {
        let query = subjects::Entity::find_by_id(subject.uuid())
            .filter(subjects::Column::TenantId.eq(self.id().uuid()));
        let row = self.store().read(query.one(self.store().reader())).await?;
        read_subject(row.ok_or(Error::missing("subject"))?)
    }
}

/// The subject of that kind and key, made if it is new; a name given now replaces an older one.
pub(crate) async fn upsert<C: ConnectionTrait>(
    db: &C,
    tenant: TenantId,
    kind: &str,
    key: &str,
    name: Option<&String>,
    now: DateTime<Utc>,
) -> Result<subjects::Model, Error> {
    if key.is_empty() || key.len() > KEY_LIMIT {
        let detail =
            format!("the key of a {kind} must have 1 to {KEY_LIMIT} bytes, this one has {}", key.len());
        return Err(Error::conflict("invalid_input", detail));
    }
    let row = subjects::ActiveModel {
        id: Set(SubjectId::new().uuid()),
        tenant_id: Set(tenant.uuid()),
        kind: Set(plain(kind)),
        key: Set(plain(key)),
        name: Set(plain_maybe(name)),
        profile: Set("{}".to_owned()),
        facts: Set("{}".to_owned()),
        latest_version: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let known = [subjects::Column::TenantId, subjects::Column::Kind, subjects::Column::Key];
    let update = OnConflict::columns(known)
        .update_column(subjects::Column::UpdatedAt)
        .value(subjects::Column::Name, Expr::cust(r#"coalesce("excluded"."name", "subjects"."name")"#))
        .to_owned();
    Ok(subjects::Entity::insert(row).on_conflict(update).exec_with_returning(db).await?)
}

/// Locks the subjects of a slice in one order. A single one is locked when it is written.
pub(crate) async fn lock(tx: &DatabaseTransaction, subjects: &BTreeSet<Uuid>) -> Result<(), Error> {
    if subjects.len() > 1 {
        let ids = subjects::Entity::find().select_only().column(subjects::Column::Id);
        let ids = ids.filter(subjects::Column::Id.is_in(subjects.iter().copied()));
        let ids = ids.order_by_asc(subjects::Column::Id).lock_exclusive();
        ids.into_tuple::<Uuid>().all(tx).await?;
    }
    Ok(())
}

impl Ledger<'_> {
    /// The subject's row, locked.
    pub(crate) async fn lock_subject(&self) -> Result<subjects::Model, Error> {
        let row = subjects::Entity::find_by_id(self.run.subject_id).lock_exclusive().one(self.tx).await?;
        row.ok_or_else(|| Error::corrupt("the subject of a run is missing"))
    }

    pub(crate) async fn change_subject(&self, change: subjects::ActiveModel) -> Result<(), Error> {
        let change =
            subjects::ActiveModel { id: Unchanged(self.run.subject_id), updated_at: Set(self.now), ..change };
        subjects::Entity::update(change).exec_without_returning(self.tx).await?;
        Ok(())
    }

    pub(crate) async fn keep_facts(&self, facts: &Map<String, Value>) -> Result<(), Error> {
        if facts.is_empty() {
            return Ok(());
        }
        let subject = self.lock_subject().await?;
        let mut known: Map<String, Value> = from_json("set of facts", &subject.facts)?;
        for (name, value) in facts {
            if value.is_null() {
                known.shift_remove(name);
            } else {
                known.insert(name.clone(), value.clone());
            }
        }
        self.change_subject(subjects::ActiveModel { facts: Set(to_json(&known)?), ..Default::default() })
            .await
    }
}

fn read_subject(row: subjects::Model) -> Result<Subject, Error> {
    Ok(Subject {
        id: SubjectId::from_uuid(row.id),
        tenant: TenantId::from_uuid(row.tenant_id),
        kind: row.kind,
        key: row.key,
        name: row.name,
        profile: from_json("profile", &row.profile)?,
        facts: from_json("set of facts", &row.facts)?,
        latest_version: row.latest_version.and_then(|version| version.try_into().ok()),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
