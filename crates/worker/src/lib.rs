//! What a worker is, and the runner that claims jobs, keeps their leases and commits what they return.
//!
//! For whoever writes a worker or a process that runs some. Not for deciding what is ready: that is `store`'s.
//! Read first: [`Worker`], [`Outcome`] and [`Error`] (what a worker may answer), then [`Runner`].

mod bell;
mod clock;
mod context;
mod error;
mod leash;
mod metrics;
mod outcome;
mod registry;
mod retry;
mod runner;

pub use bell::Bell;
pub use clock::Clock;
pub use context::Context;
pub use error::Error;
pub use outcome::Outcome;
pub use registry::{Registry, Worker};
pub use runner::{Deps, Halted, Runner, Settings};
