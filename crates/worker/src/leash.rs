//! The one cancellation of a running job, with the reason behind it.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::metrics::METRICS;

/// Why a running job has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Pause,
    Cancel,
    /// The lease ran out and another worker may have the job.
    Lost,
    Shutdown,
}

/// Held by the runner; pulled at most once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leash {
    token: CancellationToken,
    reason: Arc<OnceLock<Stop>>,
}

impl Leash {
    pub(crate) fn pull(&self, reason: Stop) {
        if self.reason.set(reason).is_ok() {
            if reason == Stop::Lost {
                METRICS.lost.inc();
            }
            self.token.cancel();
        }
    }

    pub(crate) fn reason(&self) -> Option<Stop> {
        self.reason.get().copied()
    }

    pub(crate) const fn token(&self) -> &CancellationToken {
        &self.token
    }
}
