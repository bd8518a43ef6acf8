//! Runs, the graph of each, its jobs, its log.

table!(snapshots, "snapshots", {
    #[sea_orm(primary_key, auto_increment = false)]
    hash: String,
    body: String,
    created_at: DateTimeUtc,
});

table!(runs, "runs", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    tenant_id: Uuid,
    subject_id: Uuid,
    pipeline: String,
    pipeline_hash: String,
    input: String,
    options: String,
    state: String,
    blocked_on: Option<String>,
    blocked_until: Option<DateTimeUtc>,
    problem: Option<String>,
    version: Option<i32>,
    budget: Option<i64>,
    reserved: i64,
    settled: i64,
    event_seq: i64,
    frontier_seq: i64,
    created_at: DateTimeUtc,
    started_at: Option<DateTimeUtc>,
    ended_at: Option<DateTimeUtc>,
});

table!(nodes, "nodes", {
    #[sea_orm(primary_key, auto_increment = false)]
    run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    node: String,
    ordinal: i32,
    state: String,
    blockers: i32,
    open: i32,
    waiting: i32,
    jobs: i32,
    done: i32,
    failed: i32,
    skipped: i32,
});

table!(jobs, "jobs", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    run_id: Uuid,
    tenant_id: Uuid,
    subject_id: Uuid,
    node: String,
    uses: String,
    stage: String,
    state: String,
    attempt: i32,
    failures: i32,
    document_id: Option<Uuid>,
    checkpoint: Option<String>,
    output: Option<String>,
    problem: Option<String>,
    blocked_on: Option<String>,
    due_at: DateTimeUtc,
    ring_at: Option<DateTimeUtc>,
    rings: i32,
    lease_until: Option<DateTimeUtc>,
    worker_id: Option<Uuid>,
    created_at: DateTimeUtc,
    started_at: Option<DateTimeUtc>,
    ended_at: Option<DateTimeUtc>,
});

table!(events, "events", {
    #[sea_orm(primary_key, auto_increment = false)]
    run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i64,
    job_id: Option<Uuid>,
    kind: String,
    at: DateTimeUtc,
    data: String,
});

table!(idempotency, "idempotency", {
    #[sea_orm(primary_key, auto_increment = false)]
    tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    key: String,
    body_hash: String,
    run_id: Uuid,
    created_at: DateTimeUtc,
});
