//! Entities, and findings with their evidence.

use std::collections::HashMap;

use domain::{Entity, Evidence, Finding, RunId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::convert::{CHUNK, from_json, int, plain, to_json};
use crate::effects::last_of_each;
use crate::entity::{entities, evidence, findings, jobs};
use crate::ledger::Ledger;
use crate::{Error, Tenant};

impl Tenant {
    /// The entities that a run found, ordered by kind and key.
    pub async fn entities(&self, run: RunId) -> Result<Vec<Entity>, Error> {
        self.owned(run).await?;
        let query = entities::Entity::find().filter(entities::Column::RunId.eq(run.uuid()));
        let rows = self.store().read(query.all(self.store().reader())).await?;
        let read = |row: entities::Model| from_json::<Entity>("entity", &row.body);
        let mut entities = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        entities.sort_by(|a, b| (&a.kind, &a.key, a.id).cmp(&(&b.kind, &b.key, b.id)));
        Ok(entities)
    }

    /// The findings of a run with their evidence, ordered by section as the manifest has them, then by ordinal.
    pub async fn findings(&self, run: RunId) -> Result<Vec<Finding>, Error> {
        self.owned(run).await?;
        let pipeline = self.store().snapshot(run).await?;
        let reader = self.store().reader();
        let query = findings::Entity::find().filter(findings::Column::RunId.eq(run.uuid()));
        let rows = self.store().read(query.all(reader)).await?;
        // Read after the findings: what was committed in between is evidence of findings not asked for.
        let query = evidence::Entity::find()
            .filter(evidence::Column::RunId.eq(run.uuid()))
            .order_by_asc(evidence::Column::FindingId)
            .order_by_asc(evidence::Column::Ordinal);
        let mut carried: HashMap<Uuid, Vec<Evidence>> = HashMap::new();
        for row in self.store().read(query.all(reader)).await? {
            carried.entry(row.finding_id).or_default().push(from_json("piece of evidence", &row.body)?);
        }
        let mut findings = Vec::with_capacity(rows.len());
        for row in rows {
            let finding: Finding = from_json("finding", &row.body)?;
            findings.push(Finding { evidence: carried.remove(&row.id).unwrap_or_default(), ..finding });
        }
        let places: HashMap<&str, usize> =
            pipeline.nodes.iter().enumerate().map(|(place, node)| (node.id.as_str(), place)).collect();
        findings.sort_by_key(|finding| {
            let place = places.get(finding.section.as_str()).copied().unwrap_or(usize::MAX);
            (place, finding.section.clone(), finding.ordinal, finding.id)
        });
        Ok(findings)
    }
}

impl Ledger<'_> {
    pub(crate) async fn keep_entities(&self, entities: &[Entity]) -> Result<(), Error> {
        let mut rows = Vec::with_capacity(entities.len());
        for entity in last_of_each(entities, |entity| entity.id) {
            rows.push(entities::ActiveModel {
                run_id: Set(self.run.id),
                id: Set(entity.id.uuid()),
                subject_id: Set(self.run.subject_id),
                kind: Set(plain(&entity.kind)),
                key: Set(plain(&entity.key)),
                body: Set(to_json(entity)?),
            });
        }
        for chunk in rows.chunks(CHUNK) {
            let replace = OnConflict::columns([entities::Column::RunId, entities::Column::Id])
                .update_columns([entities::Column::Kind, entities::Column::Key, entities::Column::Body])
                .to_owned();
            entities::Entity::insert_many(chunk.to_vec())
                .on_conflict(replace)
                .exec_without_returning(self.tx)
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn keep_findings(&self, job: &jobs::Model, findings: &[Finding]) -> Result<(), Error> {
        let mut rows = Vec::with_capacity(findings.len());
        let mut carried = Vec::new();
        for finding in findings {
            for (ordinal, piece) in finding.evidence.iter().enumerate() {
                carried.push(evidence::ActiveModel {
                    finding_id: Set(finding.id.uuid()),
                    ordinal: Set(int(ordinal)),
                    run_id: Set(self.run.id),
                    document_id: Set(piece.document.uuid()),
                    verdict: Set(piece.verdict.as_str().to_owned()),
                    body: Set(to_json(piece)?),
                });
            }
            let bare = Finding { evidence: Vec::new(), ..finding.clone() };
            rows.push(findings::ActiveModel {
                id: Set(finding.id.uuid()),
                run_id: Set(self.run.id),
                job_id: Set(job.id),
                subject_id: Set(self.run.subject_id),
                section: Set(plain(&finding.section)),
                ordinal: Set(int(finding.ordinal)),
                kind: Set(finding.kind.as_str().to_owned()),
                body: Set(to_json(&bare)?),
            });
        }
        for chunk in rows.chunks(CHUNK) {
            findings::Entity::insert_many(chunk.to_vec()).exec_without_returning(self.tx).await?;
        }
        for chunk in carried.chunks(CHUNK) {
            evidence::Entity::insert_many(chunk.to_vec()).exec_without_returning(self.tx).await?;
        }
        Ok(())
    }
}
