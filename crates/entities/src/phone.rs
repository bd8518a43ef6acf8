//! Telephone numbers: links, structured data, and text where libphonenumber calls them valid.

use std::ops::Range;

use domain::BlockKind;
use phonenumber::{Mode, Type};

use crate::gazetteer::Country;
use crate::mention::{Kind, Mention, Method, Spot};
use crate::page::range;
use crate::reading::Reading;

/// A number as read; kept even when no country has such a number, if a link or structured data gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Number {
    e164: String,
    extension: Option<String>,
    valid: bool,
    is: &'static str,
}

/// The words that label a number stand within so many bytes before it.
const LABEL_BYTES: usize = 200;

/// Digits of a number, country code included (E.164 allows 15).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

pub(crate) fn read(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for link in crate::page::links(r.page) {
        let Some(target) =
            link.href.get(..4).filter(|s| s.eq_ignore_ascii_case("tel:")).and(link.href.get(4..))
        else {
            continue;
        };
        let person = link.card.and_then(|c| r.card_people.get(&c)).cloned();
        let label = link.block.and_then(|b| r.page.block(b)).and_then(|b| {
            let text = r.page.block_text(b);
            let at = text.find(link.text.trim()).filter(|_| !link.text.trim().is_empty())?;
            label_before(r, b.start as usize + at)
        });
        let Some(number) = lenient(target, country(r)) else { continue };
        found.extend(
            crate::href::spot(r.page, link)
                .and_then(|s| build(r, &number, label.as_ref(), person.as_deref(), s)),
        );
    }
    for (_, block) in r.page.blocks().filter(|(_, b)| b.kind != BlockKind::Code) {
        for at in candidates(r.page.text(), range(block)) {
            let person = block.card.and_then(|c| r.card_people.get(&c)).cloned();
            found.extend(in_text(r, at, person.as_deref()));
        }
    }
    for mention in found {
        belongs(r, &mention);
        r.found.push(mention);
    }
}

/// The person whose card shows the number has it.
fn belongs(r: &mut Reading<'_, '_>, mention: &Mention) {
    let (Some(name), Some(spot)) = (mention.text("person").map(str::to_owned), mention.spot.clone()) else {
        return;
    };
    let person = Mention::new(Kind::Person, crate::person::name::key(&name), name, spot)
        .with("phone", mention.value.clone())
        .adding();
    r.found.push(person);
}

fn country(r: &Reading<'_, '_>) -> Option<Country> {
    r.page.country.or(r.site.country)
}

/// A number of structured data.
pub(crate) fn structured(r: &Reading<'_, '_>, printed: &str, spot: Spot) -> Option<Mention> {
    let number = lenient(printed.strip_prefix("tel:").unwrap_or(printed), country(r))?;
    build(r, &number, None, None, spot)
}

fn build(
    r: &Reading<'_, '_>,
    number: &Number,
    label: Option<&(String, String)>,
    person: Option<&str>,
    spot: Spot,
) -> Option<Mention> {
    if person.is_some() && !r.site.people {
        return None;
    }
    let key =
        number.extension.as_ref().map_or_else(|| number.e164.clone(), |x| format!("{};ext={x}", number.e164));
    let is = label.map(|l| l.1.as_str()).filter(|is| *is != "phone").unwrap_or(number.is);
    Some(
        Mention::new(Kind::Phone, key.clone(), key, spot)
            .with("e164", number.e164.clone())
            .maybe("extension", number.extension.as_deref())
            .with("type", is)
            .maybe("label", label.map(|l| l.0.as_str()))
            .with("valid", number.valid)
            .maybe("person", person.map(crate::person::name::canonical)),
    )
}

/// A number that is given as one: invalid ones are kept and marked.
fn lenient(printed: &str, country: Option<Country>) -> Option<Number> {
    let decoded = printed.replace("%20", " ").replace("%2B", "+").replace("%2b", "+");
    let (main, extension) = split_extension(&decoded);
    if let Some(number) = parse(main, extension, country) {
        return Some(number);
    }
    let digits: String = main.chars().filter(char::is_ascii_digit).collect();
    let plus = main.trim_start().starts_with('+');
    // A link often leaves the plus away: `tel:18003463882`.
    if !plus
        && digits.len() >= 11
        && !digits.starts_with('0')
        && let Some(number) = parse(&format!("+{digits}"), extension, None)
    {
        return Some(number);
    }
    (3..=17).contains(&digits.len()).then(|| Number {
        e164: if plus { format!("+{digits}") } else { digits },
        extension: extension.map(str::to_owned),
        valid: false,
        is: "phone",
    })
}

/// `;ext=12`, `x12`, `ext. 12`.
fn split_extension(text: &str) -> (&str, Option<&str>) {
    for mark in [";ext=", "ext.", "ext", "x", ",", ";"] {
        if let Some((main, rest)) = text.split_once(mark) {
            let rest = rest.trim();
            let digits = rest.len() <= 6 && !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
            if digits {
                return (main, Some(rest));
            }
        }
    }
    (text, None)
}

