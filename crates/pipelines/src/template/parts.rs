//! A template cut into text, expressions and statements, far enough to say what is used in it and where.

use super::{Error, MAX_SOURCE_BYTES};

/// Words and signs of one tag: parser and compiler recurse over them.
const MAX_TOKENS: usize = 100;
/// Statements of a manifest's template, and of a report's those that stand in each other: recursed over too.
pub(super) const MAX_STATEMENTS: usize = 30;

/// Statements that a manifest may use: none of them keeps anything, so none can grow.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    /// The inside of `{{ … }}`.
    Expression(Code<'a>),
    /// The inside of `{% … %}`.
    Statement(Code<'a>),
    Comment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code<'a> {
    pub(super) text: &'a str,
    /// Where it stands in the template, in bytes.
    pub(super) offset: usize,
}

impl<'a> Code<'a> {
    /// The word that a statement begins with.
    pub(super) fn word(self) -> &'a str {
        self.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default()
    }
}

/// What a token of an expression is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Literal,
    Sign(char),
}

/// The parts of a manifest's template, in order.
///
/// # Errors
/// What [`cut`] refuses; a template that is too long; a statement or an operator that manifests may not use.
pub(super) fn split(source: &str) -> Result<Vec<Part<'_>>, Error> {
    if source.len() > MAX_SOURCE_BYTES {
        return Err(syntax(0, "the template is longer than 16,000 bytes"));
    }
    let parts = cut(source)?;
    let mut statements = 0;
    for part in &parts {
        let (Part::Expression(code) | Part::Statement(code)) = part else { continue };
        if matches!(part, Part::Statement(_)) {
            let word = code.word();
            if !STATEMENTS.contains(&word) {
                let reason = format!("`{{% {word} %}}` is not available here: only if and for are");
                return Err(syntax(code.offset, reason));
            }
            statements += 1;
            if statements > MAX_STATEMENTS {
                return Err(syntax(code.offset, "the template has more than 30 statements"));
            }
        }
        if let Some((_, at)) = tokens(code.text).into_iter().find(|(token, _)| *token == Token::Sign('*')) {
            return Err(syntax(code.offset + at, "`*` is not available here"));
        }
    }
    Ok(parts)
}

/// The parts of any template, cut where minijinja cuts it.
///
/// # Errors
/// An open `{{`, `{%`, `{#`, string or `{% raw %}`; more words and signs in one tag than parser and compiler may recurse
/// over.
pub(super) fn cut(source: &str) -> Result<Vec<Part<'_>>, Error> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let opens = |at: &usize| rest.get(at + 1..).is_some_and(|rest| rest.starts_with(['{', '%', '#']));
        let Some(open) = rest.match_indices('{').map(|(at, _)| at).find(opens) else {
            parts.push(Part::Text(rest));
            break;
        };
        if let Some(text) = rest.get(..open).filter(|text| !text.is_empty()) {
            parts.push(Part::Text(text));
        }
        let (part, length) = tag(rest.get(open..).unwrap_or_default(), at + open)?;
        parts.push(part);
        at += open + length;
        if matches!(part, Part::Statement(code) if code.text == "raw") {
            // What stands in it is text, whatever it looks like.
            let inside = source.get(at..).unwrap_or_default();
            let end = end_of_raw(inside).ok_or_else(|| syntax(at, "`{% raw %}` without `{% endraw %}`"))?;
            parts.push(Part::Text(inside.get(..end).unwrap_or_default()));
            at += end;
        }
    }
    Ok(parts)
}

/// One `{{ … }}`, `{% … %}` or `{# … #}` at the start of `rest`, with its length.
fn tag(rest: &str, offset: usize) -> Result<(Part<'_>, usize), Error> {
    let inside = rest.get(2..).unwrap_or_default();
    if rest.starts_with("{#") {
        let end = inside.find("#}").ok_or_else(|| syntax(offset, "`{#` without `#}`"))?;
        return Ok((Part::Comment, end + 4));
    }
    let close = if rest.starts_with("{{") { "}}" } else { "%}" };
    let end = closing(inside, close).ok_or_else(|| {
        let open = rest.get(..2).unwrap_or_default();
        syntax(offset, format!("`{open}` without `{close}`"))
    })?;
    let raw = inside.get(..end).unwrap_or_default();
    // `{{- … -}}` eats the white space around, `{{+ … +}}` keeps it.
    let text = raw.strip_prefix(['-', '+']).unwrap_or(raw);
    let text = text.strip_suffix(['-', '+']).unwrap_or(text).trim();
    let code = Code { text, offset: offset + 2 + raw.find(text).unwrap_or(0) };
    if tokens(text).len() > MAX_TOKENS {
        return Err(syntax(code.offset, "the expression has more than 100 words and signs"));
    }
    Ok(if close == "%}" { (Part::Statement(code), end + 4) } else { (Part::Expression(code), end + 4) })
}

/// Where the `{% endraw %}` of a `{% raw %}` begins.
fn end_of_raw(inside: &str) -> Option<usize> {
    inside.match_indices("{%").map(|(at, _)| at).find(|at| {
        let rest = inside.get(at + 2..).unwrap_or_default();
        let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest).trim_ascii_start();
        let rest = rest.strip_prefix("endraw").map(str::trim_ascii_start);
        rest.is_some_and(|rest| rest.strip_prefix(['-', '+']).unwrap_or(rest).starts_with("%}"))
    })
}

/// Where `close` stands outside of strings and of brackets that were opened inside.
fn closing(inside: &str, close: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        if let Some(open) = quote {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if c == open => quote = None,
                _ => {}
            }
            continue;
        }
        if depth <= 0 && inside.get(at..).is_some_and(|rest| rest.starts_with(close)) {
            return Some(at);
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The tokens of an expression, each with its byte; white space is left out.
pub(super) fn tokens(code: &str) -> Vec<(Token<'_>, usize)> {
    let mut tokens = Vec::new();
    let mut chars = code.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c == '"' || c == '\'' {
            let mut escaped = false;
            for (_, inner) in chars.by_ref() {
                if !escaped && inner == c {
                    break;
                }
                escaped = !escaped && inner == '\\';
            }
            tokens.push((Token::Literal, start));
        } else if c.is_alphanumeric() || c == '_' {
            let mut end = start + c.len_utf8();
            while let Some((at, next)) = chars.next_if(|(_, next)| next.is_alphanumeric() || *next == '_') {
                end = at + next.len_utf8();
            }
            let word = code.get(start..end).unwrap_or_default();
            let number = c.is_numeric();
            tokens.push((if number { Token::Literal } else { Token::Name(word) }, start));
        } else if !c.is_whitespace() {
            tokens.push((Token::Sign(c), start));
        }
    }
    tokens
}

/// `input.a.b` as its names; none if the expression is anything more.
pub(super) fn path(expression: &str) -> Option<Vec<&str>> {
    let names: Vec<&str> = expression.split('.').collect();
    let plain = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let constant = ["true", "false", "none", "null", "True", "False", "None", "not"];
    let first_is_name = names.first().is_some_and(|first| !constant.contains(first));
    (first_is_name && names.iter().all(plain)).then_some(names)
}

pub(super) fn syntax(offset: usize, reason: impl Into<String>) -> Error {
    Error::Syntax { offset, reason: reason.into() }
}
