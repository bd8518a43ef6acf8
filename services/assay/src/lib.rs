//! The command line, and every room of the house in one process: SQLite, memory queue, no server.
//!
//! Not for services of their own: those are built from the same rooms, one folder each.
//! Read first: [`cli`] (what can be asked), [`app`] (what is put together), [`work`] (how a run is driven).

pub mod app;
pub mod cli;
mod commands;
pub mod failure;
mod lock;
pub mod progress;
pub mod settings;
pub mod work;

pub use commands::execute;
