//! Settings of the models. `defaults.toml` is the default, the sample and the documentation.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Choice, Error, Kind, ModelTier, Price};

/// What the settings are when nothing is set, with every key explained.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Who is asked, what may be spent, how long to wait. A part of it given (in a file, by variables) leaves the rest as
/// it is in [`DEFAULTS`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Settings {
    /// None: the first that is configured, else extractive.
    #[serde(with = "choice")]
    pub provider: Option<Choice>,
    pub allow_unknown_price: Vec<String>,
    /// Beside the built-in table.
    pub prices: Vec<Price>,
    pub anthropic: Endpoint,
    pub openai: Endpoint,
    pub ollama: Endpoint,
}

/// One provider.
#[derive(Clone, Serialize, Deserialize)]
pub struct Endpoint {
    #[serde(with = "secret")]
    pub key: Option<SecretString>,
    pub base_url: String,
    pub models: Models,
    pub max_concurrency: u16,
    pub context_tokens: u32,
    pub effort: String,
    pub reasoning_tokens: u32,
    #[serde(rename = "connect_timeout_seconds", with = "seconds")]
    pub connect_timeout: Duration,
    #[serde(rename = "idle_timeout_seconds", with = "seconds")]
    pub idle_timeout: Duration,
    #[serde(rename = "total_timeout_seconds", with = "seconds")]
    pub total_timeout: Duration,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("key", &self.key.as_ref().map(|_| "set"))
            .field("base_url", &self.base_url)
            .field("models", &self.models)
            .finish_non_exhaustive()
    }
}

/// Which model a tier is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Models {
    pub fast: String,
    pub standard: String,
    pub deep: String,
}

impl Models {
    #[must_use]
    pub fn of(&self, tier: ModelTier) -> &str {
        match tier {
            ModelTier::Fast => &self.fast,
            ModelTier::Standard => &self.standard,
            ModelTier::Deep => &self.deep,
        }
    }
}

impl Settings {
    /// Fills what is unset from the variables that people have set already: `ANTHROPIC_API_KEY`, `OPENAI_API_KEY`,
    /// `OLLAMA_BASE_URL`. What the settings say wins.
    #[must_use]
    pub fn from_env(mut self, get: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        self.anthropic.key = self.anthropic.key.or_else(|| get("ANTHROPIC_API_KEY").map(SecretString::from));
        self.openai.key = self.openai.key.or_else(|| get("OPENAI_API_KEY").map(SecretString::from));
        if self.ollama.base_url.is_empty() {
            self.ollama.base_url = get("OLLAMA_BASE_URL").unwrap_or_default();
        }
        self
    }

    #[must_use]
    pub const fn endpoint(&self, kind: Kind) -> &Endpoint {
        match kind {
            Kind::Anthropic => &self.anthropic,
            Kind::OpenAi => &self.openai,
            Kind::Ollama => &self.ollama,
        }
    }

    /// Whether a provider has what it takes to be asked.
    #[must_use]
    pub fn is_configured(&self, kind: Kind) -> bool {
        let endpoint = self.endpoint(kind);
        match kind {
            Kind::Anthropic => endpoint.key.is_some(),
            Kind::OpenAi => endpoint.key.is_some() || endpoint.base_url != Self::default().openai.base_url,
            Kind::Ollama => !endpoint.base_url.is_empty(),
        }
    }

    /// Who answers. An explicit choice that is not configured is an error, never replaced silently.
    pub fn choice(&self) -> Result<Choice, Error> {
        match self.provider {
            Some(Choice::Model(kind)) if !self.is_configured(kind) => Err(Error::Settings(format!(
                "`provider` is {kind}, but {}",
                match kind {
                    Kind::Anthropic => "`anthropic.key` is not set (ANTHROPIC_API_KEY)",
                    Kind::OpenAi =>
                        "neither `openai.key` (OPENAI_API_KEY) nor an own `openai.base_url` is set",
                    Kind::Ollama => "`ollama.base_url` is not set (OLLAMA_BASE_URL)",
                }
            ))),
            Some(choice) => Ok(choice),
            None => Ok(Kind::ALL
                .into_iter()
                .find(|kind| self.is_configured(*kind))
                .map_or(Choice::Extractive, Choice::Model)),
        }
    }
}

impl Default for Settings {
    #[expect(clippy::expect_used, reason = "the embedded file is read by a test")]
    fn default() -> Self {
        let defaults = defaults().expect("defaults.toml is TOML");
        Self::deserialize(defaults).expect("defaults.toml holds every key")
    }
}

impl Serialize for Settings {
    /// Keys are written as `set` or empty.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Value::deserialize(deserializer)?;
        let mut whole = defaults().map_err(D::Error::custom)?;
        overlay(&mut whole, given, "llm").map_err(D::Error::custom)?;
        Self::deserialize(whole).map_err(D::Error::custom)
    }
}

