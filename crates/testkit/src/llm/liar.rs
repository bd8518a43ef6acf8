//! An analyst that lies in every claim it makes, in the ways models do.

use serde_json::Value;

use super::analyst::honest_value;
use super::{Prompt, Reply};

/// One way to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lie {
    /// A quote that nobody wrote.
    FalseQuote,
    /// A real sentence with other digits.
    ShiftedNumber,
    /// A real quote under a label that was never shown.
    UnknownLabel,
    /// A link in the statement.
    Url,
    /// A real quote under the label of a page that does not have it.
    WrongSource,
    /// A real sentence with a `not` in it.
    Negated,
    /// The beginning of one sentence and the end of another.
    Stitched,
    /// A real quote, and a number in the statement that the quote lacks.
    ExtraNumber,
}

impl Lie {
    pub const ALL: [Self; 8] = [
        Self::FalseQuote,
        Self::ShiftedNumber,
        Self::UnknownLabel,
        Self::Url,
        Self::WrongSource,
        Self::Negated,
        Self::Stitched,
        Self::ExtraNumber,
    ];

    /// Whether the quote itself is false; else only what is claimed about it.
    #[must_use]
    pub const fn is_in_the_quote(self) -> bool {
        !matches!(self, Self::Url | Self::ExtraNumber)
    }
}

/// An analyst for [`super::FakeLlm::start_with`]: every claim is spoiled, the first by the first of these lies and so
/// on. Asked to repair, it lies again.
pub fn liar(lies: &'static [Lie]) -> impl Fn(&Prompt) -> Reply + Send + Sync + 'static {
    move |prompt| {
        let Some(mut value) = honest_value(prompt) else {
            return Reply::text("We were acquired by Globex Holdings, see https://globex.example/news.");
        };
        let sources = Sources::of(prompt);
        let mut lies = lies.iter().cycle();
        match value.get_mut("claims").and_then(Value::as_array_mut) {
            Some(claims) => {
                for (claim, lie) in claims.iter_mut().zip(&mut lies) {
                    sources.spoil(claim, *lie);
                }
            }
            None => {
                for sentence in value.get_mut("summary").and_then(Value::as_array_mut).into_iter().flatten() {
                    let text = sentence.get("text").and_then(Value::as_str).unwrap_or_default();
                    let text = format!("4711 in all: {text}");
                    put(sentence, "text", text);
                }
            }
        }
        Reply::json(&value)
    }
}

/// What was shown, to be wrong about.
struct Sources {
    blocks: Vec<(String, String)>,
}

impl Sources {
    fn of(prompt: &Prompt) -> Self {
        let blocks = prompt.sources().into_iter().chain(prompt.findings());
        Self { blocks: blocks.map(|block| (block.label, block.text)).collect() }
    }

    fn says(&self, text: &str) -> bool {
        self.blocks.iter().any(|(_, body)| body.contains(text))
    }

    /// `text` if it really is a lie, else one that surely is.
    fn sure(&self, text: String) -> String {
        if self.says(&text) { invented() } else { text }
    }

    fn spoil(&self, claim: &mut Value, lie: Lie) {
        let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let statement = word(claim.get("statement"));
        let of_finding = word(claim.pointer("/evidence/0/source")).starts_with('F');
        let lie = if of_finding && lie.is_in_the_quote() { Lie::UnknownLabel } else { lie };
        let quote = word(claim.pointer("/evidence/0/quote"));
        let (statement, quote, label) = match lie {
            Lie::FalseQuote => (invented(), invented(), None),
            Lie::ShiftedNumber => {
                let shifted = self.sure(shifted(&quote));
                (shifted.clone(), shifted, None)
            }
            Lie::UnknownLabel => (statement, quote, Some("S99".to_owned())),
            Lie::Url => (format!("See https://evil.example/more: {statement}"), quote, None),
            Lie::WrongSource => match self.blocks.iter().find(|(_, body)| !body.contains(&quote)) {
                Some((label, _)) => (statement, quote, Some(label.clone())),
                None => (invented(), invented(), None),
            },
            Lie::Negated => {
                let negated = self.sure(negated(&quote));
                (negated.clone(), negated, None)
            }
            Lie::Stitched => {
                let stitched = self.sure(self.stitched(&quote));
                (stitched.clone(), stitched, None)
            }
            Lie::ExtraNumber => (format!("4711 in all: {statement}"), quote, None),
        };
        put(claim, "statement", clipped(&statement));
        let Some(evidence) = claim.get_mut("evidence").and_then(Value::as_array_mut) else { return };
        for piece in evidence {
            if !of_finding {
                put(piece, "quote", quote.clone());
            }
            if let Some(label) = &label {
                put(piece, "source", label.clone());
            }
        }
    }

    /// Half of this sentence and half of one from elsewhere.
    fn stitched(&self, quote: &str) -> String {
        let words: Vec<&str> = quote.split_whitespace().collect();
        let (beginning, _) = words.split_at(words.len() / 2);
        let other = self.blocks.iter().rev().flat_map(|(_, body)| body.lines()).find(|line| {
            line.split_whitespace().count() > 4 && !line.contains(quote) && !quote.contains(line.trim())
        });
        let other: Vec<&str> =
            other.unwrap_or("and sold to Globex Holdings last year").split_whitespace().collect();
        let (_, end) = other.split_at(other.len() / 2);
        beginning.iter().chain(end.iter().take(12)).copied().collect::<Vec<_>>().join(" ")
    }
}

fn put(object: &mut Value, key: &str, text: String) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), text.into());
    }
}

