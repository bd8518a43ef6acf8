//! What can go wrong with the store, by what the caller can do about it.

use std::error::Error as StdError;

use domain::Problem;
use sea_orm::{DbErr, RuntimeErr};

type Cause = Box<dyn StdError + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not there, or belongs to another tenant. Ask for something else.
    #[error("no such {what}")]
    NotFound { what: &'static str },
    /// The job is no longer held by this attempt. Stop and forget it: nothing was changed.
    #[error("the job is no longer held by this attempt")]
    Fenced,
    /// Made by a later version. Use that version.
    #[error(
        "{place} was made by a newer version of Assay (it holds `{found}`; this version knows up to `{known}`): update Assay"
    )]
    Newer { place: String, found: String, known: String },
    /// Call [`crate::Store::migrate`].
    #[error("{place} is not set up or not up to date: {missing} migrations are to be run (`assay migrate`)")]
    Pending { place: String, missing: usize },
    /// What was asked does not fit what is there; the problem says why.
    #[error(transparent)]
    Conflict(Problem),
    /// Nothing can be written there: the disk is full or the place is read-only. Make room, then try again.
    #[error("cannot write to {place}: {reason}")]
    Full {
        place: String,
        reason: &'static str,
        #[source]
        source: Cause,
    },
    /// The database or the disk does not answer. Try again later.
    #[error("{place} is not available")]
    Unavailable {
        place: String,
        #[source]
        source: Cause,
    },
    /// What is there cannot be read: no database, or a row that no version of Assay wrote.
    #[error("{place} cannot be used: {detail}")]
    Corrupt { place: String, detail: String },
}

/// Where an error happened, before the store that knows the path has said it.
const SOMEWHERE: &str = "the database";

impl Error {
    /// Whether the same call can succeed later without anybody's doing.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) const fn missing(what: &'static str) -> Self {
        Self::NotFound { what }
    }

    pub(crate) fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::Conflict(Problem::new(code, detail))
    }

    pub(crate) fn corrupt(detail: impl Into<String>) -> Self {
        Self::Corrupt { place: SOMEWHERE.to_owned(), detail: detail.into() }
    }

    /// Names the place where it happened, unless that is known already.
    pub(crate) fn at(mut self, name: &str) -> Self {
        match &mut self {
            Self::Full { place, .. } | Self::Unavailable { place, .. } | Self::Corrupt { place, .. }
                if place == SOMEWHERE =>
            {
                name.clone_into(place);
            }
            _ => {}
        }
        self
    }

    /// Whether two transactions got into each other's way and this one was sent back to start again.
    pub(crate) fn is_collision(&self) -> bool {
        let Self::Unavailable { source, .. } = self else { return false };
        let Some(code) = source.downcast_ref::<DbErr>().and_then(sqlx_error).and_then(code_of) else {
            return false;
        };
        match code {
            // Postgres: serialization failure, deadlock.
            Code::Postgres(code) => matches!(code.as_str(), "40001" | "40P01"),
            // SQLite: busy, locked, in all their extended forms.
            Code::Sqlite(code) => matches!(code & 0xff, 5 | 6),
        }
    }
}

enum Code {
    Postgres(String),
    Sqlite(i64),
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => Some(e),
        _ => None,
    }
}

