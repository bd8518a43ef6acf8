//! How work moves: one queue per stage, carrying doorbells.
//!
//! For whoever announces jobs or waits for them. Not for the jobs themselves: the database is the truth, and a queue
//! that loses everything loses no work. Read first: [`Broker`], then [`Doorbell`].

mod broker;
mod memory;
#[cfg(feature = "suite")]
pub mod suite;
mod wire;

pub use broker::{Acknowledge, Broker, Consumer, Delivery, Error};
pub use memory::Memory;
pub use wire::{Doorbell, Trace, Undecodable};
