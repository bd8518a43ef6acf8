//! What was understood: entities, findings with their evidence, reports.

use sea_orm_migration::prelude::{Index, TableCreateStatement};

use super::{belongs, id, int, table, text, time};

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![entities(), findings(), evidence(), reports()]
}

fn entities() -> TableCreateStatement {
    table("entities", [id("run_id"), id("id"), id("subject_id"), text("kind"), text("key"), text("body")])
        .primary_key(Index::create().col("run_id").col("id"))
        .foreign_key(&mut belongs("run_id", "runs"))
        .to_owned()
}

fn findings() -> TableCreateStatement {
    table(
        "findings",
        [
            id("id"),
            id("run_id"),
            id("job_id"),
            id("subject_id"),
            text("section"),
            int("ordinal"),
            text("kind"),
            text("body"),
        ],
    )
    .primary_key(Index::create().col("id"))
    .foreign_key(&mut belongs("run_id", "runs"))
    .to_owned()
}

fn evidence() -> TableCreateStatement {
    table(
        "evidence",
        [id("finding_id"), int("ordinal"), id("run_id"), id("document_id"), text("verdict"), text("body")],
    )
    .primary_key(Index::create().col("finding_id").col("ordinal"))
    .foreign_key(&mut belongs("finding_id", "findings"))
    .to_owned()
}

fn reports() -> TableCreateStatement {
    table(
        "reports",
        [id("subject_id"), int("version"), id("run_id"), id("tenant_id"), text("body"), time("published_at")],
    )
    .primary_key(Index::create().col("subject_id").col("version"))
    .foreign_key(&mut belongs("subject_id", "subjects"))
    .foreign_key(&mut belongs("run_id", "runs"))
    .to_owned()
}

pub(super) const INDEXES: &[&str] = &[
    "create index entities_subject on entities (subject_id)",
    "create index findings_run on findings (run_id)",
    "create index findings_subject on findings (subject_id)",
    "create index evidence_run on evidence (run_id)",
    "create unique index reports_run on reports (run_id)",
];
