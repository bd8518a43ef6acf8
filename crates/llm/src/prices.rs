//! What tokens cost, as dated data. An unknown price is refused, unless the model is allowed by name.

use chrono::NaiveDate;
use domain::{MicroUsd, Tokens};
use serde::{Deserialize, Serialize};

use crate::{Error, Kind, Settings};

const TABLE: &str = include_str!("prices.toml");
const PER: i128 = 1_000_000;

/// One row of the price list, in micro-USD per million tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub provider: Kind,
    /// Also for the model's dated snapshots.
    pub model: String,
    /// The first day on which it holds.
    pub from: NaiveDate,
    /// Holds for prompts of at most so many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u64>,
    pub input: MicroUsd,
    pub output: MicroUsd,
    pub cache_read: MicroUsd,
    pub cache_write: MicroUsd,
}

impl Price {
    const fn free(provider: Kind) -> Self {
        Self {
            provider,
            model: String::new(),
            from: NaiveDate::MIN,
            up_to: None,
            input: MicroUsd::ZERO,
            output: MicroUsd::ZERO,
            cache_read: MicroUsd::ZERO,
            cache_write: MicroUsd::ZERO,
        }
    }

    fn covers(&self, kind: Kind, model: &str, day: NaiveDate, prompt: u64) -> bool {
        self.provider == kind
            && self.from <= day
            && self.up_to.is_none_or(|most| prompt <= most)
            && (self.model == model || self.model == without_date(model))
    }

    /// What the tokens cost, rounded up to whole micro-USD.
    pub(crate) fn cost(&self, tokens: Tokens) -> MicroUsd {
        let sum = |pairs: &[(u64, MicroUsd)]| -> i128 {
            pairs.iter().map(|(n, price)| i128::from(*n) * i128::from(price.0)).sum()
        };
        let micros = sum(&[
            (tokens.input, self.input),
            (tokens.output, self.output),
            (tokens.cache_read, self.cache_read),
            (tokens.cache_write, self.cache_write),
        ]);
        MicroUsd(i64::try_from((micros + PER - 1) / PER).unwrap_or(i64::MAX))
    }

    /// What a call can cost at most: a whole prompt that is read anew or written to a cache, and the longest answer.
    pub(crate) fn most(&self, prompt: u64, answer: u64) -> MicroUsd {
        let dearest = Self { input: self.input.max(self.cache_write), ..self.clone() };
        dearest.cost(Tokens { input: prompt, output: answer, ..Tokens::default() })
    }
}

/// `claude-haiku-4-5-20251001` and `gpt-5-2025-08-07` without their dates.
fn without_date(model: &str) -> &str {
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    match model.rsplit_once('-') {
        Some((name, date)) if digits(date, 8) => name,
        Some((rest, day)) if digits(day, 2) => match rest.rsplit_once('-') {
            Some((rest, month)) if digits(month, 2) => match rest.rsplit_once('-') {
                Some((name, year)) if digits(year, 4) => name,
                _ => model,
            },
            _ => model,
        },
        _ => model,
    }
}

/// The built-in table and the operator's own rows.
#[derive(Debug, Clone)]
pub(crate) struct Prices {
    own: Vec<Price>,
    table: Vec<Price>,
    allowed: Vec<String>,
}

