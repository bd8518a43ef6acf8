//! The numbers of this service: `defaults.toml`, embedded.

use std::collections::BTreeMap;

use serde::Deserialize;

const TEXT: &str = include_str!("defaults.toml");

/// How evidence is weighed and what is shown first. Every key is explained in `defaults.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Defaults {
    pub(crate) select: Select,
    pub(crate) confidence: Confidence,
    pub(crate) repair: Repair,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Select {
    pub(crate) k1: f64,
    pub(crate) b: f64,
    pub(crate) heading_bonus: f64,
    pub(crate) entities_share: f64,
    pub(crate) findings_share: f64,
    pub(crate) kinds: Kinds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confidence {
    pub(crate) verified: f64,
    pub(crate) loose: f64,
    pub(crate) structured: f64,
    pub(crate) testimonial: f64,
    pub(crate) gap: f64,
    pub(crate) high: f64,
    pub(crate) medium: f64,
    pub(crate) kinds: Kinds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repair {
    pub(crate) tokens_share: f64,
    pub(crate) output_share: f64,
}

/// A number per kind of page.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Kinds(BTreeMap<String, f64>);

impl Kinds {
    /// The number of a kind; that of `other` for one that is not listed.
    pub(crate) fn of(&self, kind: &str) -> f64 {
        self.0.get(kind).or_else(|| self.0.get("other")).copied().unwrap_or_default()
    }
}

impl Defaults {
    /// # Errors
    /// If the embedded file does not fit, which a test rules out.
    pub(crate) fn load() -> Result<Self, toml::de::Error> {
        toml::from_str(TEXT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_numbers_fit_and_unlisted_kinds_get_the_number_of_other() {
        let defaults = Defaults::load().unwrap();
        assert!((defaults.select.kinds.of("team") - 0.95).abs() < 1e-9);
        assert!((defaults.confidence.kinds.of("entry") - 0.8).abs() < 1e-9);
    }
}
