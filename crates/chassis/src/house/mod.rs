//! The settings that processes share: where things are kept, how much is done at once, where probes ask.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;

use domain::Stage;
use serde::{Deserialize, Deserializer, de};

use crate::home;
use crate::settings::Defaults;
use crate::telemetry;

pub const STORE: Defaults = Defaults { section: "store", text: include_str!("store.toml") };
pub const WORKER: Defaults = Defaults { section: "worker", text: include_str!("worker.toml") };

/// Every section of [`House`].
pub(crate) const DEFAULTS: &[Defaults] = &[
    Defaults { section: "log", text: include_str!("log.toml") },
    Defaults { section: "admin", text: include_str!("admin.toml") },
    Defaults { section: "queue", text: queue::DEFAULTS },
    Defaults { section: "ephemeral", text: ephemeral::DEFAULTS },
    STORE,
    WORKER,
];

/// What every process of a fleet is told.
#[derive(Debug, Clone, Deserialize)]
pub struct House {
    pub log: telemetry::Settings,
    pub admin: Admin,
    pub store: Store,
    pub queue: queue::Settings,
    pub ephemeral: ephemeral::Settings,
    pub worker: Worker,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    #[serde(deserialize_with = "address")]
    pub bind: Option<SocketAddr>,
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(from)?;
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| de::Error::custom(format!("`{text}` is no address and port, like 0.0.0.0:9100"))),
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub url: String,
    pub max_connections: u32,
    pub blobs: PathBuf,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may hold a password.
        f.debug_struct("Store").field("blobs", &self.blobs).finish_non_exhaustive()
    }
}

/// Neither the settings nor the platform name a folder for data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no place for data: set {}", home::VARIABLE)]
pub struct Homeless;

impl Store {
    /// What is not set is in the data folder, which only then has to be there.
    ///
    /// # Errors
    /// [`Homeless`] if there is no such folder.
    pub fn place(&self) -> Result<store::Settings, Homeless> {
        let in_home = |name: &str| home::path().map(|home| home.join(name)).ok_or(Homeless);
        let url = match self.url.trim() {
            "" => format!("sqlite://{}", in_home("assay.db")?.display()),
            url => url.to_owned(),
        };
        let is_set = !self.blobs.as_os_str().is_empty();
        let blobs = if is_set { self.blobs.clone() } else { in_home("blobs")? };
        Ok(store::Settings { url, blobs, max_connections: self.max_connections })
    }
}

/// Jobs at once, by stage.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    pub crawl: NonZeroU16,
    pub extract: NonZeroU16,
    pub analyze: NonZeroU16,
}

impl Worker {
    /// None for a stage that has no workers yet.
    #[must_use]
    pub const fn of(&self, stage: Stage) -> Option<NonZeroU16> {
        match stage {
            Stage::Crawl => Some(self.crawl),
            Stage::Extract => Some(self.extract),
            Stage::Analyze => Some(self.analyze),
            Stage::Deliver => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    fn house(environment: &[(&str, &str)]) -> Result<House, settings::Error> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        settings::load(DEFAULTS, None, environment)
    }

    #[test]
    fn the_documented_defaults_are_settings() {
        let house = house(&[]).unwrap();
        assert_eq!((house.admin.bind, house.worker.extract.get()), (None, 2));
        assert!(house.queue.url.is_none());
    }

    #[test]
    fn an_address_without_a_port_is_named() {
        let error = house(&[("ASSAY__ADMIN__BIND", "localhost")]).unwrap_err().to_string();
        assert!(
            error.contains("admin.bind") && error.contains("`localhost` is no address and port"),
            "{error}"
        );
        let bound = house(&[("ASSAY__ADMIN__BIND", "127.0.0.1:9100")]).unwrap().admin.bind;
        assert_eq!(bound, Some("127.0.0.1:9100".parse().unwrap()));
    }

    #[test]
    fn a_database_that_is_set_needs_no_home_and_its_password_is_not_shown() {
        let set = [("ASSAY__STORE__URL", "postgres://me:hidden@db/assay"), ("ASSAY__STORE__BLOBS", "/blobs")];
        let store = house(&set).unwrap().store;
        assert_eq!(store.place().unwrap().blobs, PathBuf::from("/blobs"));
        assert!(!format!("{store:?}").contains("hidden"));
    }
}
