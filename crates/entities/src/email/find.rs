//! Addresses in text: with the sign, and spelled out (`info [at] acme (dot) com`).

use std::ops::Range;

use crate::page::range;
use crate::reading::Reading;

/// Places and printed forms, the sign put back.
pub(super) fn all(r: &Reading<'_, '_>) -> Vec<(Range<usize>, String)> {
    let mut out = Vec::new();
    for (_, block) in r.page.blocks() {
        let at = range(block);
        signed(r, &at, &mut out);
        spelled(r, &at, &mut out);
    }
    out
}

/// What stands before the sign of an address has at most 64 characters; one more shows that it is none.
const MOST_LOCAL_CHARS: usize = 65;
/// A name of a host has at most so many bytes.
const MOST_DOMAIN_BYTES: usize = 253;

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c)
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-')
}

fn signed(r: &Reading<'_, '_>, within: &Range<usize>, out: &mut Vec<(Range<usize>, String)>) {
    let text = r.page.scan.get(within.clone());
    for (at, _) in text.match_indices('@') {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        let back: usize = before.chars().rev().take_while(|c| is_local(*c)).map(char::len_utf8).sum();
        let ahead: usize = after.chars().take_while(|c| is_domain(*c)).map(char::len_utf8).sum();
        let domain = after.get(..ahead).unwrap_or_default().trim_end_matches(['.', '-']);
        let local = before.get(before.len() - back..).unwrap_or_default();
        let local = local.trim_start_matches(['.', '/', '\'', '{', '|', '=', '*']);
        if local.is_empty() || !domain.contains('.') || after.get(ahead..).is_some_and(|t| t.starts_with('@'))
        {
            continue;
        }
        let start = within.start + at - local.len();
        let end = within.start + at + 1 + domain.len();
        out.push((start..end, format!("{local}@{domain}")));
    }
}

/// `info [at] acme.com`, `info(at)acme(dot)com`, `info at acme dot com`. Bare words count only when both are spelled:
/// "look at google.com" is a sentence.
fn spelled(r: &Reading<'_, '_>, within: &Range<usize>, out: &mut Vec<(Range<usize>, String)>) {
    let low = r.page.scan.get_low(within.clone());
    for word in &r.know.rules.email.at_words {
        for (at, found) in low.match_indices(word.as_str()) {
            let Some((open, close)) = around(low, at, at + found.len()) else { continue };
            let bracketed = open.1;
            if !bracketed && !(spaced(low, at, at + found.len())) {
                continue;
            }
            let Some(local_start) = local_before(low, open.0) else { continue };
            let Some((domain, end, dotted)) = domain_after(r, low, close) else { continue };
            if !bracketed && !dotted {
                continue;
            }
            let local = low.get(local_start..open.0).unwrap_or_default().trim_end();
            out.push((within.start + local_start..within.start + end, format!("{local}@{domain}")));
        }
    }
}

/// Where the spelled sign starts (and whether it is bracketed) and ends, brackets and spaces included.
fn around(low: &str, start: usize, end: usize) -> Option<((usize, bool), usize)> {
    let before = low.get(..start)?.trim_end();
    let after = low.get(end..)?;
    let trimmed = after.trim_start();
    for (open, close) in [('[', ']'), ('(', ')'), ('{', '}'), ('<', '>')] {
        if before.ends_with(open) && trimmed.starts_with(close) {
            let begin = before.len() - 1;
            let gap = after.len() - trimmed.len();
            return Some(((begin, true), end + gap + 1));
        }
    }
    Some(((start, false), end))
}

fn spaced(low: &str, start: usize, end: usize) -> bool {
    low.get(..start).is_some_and(|t| t.ends_with(' ')) && low.get(end..).is_some_and(|t| t.starts_with(' '))
}

fn local_before(low: &str, end: usize) -> Option<usize> {
    let before = low.get(..end)?.trim_end();
    let back: usize =
        before.chars().rev().take(MOST_LOCAL_CHARS).take_while(|c| is_local(*c)).map(char::len_utf8).sum();
    (back > 0 && end - before.len() <= 2).then(|| before.len() - back)
}

/// The domain behind the sign: labels parted by dots or spelled dots.
fn domain_after(r: &Reading<'_, '_>, low: &str, from: usize) -> Option<(String, usize, bool)> {
    let mut at = from + low.get(from..)?.len() - low.get(from..)?.trim_start().len();
    if at - from > 2 {
        return None;
    }
    let mut domain = String::new();
    let mut dotted = false;
    loop {
        let rest = low.get(at..)?;
        let len: usize = rest.chars().take_while(|c| is_domain(*c)).map(char::len_utf8).sum();
        let label = rest.get(..len)?.trim_end_matches(['.', '-']);
        if label.is_empty() || domain.len() + label.len() > MOST_DOMAIN_BYTES {
            return None;
        }
        domain.push_str(label);
        at += label.len();
        let Some(next) = spelled_dot(r, low, at) else { break };
        domain.push('.');
        dotted = true;
        at = next;
    }
    domain.contains('.').then_some((domain, at, dotted))
}

fn spelled_dot(r: &Reading<'_, '_>, low: &str, at: usize) -> Option<usize> {
    let rest = low.get(at..)?;
    let trimmed = rest.trim_start();
    let start = at + rest.len() - trimmed.len();
    for word in r.know.rules.email.dot_words.iter().map(String::as_str).chain(["."]) {
        for (open, close) in [("[", "]"), ("(", ")"), ("{", "}"), ("", "")] {
            let Some(inner) =
                trimmed.strip_prefix(open).map(str::trim_start).and_then(|t| t.strip_prefix(word))
            else {
                continue;
            };
            let bare = open.is_empty();
            if bare && (word != "dot" || start == at || !inner.starts_with(' ')) {
                continue;
            }
            let after = inner.trim_start();
            let Some(after) = after.strip_prefix(close) else { continue };
            let next = low.len() - after.trim_start().len();
            return Some(next);
        }
    }
    None
}
