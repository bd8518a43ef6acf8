//! Numbers about the company: employees, customers, countries, uptime.

use std::ops::Range;

use domain::BlockKind;
use rust_decimal::Decimal;

use crate::last::Last;
use crate::lexicon::{Hit, Tag};
use crate::mention::{Kind, Mention, Method, Spot};
use crate::number::{self, Decimals};
use crate::page::range;
use crate::reading::Reading;
use crate::scan::Token;

/// A number and the words around it stand within so many bytes of its noun.
const REACH_BYTES: usize = 160;
/// Between the number and its noun at most this many words (`34 full-time people`).
const WORDS_BETWEEN: usize = 2;

/// A number in front of a noun.
struct Counted {
    at: Range<usize>,
    value: Decimal,
    approximate: bool,
    /// Shown as a figure or behind a label, not in a sentence.
    figure: bool,
}

pub(crate) fn mention(
    name: &str,
    value: &str,
    unit: &str,
    as_of: Option<&str>,
    approximate: bool,
    spot: Spot,
) -> Mention {
    let key = format!("{name}|{value}|{}", as_of.unwrap_or_default());
    Mention::new(Kind::Metric, key, format!("{value} {unit}"), spot)
        .with("name", name)
        .with("value", value)
        .with("unit", unit)
        .maybe("as_of", as_of)
        .with("approximate", approximate)
}

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    let years = Last::default();
    for (hit, n, block) in r.page.hits() {
        if block.kind == BlockKind::Quote {
            continue;
        }
        let counted = match hit.tag {
            Tag::Noun(noun) => before(r, &hit, n, noun)
                .or_else(|| labelled(r, &hit, n))
                .or_else(|| percent_of(r, &hit, noun))
                .map(|c| (usize::from(noun), c)),
            Tag::TeamOf => team_of(r, &hit).map(|c| (0, c)),
            Tag::Strong => before(r, &hit, n, 0).map(|c| (0, c)),
            _ => None,
        };
        let Some((noun, counted)) = counted else { continue };
        let Some(rule) = r.know.rules.metric.nouns.get(noun) else { continue };
        if !r.speaks_of_us(&counted.at)
            || (rule.name == "employees" && !is_staff(r, &counted, hit.tag))
            || !is_plausible(&rule.name, counted.value)
        {
            continue;
        }
        let at = counted.at.start.min(hit.start)..counted.at.end.max(hit.end);
        let sentence = r.page.sentence(at.clone());
        let as_of = years.of(&sentence, || as_of(r, sentence.clone()));
        if let Some(spot) = r.context(at, Method::Pattern) {
            let value = counted.value.normalize().to_string();
            found.push(mention(&rule.name, &value, &rule.unit, as_of.as_deref(), counted.approximate, spot));
        }
    }
    r.found.extend(found);
}