impl Prices {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Table {
            price: Vec<Price>,
        }
        let table: Table =
            toml::from_str(TABLE).map_err(|error| Error::Settings(format!("prices.toml: {error}")))?;
        Ok(Self {
            own: settings.prices.clone(),
            table: table.price,
            allowed: settings.allow_unknown_price.clone(),
        })
    }

    /// The price of a prompt of `prompt` tokens on a day: the operator's row before the built-in one, then the
    /// latest, then the one for the shortest prompts.
    pub(crate) fn of(&self, kind: Kind, model: &str, day: NaiveDate, prompt: u64) -> Result<Price, Error> {
        if kind == Kind::Ollama {
            return Ok(Price::free(kind));
        }
        let rank = |row: &&Price| (row.from, std::cmp::Reverse(row.up_to.unwrap_or(u64::MAX)));
        let best = |rows: &[Price]| {
            rows.iter().filter(|row| row.covers(kind, model, day, prompt)).max_by_key(rank).cloned()
        };
        match best(&self.own).or_else(|| best(&self.table)) {
            Some(price) => Ok(price),
            None if self.allowed.iter().any(|name| name == model) => Ok(Price::free(kind)),
            None => Err(Error::UnknownPrice { provider: kind, model: model.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn prices() -> Prices {
        Prices::new(&Settings::default()).unwrap()
    }

    #[test]
    fn every_default_model_has_a_price() {
        let settings = Settings::default();
        for kind in Kind::ALL {
            let models = &settings.endpoint(kind).models;
            for model in [&models.fast, &models.standard, &models.deep] {
                let prompt = u64::from(settings.endpoint(kind).context_tokens);
                prices().of(kind, model, day("2026-11-20"), prompt).unwrap();
            }
        }
    }

    #[test]
    fn a_price_has_a_date_a_length_and_holds_for_snapshots() {
        let of = |model, on, prompt| prices().of(Kind::Anthropic, model, day(on), prompt);
        assert_eq!(of("claude-sonnet-5-5", "2026-10-06", 1).unwrap().cache_read, MicroUsd(200_000));
        assert_eq!(of("claude-sonnet-5-5", "2026-10-07", 1).unwrap().cache_read, MicroUsd(100_000));
        assert_eq!(of("claude-haiku-5-5", "2026-11-20", 100_000).unwrap().input, MicroUsd(100_000));
        assert_eq!(of("claude-haiku-5-5", "2026-11-20", 100_001).unwrap().input, MicroUsd(500_000));
        assert_eq!(of("claude-haiku-4-5-20251001", "2026-11-20", 1).unwrap().output, MicroUsd(5_000_000));
        assert!(of("claude-sonnet-5-5", "2026-01-01", 1).is_err(), "before it was sold");
        let gpt = prices().of(Kind::OpenAi, "gpt-5-2025-08-07", day("2026-11-20"), 1).unwrap();
        assert_eq!(gpt.input, MicroUsd(1_250_000));
    }

    #[test]
    fn an_unknown_price_is_refused_unless_the_model_is_allowed_or_priced_by_name() {
        let unknown = |prices: &Prices| prices.of(Kind::OpenAi, "my-model", day("2026-11-20"), 1);
        assert!(matches!(unknown(&prices()), Err(Error::UnknownPrice { .. })));
        let mini = prices().of(Kind::OpenAi, "gpt-6-luna-preview", day("2026-11-20"), 1);
        assert!(mini.is_err(), "another model of the same family has another price");
        let allowed = Settings { allow_unknown_price: vec!["my-model".into()], ..Settings::default() };
        assert_eq!(unknown(&Prices::new(&allowed).unwrap()).unwrap().input, MicroUsd::ZERO);
        let own = Price { model: "my-model".into(), input: MicroUsd(7), ..Price::free(Kind::OpenAi) };
        let priced = Settings { prices: vec![own], ..Settings::default() };
        assert_eq!(unknown(&Prices::new(&priced).unwrap()).unwrap().input, MicroUsd(7));
    }

    #[test]
    fn an_own_row_wins_and_ollama_is_free() {
        let own = Price {
            model: "gpt-6-luna".into(),
            from: day("2026-01-01"),
            input: MicroUsd(1),
            ..Price::free(Kind::OpenAi)
        };
        let prices = Prices::new(&Settings { prices: vec![own], ..Settings::default() }).unwrap();
        assert_eq!(prices.of(Kind::OpenAi, "gpt-6-luna", day("2026-11-20"), 1).unwrap().input, MicroUsd(1));
        let free = prices.of(Kind::Ollama, "whatever", day("2026-11-20"), 1 << 20).unwrap();
        assert_eq!(free.most(1 << 20, 1 << 20), MicroUsd::ZERO);
    }

    #[test]
    fn every_class_of_tokens_is_paid_at_its_price_and_rounded_up() {
        let price = prices().of(Kind::Anthropic, "claude-haiku-4-5", day("2026-11-20"), 1).unwrap();
        let tokens = Tokens { input: 10, cache_read: 3_000, cache_write: 200, output: 5, reasoning: 3 };
        // 10 × 1 + 3000 × .1 + 200 × 1.25 + 5 × 5 = 585 micro-USD; reasoning is part of the output.
        assert_eq!(price.cost(tokens), MicroUsd(585));
        assert_eq!(price.cost(Tokens { cache_read: 1, ..Tokens::default() }), MicroUsd(1));
        assert_eq!(price.most(1_000_000, 1_000_000), MicroUsd(1_250_000 + 5_000_000));
    }
}
