//! How many tokens a text is, before anybody counted them.

use domain::Tokens;

use crate::Kind;
use crate::provider::Turn;

/// Encoding is quadratic in the longest run without a break; a page can hold a megabyte of base64.
const PIECE_CHARS: usize = 4_000;
/// What chat formats put around a turn.
const PER_TURN: u64 = 8;

/// The tokens of `text` in the o200k encoding: exact for newer OpenAI models, an estimate for everything else.
///
/// The first call in a process loads the vocabulary (0.7 s in a debug build); 10,000 tokens then take some
/// milliseconds, so callers on an async thread use `spawn_blocking`.
#[must_use]
pub fn tokens(text: &str) -> u64 {
    let encoding = tiktoken_rs::o200k_base_singleton();
    pieces(text).map(|piece| encoding.encode_ordinary(piece).len() as u64).sum()
}

/// `text` in runs of at most [`PIECE_CHARS`] characters.
fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let end = text.char_indices().nth(PIECE_CHARS).map_or(text.len(), |(at, _)| at);
        let (piece, rest) = text.split_at_checked(end)?;
        text = rest;
        Some(piece)
    })
}

/// What a prompt is expected to be, and what it is surely not more than.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Estimate {
    /// The texts alone in o200k tokens.
    pub(crate) likely: u64,
    /// For reservations: other tokenizers, the chat format and the schema included.
    pub(crate) bound: u64,
}

impl Estimate {
    pub(crate) fn of(kind: Kind, system: &str, turns: &[Turn], schema: Option<&str>) -> Self {
        let texts = || std::iter::once(system).chain(turns.iter().map(|turn| turn.text.as_str()));
        let likely: u64 = texts().map(tokens).sum();
        let foreign: u64 = texts().map(|text| text.chars().filter(|c| !c.is_ascii()).count() as u64).sum();
        let schema = schema.map_or(0, tokens);
        let format = PER_TURN * (turns.len() as u64 + 1);
        let bound = match kind {
            Kind::OpenAi => (likely + schema) * 11 / 10 + format + 64,
            // Anthropic documents no tokenizer. Its newer one makes up to 1.4 times as many tokens of English text;
            // outside ASCII one more per character covers every script. A schema becomes part of the system text.
            Kind::Anthropic => (likely + schema) * 16 / 10 + foreign + format + 512,
            // 32k vocabularies make up to 1.4 times as many. A schema becomes a grammar, not text.
            Kind::Ollama => likely * 15 / 10 + foreign + format + 256,
        };
        Self { likely, bound }
    }

    /// What was surely used when a provider did not say: the prompt, and the answer so far.
    pub(crate) fn spent(self, answer: &str) -> Tokens {
        Tokens { input: self.likely, output: tokens(answer), ..Tokens::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Role;

    #[test]
    fn a_sentence_has_about_a_token_per_word() {
        assert_eq!(tokens("Northwind Robotics builds warehouse robots in Hamburg."), 9);
        assert_eq!(tokens(""), 0);
    }

    #[test]
    fn a_run_without_a_break_is_counted_in_linear_time() {
        let started = std::time::Instant::now();
        assert!(tokens(&"ab".repeat(200_000)) > 10_000);
        assert!(started.elapsed().as_secs() < 20);
    }

    #[test]
    fn the_bound_is_above_what_is_likely_for_every_provider_and_script() {
        for text in ["Plain English words about robots.", "倉庫用ロボットを作る会社", "شركة تصنع الروبوتات"]
        {
            let turns = [Turn { role: Role::User, text: text.repeat(50) }];
            for kind in Kind::ALL {
                let estimate = Estimate::of(kind, "Be brief.", &turns, Some("{\"type\":\"object\"}"));
                assert!(estimate.bound > estimate.likely, "{kind} {text}");
            }
            let claude = Estimate::of(Kind::Anthropic, "", &turns, None);
            assert!(claude.bound >= text.repeat(50).chars().filter(|c| !c.is_ascii()).count() as u64);
        }
    }
}