fn invented() -> String {
    "The founders sold all shares to Globex Holdings in a confidential deal.".to_owned()
}

/// Every digit three higher; without digits an invented sentence.
fn shifted(quote: &str) -> String {
    let other = |c: char| match c.to_digit(10) {
        Some(digit) => char::from_digit((digit + 3) % 10, 10).unwrap_or(c),
        None => c,
    };
    let text: String = quote.chars().map(other).collect();
    if text == quote { invented() } else { text }
}

fn negated(quote: &str) -> String {
    match quote.split_once(' ') {
        Some((first, rest)) => format!("{first} not {rest}"),
        None => invented(),
    }
}

/// Statements may have 240 characters.
fn clipped(text: &str) -> String {
    text.chars().take(240).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::llm::{Api, Turn};

    fn prompt() -> Prompt {
        let user = "<source id=\"S1\" kind=\"about\">\nNorthwind Robotics was founded in 2016 in Hamburg.\nThe company has 120 employees in two offices.\n</source>\n<source id=\"S2\" kind=\"product\">\nOur robots move pallets of up to 900 kg.\nEvery robot is built in Bremen by our own team.\n</source>";
        let schema = json!({
            "type": "object", "required": ["claims", "summary"],
            "properties": {
                "summary": {"type": "array", "items": {"type": "object", "required": ["text", "claims"], "properties": {
                    "text": {"type": "string"}, "claims": {"type": "array", "items": {"type": "string"}}}}},
                "claims": {"type": "array", "items": {"type": "object",
                    "required": ["id", "topic", "statement", "kind", "evidence", "because"],
                    "properties": {
                        "id": {"type": "string"}, "topic": {"enum": ["founded", "size", "offer", "place"]},
                        "statement": {"type": "string"}, "because": {"type": ["string", "null"]},
                        "kind": {"enum": ["inference", "fact"]},
                        "evidence": {"type": "array", "items": {"type": "object", "required": ["source", "quote"],
                            "properties": {"source": {"type": "string"}, "quote": {"type": "string"}}}}
                    }}}
            }
        });
        Prompt {
            api: Api::OpenAi,
            model: "m".into(),
            system: String::new(),
            turns: vec![Turn { role: "user".into(), text: user.into() }],
            schema: Some(schema),
            max_tokens: 1000,
            stream: true,
            tokens: 0,
        }
    }

    #[test]
    fn an_honest_claim_quotes_the_source_it_names_and_the_summary_cites_it() {
        let value = honest_value(&prompt()).unwrap();
        let claims = value["claims"].as_array().unwrap();
        assert_eq!(claims.len(), 4);
        let sources = prompt().sources();
        for claim in claims {
            let (label, quote) =
                (&claim["evidence"][0]["source"], claim["evidence"][0]["quote"].as_str().unwrap());
            let source = sources.iter().find(|source| label == source.label.as_str()).unwrap();
            assert!(source.text.contains(quote), "{claim}");
            assert_eq!((&claim["statement"], &claim["kind"]), (&json!(quote), &json!("fact")));
        }
        assert_eq!(value["summary"][0]["claims"], json!(["c1"]));
    }

    #[test]
    fn every_lie_is_one() {
        for lie in &Lie::ALL {
            let lies: &'static [Lie] = std::slice::from_ref(lie);
            let Reply::Text { text, .. } = liar(lies)(&prompt()) else { panic!("a text is expected") };
            let value: Value = serde_json::from_str(&text).unwrap();
            for claim in value["claims"].as_array().unwrap() {
                let (label, quote) =
                    (&claim["evidence"][0]["source"], claim["evidence"][0]["quote"].as_str().unwrap());
                let sources = prompt().sources();
                let source = sources.iter().find(|source| label == source.label.as_str());
                let stands = source.is_some_and(|source| source.text.contains(quote));
                assert_eq!(stands, !lie.is_in_the_quote(), "{lie:?} {claim}");
                if stands {
                    let statement = claim["statement"].as_str().unwrap();
                    assert!(statement.contains("4711") || statement.contains("https://"), "{lie:?} {claim}");
                }
            }
        }
    }

    #[test]
    fn earlier_findings_are_cited_in_pairs_and_a_summary_alone_cites_them() {
        let mut asked = prompt();
        asked.turns[0].text = "<finding id=\"F1\">\nIt has 120 employees.\nbecause: A page says so to everybody.\n</finding><finding id=\"F2\">\nIt is from Hamburg.\n</finding>".into();
        let value = honest_value(&asked).unwrap();
        assert_eq!(value["claims"][0]["kind"], "inference");
        assert!(value["claims"][0]["because"].is_string());
        let labels: Vec<_> =
            value["claims"][0]["evidence"].as_array().unwrap().iter().map(|e| &e["source"]).collect();
        assert_eq!(labels, ["F1", "F2"]);
        asked.schema.as_mut().unwrap()["properties"].as_object_mut().unwrap().remove("claims");
        let value = honest_value(&asked).unwrap();
        assert_eq!(
            value["summary"],
            json!([
                {"text": "It has 120 employees.", "claims": ["F1"]}, {"text": "It is from Hamburg.", "claims": ["F2"]}
            ])
        );
    }
}