/// `over 10,000 happy customers` · `34-person team` · a big number in a block of its own above its noun.
fn before(r: &Reading<'_, '_>, hit: &Hit, block: usize, noun: u16) -> Option<Counted> {
    let share = r.know.rules.metric.nouns.get(usize::from(noun)).is_some_and(|n| n.unit == "%");
    let mut percent = false;
    let here = r.page.content.blocks.get(block)?;
    let mut from = range(here).start;
    let leads = r.page.scan.get(from..hit.start).trim().is_empty();
    if leads {
        let above = block.checked_sub(1).and_then(|n| r.page.content.blocks.get(n))?;
        let figure =
            range(here).len() <= 60 && r.page.is_usable(above) && is_figure(r.page.block_text(above));
        if !figure {
            return None;
        }
        from = range(above).start;
    }
    let tokens = r.page.scan.tokens(r.page.scan.before(from, hit.start, REACH_BYTES));
    let mut n = tokens.len();
    let mut words = 0;
    while n > 0 {
        let token = tokens.get(n - 1)?;
        let word = r.page.scan.word(token);
        if token.mark() == Some('-') {
            n -= 1;
            continue;
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
        let low = r.page.scan.low_word(token);
        let scale = r.know.sets.magnitudes.contains_key(low);
        percent |= token.mark() == Some('%');
        let passes = token.mark().is_some_and(|m| matches!(m, '+' | '\n') || (m == '%' && share))
            || scale
            || (token.is_word() && is_adjective(low));
        if !passes {
            return None;
        }
        words += usize::from(!scale && token.is_word());
        if words > WORDS_BETWEEN {
            return None;
        }
        n -= 1;
    }
    let start = number_start(r, &tokens, n.checked_sub(1)?)?;
    if share != percent {
        return None;
    }
    let found = counted(r, start, hit.start, &tokens)?;
    Some(Counted { figure: leads, ..found })
}

/// `500+`, `10k`, `1,200`, `99.9 %`: a number for show, not a date, a telephone number or a year.
fn is_figure(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let year = text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
    let mark = |c: char| {
        matches!(
            c,
            '.' | ','
                | '\''
                | '’'
                | ' '
                | '\u{a0}'
                | '+'
                | '%'
                | '~'
                | '>'
                | 'k'
                | 'K'
                | 'm'
                | 'M'
                | 'b'
                | 'B'
        )
    };
    (1..=12).contains(&digits)
        && text.len() <= 16
        && !year
        && text.chars().all(|c| c.is_ascii_digit() || mark(c))
}

/// Where the number of a token begins: digit groups parted by spaces or marks belong together.
fn number_start(r: &Reading<'_, '_>, tokens: &[Token], n: usize) -> Option<usize> {
    let mut n = n;
    loop {
        let start = tokens.get(n)?.start;
        let digits = |t: &Token| r.page.scan.word(t).bytes().all(|b| b.is_ascii_digit());
        let three = tokens.get(n).is_some_and(|t| t.end - t.start == 3 && digits(t));
        let Some(previous) = n.checked_sub(1).and_then(|p| tokens.get(p)) else { return Some(start) };
        let mark = matches!(previous.mark(), Some(',' | '\'' | '’')) && previous.end == start;
        let step = if mark { 2 } else { 1 };
        let head = n.checked_sub(step).and_then(|p| tokens.get(p));
        let touches = head.is_some_and(|h| if mark { h.end == previous.start } else { start - h.end <= 2 });
        if !(three && touches && head.is_some_and(|h| digits(h) && h.end - h.start <= 3)) {
            return Some(start);
        }
        n -= step;
    }
}

/// Words that may stand between a number and its noun; others make it another number.
fn is_adjective(word: &str) -> bool {
    word.chars().all(|c| c.is_alphabetic() || c == '-')
        && !matches!(
            word,
            "of" | "and"
                | "or"
                | "in"
                | "for"
                | "the"
                | "to"
                | "with"
                | "per"
                | "by"
                | "than"
                | "from"
                | "at"
                | "on"
                | "as"
                | "is"
                | "are"
                | "was"
                | "were"
                | "has"
                | "have"
                | "our"
                | "your"
                | "their"
                | "its"
                | "days"
                | "hours"
                | "minutes"
                | "years"
                | "months"
                | "weeks"
                | "times"
                | "und"
                | "oder"
                | "von"
                | "pro"
                | "et"
                | "par"
                | "y"
                | "por"
                | "e"
        )
}

fn counted(r: &Reading<'_, '_>, start: usize, limit: usize, tokens: &[Token]) -> Option<Counted> {
    let scan = &r.page.scan;
    let text = r.page.text();
    let scale = |end: usize| {
        let rest = scan.get_low(end..limit.max(end));
        let trimmed = rest.trim_start();
        let word: String = trimmed.chars().take_while(|c| c.is_alphabetic()).collect();
        let power = r.know.sets.magnitudes.get(word.as_str())?;
        let touches = rest.len() == trimmed.len();
        (word.chars().count() > 1 || touches).then(|| {
            Some((Decimal::from(10i64.checked_pow(*power)?), end + rest.len() - trimmed.len() + word.len()))
        })?
    };
    let number = number::at(text, start, Decimals::of(r.page.language()), |end| scale(end).is_some())?;
    let (value, end) =
        scale(number.end).map_or((number.value, number.end), |(p, e)| (number.value.saturating_mul(p), e));
    let first = tokens.partition_point(|t| t.start < start);
    let prior: Vec<&str> =
        tokens.get(first.saturating_sub(2)..first)?.iter().map(|t| scan.low_word(t)).collect();
    let before = prior.last().copied().unwrap_or_default();
    let two = prior.join(" ");
    // `1 in 5 customers`, `top 10 companies`, `24/7`, `#1`, `$5`.
    let share =
        before == "in" && prior.first().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()) || *w == "one");
    let ruled_out = share
        || r.know.rules.metric.not_before.iter().any(|w| w == before)
        || scan.get(0..start).ends_with(['/', '#', '$', '€', '£', '.', '-', '–'])
        || (r.page.scan.has(start.saturating_sub(4)..start, |t| matches!(t, Tag::Currency(_))));
    let year =
        number.digits == 4 && !number.parted && (1900..=2100).contains(&i64::try_from(value).unwrap_or(0));
    if ruled_out || (year && matches!(before, "in" | "since" | "©" | "seit" | "by")) {
        return None;
    }
    let approximate = r.know.sets.approximate.contains(before)
        || r.know.sets.approximate.contains(&two)
        || matches!(before, "~" | "≈" | ">")
        || scan.get(end..limit.min(text.len())).trim_start().starts_with('+');
    Some(Counted { at: start..end, value, approximate, figure: false })
}

