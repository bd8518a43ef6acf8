//! Whole crawls: the real store, queue and runner against a web on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod canonical;
mod failing;
mod frontier;
mod hosts;
mod killed;
mod languages;
mod manners;
mod paused;
mod rig;
mod scope;
mod single;
mod sitemaps;
mod verdicts;
mod web;
