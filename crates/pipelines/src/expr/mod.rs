//! `when`: conditions in CEL, in the reading that a manifest wants.
//!
//! The syntax and the functions are those of the Common Expression Language. Four rules are ours, because a condition is
//! asked about things that may not be there (an optional field, the output of a job that was skipped):
//!
//! 1. A missing name is null, at any depth: `input.a.b.c` is null whether `c`, `b` or `a` is missing, and so is an index
//!    out of range. `has(x.y)` says whether `x.y` is there and not null.
//! 2. `!`, `&&`, `||`, `?:` and the whole expression take any value: null, false, 0, `""`, `[]` and `{}` do not hold,
//!    everything else does.
//! 3. Null in, null out: arithmetic, comparison by order and functions of null give null, which does not hold. So both
//!    `input.n > 3` and `input.n <= 3` do not hold when `n` is missing. `null == null` holds, `null == 3` does not,
//!    `size(null)` is 0, nothing is `in` null, and a macro (`exists`, `all`, `map`, `filter`) sees an empty list.
//! 4. A whole number of the scope is an `int`, whatever its sign.
//!
//! Two values that are there and do not fit (`"a" < 3`) are an [`Error::Evaluate`].

mod eval;
mod names;

use cel::parser::{Expression, PrattParser};
use serde_json::Value;

pub(crate) use names::{FUNCTIONS, Reference, references};

/// Longer conditions are refused: nobody can read them, and a parser should not have to.
const MAX_SOURCE_BYTES: usize = 2_000;
const MAX_WORDS: usize = 100;
const MAX_SIGNS: usize = 50;
/// Brackets in brackets.
const MAX_DEPTH: usize = 16;

/// Why a condition has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no CEL expression: correct the manifest. Line and column count from 1, in the expression.
    #[error("{reason}")]
    Syntax { line: usize, column: usize, reason: String },
    /// It does not fit the values it met.
    #[error("{0}")]
    Evaluate(String),
    /// It would take too long: correct the manifest.
    #[error("the condition takes more than {} steps", eval::MAX_STEPS)]
    TooLong,
}

/// Whether `expr` holds for `scope` (`{input, subject, state, <job>: output…}`).
///
/// # Errors
/// See [`Error`]. A missing name is no error.
pub fn holds(expr: &str, scope: &Value) -> Result<bool, Error> {
    let parsed = parse(expr)?;
    Ok(eval::is_true(&eval::Evaluator::new(scope).value(&parsed)?))
}

fn parse(source: &str) -> Result<Expression, Error> {
    let refuse = |reason: &str| Error::Syntax { line: 1, column: 1, reason: reason.to_owned() };
    if source.trim().is_empty() {
        return Err(refuse("the condition is empty"));
    }
    if source.len() > MAX_SOURCE_BYTES {
        return Err(refuse("the condition is longer than 2,000 bytes"));
    }
    if is_too_long(source) {
        return Err(refuse(
            "the condition is too long: more than 100 words, 50 signs or 16 brackets in brackets",
        ));
    }
    PrattParser::new().max_recursion_depth(64).parse(source).map_err(|errors| {
        let Some(first) = errors.errors.first() else { return refuse("the condition cannot be parsed") };
        let at = |n: isize| usize::try_from(n).unwrap_or(0).max(1);
        let reason = first.msg.trim();
        let reason = reason.strip_prefix("Syntax error: ").unwrap_or(reason);
        Error::Syntax { line: at(first.pos.0), column: at(first.pos.1), reason: reason.to_owned() }
    })
}

/// Parser and evaluator recurse, by brackets and `? :` and by one operator (a sign, or the word `in`) at a time; so
/// everything that can nest is counted before they start.
fn is_too_long(source: &str) -> bool {
    let (mut depth, mut signs, mut words) = (0_usize, 0_usize, 0_usize);
    let mut in_word = false;
    source.chars().any(|c| {
        match c {
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let letter = c.is_alphanumeric() || c == '_';
        words += usize::from(letter && !in_word);
        in_word = letter;
        signs += usize::from("([{?.!-+*/%<>=&|,".contains(c));
        depth > MAX_DEPTH || signs > MAX_SIGNS || words > MAX_WORDS
    })
}

#[cfg(test)]
mod tests;
