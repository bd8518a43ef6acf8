//! Announcing jobs: the message first, the note that it was sent second.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Stage;
use queue::Broker;
use store::{Doorbell, Store};

use crate::Clock;

/// Rings for jobs that have become ready. What a crash leaves unrung, the scheduler rings.
#[derive(Clone)]
pub struct Bell {
    store: Store,
    broker: Arc<dyn Broker>,
    clock: Clock,
}

impl Bell {
    #[must_use]
    pub fn new(store: Store, broker: Arc<dyn Broker>, clock: Clock) -> Self {
        Self { store, broker, clock }
    }

    /// Publishes the doorbells and records that they were; answers for how many both succeeded. A failure is logged,
    /// not returned: the jobs stay unannounced in the database, which is where the scheduler finds them.
    pub async fn ring(&self, doorbells: &[Doorbell]) -> usize {
        let mut noted = 0;
        let mut stages: BTreeMap<Stage, Vec<&Doorbell>> = BTreeMap::new();
        for doorbell in doorbells {
            stages.entry(doorbell.stage).or_default().push(doorbell);
        }
        for (stage, doorbells) in stages {
            let messages: Vec<_> = doorbells.iter().map(|doorbell| message(doorbell)).collect();
            if let Err(error) = self.broker.publish(stage, &messages).await {
                tracing::warn!(%stage, count = messages.len(), error = &error as &dyn std::error::Error,
                    "jobs could not be announced; the scheduler will");
                continue;
            }
            let rung: Vec<Doorbell> = doorbells.into_iter().cloned().collect();
            match self.store.announced(&rung, self.clock.now()).await {
                Ok(()) => noted += rung.len(),
                Err(error) => {
                    tracing::warn!(%stage, count = rung.len(), error = &error as &dyn std::error::Error,
                        "announced jobs could not be noted; they will be announced again");
                }
            }
        }
        noted
    }
}

fn message(doorbell: &Doorbell) -> queue::Doorbell {
    queue::Doorbell {
        job: doorbell.job,
        run: doorbell.run,
        attempt: doorbell.attempt,
        trace: queue::Trace::default(),
    }
}

impl std::fmt::Debug for Bell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bell").finish_non_exhaustive()
    }
}
