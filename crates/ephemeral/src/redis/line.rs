//! The way to Redis, with a bound on how long it is waited for: after a failure the process goes on alone until Redis
//! is found to answer again.

use std::time::Duration;

use deadpool_redis::redis::{AsyncConnectionConfig, Cmd, FromRedisValue, RedisError, ScriptInvocation, cmd};
use deadpool_redis::{BuildError, Connection, Manager, Pool, PoolError, Runtime};
use rand::Rng;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::chain;

/// Connections at once; each serves one call at a time.
const CONNECTIONS: usize = 16;

/// Something to ask Redis.
pub(super) enum Ask<'a> {
    Command(Cmd),
    Script(ScriptInvocation<'a>),
}

impl Ask<'_> {
    async fn of<T: FromRedisValue>(&self, connection: &mut Connection) -> Result<T, RedisError> {
        match self {
            Self::Command(command) => command.query_async(connection).await,
            Self::Script(script) => script.invoke_async(connection).await,
        }
    }
}

#[derive(Debug)]
pub(super) struct Line {
    pool: Pool,
    timeout: Duration,
    pause: Duration,
    is_down: watch::Sender<bool>,
}

impl Line {
    pub(super) fn new(url: &str, timeout: Duration, pause: Duration) -> Result<Self, Trouble> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(Some(timeout));
        let manager = Manager::new_with_config(url, config)?;
        let pool = Pool::builder(manager).max_size(CONNECTIONS).runtime(Runtime::Tokio1).build()?;
        Ok(Self { pool, timeout, pause, is_down: watch::Sender::new(false) })
    }

    /// The answer of Redis; None when there is none, and the caller goes on without.
    pub(super) async fn ask<T: FromRedisValue>(&self, ask: Ask<'_>) -> Option<T> {
        if self.is_down() {
            return None;
        }
        match self.answer(&ask).await {
            Ok(answer) => Some(answer),
            Err(trouble) => {
                self.failed(&chain(&trouble));
                None
            }
        }
    }

    pub(super) fn is_down(&self) -> bool {
        *self.is_down.borrow()
    }

    /// Waits for the next outage, and until it is over.
    pub(super) async fn recovered(&self) {
        // Never an error: the sender is ours.
        let _ = self.is_down.subscribe().wait_for(|is_down| *is_down).await;
        loop {
            // Jittered, so that a fleet does not ask all at once.
            let pause = self.pause.mul_f64(rand::rng().random_range(0.75..=1.0));
            sleep(pause).await;
            match self.answer::<()>(&Ask::Command(cmd("PING"))).await {
                Ok(()) => break,
                Err(trouble) => tracing::debug!(reason = chain(&trouble), "redis still does not answer"),
            }
        }
        self.is_down.send_replace(false);
        tracing::info!("redis answers again; limits and caches are shared");
    }

    async fn answer<T: FromRedisValue>(&self, ask: &Ask<'_>) -> Result<T, Trouble> {
        timeout(self.timeout, self.attempt(ask)).await.map_err(|_| Trouble::Silent(self.timeout))?
    }

    async fn attempt<T: FromRedisValue>(&self, ask: &Ask<'_>) -> Result<T, Trouble> {
        let mut connection = self.pool.get().await?;
        match ask.of(&mut connection).await {
            // A connection may die between two calls, which says nothing of Redis: once more, on another.
            Err(error) if error.is_connection_dropped() => {
                drop(Connection::take(connection));
                Ok(ask.of(&mut self.pool.get().await?).await?)
            }
            answer => Ok(answer?),
        }
    }

    fn failed(&self, reason: &str) {
        if !self.is_down.send_replace(true) {
            tracing::warn!(reason, "redis does not answer; limits and caches are of this process alone");
        }
        // What was idle is as good as dead: the next attempt starts anew.
        self.pool.retain(|_, _| false);
    }
}

/// What keeps Redis from answering.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Pool(#[from] PoolError),
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("no answer within {0:?}")]
    Silent(Duration),
}
