//! Asking language models: Anthropic Messages, OpenAI chat completions (and anything of its wire format), Ollama.
//!
//! For whoever needs an answer that fits a JSON Schema, is paid within a budget, and is never paid twice.
//! Not for prompts, evidence or what an answer means (see the analysis workers), and not for retries: a rate limit
//! comes back as a typed error and the engine decides when to try again.
//! Read first: [`Desk`] (the one way to ask), [`Error`] (what can come back instead), `defaults.toml` (the settings).

mod anthropic;
mod complaint;
mod desk;
mod error;
mod estimate;
mod frames;
mod journal;
mod ollama;
mod openai;
mod prices;
mod provider;
mod reply;
mod schema;
mod settings;
mod wire;

pub use desk::{Answer, Call, Desk, Request};
pub use error::Error;
pub use estimate::tokens;
pub use pipelines::uses::ModelTier;
pub use prices::Price;
pub use provider::{Choice, Kind};
pub use settings::{DEFAULTS, Endpoint, Models, Settings};
