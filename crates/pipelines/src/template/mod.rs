//! `with`: strings that are templates (minijinja) over what the run knows.
//!
//! - A string that is exactly one `{{ … }}` gives the value itself: a number stays a number, a list a list. Where nothing
//!   is there (a missing name, null), the key is left out, so that the worker's default applies.
//! - Any other string gives text. There a name that is missing, null, a list or a map is an error: half a sentence with a
//!   hole in it must not reach a worker.
//! - Tables and lists are rendered member by member; other values stay as they are.
//!
//! The language is a part of minijinja: expressions with [`FILTERS`], `{% if %}` and `{% for %}`. What could grow without
//! bound (`set`, `macro`, `*`, `include`) is refused, the steps and the size of the text are limited, nothing is escaped.

mod check;
mod engine;
mod parts;
pub mod report;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value};

pub(crate) use check::{Gives, check, gives, pattern, references};
pub use engine::FILTERS;
use parts::Part;

/// Longer templates are refused; a manifest holds arguments, not documents.
const MAX_SOURCE_BYTES: usize = 16_000;
/// Tables in lists in tables.
const MAX_DEPTH: usize = 32;

/// Why a string could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no template: correct the manifest. `offset` is a byte of the string.
    #[error("{reason}")]
    Syntax { offset: usize, reason: String },
    /// It does not fit the values it met, or met nothing where text needs something.
    #[error("`{template}`: {reason}")]
    Render { template: String, reason: String },
}

impl Error {
    /// The byte of the template, and what is wrong there.
    pub(crate) fn placed(self) -> (usize, String) {
        match self {
            Self::Syntax { offset, reason } => (offset, reason),
            Self::Render { reason, .. } => (0, reason),
        }
    }
}

static STRICT: LazyLock<Environment<'static>> =
    LazyLock::new(|| engine::environment(UndefinedBehavior::SemiStrict));
static LENIENT: LazyLock<Environment<'static>> =
    LazyLock::new(|| engine::environment(UndefinedBehavior::Chainable));

/// The arguments of a worker: `with`, rendered over `scope` (`{input, subject, state, <job>: output…}`).
///
/// # Errors
/// The first string that cannot be rendered.
pub fn render(with: &Map<String, Value>, scope: &Value) -> Result<Map<String, Value>, Error> {
    table(with, scope, 0)
}

/// One string as text; `{{ … }}` alone is text too.
///
/// # Errors
/// See [`Error`]: a name that is missing, null, a list or a map has no place in a text.
pub fn render_str(source: &str, scope: &Value) -> Result<String, Error> {
    let parts = parts::split(source)?;
    if parts.iter().all(|part| matches!(part, Part::Text(_))) {
        return Ok(source.to_owned());
    }
    engine::text(&STRICT, source, scope)
}

fn table(with: &Map<String, Value>, scope: &Value, depth: usize) -> Result<Map<String, Value>, Error> {
    let mut rendered = Map::new();
    for (key, value) in with {
        if let Some(value) = any(value, scope, depth)? {
            rendered.insert(key.clone(), value);
        }
    }
    Ok(rendered)
}

/// None where a string gives null: its key, or its place in a list, is left out.
fn any(value: &Value, scope: &Value, depth: usize) -> Result<Option<Value>, Error> {
    if depth > MAX_DEPTH {
        let reason = "tables and lists are nested too deeply".to_owned();
        return Err(Error::Syntax { offset: 0, reason });
    }
    Ok(Some(match value {
        Value::String(source) => return string(source, scope),
        Value::Array(items) => {
            let items = items.iter().map(|item| any(item, scope, depth + 1));
            Value::Array(items.filter_map(Result::transpose).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => Value::Object(table(members, scope, depth + 1)?),
        other => other.clone(),
    }))
}

fn string(source: &str, scope: &Value) -> Result<Option<Value>, Error> {
    let parts = parts::split(source)?;
    let [Part::Expression(expression)] = parts.as_slice() else {
        return render_str(source, scope).map(|text| Some(Value::String(text)));
    };
    // A plain path is looked up as it is: exact numbers, the order of members, no conversion of what lies around.
    let value = match parts::path(expression.text) {
        Some(path) => path.iter().try_fold(scope, |at, name| at.get(name)).cloned().unwrap_or(Value::Null),
        None => engine::value(&LENIENT, expression.text, source, scope)?,
    };
    Ok(if value.is_null() { None } else { Some(value) })
}

/// Only the parts of the scope that the template names are converted.
fn context(names: impl IntoIterator<Item = String>, scope: &Value) -> minijinja::Value {
    let named = names.into_iter().filter_map(|name| {
        let value = scope.get(&name)?;
        Some((name, minijinja::Value::from(Serde(value))))
    });
    minijinja::Value::from(named.collect::<BTreeMap<_, _>>())
}

#[cfg(test)]
mod tests;
