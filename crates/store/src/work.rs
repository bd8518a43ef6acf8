//! The words of the engine: what is announced, what a worker is told, how an attempt ends.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{BlockedOn, Fence, JobId, Problem, RunId, RunState, Stage};
use serde_json::Value;

use crate::Effects;

/// How many attempts may end in [`Ending::Retry`] or with a lost lease, without progress in between, before the
/// job fails with the last problem. A worker's `commit` starts the count anew.
pub const MAX_FAILURES: i32 = 5;

/// How long a job waits that is blocked until nobody knows when. A raised budget wakes it at once.
pub const BLOCKED_POLL: Duration = Duration::from_secs(60);

/// How long after its announcement a job is announced once more that nobody has claimed, because the message may be
/// lost. Longer than an idle worker takes to claim; a second message costs one look at the job's row.
pub const ANNOUNCE_AGAIN: Duration = Duration::from_secs(60);

/// Whose jobs are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    Run(RunId),
}

/// What is put on a stage's queue: that a job is ready, never what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Doorbell {
    pub job: JobId,
    pub run: RunId,
    pub stage: Stage,
    /// The attempts so far. An announcement of an older attempt is out of date.
    pub attempt: i32,
}

/// What a heartbeat is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    Go,
    /// The run is paused: stop soon and end with [`Ending::Released`].
    Pause,
    /// The run has ended (cancelled, or another job failed): stop soon; whatever the ending, the job is cancelled.
    Cancel,
    /// The job is no longer held by this attempt: stop, there is nothing to end.
    Lost,
}

/// The end of an attempt, with everything it brings.
#[derive(Debug, Clone)]
pub struct Finish {
    pub fence: Fence,
    pub ending: Ending,
    pub effects: Effects,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    Done {
        output: Value,
    },
    /// To the back of the queue; progress was saved by commits or is in the effects.
    Yield {
        after: Duration,
    },
    /// Counts as a failure; see [`MAX_FAILURES`].
    Retry {
        problem: Problem,
        after: Duration,
    },
    /// Waits for something outside; counts as nothing.
    Blocked {
        on: BlockedOn,
        until: Option<DateTime<Utc>>,
        problem: Problem,
    },
    Failed {
        problem: Problem,
    },
    /// Given back because of a pause or a shutdown; counts as nothing.
    Released,
}

/// What a commit brought about besides itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Ready and due now: announce these.
    pub ready: Vec<Doorbell>,
    /// How the run ended, if this was what ended it.
    pub run_ended: Option<RunState>,
}
