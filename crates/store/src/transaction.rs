//! Transactions: begun so that SQLite never has to give up in the middle, started again when two of them collide.

use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use crate::Error;
use crate::connect::Connections;

/// How often a transaction is started again that the database sent back because of another one.
pub(crate) const RESTARTS: u32 = 5;

/// On SQLite the write lock is taken at once: a transaction that reads first and writes later could not wait for it.
pub(crate) fn write_options() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    }
}

impl Connections {
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, Error> {
        Ok(self.writer.begin_with_options(write_options()).await?)
    }

    /// Commits what went well and takes back what did not.
    pub(crate) async fn end<T>(
        &self,
        tx: DatabaseTransaction,
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        match outcome {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            Err(error) => {
                if let Err(rollback) = tx.rollback().await {
                    tracing::debug!(error = &rollback as &dyn std::error::Error, "rollback failed");
                }
                Err(error)
            }
        }
    }
}

/// Runs `$body` in a write transaction: `transact!(self, |tx| work(&tx).await)`. The body may run several times.
macro_rules! transact {
    ($store:expr, |$tx:ident| $body:expr) => {{
        let connections = $store.connections();
        let mut restarts = 0;
        loop {
            let outcome = match connections.begin().await {
                Ok($tx) => {
                    let outcome = $body;
                    connections.end($tx, outcome).await
                }
                Err(error) => Err(error),
            };
            match outcome {
                Err(error) if error.is_collision() && restarts < $crate::transaction::RESTARTS => {
                    restarts += 1
                }
                outcome => break outcome.map_err(|error| error.at(&connections.place)),
            }
        }
    }};
}

pub(crate) use transact;
