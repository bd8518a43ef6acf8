//! What an operator may set. [`crate::DEFAULTS`] documents every key.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The crawl service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub slice_requests: u32,
    #[serde(rename = "slice_seconds", with = "seconds")]
    pub slice: Duration,
    #[serde(rename = "robots_wait_seconds", with = "many_seconds")]
    pub robots_waits: Vec<Duration>,
    #[serde(rename = "retry_seconds", with = "seconds")]
    pub retry: Duration,
    pub respect_ai_signals: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            slice_requests: 20,
            slice: Duration::from_secs(30),
            robots_waits: [60, 300, 900].map(Duration::from_secs).to_vec(),
            retry: Duration::from_secs(5),
            respect_ai_signals: true,
        }
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?)
            .map_err(|error| de::Error::custom(format!("no number of seconds: {error}")))
    }
}

mod many_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(durations: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(durations.iter().map(Duration::as_secs_f64))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Duration>, D::Error> {
        let seconds = Vec::<f64>::deserialize(deserializer)?;
        seconds
            .into_iter()
            .map(Duration::try_from_secs_f64)
            .collect::<Result<_, _>>()
            .map_err(|error| de::Error::custom(format!("no number of seconds: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        assert_eq!(toml::from_str::<Settings>(crate::DEFAULTS).unwrap(), Settings::default());
    }
}
