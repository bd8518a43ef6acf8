//! What is in this process's hands: a job from its claim until its outcome is committed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Fence, JobId};
use queue::Delivery;

use crate::leash::{Leash, Stop};

/// Every job whose lease this process keeps.
#[derive(Debug, Default)]
pub(super) struct Hands {
    jobs: Mutex<HashMap<JobId, (Fence, Leash)>>,
}

impl Hands {
    /// Takes a job that was just claimed. An earlier attempt at it in these hands has lost it by that, and is told so.
    pub(super) fn take(self: &Arc<Self>, fence: Fence, delivery: Delivery) -> Held {
        let leash = Leash::default();
        let earlier = self.lock().insert(fence.job, (fence, leash.clone()));
        if let Some((_, earlier)) = earlier {
            earlier.pull(Stop::Lost);
        }
        Held { lease: Lease { hands: Arc::clone(self), fence, leash }, delivery }
    }

    /// What is held now, to be kept or told to stop.
    pub(super) fn all(&self) -> Vec<(Fence, Leash)> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, (Fence, Leash)>> {
        // Every change under the lock is a single step, so a panic elsewhere leaves the map whole.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One claimed job and the message that announced it. Whoever drops it gives both up: the lease is renewed no more, so
/// the job runs again when it ends, and the message is delivered again.
#[derive(Debug)]
pub(super) struct Held {
    lease: Lease,
    delivery: Delivery,
}

impl Held {
    pub(super) const fn fence(&self) -> Fence {
        self.lease.fence
    }

    pub(super) const fn leash(&self) -> &Leash {
        &self.lease.leash
    }

    /// The job is over: its lease is renewed no more. What is left to do is to acknowledge the message.
    pub(super) fn over(self) -> Delivery {
        self.delivery
    }
}

#[derive(Debug)]
struct Lease {
    hands: Arc<Hands>,
    fence: Fence,
    leash: Leash,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut jobs = self.hands.lock();
        // A later attempt may be in the same hands by now.
        if jobs.get(&self.fence.job).is_some_and(|(held, _)| *held == self.fence) {
            jobs.remove(&self.fence.job);
        }
    }
}
