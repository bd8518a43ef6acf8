//! Organisations and what they are to the company: from clauses, headed lists, logo walls, and the company itself.

mod clause;
mod list;
mod own;

use std::ops::Range;

use crate::fold::{fold, squeeze};
use crate::knowledge::Knowledge;
use crate::mention::{Kind, Mention, Spot};
use crate::reading::Reading;
use crate::scan::{Scan, Token};

pub(crate) use own::copyright_holders;

/// A name has at most this many words.
const NAME_WORDS: usize = 7;

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    own::read(r);
    clause::read(r);
    list::read(r);
    list::logos(r);
}

/// A mention of another organisation; none if the name is no name (a place, a phrase of the user interface).
pub(crate) fn mention(
    r: &Reading<'_, '_>,
    name: &str,
    relationship: &str,
    basis: &str,
    spot: Spot,
) -> Option<Mention> {
    let name = clean(name);
    if !is_name(r.know, &name) {
        return None;
    }
    let own = r.site.is_own_name(r.know, &name);
    let split = r.know.forms.split(&name);
    let (relationship, key) = match (own, relationship) {
        (true, "self") => ("self", r.site.self_key().to_owned()),
        (true, _) => return None,
        (false, relationship) => (relationship, split.core),
    };
    Some(
        Mention::new(Kind::Organisation, key, name.clone(), spot)
            .with("name", name.clone())
            .maybe("legal_name", split.form.map(|_| name.as_str()))
            .with("relationship", relationship)
            .with("basis", basis),
    )
}

/// A mention of the company itself that adds facts to it.
pub(crate) fn own_fact(r: &Reading<'_, '_>, spot: Spot) -> Mention {
    Mention::new(Kind::Organisation, r.site.self_key(), r.site.self_name(), spot)
        .with("relationship", "self")
        .adding()
}

/// Without the possessive, quotation marks and trailing punctuation.
fn clean(name: &str) -> String {
    let name = squeeze(name);
    let name = name.trim_matches(|c: char| {
        matches!(c, '"' | '“' | '”' | '„' | ',' | ';' | ':' | '(' | ')' | '|' | '–' | '—' | '-')
    });
    let name = name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name);
    name.trim().to_owned()
}

/// Whether a text can be the name of an organisation.
pub(crate) fn is_name(know: &Knowledge, name: &str) -> bool {
    let folded = fold(name);
    let words = name.split_whitespace().count();
    let capital = name.chars().any(char::is_uppercase)
        || name.chars().next().is_some_and(|c| c.is_ascii_digit())
        || name.chars().any(|c| c.is_alphabetic() && !c.is_uppercase() && !c.is_lowercase());
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    capital
        && letters >= 2
        && words <= NAME_WORDS
        && name.len() <= 80
        && !know.sets.organisation_never.contains(&folded)
        && !know.names.is_phrase(name)
        && !know.gazetteer.is_place(name)
        && !know.forms.is_form(name)
        && !name.ends_with(['?', '!'])
        && !name.contains("://")
        && !name.contains('@')
}

/// Where the organisation's name that starts at token `from` ends; `from` if none does.
pub(crate) fn name_end(know: &Knowledge, scan: &Scan<'_>, tokens: &[Token], from: usize) -> usize {
    let capital = |n: usize| {
        tokens.get(n).is_some_and(|t| {
            t.is_word() && {
                let word = scan.word(t);
                word.starts_with(char::is_uppercase)
                    || word.chars().skip(1).any(char::is_uppercase)
                    || (n > from && word.starts_with(|c: char| c.is_ascii_digit()) && word.len() <= 3)
            }
        })
    };
    let single = |n: usize| tokens.get(n).is_some_and(|t| t.is_word() && t.end - t.start == 1);
    if !capital(from)
        || tokens.get(from).is_some_and(|t| know.sets.organisation_starts.contains(scan.low_word(t)))
    {
        return from;
    }
    let mut end = from + 1;
    while end - from < NAME_WORDS {
        let Some(token) = tokens.get(end) else { break };
        let gap = tokens.get(end - 1).is_none_or(|p| token.start > p.end + 1);
        if gap {
            break;
        }
        let low = scan.low_word(token);
        if capital(end) {
            end += 1;
        } else if (token.mark() == Some('&')
            || matches!(
                low,
                "of" | "de" | "der" | "des" | "für" | "du" | "van" | "von" | "del" | "della" | "do" | "da"
            ))
            && capital(end + 1)
        {
            end += 2;
        } else if token.mark() == Some('/') && single(end - 1) && single(end + 1) {
            // `A/S`
            end += 2;
        } else if token.is_word() && know.forms.is_form(scan.word(token)) {
            end += 1;
        } else if token.mark() == Some(',')
            && tokens.get(end + 1).is_some_and(|t| {
                t.is_word()
                    && scan.word(t).starts_with(char::is_uppercase)
                    && know.forms.is_form(scan.word(t))
            })
        {
            end += 2;
        } else {
            break;
        }
    }
    end
}