fn defaults() -> Result<Value, toml::de::Error> {
    toml::from_str(DEFAULTS)
}

/// Puts `given` over `whole`; a key that the defaults do not have is a mistake.
fn overlay(whole: &mut Value, given: Value, path: &str) -> Result<(), String> {
    match (whole, given) {
        (Value::Object(whole), Value::Object(given)) => {
            for (key, value) in given {
                match whole.get_mut(&key) {
                    Some(under) => overlay(under, value, &format!("{path}.{key}"))?,
                    None => {
                        let near = whole
                            .keys()
                            .max_by(|a, b| strsim::jaro(a, &key).total_cmp(&strsim::jaro(b, &key)))
                            .map_or(String::new(), |near| format!(": did you mean `{near}`?"));
                        return Err(format!("unknown key `{path}.{key}`{near}"));
                    }
                }
            }
        }
        (under, given) => *under = given,
    }
    Ok(())
}

mod choice {
    use super::{Choice, Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(choice: &Option<Choice>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(choice.map_or("", Choice::as_str))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Choice>, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
    }
}

mod secret {
    use super::{Deserialize, Deserializer, ExposeSecret, SecretString, Serializer};

    pub(super) fn serialize<S: Serializer>(key: &Option<SecretString>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(if key.is_some() { "set" } else { "" })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
        Ok(Some(SecretString::deserialize(from)?).filter(|key| !key.expose_secret().is_empty()))
    }
}

mod seconds {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(from)?;
        Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|duration| !duration.is_zero())
            .ok_or_else(|| serde::de::Error::custom(format!("{seconds} is no number of seconds above 0")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-very-secret";

    fn read(text: &str) -> Result<Settings, String> {
        toml::from_str::<Settings>(text).map_err(|error| error.to_string())
    }

    fn env(name: &str) -> Option<String> {
        match name {
            "ANTHROPIC_API_KEY" => Some(KEY.to_owned()),
            "OPENAI_API_KEY" => Some(" ".to_owned()),
            "OLLAMA_BASE_URL" => Some("http://127.0.0.1:11434".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn the_embedded_defaults_can_be_read_and_choose_no_model() {
        let settings = Settings::default();
        assert_eq!(settings.choice().unwrap(), Choice::Extractive);
        assert_eq!(settings.anthropic.models.of(ModelTier::Deep), "claude-opus-5-5");
        assert_eq!(settings.ollama.total_timeout, Duration::from_secs(3600));
    }

    #[test]
    fn a_part_leaves_the_rest_as_it_is() {
        let settings =
            read("[openai]\nbase_url = \"http://127.0.0.1:8000/v1\"\nidle_timeout_seconds = 0.25").unwrap();
        assert_eq!(settings.choice().unwrap(), Choice::Model(Kind::OpenAi));
        assert_eq!(settings.openai.idle_timeout, Duration::from_millis(250));
        assert_eq!(settings.openai.models, Settings::default().openai.models);
    }

    #[test]
    fn a_key_that_does_not_exist_is_refused_with_the_nearest_that_does() {
        let error = read("[anthropic]\nmodles = {}").unwrap_err();
        assert!(error.contains("unknown key `llm.anthropic.modles`: did you mean `models`?"), "{error}");
        assert!(read("provider = \"gemini\"").unwrap_err().contains("no provider"));
        assert!(read("[ollama]\nidle_timeout_seconds = 0").unwrap_err().contains("above 0"));
    }

    #[test]
    fn the_environment_fills_what_is_unset_and_the_order_decides() {
        let settings = Settings::default().from_env(env);
        assert_eq!(settings.choice().unwrap(), Choice::Model(Kind::Anthropic));
        assert!(!settings.is_configured(Kind::OpenAi), "a blank variable is unset");
        let mut settings = Settings { provider: Some(Choice::Model(Kind::Ollama)), ..settings };
        assert_eq!(settings.choice().unwrap(), Choice::Model(Kind::Ollama));
        settings.provider = Some(Choice::Extractive);
        assert_eq!(settings.choice().unwrap(), Choice::Extractive);
        settings.provider = Some(Choice::Model(Kind::OpenAi));
        assert!(settings.choice().unwrap_err().to_string().contains("OPENAI_API_KEY"));
        let written = read("[anthropic]\nkey = \"from-file\"").unwrap().from_env(env);
        assert_eq!(written.anthropic.key.unwrap().expose_secret(), "from-file");
    }

    #[test]
    fn a_key_is_never_shown() {
        let settings = Settings::default().from_env(env);
        assert!(!format!("{settings:?}").contains(KEY));
        let shown = serde_json::to_value(&settings).unwrap();
        assert_eq!(shown["anthropic"]["key"], "set");
        assert_eq!(shown["openai"]["key"], "");
        assert!(!shown.to_string().contains(KEY));
    }
}