/// Valid for its country, or none.
fn parse(main: &str, extension: Option<&str>, country: Option<Country>) -> Option<Number> {
    let plus = main.trim_start().trim_start_matches('(').starts_with('+');
    let clean = if plus { main.replace("(0)", "") } else { main.to_owned() };
    let digits: String = clean.chars().filter(char::is_ascii_digit).collect();
    let (text, region) = match (plus, digits.strip_prefix("00")) {
        (true, _) => (format!("+{digits}"), None),
        (false, Some(rest)) if rest.len() >= 8 => (format!("+{rest}"), None),
        _ => (digits, Some(country?)),
    };
    if !DIGITS.contains(&text.len().saturating_sub(usize::from(text.starts_with('+')))) {
        return None;
    }
    let id = region.and_then(|c| c.code().parse::<phonenumber::country::Id>().ok());
    if region.is_some() && id.is_none() {
        return None;
    }
    let number = phonenumber::parse(id, &text).ok().filter(phonenumber::PhoneNumber::is_valid)?;
    let is = match number.number_type(&phonenumber::metadata::DATABASE) {
        Type::Mobile => "mobile",
        Type::TollFree => "toll_free",
        Type::PremiumRate => "premium",
        Type::FixedLine => "fixed",
        _ => "phone",
    };
    Some(Number {
        e164: number.format().mode(Mode::E164).to_string(),
        extension: extension.map(str::to_owned),
        valid: true,
        is,
    })
}

/// Runs of digits, separators and brackets that could be a number.
fn candidates(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let Some(part) = text.get(within.clone()) else { return Vec::new() };
    let mut out = Vec::new();
    let mut chars = part.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let before = part.get(..at).and_then(|t| t.chars().next_back());
        let begins = (c.is_ascii_digit() || c == '+' || c == '(')
            && !before.is_some_and(|b| {
                b.is_alphanumeric() || matches!(b, '/' | '@' | '#' | '_' | '=' | '&' | '$' | '€' | '£')
            });
        if !begins {
            if c.is_ascii_digit() {
                while chars.next_if(|(_, c)| c.is_ascii_digit()).is_some() {}
            }
            continue;
        }
        let mut end = at + c.len_utf8();
        let mut last = at;
        let mut digits = usize::from(c.is_ascii_digit());
        while let Some(&(i, n)) = chars.peek() {
            let inner = n.is_ascii_digit()
                || matches!(n, ' ' | '\u{a0}' | '\u{202f}' | '-' | '–' | '‑' | '.' | '(' | ')' | '/');
            if !inner || i - at > 32 {
                break;
            }
            if n.is_ascii_digit() {
                digits += 1;
                end = i + 1;
            } else if i - last > 3
                && !part.get(last..i).is_some_and(|t| t.ends_with(|c: char| c.is_ascii_digit()))
            {
                break;
            }
            last = i;
            chars.next();
        }
        let after = part.get(end..).and_then(|t| t.chars().next());
        if digits >= 6 && !after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '%' | '@' | '_')) {
            out.push(within.start + at..within.start + end);
        }
    }
    out
}

/// A number in text: valid, and written like one (`+`, separators or a label), and not labelled as something else.
fn in_text(r: &Reading<'_, '_>, at: Range<usize>, person: Option<&str>) -> Option<Mention> {
    let text = r.page.scan.get(at.clone());
    if looks_otherwise(text) || is_other_number(r, at.start) {
        return None;
    }
    let label = label_before(r, at.start);
    let written =
        text.starts_with('+') || text.contains([' ', '-', '(', '/', '.', '\u{a0}', '–', '‑', '\u{202f}']);
    if label.is_none() && !written {
        return None;
    }
    let bare_groups = !text.starts_with(['+', '(', '0']) && label.is_none();
    let extension = extension_behind(r, at.end);
    let number = parse(text, extension.as_ref().map(|x| x.0.as_str()), country(r))?;
    // Spaced digits without any other sign of a telephone number are more often figures of a table.
    if bare_groups && !matches!(number.e164.get(..2), Some("+1")) {
        return None;
    }
    let end = extension.map_or(at.end, |x| x.1);
    let start = label.as_ref().map_or(at.start, |l| at.start.saturating_sub(l.0.len() + 2));
    let start = (start..=at.start)
        .find(|s| r.page.text().is_char_boundary(*s) && is_label_start(r, *s))
        .unwrap_or(at.start);
    let spot = r.page.spot(start..end, Method::Pattern)?;
    build(r, &number, label.as_ref(), person, spot)
}

fn is_label_start(r: &Reading<'_, '_>, at: usize) -> bool {
    let before = r.page.text().get(..at).and_then(|t| t.chars().next_back());
    !before.is_some_and(char::is_alphanumeric)
}

