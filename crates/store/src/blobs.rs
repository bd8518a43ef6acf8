//! Blobs: stored bytes under the name of what they are.

use std::io;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use domain::BlobId;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use sha2::{Digest, Sha256};

use crate::Error;

/// A folder of immutable bytes, named by their SHA-256 and spread over two levels of folders.
#[derive(Debug, Clone)]
pub struct Blobs {
    files: Arc<LocalFileSystem>,
    folder: PathBuf,
}

impl Blobs {
    pub(crate) fn open(folder: &FilePath) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(|e| io_error(folder, e))?;
        let files = LocalFileSystem::new_with_prefix(folder)
            .map_err(|e| Error::Unavailable { place: folder.display().to_string(), source: e.into() })?;
        Ok(Self { files: Arc::new(files.with_fsync(true)), folder: folder.to_owned() })
    }

    /// Keeps the bytes, once: they are on the disk when this returns.
    pub async fn put(&self, bytes: Bytes) -> Result<BlobId, Error> {
        let (id, bytes) = hash(bytes).await?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.files.put_opts(&path(&id), bytes.into(), options).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(id),
            Err(error) => Err(self.error(error)),
        }
    }

    /// The bytes as they were put.
    pub async fn get(&self, id: &BlobId) -> Result<Bytes, Error> {
        if id.0.len() != 64 || !id.0.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Error::missing("blob"));
        }
        let found = self.files.get(&path(id)).await.map_err(|e| self.error(e))?;
        found.bytes().await.map_err(|e| self.error(e))
    }

    fn error(&self, error: object_store::Error) -> Error {
        if matches!(error, object_store::Error::NotFound { .. }) {
            return Error::missing("blob");
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(e) = cause {
            if let Some(io) = e.downcast_ref::<io::Error>() {
                return io_error(&self.folder, io::Error::new(io.kind(), error));
            }
            cause = e.source();
        }
        Error::Unavailable { place: self.folder.display().to_string(), source: error.into() }
    }
}

/// Hashing megabytes takes milliseconds: not on a thread that others wait for.
async fn hash(bytes: Bytes) -> Result<(BlobId, Bytes), Error> {
    let hash = |bytes: &Bytes| BlobId(hex::encode(Sha256::digest(bytes)));
    if bytes.len() < 64 * 1024 {
        return Ok((hash(&bytes), bytes));
    }
    tokio::task::spawn_blocking(move || (hash(&bytes), bytes))
        .await
        .map_err(|e| Error::Unavailable { place: "the hashing of a blob".to_owned(), source: e.into() })
}

/// `abcd…` → `ab/cd/abcd…`.
fn path(id: &BlobId) -> Path {
    let part = |range| id.0.get(range).unwrap_or("--");
    Path::from_iter([part(0..2), part(2..4), id.0.as_str()])
}

pub(crate) fn io_error(folder: &FilePath, error: io::Error) -> Error {
    let place = folder.display().to_string();
    let reason = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full",
        io::ErrorKind::ReadOnlyFilesystem => "it is read-only",
        io::ErrorKind::PermissionDenied => "permission is denied",
        _ => return Error::Unavailable { place, source: error.into() },
    };
    Error::Full { place, reason, source: error.into() }
}