fn code_of(error: &sqlx::Error) -> Option<Code> {
    let database = error.as_database_error()?;
    let code = database.code()?;
    if database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        code.parse().ok().map(Code::Sqlite)
    } else {
        Some(Code::Postgres(code.into_owned()))
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let place = SOMEWHERE.to_owned();
        let full =
            |reason, error: DbErr| Self::Full { place: SOMEWHERE.to_owned(), reason, source: error.into() };
        if let DbErr::RecordNotFound(_) = error {
            return Self::missing("row");
        }
        match sqlx_error(&error).and_then(code_of) {
            Some(Code::Sqlite(code)) => match code & 0xff {
                8 => full("it is read-only", error),
                13 => full("the disk is full", error),
                11 | 26 => {
                    Self::Corrupt { place, detail: "the file is no SQLite database, or damaged".to_owned() }
                }
                19 => Self::Corrupt { place, detail: error.to_string() },
                _ => Self::Unavailable { place, source: error.into() },
            },
            Some(Code::Postgres(code)) => match code.as_str() {
                "25006" => full("it is read-only", error),
                "53100" => full("the disk is full", error),
                // Class 22 and 23: data that the schema refuses.
                code if code.starts_with("22") || code.starts_with("23") => {
                    Self::Corrupt { place, detail: error.to_string() }
                }
                _ => Self::Unavailable { place, source: error.into() },
            },
            None => match error {
                DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } | DbErr::ConvertFromU64(_) => {
                    Self::Corrupt { place, detail: error.to_string() }
                }
                other => Self::Unavailable { place, source: other.into() },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::TenantId;
    use sea_orm::ConnectionTrait;
    use serde_json::json;
    use tempfile::TempDir;

    use super::Error;
    use crate::{NewRun, Settings, Store};

    async fn store() -> (TempDir, Store) {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("assay.db").display());
        let settings = Settings { url, blobs: folder.path().join("blobs"), max_connections: 1 };
        Store::migrate(&settings).await.unwrap();
        let store = Store::open(&settings).await.unwrap();
        (folder, store)
    }

    async fn write(store: &Store, bytes: usize) -> Result<(), Error> {
        let snapshot = json!({
            "name": "test", "title": "", "subject": "company", "subject_key": "", "hash": "h",
            "nodes": [], "files": {}, "input": {}, "profile": null,
        });
        let new = NewRun {
            pipeline: Arc::new(serde_json::from_value(snapshot).unwrap()),
            subject_key: "acme".to_owned(),
            subject_name: None,
            input: json!("x".repeat(bytes)),
            options: domain::run::RunOptions::default(),
            budget: None,
            idempotency_key: None,
        };
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        store.tenant(TenantId::LOCAL).create_run(new, now).await.map(|_| ())
    }

    async fn pragma(store: &Store, pragma: &str) {
        store.connections().writer.execute_unprepared(&format!("pragma {pragma}")).await.unwrap();
    }

    #[tokio::test]
    async fn a_full_disk_is_told_by_its_path_and_loses_nothing() {
        let (folder, store) = store().await;
        // SQLite answers with the same code as for a full disk when a file may not grow.
        pragma(&store, "max_page_count = 100").await;
        let error = loop {
            if let Err(error) = write(&store, 40_000).await {
                break error;
            }
        };
        assert!(matches!(error, Error::Full { reason: "the disk is full", .. }), "{error:?}");
        let message = error.to_string();
        assert!(
            message.contains(folder.path().to_str().unwrap()) && message.contains("disk is full"),
            "{message}"
        );
        let before = store.tenant(TenantId::LOCAL).runs(100, None).await.unwrap().len();
        pragma(&store, "max_page_count = 1000000").await;
        write(&store, 40_000).await.unwrap();
        assert_eq!(store.tenant(TenantId::LOCAL).runs(100, None).await.unwrap().len(), before + 1);
    }

    #[tokio::test]
    async fn a_read_only_database_is_told_by_its_path() {
        let (folder, store) = store().await;
        pragma(&store, "query_only = on").await;
        let error = write(&store, 1).await.unwrap_err();
        assert!(matches!(error, Error::Full { reason: "it is read-only", .. }), "{error:?}");
        assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
        assert!(!error.is_retryable());
        pragma(&store, "query_only = off").await;
        write(&store, 1).await.unwrap();
    }

    #[tokio::test]
    async fn a_database_locked_for_too_long_is_a_collision_and_retryable() {
        let (_folder, store) = store().await;
        pragma(&store, "busy_timeout = 0").await;
        let path = store.connections().place.clone();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        sqlx::raw_sql("begin immediate").execute(&mut other).await.unwrap();
        let error = write(&store, 1).await.unwrap_err();
        assert!(error.is_collision() && error.is_retryable(), "{error:?}");
        sqlx::raw_sql("commit").execute(&mut other).await.unwrap();
        write(&store, 1).await.unwrap();
    }
}