/// Dates, ranges of years, addresses of machines, decimals.
fn looks_otherwise(text: &str) -> bool {
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).collect();
    let year = |p: &&str| p.len() == 4 && (p.starts_with("19") || p.starts_with("20"));
    let dots = text.matches('.').count();
    let date = parts.len() == 3
        && !text.starts_with('+')
        && (parts.first().is_some_and(year) || parts.last().is_some_and(year))
        && parts.iter().filter(|p| p.len() <= 2).count() == 2;
    let span = parts.len() == 2 && parts.iter().all(year);
    let machine = dots == 3
        && parts.len() == 4
        && parts.iter().all(|p| p.len() <= 3 && p.parse::<u16>().is_ok_and(|n| n <= 255));
    let decimal = dots == 1 && parts.len() == 2 && !text.contains(' ');
    date || span || machine || decimal
}

/// The words before a number, up to four, as the rules write them.
fn words_before(r: &Reading<'_, '_>, at: usize) -> Vec<String> {
    let Some((_, block)) = r.page.block_at(at) else { return Vec::new() };
    let before = r.page.scan.get_low(r.page.scan.before(block.start as usize, at, LABEL_BYTES));
    let before = before.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '|' | '-' | '–' | '#' | '=' | '(')
    });
    let mut out = Vec::new();
    let mut start = before.len();
    for _ in 0..4 {
        let head = before.get(..start).unwrap_or_default().trim_end();
        let len: usize = head
            .chars()
            .rev()
            .take_while(|c| !c.is_whitespace() && !matches!(c, ',' | ';' | '|' | '(' | '\n'))
            .map(char::len_utf8)
            .sum();
        if len == 0 {
            break;
        }
        start = head.len() - len;
        out.push(before.get(start..).unwrap_or_default().to_owned());
    }
    out
}

/// The label right before a number, and the type it says.
fn label_before(r: &Reading<'_, '_>, at: usize) -> Option<(String, String)> {
    words_before(r, at).into_iter().rev().find_map(|w| {
        let plain = w.trim_end_matches(['.', ':']);
        let labels = &r.know.sets.phone_labels;
        labels.get(w.as_str()).or_else(|| labels.get(plain)).map(|is| (plain.to_owned(), is.clone()))
    })
}

fn is_other_number(r: &Reading<'_, '_>, at: usize) -> bool {
    words_before(r, at).iter().any(|w| {
        let plain = w.trim_end_matches(['.', ':', '#']);
        let spaced = plain.replace('#', "");
        r.know.sets.phone_not.contains(w.as_str())
            || r.know.sets.phone_not.contains(plain)
            || r.know.sets.phone_not.contains(spaced.trim())
    })
}

fn extension_behind(r: &Reading<'_, '_>, at: usize) -> Option<(String, usize)> {
    let end = r.page.block_at(at.saturating_sub(1)).map_or(at, |(_, b)| b.end as usize);
    let low = r.page.scan.get_low(at..end);
    let trimmed = low.trim_start_matches([' ', ',', '(', '-', '\u{a0}']);
    let word = r
        .know
        .rules
        .phone
        .extensions
        .iter()
        .filter(|w| trimmed.starts_with(w.as_str()))
        .max_by_key(|w| w.len())?;
    let rest = trimmed.get(word.len()..)?;
    let digits_at = rest.trim_start_matches(['.', ':', ' ']);
    let digits: String = digits_at.chars().take_while(char::is_ascii_digit).collect();
    let gap = low.len() - trimmed.len();
    let fits = (1..=6).contains(&digits.len()) && gap <= 3;
    fits.then(|| {
        let end = at + low.len() - digits_at.len() + digits.len();
        (digits, end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, country: &str) -> Option<String> {
        parse(text, None, Country::parse(country)).map(|n| n.e164)
    }

    #[test]
    fn numbers_are_read_for_their_country() {
        assert_eq!(number("+49 30 123456", "").as_deref(), Some("+4930123456"));
        assert_eq!(number("+49 (0)30 901820", "").as_deref(), Some("+4930901820"));
        assert_eq!(number("0113 496 0000", "GB").as_deref(), Some("+441134960000"));
        assert_eq!(number("01 42 68 53 00", "FR").as_deref(), Some("+33142685300"));
        assert_eq!(number("0049 30 901820", "GB").as_deref(), Some("+4930901820"));
        assert_eq!(number("(415) 555-2671", "US").as_deref(), Some("+14155552671"));
        assert_eq!(number("+39 06 6982", "").as_deref(), Some("+39066982"));
        assert_eq!(number("0113 496 0000", ""), None, "no country, no plus");
        assert_eq!(number("12 34", "DE"), None);
    }

    #[test]
    fn dates_and_machine_addresses_are_no_candidates() {
        for text in ["2012-2024", "12.03.2024", "192.168.10.12", "12.3456", "2024-03-12"] {
            assert!(looks_otherwise(text), "{text}");
        }
        assert!(!looks_otherwise("030 123456") && !looks_otherwise("+44 20 7946 0958"));
    }
}
