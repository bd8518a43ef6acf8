//! The stored text around a quote, cut at words.

use report::Context;

/// About how many bytes are shown on either side.
const REACH: usize = 160;

/// The text before and after `start..end`, each cut at a word with an ellipsis where more stands. Empty on a range
/// that is none of the text's.
pub(super) fn context(text: &str, start: u64, end: u64) -> Context {
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let parts = range.and_then(|(start, end)| Some((text.get(..start)?, text.get(end..)?)));
    let Some((before, after)) = parts else { return Context::default() };
    Context { before: tail(before), after: head(after) }
}

fn tail(text: &str) -> String {
    let from = text.len().saturating_sub(REACH);
    match (from..=text.len()).find_map(|at| text.get(at..)) {
        Some(tail) if tail.len() < text.len() => {
            let words = tail.split_once(char::is_whitespace).map_or(tail, |(_, words)| words);
            format!("… {words}")
        }
        _ => text.to_owned(),
    }
}

fn head(text: &str) -> String {
    let to = text.len().min(REACH);
    match (0..=to).rev().find_map(|at| text.get(..at)) {
        Some(head) if head.len() < text.len() => {
            let words = head.rsplit_once(char::is_whitespace).map_or(head, |(words, _)| words);
            format!("{words} …")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_of_a_quote_joins_to_the_text() {
        let text = "Brightwater was founded in 2014 in Leeds.";
        let found = context(text, 16, 31);
        assert_eq!((found.before.as_str(), found.after.as_str()), ("Brightwater was ", " in Leeds."));
    }

    #[test]
    fn a_long_text_is_cut_at_words_and_characters() {
        let text = format!("{} quote {}", "ärger ".repeat(100), "größe ".repeat(100));
        let start = text.find("quote").unwrap() as u64;
        let found = context(&text, start, start + 5);
        assert!(found.before.starts_with("… ärger") && found.before.ends_with(' '), "{}", found.before);
        assert!(found.after.ends_with("größe …"), "{}", found.after);
        assert!(found.before.len() < 200 && found.after.len() < 200);
    }

    #[test]
    fn a_range_of_another_text_has_no_context() {
        assert_eq!(context("short", 100, 120), Context::default());
        assert_eq!(context("é", 1, 2), Context::default());
    }
}
