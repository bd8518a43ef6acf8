//! The settings of the single process: its own and those of the rooms it puts together.

use std::path::Path;

use chassis::settings::{Defaults, Error};
use chassis::{house, telemetry};
use serde::Deserialize;

/// Every documented default, by section.
const DEFAULTS: &[Defaults] = &[
    Defaults { section: "", text: include_str!("defaults.toml") },
    Defaults { section: "pipelines", text: pipelines::DEFAULTS },
    house::STORE,
    house::WORKER,
    Defaults { section: "net", text: net::DEFAULTS },
    Defaults { section: "llm", text: llm::DEFAULTS },
    Defaults { section: "crawl", text: crawl::DEFAULTS },
];

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub log: telemetry::Settings,
    pub pipelines: pipelines::Folders,
    pub store: house::Store,
    pub worker: house::Worker,
    pub net: net::Settings,
    pub llm: llm::Settings,
    pub crawl: crawl::Settings,
}

/// Defaults, then the file, then the environment.
///
/// # Errors
/// If a source cannot be read or holds what is no setting.
pub fn load(file: Option<&Path>) -> Result<Settings, Error> {
    let mut settings: Settings = chassis::settings::load(DEFAULTS, file, std::env::vars())?;
    settings.llm = settings.llm.from_env(|name| std::env::var(name).ok());
    Ok(settings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_documented_defaults_are_settings() {
        let settings: super::Settings = chassis::settings::load(super::DEFAULTS, None, []).unwrap();
        assert_eq!(settings.worker.extract.get(), 2);
    }
}
