//! Where a single-process Assay keeps its data.

use std::path::PathBuf;

use etcetera::BaseStrategy;

/// The environment variable that names the folder.
pub const VARIABLE: &str = "ASSAY_HOME";

/// `ASSAY_HOME`, or `assay` in the platform's data folder. None when the platform has no such folder (no home).
#[must_use]
pub fn path() -> Option<PathBuf> {
    match std::env::var_os(VARIABLE).filter(|home| !home.is_empty()) {
        Some(home) => std::path::absolute(PathBuf::from(home)).ok(),
        None => Some(etcetera::choose_base_strategy().ok()?.data_dir().join("assay")),
    }
}
