//! Documents and what they say.

use std::collections::HashMap;

use domain::{BlobId, Content, Document, DocumentId, JobId, RunId, SubjectId, TenantId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::convert::{CHUNK, big, count, from_json, micros, plain, plain_maybe, to_json};
use crate::effects::last_of_each;
use crate::entity::{contents, documents, jobs};
use crate::ledger::Ledger;
use crate::{Error, Tenant};

impl Tenant {
    /// The documents of a run, ordered by URL and id.
    pub async fn documents(&self, run: RunId) -> Result<Vec<Document>, Error> {
        let query = documents::Entity::find()
            .filter(documents::Column::RunId.eq(run.uuid()))
            .filter(documents::Column::TenantId.eq(self.id().uuid()));
        self.owned(run).await?;
        let rows = self.store().read(query.all(self.store().reader())).await?;
        let mut documents = rows.into_iter().map(read_document).collect::<Result<Vec<_>, _>>()?;
        documents.sort_by(|a, b| (&a.url, a.id).cmp(&(&b.url, b.id)));
        Ok(documents)
    }

    /// The documents of a run that were read, with what they say; ordered by URL and id.
    pub async fn contents(&self, run: RunId) -> Result<Vec<(Document, Content)>, Error> {
        let documents = self.documents(run).await?;
        let query = contents::Entity::find().filter(contents::Column::RunId.eq(run.uuid()));
        let rows = self.store().read(query.all(self.store().reader())).await?;
        let mut bodies: HashMap<_, _> = rows.into_iter().map(|row| (row.document_id, row.body)).collect();
        let mut read = Vec::with_capacity(bodies.len());
        for document in documents {
            if let Some(body) = bodies.remove(&document.id.uuid()) {
                read.push((document, from_json("content", &body)?));
            }
        }
        Ok(read)
    }

    pub async fn document(&self, document: DocumentId) -> Result<Document, Error> {
        let query = documents::Entity::find_by_id(document.uuid())
            .filter(documents::Column::TenantId.eq(self.id().uuid()));
        let row = self.store().read(query.one(self.store().reader())).await?;
        read_document(row.ok_or(Error::missing("document"))?)
    }

    /// What the document says, as the latest run read it.
    pub async fn content(&self, document: DocumentId) -> Result<Content, Error> {
        self.document(document).await?;
        let query = contents::Entity::find()
            .filter(contents::Column::DocumentId.eq(document.uuid()))
            .order_by_desc(contents::Column::RunId);
        let row = self.store().read(query.one(self.store().reader())).await?;
        from_json("content", &row.ok_or(Error::missing("content"))?.body)
    }
}

impl Ledger<'_> {
    /// A document belongs to the job that brings it, whatever it says itself.
    pub(crate) async fn keep_documents(
        &self,
        job: &jobs::Model,
        documents: &[Document],
    ) -> Result<(), Error> {
        let mut rows = Vec::with_capacity(documents.len());
        for document in documents {
            rows.push(documents::ActiveModel {
                id: Set(document.id.uuid()),
                tenant_id: Set(self.run.tenant_id),
                subject_id: Set(self.run.subject_id),
                run_id: Set(self.run.id),
                job_id: Set(job.id),
                node: Set(job.node.clone()),
                url: Set(plain_maybe(document.url.as_ref())),
                kind: Set(plain(&document.kind)),
                content_type: Set(plain(&document.content_type)),
                size_bytes: Set(big(document.size_bytes)),
                raw: Set(document.raw.0.clone()),
                attributes: Set(to_json(&document.attributes)?),
                fetched_at: Set(micros(document.fetched_at)),
            });
        }
        for chunk in rows.chunks(CHUNK) {
            documents::Entity::insert_many(chunk.to_vec()).exec_without_returning(self.tx).await?;
        }
        Ok(())
    }

    pub(crate) async fn keep_contents(&self, contents: &[Content]) -> Result<(), Error> {
        let mut rows = Vec::with_capacity(contents.len());
        for content in last_of_each(contents, |content| content.document) {
            rows.push(contents::ActiveModel {
                run_id: Set(self.run.id),
                document_id: Set(content.document.uuid()),
                body: Set(to_json(content)?),
            });
        }
        for chunk in rows.chunks(CHUNK) {
            let replace = OnConflict::columns([contents::Column::RunId, contents::Column::DocumentId])
                .update_column(contents::Column::Body)
                .to_owned();
            contents::Entity::insert_many(chunk.to_vec())
                .on_conflict(replace)
                .exec_without_returning(self.tx)
                .await?;
        }
        Ok(())
    }
}

fn read_document(row: documents::Model) -> Result<Document, Error> {
    Ok(Document {
        id: DocumentId::from_uuid(row.id),
        tenant: TenantId::from_uuid(row.tenant_id),
        subject: SubjectId::from_uuid(row.subject_id),
        run: RunId::from_uuid(row.run_id),
        job: JobId::from_uuid(row.job_id),
        node: row.node,
        url: row.url,
        kind: row.kind,
        content_type: row.content_type,
        size_bytes: count(row.size_bytes),
        raw: BlobId(row.raw),
        attributes: from_json("set of attributes", &row.attributes)?,
        fetched_at: row.fetched_at,
    })
}
