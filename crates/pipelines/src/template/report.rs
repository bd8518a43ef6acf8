//! The template of a report: all of minijinja that stands in one file, over what a report holds, within bounds.
//!
//! The crate `report` renders it. What it may use is told here, because a pipeline is checked long before there is a
//! report: a test there holds these tables to what it really offers.

use std::collections::BTreeSet;

use minijinja::Environment;

use super::parts::{self, Code, MAX_STATEMENTS, Part, Token};
use super::{Error, check, engine};
use crate::nearest::nearest;

/// What a report holds, by name.
pub const NAMES: [&str; 16] = [
    "citations",
    "cost",
    "entities",
    "facts",
    "not_seen",
    "notes",
    "pages",
    "pipeline",
    "quotes_by_section",
    "run",
    "schema",
    "scores",
    "sections",
    "sources",
    "subject",
    "title",
];

/// Functions that a report's template may call.
pub const FUNCTIONS: [&str; 6] = ["chart", "debug", "dict", "footnotes", "namespace", "range"];

/// Filters of a report's template: the standard ones and eight of ours (`cite`, `day`, `details`, `host`, `link`, `marks`,
/// `origin`, `usd`).
#[rustfmt::skip]
pub const FILTERS: [&str; 56] = [
    "abs", "attr", "batch", "bool", "capitalize", "chain", "cite", "count", "d", "day", "default", "details",
    "dictsort", "e", "escape", "first", "float", "format", "groupby", "host", "indent", "int", "items", "join",
    "last", "length", "lines", "link", "list", "lower", "map", "marks", "max", "min", "origin", "pprint", "reject",
    "rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "split", "string",
    "sum", "title", "tojson", "trim", "unique", "upper", "usd", "zip",
];

/// Tests of a report's template, after `is`.
#[rustfmt::skip]
pub const TESTS: [&str; 36] = [
    "boolean", "defined", "divisibleby", "endingwith", "eq", "equalto", "escaped", "even", "false", "filter", "float",
    "ge", "greaterthan", "gt", "in", "int", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne",
    "none", "number", "odd", "safe", "sameas", "sequence", "startingwith", "string", "test", "true", "undefined",
    "upper",
];

/// Statements that lead to other templates, and there are none.
const OTHERS: [&str; 4] = ["extends", "from", "import", "include"];
/// Statements that others stand in, up to their `end…`.
const BLOCKS: [&str; 8] = ["autoescape", "block", "call", "filter", "for", "if", "macro", "with"];
/// What minijinja names by itself, where it does.
const GIVEN: [&str; 4] = ["caller", "loop", "self", "super"];

/// Whether a template can be given to the parser: parser and compiler recurse over the words of a tag and over what
/// stands in each other, and a stack that overflows ends the process.
///
/// # Errors
/// [`Error::Syntax`] with the byte at which there is too much of it, or something is left open.
pub fn bounded(source: &str) -> Result<(), Error> {
    nested(&parts::cut(source)?)
}

fn nested(parts: &[Part<'_>]) -> Result<(), Error> {
    // How deep each open statement reaches: an `elif` stands inside the `if` before it.
    let mut open: Vec<usize> = Vec::new();
    for code in statements(parts) {
        match code.word() {
            "elif" => open.last_mut().into_iter().for_each(|depth| *depth += 1),
            word if word.starts_with("end") => drop(open.pop()),
            _ if opens(code) => open.push(1),
            _ => {}
        }
        if open.iter().sum::<usize>() > MAX_STATEMENTS {
            return Err(parts::syntax(code.offset, "more than 30 statements stand in each other"));
        }
    }
    Ok(())
}

fn statements<'a>(parts: &[Part<'a>]) -> impl Iterator<Item = Code<'a>> {
    parts.iter().filter_map(|part| if let Part::Statement(code) = part { Some(*code) } else { None })
}

/// Whether a statement goes on to its `end…`: of two sorts of `set`, the one without a value.
fn opens(code: Code<'_>) -> bool {
    let tokens = || parts::tokens(code.text).into_iter().map(|(token, _)| token);
    let first = || tokens().find(|token| matches!(token, Token::Sign('=' | '|')));
    BLOCKS.contains(&code.word()) || (code.word() == "set" && first() != Some(Token::Sign('=')))
}

/// Everything that is wrong with a report's template and can be seen before there is a report, each with its byte.
pub(crate) fn mistakes(source: &str) -> Vec<(usize, String)> {
    let no_template = |error: Error| {
        let (at, reason) = error.placed();
        (at, format!("this is no template: {reason}"))
    };
    let parts = match parts::cut(source).and_then(|parts| nested(&parts).map(|()| parts)) {
        Ok(parts) => parts,
        Err(error) => return vec![no_template(error)],
    };
    let mut found: Vec<(usize, String)> = Vec::new();
    for part in &parts {
        if let Part::Expression(code) | Part::Statement(code) = part {
            found.extend(check::words(*code, &FILTERS, &TESTS).into_iter().map(no_template));
        }
    }
    for code in statements(&parts).filter(|code| OTHERS.contains(&code.word())) {
        let reason = format!("`{{% {} %}}` leads to another template, and a report has one", code.word());
        found.push((code.offset, reason));
    }
    match Environment::new().template_from_str(source) {
        Ok(template) => found.extend(unknown(&template.undeclared_variables(false), &parts)),
        Err(error) => found.push(no_template(engine::failure(&error, source))),
    }
    found
}

/// Names that neither a report nor the template itself has.
fn unknown<'a>(used: impl IntoIterator<Item = &'a String>, parts: &[Part<'_>]) -> Vec<(usize, String)> {
    let named: BTreeSet<&str> = statements(parts).flat_map(gives).collect();
    let known = || NAMES.into_iter().chain(FUNCTIONS);
    let unknown = used.into_iter().map(String::as_str).filter(|name| {
        !named.contains(name) && !GIVEN.contains(name) && !known().any(|known| known == *name)
    });
    let place = |name: &str| {
        let codes = parts.iter().filter_map(|part| match part {
            Part::Expression(code) | Part::Statement(code) => Some(*code),
            _ => None,
        });
        codes.flat_map(names).find(|(used, _)| *used == name).map_or(0, |(_, at)| at)
    };
    unknown
        .map(|name| {
            let hint = nearest(name, known());
            (place(name), format!("`{name}` refers to nothing in a report{hint}"))
        })
        .collect()
}

/// The names that a statement gives to something, and sometimes more than these.
fn gives(code: Code<'_>) -> Vec<&str> {
    let up_to = match code.word() {
        "for" => Some(Token::Name("in")),
        "set" => Some(Token::Sign('=')),
        "call" | "macro" | "with" => None,
        _ => return Vec::new(),
    };
    let tokens = parts::tokens(code.text);
    let end = tokens.iter().find(|(token, _)| Some(*token) == up_to).map_or(usize::MAX, |(_, at)| *at);
    names(code).into_iter().filter(|(_, at)| at - code.offset < end).map(|(name, _)| name).collect()
}

/// The names in a tag that are no attributes, filters or tests, each with its byte.
fn names<'a>(code: Code<'a>) -> Vec<(&'a str, usize)> {
    let mut before = Token::Literal;
    let mut found = Vec::new();
    for (token, at) in parts::tokens(code.text) {
        let part_of = [Token::Sign('.'), Token::Sign('|'), Token::Name("is")].contains(&before);
        if let Token::Name(name) = token
            && !part_of
        {
            found.push((name, code.offset + at));
        }
        before = token;
    }
    found
}

#[cfg(test)]
mod tests;
