//! minijinja, set up for manifests: the filters we document, no functions, limits.

use std::io;

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, escape_formatter};
use serde_json::Value;

use super::{Error, context};
use crate::site::site_key;

/// Instructions of one rendering; a path takes about three.
const FUEL: u64 = 20_000;
/// Text that one template may produce.
const MAX_TEXT_BYTES: usize = 256 * 1024;

/// The filters that a template may use.
pub const FILTERS: [&str; 33] = [
    "abs",
    "bool",
    "capitalize",
    "default",
    "first",
    "float",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "site_key",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
];

/// The tests that a template may use after `is`.
pub(super) const TESTS: [&str; 20] = [
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "false",
    "float",
    "in",
    "integer",
    "iterable",
    "mapping",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
];

pub(super) fn environment(undefined: UndefinedBehavior) -> Environment<'static> {
    let standard = Environment::new();
    let mut environment = Environment::new();
    for name in NOT_OFFERED {
        environment.remove_filter(name);
    }
    let functions: Vec<String> = standard.globals().map(|(name, _)| name.to_owned()).collect();
    for name in functions {
        environment.remove_global(&name);
    }
    environment.add_filter("site_key", site_key_filter);
    environment.add_filter("replace", replace);
    environment.set_undefined_behavior(undefined);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    environment.set_debug(true);
    environment.set_formatter(|out, state, value| match value.kind() {
        ValueKind::None => Err(unprintable("nothing is there (null)")),
        ValueKind::Seq | ValueKind::Iterable => {
            Err(unprintable("a list has no place in a text; try `| join(\", \")`"))
        }
        ValueKind::Map => Err(unprintable("a map has no place in a text")),
        _ => escape_formatter(out, state, value),
    });
    environment
}

/// What minijinja brings besides: made for pages, or able to make much out of little.
pub(super) const NOT_OFFERED: [&str; 16] = [
    "attr", "batch", "chain", "count", "d", "dictsort", "e", "escape", "format", "groupby", "indent",
    "pprint", "safe", "slice", "tojson", "zip",
];

fn unprintable(reason: &'static str) -> minijinja::Error {
    minijinja::Error::new(ErrorKind::InvalidOperation, reason)
}

fn site_key_filter(url: &str) -> Result<String, minijinja::Error> {
    site_key(url).ok_or_else(|| unprintable("`site_key` needs the address of a web site"))
}

/// The standard filter with a limit: a chain of it would multiply.
fn replace(text: &str, from: &str, to: &str) -> Result<String, minijinja::Error> {
    let grown = text.matches(from).count().saturating_mul(to.len());
    if grown > MAX_TEXT_BYTES {
        return Err(unprintable("the text grows too long"));
    }
    Ok(text.replace(from, to))
}

/// The value of an expression; undefined is null.
pub(super) fn value(
    environment: &Environment<'static>,
    expression: &str,
    template: &str,
    scope: &Value,
) -> Result<Value, Error> {
    let failed = |error: &minijinja::Error| failure(error, template);
    let compiled = environment.compile_expression_owned(expression.to_owned()).map_err(|e| failed(&e))?;
    let value =
        compiled.eval(context(compiled.undeclared_variables(false), scope)).map_err(|e| failed(&e))?;
    if value.is_undefined() {
        return Ok(Value::Null);
    }
    serde_json::to_value(&value)
        .map_err(|error| Error::Render { template: template.to_owned(), reason: error.to_string() })
}

/// The text of a template.
pub(super) fn text(environment: &Environment<'static>, source: &str, scope: &Value) -> Result<String, Error> {
    let failed = |error: &minijinja::Error| failure(error, source);
    let template = environment.template_from_str(source).map_err(|e| failed(&e))?;
    let context = context(template.undeclared_variables(false), scope);
    let mut text = Limited(Vec::new());
    template.render_captured_to(context, &mut text).map_err(|e| failed(&e))?;
    String::from_utf8(text.0)
        .map_err(|error| Error::Render { template: source.to_owned(), reason: error.to_string() })
}

/// What went wrong in our words: where it stands for syntax, why for the rest.
pub(super) fn failure(error: &minijinja::Error, template: &str) -> Error {
    let kind = error.kind();
    let reason = match kind {
        ErrorKind::OutOfFuel => "it takes too many steps".to_owned(),
        ErrorKind::WriteFailure => "the text grows too long".to_owned(),
        ErrorKind::UndefinedError => match named(error) {
            Some(name) => format!("there is no `{name}`"),
            None => "a name in it is missing".to_owned(),
        },
        _ => error.detail().map_or_else(|| kind.to_string(), str::to_owned),
    };
    match kind {
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            Error::Syntax { offset: error.range().map_or(0, |range| range.start), reason }
        }
        _ => Error::Render { template: template.to_owned(), reason },
    }
}

/// The expression that met nothing.
fn named(error: &minijinja::Error) -> Option<&str> {
    error.template_source()?.get(error.range()?).map(str::trim).filter(|name| !name.is_empty())
}

/// Refuses to grow beyond the limit.
struct Limited(Vec<u8>);

impl io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_TEXT_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the text grows too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