/// Where the organisation's name that ends right before token `end` starts.
fn name_start(know: &Knowledge, scan: &Scan<'_>, tokens: &[Token], end: usize) -> usize {
    let mut start = end;
    while start > 0 && end - start < NAME_WORDS {
        let Some(token) = tokens.get(start - 1) else { break };
        let fits =
            token.is_word() && scan.word(token).starts_with(char::is_uppercase) || token.mark() == Some('&');
        if !fits || know.sets.organisation_starts.contains(scan.low_word(token)) {
            break;
        }
        start -= 1;
    }
    while start < end && tokens.get(start).is_some_and(|t| !t.is_word()) {
        start += 1;
    }
    start
}

/// The bytes of a stretch of tokens, a possessive left out.
fn bytes(scan: &Scan<'_>, tokens: &[Token], at: Range<usize>) -> Option<Range<usize>> {
    let (first, last) = (tokens.get(at.start)?, tokens.get(at.end.checked_sub(1)?)?);
    let text = scan.get(first.start..last.end);
    let cut = text.strip_suffix("'s").or_else(|| text.strip_suffix("’s")).unwrap_or(text);
    Some(first.start..first.start + cut.len())
}

/// Whether the words right before a token name a company that is not this one: `Northwind Farms, founded in …`.
fn another_before(r: &Reading<'_, '_>, tokens: &[Token], place: usize) -> bool {
    let scan = &r.page.scan;
    let mut end = place;
    while end > 0
        && tokens.get(end - 1).is_some_and(|t| t.mark() == Some(',') || is_auxiliary(scan.low_word(t)))
    {
        end -= 1;
    }
    let start = name_start(r.know, scan, tokens, end);
    let Some(at) = (start < end).then(|| bytes(scan, tokens, start..end)).flatten() else { return false };
    let name = scan.get(at.clone());
    // One capital word at the start of a sentence is grammar, not a name.
    let grammar = start == 0
        && end - start == 1
        && !name.chars().skip(1).any(char::is_uppercase)
        && (is_opening(scan.get_low(at.clone()))
            || r.know.sets.organisation_starts.contains(scan.get_low(at.clone())));
    // `Mara Lind founded …` has a subject; `Mara Lind, based in …` tells of her.
    let person = end == place && r.know.names.whole(name, crate::person::name::Trust::Prose).is_some();
    let dated = scan.has(at, |t| matches!(t, crate::lexicon::Tag::Month(_)));
    !grammar && !person && !dated && !r.know.gazetteer.is_place(name) && !r.site.is_own_name(r.know, name)
}

/// Whether a sentence that begins with such words goes on with another company: `Founded in 1998, ChainSys is …`.
fn another_after(r: &Reading<'_, '_>, tokens: &[Token], trigger: usize) -> bool {
    let scan = &r.page.scan;
    let opens =
        trigger == 0 || (trigger == 1 && tokens.first().is_some_and(|t| is_auxiliary(scan.low_word(t))));
    let subject = |n: usize| {
        let end = name_end(r.know, scan, tokens, n);
        let verb = tokens.get(end).is_some_and(|t| {
            t.is_word()
                && scan.word(t).starts_with(char::is_lowercase)
                && !matches!(scan.low_word(t), "and" | "und" | "et" | "y" | "e" | "en" | "with" | "in" | "by")
        });
        let name = bytes(scan, tokens, n..end).filter(|_| end > n && verb).map(|at| scan.get(at))?;
        Some(!r.site.is_own_name(r.know, name) && !r.know.gazetteer.is_place(name))
    };
    opens
        && tokens
            .iter()
            .enumerate()
            .filter(|(_, t)| t.mark() == Some(','))
            .any(|(n, _)| subject(n + 1) == Some(true))
}

/// Whether what a trigger says is said of another company, named before it or (at the start of a sentence) behind it.
pub(crate) fn is_of_another(r: &Reading<'_, '_>, trigger: Range<usize>) -> bool {
    let tokens = r.page.sentence_tokens(trigger.clone());
    let at = tokens.partition_point(|t| t.start < trigger.start);
    another_before(r, &tokens, at) || another_after(r, &tokens, at)
}

/// Words between a subject and what is said of it.
fn is_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "was"
            | "is"
            | "wurde"
            | "has"
            | "been"
            | "a"
            | "été"
            | "fue"
            | "è"
            | "stata"
            | "werd"
            | "foi"
            | "est"
            | "ist"
            | "originally"
            | "recently"
            | "and"
            | "also"
    )
}

/// Words that open a sentence about the company itself.
fn is_opening(word: &str) -> bool {
    matches!(
        word,
        "we" | "it"
            | "originally"
            | "first"
            | "since"
            | "founded"
            | "wir"
            | "he"
            | "she"
            | "they"
            | "in"
            | "company"
    )
}