/// `Employees: 34` · `Employees | 34`.
fn labelled(r: &Reading<'_, '_>, hit: &Hit, block: usize) -> Option<Counted> {
    let here = r.page.content.blocks.get(block)?;
    let end = range(here).end;
    if range(here).start + 30 <= hit.start {
        return None;
    }
    let rest = r.page.scan.get(hit.end..end);
    let mark = rest.trim_start().chars().next().filter(|c| matches!(c, ':' | '|'))?;
    let at = hit.end + rest.find(mark)? + mark.len_utf8();
    let start = at + digit_within(r.page.scan.get(at..end), 14)?;
    let tokens = r.page.scan.tokens(at..start);
    let found = counted(r, start, end, &tokens)?;
    Some(Counted { figure: true, ..found })
}

/// The first digit of a text, if it stands within so many bytes.
fn digit_within(text: &str, bytes: usize) -> Option<usize> {
    text.char_indices().take_while(|(at, _)| *at <= bytes).find(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at)
}

/// `uptime of 99.9 %`: for shares the number may follow.
fn percent_of(r: &Reading<'_, '_>, hit: &Hit, noun: u16) -> Option<Counted> {
    let rule = r.know.rules.metric.nouns.get(usize::from(noun)).filter(|n| n.unit == "%")?;
    let sentence = r.page.sentence(hit.start..hit.end);
    let start = hit.end + digit_within(r.page.scan.get(hit.end..sentence.end), 20)?;
    let tokens = r.page.scan.tokens(hit.end..start);
    let found = counted(r, start, sentence.end, &tokens)?;
    let share = r.page.scan.get(found.at.end..sentence.end).trim_start().starts_with('%');
    (share && rule.unit == "%").then_some(found)
}

/// `a team of 34`.
fn team_of(r: &Reading<'_, '_>, hit: &Hit) -> Option<Counted> {
    let sentence = r.page.sentence(hit.start..hit.end);
    let tokens = r.page.scan.tokens(r.page.scan.behind(hit.end, sentence.end, REACH_BYTES));
    let first = tokens
        .iter()
        .position(|t| r.page.scan.word(t).starts_with(|c: char| c.is_ascii_digit()))
        .filter(|n| *n <= 2)?;
    let start = tokens.get(first)?.start;
    let found = counted(r, start, sentence.end, &tokens)?;
    // `we are 34 people` is read at its noun; `we are 10 years old` is none.
    let next = tokens.iter().find(|t| t.start >= found.at.end);
    let other = next.is_some_and(|t| {
        r.page.scan.hits(t.start..t.end).iter().any(|h| matches!(h.tag, Tag::Noun(_)))
            || t.mark() == Some('%')
            || matches!(
                r.page.scan.low_word(t),
                "years"
                    | "year"
                    | "months"
                    | "days"
                    | "hours"
                    | "minutes"
                    | "km"
                    | "miles"
                    | "percent"
                    | "times"
                    | "jahre"
                    | "ans"
                    | "años"
                    | "anni"
                    | "jaar"
                    | "anos"
            )
    });
    (!other).then_some(found)
}

/// People are counted by everybody who sells to companies; staff is where the company speaks of itself.
fn is_staff(r: &Reading<'_, '_>, counted: &Counted, tag: Tag) -> bool {
    let pages = ["about", "team", "careers", "investors", "home"].map(str::to_owned);
    let own_page = r.page.is_kind(&pages) && r.page.sentence(counted.at.clone()).len() <= 160;
    matches!(tag, Tag::TeamOf) || counted.figure || own_page || r.is_about_us(&counted.at)
}

fn is_plausible(name: &str, value: Decimal) -> bool {
    let most: i64 = match name {
        "countries" => 200,
        "uptime" | "satisfaction" => 100,
        "years_in_business" => 500,
        "languages" | "nationalities" => 250,
        "employees" => 3_000_000,
        _ => i64::MAX,
    };
    value > Decimal::ZERO && value <= Decimal::from(most) && (name != "countries" || value.fract().is_zero())
}

/// The year that the sentence gives.
fn as_of(r: &Reading<'_, '_>, sentence: Range<usize>) -> Option<String> {
    // `founded in 1987 and employs 180` counts today.
    let founding = |t: Tag| matches!(t, Tag::DateRole(n) if r.know.rules.date.roles.get(usize::from(n)).is_some_and(|x| x.role == "founded"));
    if r.page.scan.has(sentence.clone(), founding) {
        return None;
    }
    let text = r.page.scan.get_low(sentence);
    ["as of ", "in ", "by the end of ", "end of ", "stand ", "ende ", "im jahr ", "en ", "nel ", "em "]
        .iter()
        .find_map(|word| {
            text.match_indices(word).find_map(|(i, _)| {
                let rest = text.get(i + word.len()..)?;
                let year = rest.split(|c: char| !c.is_alphanumeric()).take(2).find(|w| {
                    w.len() == 4
                        && w.bytes().all(|b| b.is_ascii_digit())
                        && (w.starts_with("19") || w.starts_with("20"))
                })?;
                Some(year.to_owned())
            })
        })
}
