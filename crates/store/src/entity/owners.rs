//! Whose data it is.

table!(tenants, "tenants", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    name: String,
    created_at: DateTimeUtc,
});

table!(keys, "keys", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    tenant_id: Uuid,
    name: String,
    secret_hash: String,
    scopes: String,
    created_at: DateTimeUtc,
    expires_at: Option<DateTimeUtc>,
    revoked_at: Option<DateTimeUtc>,
    last_used_at: Option<DateTimeUtc>,
});

table!(subjects, "subjects", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    tenant_id: Uuid,
    kind: String,
    key: String,
    name: Option<String>,
    profile: String,
    facts: String,
    latest_version: Option<i32>,
    created_at: DateTimeUtc,
    updated_at: DateTimeUtc,
});
