//! Reports: what a run found, as one value, and that value as HTML, Markdown and JSON.
//!
//! For whoever publishes or reads reports. Not for finding anything out: a report only shows what it is given.
//! Read first: [`Report`] (the value, whose JSON is the JSON export), then [`render`].
//!
//! The Markdown is made by the pipeline's template; the HTML is that Markdown typeset, so the two cannot disagree.

mod charts;
mod entity;
mod escape;
mod html;
mod mark;
mod markdown;
mod model;
mod name;
mod notes;
mod published;
mod visible;

use std::fmt;
use std::str::FromStr;

pub use escape::escape;
pub use mark::is_about;
pub use model::{
    Cited, Context, Cost, Fact, FactState, NotSeen, Pages, PipelineRef, Report, RunRef, SCHEMA, Section,
    SectionCost, SectionState, Source, SubjectRef,
};
pub use name::file_name;
pub use published::{Unreadable, published};
pub use visible::{visible, visible_json};

/// What a report can be had as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Html,
    Markdown,
    Json,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Html, Self::Markdown, Self::Json];

    /// The word on the command line and the file's extension.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no report format: expected html, md or json")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let word = word.trim();
        Self::ALL
            .into_iter()
            .find(|format| format.extension().eq_ignore_ascii_case(word))
            .ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

/// Why a report could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The pipeline's template has a mistake; the message names its line.
    #[error("the report template: {0}")]
    Template(#[from] minijinja::Error),
    /// More of it stands in one place than can be read without harm; a pipeline that was checked has none of this.
    #[error("the report template: {0}")]
    Bounds(#[from] pipelines::template::Error),
    #[error("the report could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// The report in one format, with the pipeline's Markdown template.
///
/// # Errors
/// If the template cannot be parsed or refers to something the report does not have.
pub fn render(report: &Report, template: &str, format: Format) -> Result<String, Error> {
    Ok(match format {
        Format::Json => visible_json(&serde_json::to_string_pretty(report)?).into_owned() + "\n",
        Format::Markdown => {
            let text = markdown::render(report, template, markdown::Charts::Tables)?;
            format!("{}\n\n{}\n", text.trim_end(), mark::comment(&report.subject.key))
        }
        Format::Html => html::render(report, &markdown::render(report, template, markdown::Charts::Figures)?),
    })
}
