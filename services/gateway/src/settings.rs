//! What an operator may set. [`DEFAULTS`] documents every key.

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use serde::Deserialize;

/// Every key with its meaning and its default.
pub const DEFAULTS: &str = include_str!("../defaults.toml");

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub bind: SocketAddr,
    pub max_body_bytes: NonZeroUsize,
}
