//! Where pipelines of one's own are; a section of the settings.

use std::path::PathBuf;

use serde::Deserialize;

/// Every key with its meaning and its default.
pub const DEFAULTS: &str = include_str!("folders.toml");

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folders {
    pub folders: Vec<PathBuf>,
}
