//! Opening: one way for both databases, with the settings that each of them needs.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use domain::TenantId;
use migrations::Migrator;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, QueryOrder, Set,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionTrait,
};
use sea_orm_migration::{IntoSchemaManagerConnection, MigratorTrait, SchemaManager, seaql_migrations};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::blobs::Blobs;
use crate::convert::now;
use crate::entity::tenants;
use crate::transaction::write_options;
use crate::{Error, Store};

/// How long a statement waits for another process that writes to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a call waits for its turn on SQLite: longer than the one before it may wait for the other process.
const SQLITE_TURN: Duration = Duration::from_secs(120);
/// How long a call waits for a connection to Postgres, and with it for a server that is being restarted.
const POSTGRES_TURN: Duration = Duration::from_secs(30);
/// How long opening waits for Postgres.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How many reads run beside each other on SQLite.
const SQLITE_READERS: u32 = 4;
/// The name of the lock that lets one process migrate a Postgres database at a time ("assay" in ASCII).
const MIGRATION_LOCK: i64 = 0x61_73_73_61_79;

/// Where things are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `sqlite:///absolute/path.db` (what follows `sqlite://` is the path as it is, nothing is decoded) or
    /// `postgres://user:password@host/database`.
    pub url: String,
    /// The folder of the stored bytes; created when missing.
    pub blobs: PathBuf,
    /// Of Postgres; SQLite has one writer and a few readers whatever this says.
    pub max_connections: u32,
}

/// The two ways in. On Postgres they are the same pool.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
    /// What messages call the database: its path, or its host and name.
    pub(crate) place: String,
}

impl Store {
    /// Connects. Changes nothing: a database of a newer version is [`Error::Newer`], one that is missing or not up to
    /// date [`Error::Pending`].
    pub async fn open(settings: &Settings) -> Result<Self, Error> {
        if let Some(path) = sqlite_path(&settings.url)
            && !path.exists()
        {
            let missing = Migrator::migrations().len();
            return Err(Error::Pending { place: path.display().to_string(), missing });
        }
        let connections = connect(settings, false).await?;
        let place = connections.place.clone();
        match check_version(&connections.writer).await.map_err(|e| e.at(&place))? {
            Version::Newer { found, known } => Err(Error::Newer { place, found, known }),
            Version::Behind { missing } => Err(Error::Pending { place, missing }),
            Version::Current => Ok(Self::new(connections, Blobs::open(&settings.blobs)?)),
        }
    }

    /// Creates the database if it is a file, brings the schema up to date and creates the local tenant, all in one
    /// transaction. Does nothing to a database that is up to date; refuses a newer one.
    pub async fn migrate(settings: &Settings) -> Result<(), Error> {
        if let Some(folder) = sqlite_path(&settings.url).and_then(Path::parent) {
            std::fs::create_dir_all(folder).map_err(|e| crate::blobs::io_error(folder, e))?;
        }
        let connections = connect(settings, true).await?;
        let place = &connections.place;
        let outcome = migrate(&connections.writer, place).await.map_err(|e| e.at(place));
        close(&connections).await;
        outcome?;
        Blobs::open(&settings.blobs).map(|_| ())
    }
}

pub(crate) async fn close(connections: &Connections) {
    for pool in [&connections.reader, &connections.writer] {
        if let Err(error) = pool.close_by_ref().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "could not close the database");
        }
    }
}

