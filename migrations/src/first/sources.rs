//! What was found: the frontier, documents, their contents.

use sea_orm_migration::prelude::{Index, TableCreateStatement};

use super::{belongs, big, float, id, id_null, int, int_null, table, text, text_null, time};

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![frontier(), documents(), contents()]
}

/// `id` is made of run and `url_key`, because an address may be longer than an index entry.
fn frontier() -> TableCreateStatement {
    table(
        "frontier",
        [
            id("id"),
            id("run_id"),
            big("ordinal"),
            text("url_key"),
            text("url"),
            text("host"),
            text("kind_guess"),
            float("priority"),
            int("depth"),
            text("via"),
            text_null("discovered_from"),
            text("state"),
            text_null("verdict"),
            text_null("reason"),
            int_null("status"),
            id_null("document_id"),
            time("due_at"),
            int("attempts"),
            text("notes"),
        ],
    )
    .primary_key(Index::create().col("id"))
    .foreign_key(&mut belongs("run_id", "runs"))
    .to_owned()
}

fn documents() -> TableCreateStatement {
    table(
        "documents",
        [
            id("id"),
            id("tenant_id"),
            id("subject_id"),
            id("run_id"),
            id("job_id"),
            text("node"),
            text_null("url"),
            text("kind"),
            text("content_type"),
            big("size_bytes"),
            text("raw"),
            text("attributes"),
            time("fetched_at"),
        ],
    )
    .primary_key(Index::create().col("id"))
    .foreign_key(&mut belongs("run_id", "runs"))
    .to_owned()
}

fn contents() -> TableCreateStatement {
    table("contents", [id("run_id"), id("document_id"), text("body")])
        .primary_key(Index::create().col("run_id").col("document_id"))
        .foreign_key(&mut belongs("run_id", "runs"))
        .foreign_key(&mut belongs("document_id", "documents"))
        .to_owned()
}

pub(super) const INDEXES: &[&str] = &[
    "create index frontier_next on frontier (run_id, state, priority desc, ordinal)",
    "create index frontier_order on frontier (run_id, ordinal)",
    "create index documents_run on documents (run_id)",
    "create index documents_subject on documents (subject_id)",
    "create index contents_document on contents (document_id)",
];
