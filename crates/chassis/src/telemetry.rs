//! Logs: to standard error, for people or for machines.

use std::io::IsTerminal as _;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One readable line each.
    #[default]
    Text,
    /// One JSON object each.
    Json,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    pub format: Format,
    /// `warn`, or finer: `info,crawl=debug`. `RUST_LOG` wins.
    pub filter: String,
}

/// What is not a log filter.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{filter}` is no log filter: write a level (error, warn, info, debug, trace) or like `info,crawl=debug`"
)]
pub struct InvalidFilter {
    filter: String,
    #[source]
    source: tracing_subscriber::filter::ParseError,
}

/// Starts logging for the whole process. Called once; a second call changes nothing.
///
/// # Errors
/// If the filter cannot be read.
pub fn start(settings: &Settings) -> Result<(), InvalidFilter> {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| settings.filter.clone());
    let parsed = EnvFilter::builder()
        .parse(&filter)
        .map_err(|source| InvalidFilter { filter: filter.clone(), source })?;
    let is_coloured =
        std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let lines =
        fmt::layer().with_writer(std::io::stderr).with_ansi(is_coloured).with_span_events(FmtSpan::NONE);
    let lines = match settings.format {
        Format::Text => lines.with_target(false).boxed(),
        Format::Json => lines.json().flatten_event(true).boxed(),
    };
    // The filter sits on the lines, not on the process: spans stay alive for whatever else listens to them.
    let _ = tracing_subscriber::registry().with(lines.with_filter(parsed)).try_init();
    Ok(())
}
