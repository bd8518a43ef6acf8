//! Whose report a file is, told by the file itself, so that a report never takes the place of another subject's that
//! has the same name.

use crate::Format;
use crate::markdown::encoded;

/// Stands in the HTML's head.
pub(crate) fn meta(key: &str) -> String {
    format!("<meta name=\"assay-subject\" content=\"{}\">", encoded(&[key]))
}

/// Ends the Markdown; shown by no reader.
pub(crate) fn comment(key: &str) -> String {
    format!("<!-- assay-subject: {} -->", encoded(&[key]))
}

/// Whether `file` is a report on the subject with this key. What is no report of ours is not.
#[must_use]
pub fn is_about(file: &str, format: Format, key: &str) -> bool {
    match format {
        // Neither can stand in a report's text, where a `<` is always escaped.
        Format::Html => file.contains(&meta(key)),
        Format::Markdown => file.contains(&comment(key)),
        Format::Json => serde_json::from_str::<serde_json::Value>(file)
            .is_ok_and(|report| report.pointer("/subject/key").is_some_and(|found| found == key)),
    }
}
