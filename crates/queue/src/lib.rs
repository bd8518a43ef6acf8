//! How work moves: one queue per stage, carrying doorbells.
//!
//! For whoever announces jobs or waits for them. Not for the jobs themselves: the database is the truth, and a queue
//! that loses everything loses no work. Two brokers, one suite (`suite`, behind the feature of that name): [`Memory`]
//! for one process, [`Rabbit`] for the fleet. Read first: [`Broker`], then [`Doorbell`], then [`connect`].

mod broker;
mod connect;
mod memory;
mod rabbit;
mod settings;
#[cfg(feature = "suite")]
pub mod suite;
mod wire;

pub use broker::{Acknowledge, Broker, Consumer, Delivery, Error};
pub use connect::connect;
pub use memory::Memory;
pub use rabbit::Rabbit;
pub use settings::{DEFAULTS, Settings};
pub use wire::{Doorbell, Trace, Undecodable};
