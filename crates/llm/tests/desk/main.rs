//! The desk with real HTTP to fake providers and a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod answers;
mod errors;
mod journal;
mod money;
mod world;
