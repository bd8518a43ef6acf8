//! What was found.

table!(frontier, "frontier", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    run_id: Uuid,
    ordinal: i64,
    url_key: String,
    url: String,
    host: String,
    kind_guess: String,
    priority: f64,
    depth: i32,
    via: String,
    discovered_from: Option<String>,
    state: String,
    verdict: Option<String>,
    reason: Option<String>,
    status: Option<i32>,
    document_id: Option<Uuid>,
    due_at: DateTimeUtc,
    attempts: i32,
    notes: String,
});

table!(documents, "documents", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    tenant_id: Uuid,
    subject_id: Uuid,
    run_id: Uuid,
    job_id: Uuid,
    node: String,
    url: Option<String>,
    kind: String,
    content_type: String,
    size_bytes: i64,
    raw: String,
    attributes: String,
    fetched_at: DateTimeUtc,
});

table!(contents, "contents", {
    #[sea_orm(primary_key, auto_increment = false)]
    run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    document_id: Uuid,
    body: String,
});
