//! What every process bolts on: settings, logs, shutdown.
//!
//! For `main` functions. Not for anything a library should know: libraries take their settings as values.
//! Read first: [`settings::load`].

pub mod home;
pub mod settings;
pub mod shutdown;
pub mod telemetry;
