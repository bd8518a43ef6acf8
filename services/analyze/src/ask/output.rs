//! What `analyze.ask` says of its section; the section itself is findings.

use serde::Serialize;

use super::section::Dropped;
use super::select::NotRead;

/// Who wrote the section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    Model,
    Extractive,
    /// Nothing to read: nobody was asked.
    Nothing,
}

/// The output, as later jobs and the report read it. Fields are added, never renamed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) method: Method,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// Findings that are claims, and sentences of the summary.
    pub(crate) claims: u32,
    pub(crate) sentences: u32,
    /// Kinds of pages that were shown or searched.
    pub(crate) looked_in: Vec<String>,
    pub(crate) not_read: NotRead,
    pub(crate) dropped: Dropped,
    /// Whether a repair question was asked.
    pub(crate) repaired: bool,
    /// What a reader should know besides.
    pub(crate) notes: Vec<String>,
}

impl Section {
    pub(crate) fn new(title: &str, method: Method) -> Self {
        Self {
            title: title.to_owned(),
            method,
            model: None,
            claims: 0,
            sentences: 0,
            looked_in: Vec::new(),
            not_read: NotRead::default(),
            dropped: Dropped::default(),
            repaired: false,
            notes: Vec::new(),
        }
    }
}
