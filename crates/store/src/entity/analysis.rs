//! What was understood.

table!(entities, "entities", {
    #[sea_orm(primary_key, auto_increment = false)]
    run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    subject_id: Uuid,
    kind: String,
    key: String,
    body: String,
});

table!(findings, "findings", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    run_id: Uuid,
    job_id: Uuid,
    subject_id: Uuid,
    section: String,
    ordinal: i32,
    kind: String,
    body: String,
});

table!(evidence, "evidence", {
    #[sea_orm(primary_key, auto_increment = false)]
    finding_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    ordinal: i32,
    run_id: Uuid,
    document_id: Uuid,
    verdict: String,
    body: String,
});

table!(reports, "reports", {
    #[sea_orm(primary_key, auto_increment = false)]
    subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i32,
    run_id: Uuid,
    tenant_id: Uuid,
    body: String,
    published_at: DateTimeUtc,
});
