//! Pipelines as data: the manifest, what it may say, and the job graph it becomes.
//!
//! For whoever loads, validates or runs a pipeline. Not for running jobs (see `worker`) or keeping runs (see `store`).
//! Read first: [`graph`] (what a run keeps), [`uses`] (what a manifest may use), [`manifest`] (how one is checked); the
//! README tells how one is written.

pub mod describe;
pub mod expr;
mod folder;
mod folders;
pub mod graph;
pub mod input;
mod json_text;
pub mod library;
pub mod manifest;
mod mistake;
mod nearest;
mod plan;
mod readers;
mod schema;
mod site;
pub mod template;
pub mod uses;

pub use folders::{DEFAULTS, Folders};
pub use graph::{Node, Snapshot};
pub use library::Library;
pub use manifest::{load, load_with};
pub use mistake::{Invalid, Mistake};
pub use plan::{Plan, PlannedJob, Will};
pub use readers::{Read, Readers, Unreadable};
pub use site::site_key;
