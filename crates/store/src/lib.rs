//! What is kept: runs and their job graphs, sources, findings, money, the log. Postgres or SQLite, one behaviour.
//!
//! For whoever moves work (the runner, the scheduler: the verbs of [`Store`]) and for whoever acts for a user
//! ([`Tenant`], the constructor of every query on behalf of somebody). Not for what may be lost (see `ephemeral`) and
//! not for moving work between processes (see `queue`). The rows and the SQL stay inside.
//!
//! Three rules hold everywhere: what belongs together is written in one transaction; a write of a job shows its fence;
//! whatever changes a run locks the run's row first, which gives events their numbers and keeps two writers apart.
//!
//! Read first: [`work`] (the words of the engine), `ledger.rs` (one run inside a transaction), `jobs.rs` (rows of jobs,
//! and the order of locks), `graph.rs` (what follows when a job ends).

mod analysis;
mod blobs;
mod budget;
mod claim;
mod connect;
mod convert;
#[cfg(test)]
mod costs;
mod effects;
mod entity;
mod error;
mod events;
mod finish;
mod frontier;
mod graph;
mod jobs;
mod journal;
mod keys;
mod launch;
mod ledger;
mod progress;
mod reap;
mod reports;
mod retry;
mod runs;
mod scope;
mod snapshots;
mod sources;
mod store;
mod subjects;
mod tenant;
mod transaction;
pub mod work;

pub use blobs::Blobs;
pub use budget::{LONGEST_CALL, Reserved};
pub use connect::Settings;
pub use effects::Effects;
pub use error::Error;
pub use frontier::FrontierCounts;
pub use journal::{Journaled, Usage};
pub use keys::{Key, NewKey};
pub use launch::NewRun;
pub use progress::{JobCounts, NodeProgress, Progress};
pub use reports::Published;
pub use store::Store;
pub use subjects::Subject;
pub use tenant::Tenant;
pub use work::{
    ANNOUNCE_AGAIN, BLOCKED_POLL, Committed, Doorbell, Ending, Finish, MAX_FAILURES, Scope, Signal,
};