async fn migrate(db: &DatabaseConnection, place: &str) -> Result<(), Error> {
    let tx = db.begin_with_options(write_options()).await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("select pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    }
    match check_version(&tx).await? {
        Version::Newer { found, known } => {
            return Err(Error::Newer { place: place.to_owned(), found, known });
        }
        Version::Behind { .. } => Migrator::up(&tx, None).await?,
        Version::Current => {}
    }
    let local = tenants::ActiveModel {
        id: Set(TenantId::LOCAL.uuid()),
        name: Set("local".to_owned()),
        created_at: Set(now()),
    };
    let conflict = OnConflict::column(tenants::Column::Id).do_nothing().to_owned();
    tenants::Entity::insert(local).on_conflict(conflict).try_insert().exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(())
}

enum Version {
    Current,
    Behind { missing: usize },
    Newer { found: String, known: String },
}

/// Compares the migrations that were applied with those that this version knows.
async fn check_version<'c>(db: impl IntoSchemaManagerConnection<'c>) -> Result<Version, Error> {
    let known: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    let applied = applied(&SchemaManager::new(db)).await?;
    if let Some(found) = applied.iter().find(|name| !known.contains(name)) {
        let known = known.last().cloned().unwrap_or_default();
        return Ok(Version::Newer { found: found.clone(), known });
    }
    let missing = known.iter().filter(|name| !applied.contains(name)).count();
    Ok(if missing == 0 { Version::Current } else { Version::Behind { missing } })
}

async fn applied(schema: &SchemaManager<'_>) -> Result<Vec<String>, DbErr> {
    if !schema.has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let query = seaql_migrations::Entity::find().order_by_asc(seaql_migrations::Column::Version);
    let rows = query.all(schema.get_connection()).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

fn sqlite_path(url: &str) -> Option<&Path> {
    url.strip_prefix("sqlite://").map(Path::new)
}

async fn connect(settings: &Settings, create: bool) -> Result<Connections, Error> {
    if let Some(path) = sqlite_path(&settings.url) {
        let place = path.display().to_string();
        return sqlite(path, create).await.map_err(|e| cause(path, e.into()).at(&place));
    }
    let options = postgres_options(&settings.url).ok_or_else(|| Error::Corrupt {
        place: "the setting `url` of the database".to_owned(),
        detail: "it is neither sqlite:///path nor postgres://user:password@host/database".to_owned(),
    })?;
    let place =
        format!("the database {} on {}", options.get_database().unwrap_or("(default)"), options.get_host());
    // Tables grow by orders of magnitude within minutes: a plan made when they were small is made again.
    let options = options
        .application_name("assay")
        .options([("plan_cache_mode", "force_custom_plan")])
        .disable_statement_logging();
    // A pool would try again and again until its timeout; whoever opens wants to hear at once what is wrong.
    let first = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&options)).await;
    first
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
        .map_err(|e| Error::from(connection_error(e)).at(&place))?;
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections.max(1))
        .acquire_timeout(POSTGRES_TURN)
        .connect_lazy_with(options);
    let pool = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    Ok(Connections { writer: pool.clone(), reader: pool, place })
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()))
}

/// SQLite only says that it cannot open a file; trying it says why.
fn cause(path: &Path, error: Error) -> Error {
    if !matches!(error, Error::Unavailable { .. }) {
        return error;
    }
    match std::fs::OpenOptions::new().read(true).write(true).open(path) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => crate::blobs::io_error(path, why),
        _ => error,
    }
}

fn postgres_options(url: &str) -> Option<PgConnectOptions> {
    let is_postgres = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    if is_postgres { PgConnectOptions::from_str(url).ok() } else { None }
}

/// One connection writes, so that writers wait in our queue and not in SQLite's; readers see the last commit.
async fn sqlite(path: &Path, create: bool) -> Result<Connections, DbErr> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .disable_statement_logging();
    let pool = |connections| {
        SqlitePoolOptions::new().max_connections(connections).acquire_timeout(SQLITE_TURN).idle_timeout(None)
    };
    let writing = options.clone().journal_mode(SqliteJournalMode::Wal);
    let writer = pool(1).connect_with(writing).await.map_err(connection_error)?;
    let reader = pool(SQLITE_READERS).connect_lazy_with(options.create_if_missing(false).read_only(true));
    Ok(Connections {
        writer: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
        reader: SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
        place: path.display().to_string(),
    })
}
