//! Labelled blocks in a user turn: `<source id="S1" kind="team" title="Team">`, the text, `</source>`.

/// One block as a model would see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `S1`, `E3`, `F12`.
    pub label: String,
    /// The other attributes, in their order.
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Block {
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sentences that can be quoted word for word: on one line, 12 to 230 characters, at least three words.
    #[must_use]
    pub fn sentences(&self) -> Vec<&str> {
        let fits = |sentence: &&str| {
            let plain = !["http", "<", "|", "&lt;", "&amp;", "\\"].iter().any(|mark| sentence.contains(mark));
            (12..=230).contains(&sentence.chars().count())
                && sentence.split_whitespace().count() >= 3
                && plain
        };
        self.text.lines().flat_map(split).map(str::trim).filter(fits).collect()
    }
}

/// Cuts a line after `. `, `! ` and `? `.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = [". ", "! ", "? "]
            .iter()
            .filter_map(|mark| rest.find(mark))
            .min()
            .map_or(rest.len(), |at| at + 1);
        let (sentence, more) = rest.split_at_checked(end)?;
        rest = more;
        Some(sentence)
    })
}

/// Every block of this name that has an `id`.
pub(super) fn blocks(text: &str, name: &str) -> Vec<Block> {
    let (open, close) = (format!("<{name} "), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&open) {
        let Some((head, after)) = after.split_once('>') else { break };
        let Some((body, after)) = after.split_once(&close) else { break };
        let mut attributes = attributes(head);
        if let Some(at) = attributes.iter().position(|(key, _)| key == "id") {
            let (_, label) = attributes.remove(at);
            found.push(Block { label, attributes, text: body.trim_matches('\n').to_owned() });
        }
        rest = after;
    }
    found
}

fn attributes(head: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = head;
    while let Some((name, after)) = rest.split_once("=\"") {
        let Some((value, after)) = after.split_once('"') else { break };
        found.push((name.trim().to_owned(), value.to_owned()));
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURN: &str = "Read these.\n<source id=\"S1\" kind=\"team\" title=\"Our team\">\nMara Lind founded us in 2016. She is CEO!\n<\\/source> is not the end.\n</source>\n<entity id=\"E1\" kind=\"person\">Mara Lind</entity>\n<source id=\"S2\">\nSee https://x.example now.\n</source>\nWhat do they do?";

    #[test]
    fn blocks_are_read_with_their_labels_and_nothing_else_is() {
        let sources = blocks(TURN, "source");
        assert_eq!(sources.iter().map(|b| b.label.as_str()).collect::<Vec<_>>(), ["S1", "S2"]);
        assert_eq!(sources[0].attribute("title"), Some("Our team"));
        assert!(sources[0].text.starts_with("Mara") && sources[0].text.contains("is not the end"));
        assert_eq!(blocks(TURN, "entity")[0].text, "Mara Lind");
        assert!(blocks("<source id=\"S1\">never closed", "source").is_empty());
    }

    #[test]
    fn only_sentences_that_can_be_quoted_word_for_word_are_offered() {
        let sources = blocks(TURN, "source");
        assert_eq!(sources[0].sentences(), ["Mara Lind founded us in 2016.", "She is CEO!"][..1]);
        assert!(sources[1].sentences().is_empty(), "a line with a link");
    }
}
