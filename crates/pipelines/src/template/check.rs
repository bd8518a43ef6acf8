//! What can be said of a template before there is anything to render.

use std::collections::BTreeSet;

use super::engine::{self, FILTERS, TESTS};
use super::parts::{self, Code, Part, Token};
use super::{Error, STRICT};
use crate::nearest::nearest;

/// Whether a string is a template that can be rendered: its syntax, its filters and tests.
///
/// # Errors
/// [`Error::Syntax`] with the byte where it goes wrong.
pub(crate) fn check(source: &str) -> Result<(), Error> {
    let parts = parts::split(source)?;
    for part in &parts {
        if let Part::Expression(code) | Part::Statement(code) = part
            && let Some(error) = words(*code, &FILTERS, &TESTS).into_iter().next()
        {
            return Err(error);
        }
    }
    STRICT.template_from_str(source).map_err(|error| engine::failure(&error, source))?;
    Ok(())
}

/// Filters and tests are only looked up when they are used; a pipeline should not wait for that.
pub(super) fn words(code: Code<'_>, filters: &[&str], tests: &[&str]) -> Vec<Error> {
    let mut found = Vec::new();
    let mut before = Token::Literal;
    let mut second = Token::Literal;
    for (number, (token, at)) in parts::tokens(code.text).into_iter().enumerate() {
        if let Token::Name(name) = token {
            // `{% filter upper %}`
            let piped = before == Token::Sign('|') || (number == 1 && before == Token::Name("filter"));
            let tested = name != "not"
                && (before == Token::Name("is")
                    || (second, before) == (Token::Name("is"), Token::Name("not")));
            for (asked, what, known) in [(piped, "filter", filters), (tested, "test", tests)] {
                if asked && !known.contains(&name) {
                    let hint = nearest(name, known.iter().copied());
                    found.push(parts::syntax(code.offset + at, format!("there is no {what} `{name}`{hint}")));
                }
            }
        }
        (second, before) = (before, token);
    }
    found
}

/// The names that a template uses, as far as they are spelt out: `input.url` as `["input", "url"]`.
pub(crate) fn references(source: &str) -> Vec<Vec<String>> {
    if parts::split(source).is_err() {
        return Vec::new();
    }
    let Ok(template) = STRICT.template_from_str(source) else { return Vec::new() };
    let names: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
    names.into_iter().map(|name| name.split('.').map(str::to_owned).collect()).collect()
}

/// The names that a template can turn into, as a glob; none if it is plain text.
pub(crate) fn pattern(source: &str) -> Option<String> {
    let parts = parts::split(source).ok()?;
    let templated = parts.iter().any(|part| !matches!(part, Part::Text(_)));
    templated.then(|| {
        let parts = parts.into_iter().map(|part| match part {
            Part::Text(text) => globset::escape(text),
            Part::Expression(_) | Part::Statement(_) => "*".to_owned(),
            Part::Comment => String::new(),
        });
        parts.collect()
    })
}

/// What a string with templates gives when it is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gives {
    /// It has no template.
    Itself,
    /// Text with something in it.
    Text,
    /// The value of an expression; with its names, if it is a plain path.
    Value(Option<Vec<String>>),
}

pub(crate) fn gives(source: &str) -> Gives {
    match parts::split(source).as_deref() {
        Ok([Part::Expression(code)]) => {
            Gives::Value(parts::path(code.text).map(|path| path.into_iter().map(str::to_owned).collect()))
        }
        Ok(parts) if parts.iter().all(|part| matches!(part, Part::Text(_))) => Gives::Itself,
        _ => Gives::Text,
    }
}
