//! The engine: runs, the graph of each, its jobs, its log.

use sea_orm_migration::prelude::{Index, TableCreateStatement};

use super::{belongs, big, big_null, id, id_null, int, int_null, table, text, text_null, time, time_null};

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![snapshots(), runs(), nodes(), jobs(), events(), idempotency()]
}

fn snapshots() -> TableCreateStatement {
    table("snapshots", [text("hash"), text("body"), time("created_at")])
        .primary_key(Index::create().col("hash"))
        .to_owned()
}

fn runs() -> TableCreateStatement {
    table(
        "runs",
        [
            id("id"),
            id("tenant_id"),
            id("subject_id"),
            text("pipeline"),
            text("pipeline_hash"),
            text("input"),
            text("options"),
            text("state"),
            text_null("blocked_on"),
            time_null("blocked_until"),
            text_null("problem"),
            int_null("version"),
            big_null("budget"),
            big("reserved"),
            big("settled"),
            big("event_seq"),
            big("frontier_seq"),
            time("created_at"),
            time_null("started_at"),
            time_null("ended_at"),
        ],
    )
    .primary_key(Index::create().col("id"))
    .foreign_key(&mut belongs("tenant_id", "tenants"))
    .foreign_key(&mut belongs("subject_id", "subjects"))
    .to_owned()
}

/// `open` counts what the node still waits for to end: its unfinished jobs and the unfinished nodes that feed it.
/// `blockers` counts what its jobs wait for to start: the nodes it needs that have not ended.
fn nodes() -> TableCreateStatement {
    table(
        "nodes",
        [
            id("run_id"),
            text("node"),
            int("ordinal"),
            text("state"),
            int("blockers"),
            int("open"),
            int("waiting"),
            int("jobs"),
            int("done"),
            int("failed"),
            int("skipped"),
        ],
    )
    .primary_key(Index::create().col("run_id").col("node"))
    .foreign_key(&mut belongs("run_id", "runs"))
    .to_owned()
}

/// `ring_at` is when a ready job is to be announced, at first or once more; null while its run does not run. `rings`
/// counts how often it was since it became ready.
fn jobs() -> TableCreateStatement {
    table(
        "jobs",
        [
            id("id"),
            id("run_id"),
            id("tenant_id"),
            id("subject_id"),
            text("node"),
            text("uses"),
            text("stage"),
            text("state"),
            int("attempt"),
            int("failures"),
            id_null("document_id"),
            text_null("checkpoint"),
            text_null("output"),
            text_null("problem"),
            text_null("blocked_on"),
            time("due_at"),
            time_null("ring_at"),
            int("rings"),
            time_null("lease_until"),
            id_null("worker_id"),
            time("created_at"),
            time_null("started_at"),
            time_null("ended_at"),
        ],
    )
    .primary_key(Index::create().col("id"))
    .foreign_key(&mut belongs("run_id", "runs"))
    .to_owned()
}

fn events() -> TableCreateStatement {
    table("events", [id("run_id"), big("seq"), id_null("job_id"), text("kind"), time("at"), text("data")])
        .primary_key(Index::create().col("run_id").col("seq"))
        .foreign_key(&mut belongs("run_id", "runs"))
        .to_owned()
}

/// A key is taken before its run is made, so `run_id` is no foreign key.
fn idempotency() -> TableCreateStatement {
    table("idempotency", [id("tenant_id"), text("key"), text("body_hash"), id("run_id"), time("created_at")])
        .primary_key(Index::create().col("tenant_id").col("key"))
        .to_owned()
}

/// The partial ones are the hot path: what is read of them is what needs attention now, however much waits.
pub(super) const INDEXES: &[&str] = &[
    "create index runs_tenant on runs (tenant_id, id)",
    "create index runs_subject on runs (subject_id)",
    "create index runs_idempotency on idempotency (run_id)",
    "create index jobs_node on jobs (run_id, node, state)",
    "create unique index jobs_document on jobs (run_id, node, document_id) where document_id is not null",
    "create index jobs_ring on jobs (ring_at, id) where state = 'ready' and ring_at is not null",
    "create index jobs_ready on jobs (run_id, ring_at, id) where state = 'ready'",
    "create index jobs_lease on jobs (lease_until) where state = 'running'",
];
