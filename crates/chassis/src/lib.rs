//! What every process bolts on: settings, logs, shutdown, the admin port, and the `main` that puts them together.
//!
//! For `main` functions. Not for anything a library should know: libraries take their settings as values.
//! Read first: [`settings::load`], then [`service::Service`].

mod admin;
pub mod home;
pub mod house;
pub mod service;
pub mod settings;
pub mod shutdown;
pub mod telemetry;

pub use house::House;
