//! What models were asked and what it cost.

table!(model_calls, "model_calls", {
    #[sea_orm(primary_key, auto_increment = false)]
    job_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    request_hash: String,
    run_id: Uuid,
    provider: String,
    model: String,
    answer: String,
    tokens: String,
    cost: i64,
    duration_ms: i64,
    at: DateTimeUtc,
});

table!(usage, "usage", {
    #[sea_orm(primary_key, auto_increment = false)]
    job_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    request_hash: String,
    #[sea_orm(primary_key, auto_increment = false)]
    at: DateTimeUtc,
    run_id: Uuid,
    tenant_id: Uuid,
    node: String,
    provider: String,
    model: String,
    input_tokens: i64,
    cache_read_tokens: i64,
    cache_write_tokens: i64,
    output_tokens: i64,
    reasoning_tokens: i64,
    cost: i64,
    duration_ms: i64,
});

table!(reservations, "reservations", {
    #[sea_orm(primary_key, auto_increment = false)]
    job_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    attempt: i32,
    run_id: Uuid,
    amount: i64,
    at: DateTimeUtc,
});
