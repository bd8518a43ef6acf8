//! The words of Assay as types: ids, stages, states, runs, jobs, documents, findings, usage.
//!
//! For every crate of the house. Not for I/O, frameworks or policy: nothing here waits, opens or decides.
//! Read first: [`job`] (what work is), [`document`] (what is kept), [`finding`] (what is claimed and why).

pub mod document;
pub mod entity;
pub mod event;
pub mod finding;
pub mod frontier;
pub mod ids;
pub mod job;
pub mod money;
pub mod problem;
pub mod run;
pub mod stage;
pub mod usage;

pub use document::{Block, BlockKind, Content, Document, Layer, Link, LinkKind, Region, Verdict};
pub use entity::Entity;
pub use event::{Event, NewEvent};
pub use finding::{Evidence, Finding, FindingKind, Level, QuoteVerdict};
pub use frontier::{Candidate, FrontierState};
pub use ids::{BlobId, DocumentId, EntityId, FindingId, JobId, KeyId, RunId, SubjectId, TenantId, WorkerId};
pub use job::{BlockedOn, Fence, Job, JobState};
pub use money::MicroUsd;
pub use problem::{FieldError, Problem};
pub use run::{Run, RunState};
pub use stage::Stage;
pub use usage::{ModelCall, Tokens};
