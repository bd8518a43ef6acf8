//! What an operator may set. [`DEFAULTS`] documents every key.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// What the settings are when nothing is set, with every key explained.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Where forgettable state lives, and how patient to be with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// None: [`crate::Memory`].
    #[serde(with = "secret")]
    pub url: Option<SecretString>,
    pub prefix: String,
    #[serde(rename = "timeout_seconds", with = "seconds")]
    pub timeout: Duration,
    #[serde(rename = "pause_seconds", with = "seconds")]
    pub pause: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: None,
            prefix: "assay:".to_owned(),
            timeout: Duration::from_millis(250),
            pause: Duration::from_secs(5),
        }
    }
}

/// Empty is none; written as `set` or empty.
mod secret {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(url: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(if url.is_some() { "set" } else { "" })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
        Ok(Some(SecretString::deserialize(from)?).filter(|url| !url.expose_secret().trim().is_empty()))
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(from)?;
        Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|duration| !duration.is_zero())
            .ok_or_else(|| de::Error::custom(format!("{seconds} is no number of seconds above 0")))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        let documented: Settings = toml::from_str(DEFAULTS).unwrap();
        assert_eq!(format!("{documented:?}"), format!("{:?}", Settings::default()));
        let keys = |text: &str| text.parse::<toml::Table>().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(DEFAULTS), keys(&toml::to_string(&Settings::default()).unwrap()));
    }

    #[test]
    fn a_part_leaves_the_rest_as_it_is_and_the_password_is_never_shown() {
        let settings: Settings = toml::from_str("url = 'redis://me:hidden@redis.example'").unwrap();
        assert_eq!(settings.url.as_ref().unwrap().expose_secret(), "redis://me:hidden@redis.example");
        assert_eq!(settings.prefix, "assay:");
        assert!(!format!("{settings:?}").contains("hidden"));
        assert_eq!(serde_json::to_value(&settings).unwrap()["url"], "set");
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        for text in ["uri = ''", "timeout_seconds = 0", "pause_seconds = -1.0", "prefix = 3"] {
            assert!(toml::from_str::<Settings>(text).is_err(), "{text}");
        }
    }
}
