//! What models were asked and what it cost: the journal, usage, reservations.

use sea_orm_migration::prelude::{Index, TableCreateStatement};

use super::{belongs, big, id, int, table, text, time};

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![model_calls(), usage(), reservations()]
}

/// The journal: one answer per question of a job.
fn model_calls() -> TableCreateStatement {
    table(
        "model_calls",
        [
            id("job_id"),
            int("seq"),
            text("request_hash"),
            id("run_id"),
            text("provider"),
            text("model"),
            text("answer"),
            text("tokens"),
            big("cost"),
            big("duration_ms"),
            time("at"),
        ],
    )
    .primary_key(Index::create().col("job_id").col("seq").col("request_hash"))
    .foreign_key(&mut belongs("run_id", "runs"))
    .to_owned()
}

/// The bill: one row per call that was paid, also when two attempts of a job paid for the same question.
fn usage() -> TableCreateStatement {
    table(
        "usage",
        [
            id("job_id"),
            int("seq"),
            text("request_hash"),
            time("at"),
            id("run_id"),
            id("tenant_id"),
            text("node"),
            text("provider"),
            text("model"),
            big("input_tokens"),
            big("cache_read_tokens"),
            big("cache_write_tokens"),
            big("output_tokens"),
            big("reasoning_tokens"),
            big("cost"),
            big("duration_ms"),
        ],
    )
    .primary_key(Index::create().col("job_id").col("seq").col("request_hash").col("at"))
    .foreign_key(&mut belongs("run_id", "runs"))
    .to_owned()
}

/// One row per call of an attempt that may still cost something.
fn reservations() -> TableCreateStatement {
    table("reservations", [id("job_id"), int("seq"), int("attempt"), id("run_id"), big("amount"), time("at")])
        .primary_key(Index::create().col("job_id").col("seq").col("attempt"))
        .foreign_key(&mut belongs("run_id", "runs"))
        .to_owned()
}

pub(super) const INDEXES: &[&str] = &[
    "create index model_calls_run on model_calls (run_id)",
    "create index usage_run on usage (run_id)",
    "create index usage_tenant on usage (tenant_id, at)",
    "create index reservations_run on reservations (run_id)",
];
