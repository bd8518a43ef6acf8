//! Tenants, and the API keys that speak for them. A key's secret is never kept, only its hash.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{KeyId, TenantId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use crate::convert::{from_json, micros, plain, to_json};
use crate::entity::{keys, tenants};
use crate::transaction::transact;
use crate::{Error, Store, Tenant};

/// How exactly the last use of a key is known: one write per key in this time, not one per request.
const LAST_USED_PRECISION: TimeDelta = TimeDelta::minutes(1);

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    pub name: String,
    /// What tells this secret from every other, without giving it away: a hash of a long random string.
    pub secret_hash: String,
    pub scopes: Vec<String>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub id: KeyId,
    pub tenant: TenantId,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Store {
    pub async fn create_tenant(&self, name: &str, now: DateTime<Utc>) -> Result<TenantId, Error> {
        let id = TenantId::new();
        let row =
            tenants::ActiveModel { id: Set(id.uuid()), name: Set(plain(name)), created_at: Set(micros(now)) };
        transact!(self, |tx| tenants::Entity::insert(row.clone())
            .exec_without_returning(&tx)
            .await
            .map_err(Error::from))?;
        Ok(id)
    }

    /// The key with this secret, if it may be used now; notes that it was.
    pub async fn use_key(&self, secret_hash: &str, now: DateTime<Utc>) -> Result<Option<Key>, Error> {
        let now = micros(now);
        let usable = Condition::all().add(keys::Column::RevokedAt.is_null()).add(
            Condition::any().add(keys::Column::ExpiresAt.is_null()).add(keys::Column::ExpiresAt.gt(now)),
        );
        let query =
            keys::Entity::find().filter(keys::Column::SecretHash.eq(secret_hash)).filter(usable.clone());
        let Some(row) = self.read(query.one(self.reader())).await? else { return Ok(None) };
        if row.last_used_at.is_none_or(|last| last + LAST_USED_PRECISION <= now) {
            let note = keys::Entity::update_many()
                .col_expr(keys::Column::LastUsedAt, Expr::value(Some(now)))
                .filter(keys::Column::Id.eq(row.id));
            transact!(self, |tx| note.clone().exec(&tx).await.map_err(Error::from))?;
        }
        read_key(row).map(Some)
    }
}

impl Tenant {
    pub async fn create_key(&self, new: NewKey, now: DateTime<Utc>) -> Result<Key, Error> {
        let row = keys::ActiveModel {
            id: Set(KeyId::new().uuid()),
            tenant_id: Set(self.id().uuid()),
            name: Set(plain(&new.name)),
            secret_hash: Set(new.secret_hash),
            scopes: Set(to_json(&new.scopes)?),
            created_at: Set(micros(now)),
            expires_at: Set(new.expires_at.map(micros)),
            revoked_at: Set(None),
            last_used_at: Set(None),
        };
        let row = transact!(self.store(), |tx| keys::Entity::insert(row.clone())
            .exec_with_returning(&tx)
            .await
            .map_err(Error::from))?;
        read_key(row)
    }

    /// All keys, also revoked and expired ones, in the order they were made.
    pub async fn keys(&self) -> Result<Vec<Key>, Error> {
        let query = keys::Entity::find()
            .filter(keys::Column::TenantId.eq(self.id().uuid()))
            .order_by_asc(keys::Column::Id);
        let rows = self.store().read(query.all(self.store().reader())).await?;
        rows.into_iter().map(read_key).collect()
    }

    /// The key can never be used again. Revoking it twice does nothing.
    pub async fn revoke_key(&self, key: KeyId, now: DateTime<Utc>) -> Result<(), Error> {
        let mine = Condition::all()
            .add(keys::Column::Id.eq(key.uuid()))
            .add(keys::Column::TenantId.eq(self.id().uuid()));
        let revoke = keys::Entity::update_many()
            .col_expr(keys::Column::RevokedAt, Expr::value(Some(micros(now))))
            .filter(mine.clone())
            .filter(keys::Column::RevokedAt.is_null());
        let revoked = transact!(self.store(), |tx| revoke.clone().exec(&tx).await.map_err(Error::from))?;
        if revoked.rows_affected > 0 {
            return Ok(());
        }
        let known = self.store().read(keys::Entity::find().filter(mine).one(self.store().reader())).await?;
        known.map(|_| ()).ok_or(Error::missing("key"))
    }
}

fn read_key(row: keys::Model) -> Result<Key, Error> {
    Ok(Key {
        id: KeyId::from_uuid(row.id),
        tenant: TenantId::from_uuid(row.tenant_id),
        name: row.name,
        scopes: from_json("list of scopes", &row.scopes)?,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_used_at: row.last_used_at,
    })
}
