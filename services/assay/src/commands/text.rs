//! `assay text`: the stored text that evidence offsets count in.

use std::io::IsTerminal as _;

use domain::DocumentId;

use super::{print, say};
use crate::app::App;
use crate::failure::Failure;

pub(super) async fn execute(app: &App, id: DocumentId, range: Option<(usize, usize)>) -> Result<(), Failure> {
    let content = app.tenant().content(id).await?;
    let text = match range {
        None => content.text.as_str(),
        Some((start, end)) => content.text.get(start..end).ok_or_else(|| {
            let size = content.text.len();
            Failure::usage(format!("{start}..{end} is no range of characters in the {size} bytes of {id}"))
        })?,
    };
    // A program that counts bytes gets them all; a terminal must not obey any.
    if std::io::stdout().is_terminal() { say(text) } else { print(text) }
}
