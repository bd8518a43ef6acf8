//! Whose data it is: tenants, their keys, their subjects.

use sea_orm_migration::prelude::{Index, TableCreateStatement};

use super::{belongs, id, int_null, table, text, text_null, time, time_null};

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        table("tenants", [id("id"), text("name"), time("created_at")])
            .primary_key(Index::create().col("id"))
            .to_owned(),
        table(
            "keys",
            [
                id("id"),
                id("tenant_id"),
                text("name"),
                text("secret_hash"),
                text("scopes"),
                time("created_at"),
                time_null("expires_at"),
                time_null("revoked_at"),
                time_null("last_used_at"),
            ],
        )
        .primary_key(Index::create().col("id"))
        .foreign_key(&mut belongs("tenant_id", "tenants"))
        .to_owned(),
        table(
            "subjects",
            [
                id("id"),
                id("tenant_id"),
                text("kind"),
                text("key"),
                text_null("name"),
                text("profile"),
                text("facts"),
                int_null("latest_version"),
                time("created_at"),
                time("updated_at"),
            ],
        )
        .primary_key(Index::create().col("id"))
        .foreign_key(&mut belongs("tenant_id", "tenants"))
        .to_owned(),
    ]
}

pub(super) const INDEXES: &[&str] = &[
    "create unique index keys_secret on keys (secret_hash)",
    "create index keys_tenant on keys (tenant_id)",
    "create unique index subjects_key on subjects (tenant_id, kind, key)",
];
