//! Dates as pages declare them, checked and written as ISO 8601.

use chrono::{DateTime, Datelike, NaiveDate};

/// `2024-03-01`, or with a time `2024-03-01T10:00:00+01:00`; `None` for what is no date of a page.
pub(crate) fn iso(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return plausible(date.date_naive()).then(|| date.to_rfc3339());
    }
    let (date, time) = split(text)?;
    let day = NaiveDate::parse_from_str(&date, "%Y-%m-%d").ok().filter(|day| plausible(*day))?;
    let time = time.filter(|time| time.chars().next().is_some_and(|c| c.is_ascii_digit()));
    let full = time.map(|time| format!("{day}T{time}"));
    let valid = |full: &String| {
        DateTime::parse_from_rfc3339(full).is_ok()
            || ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
                .iter()
                .any(|f| chrono::NaiveDateTime::parse_from_str(full, f).is_ok())
            || ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%z"]
                .iter()
                .any(|f| DateTime::parse_from_str(full, f).is_ok())
    };
    Some(full.filter(valid).unwrap_or_else(|| day.to_string()))
}

/// Parts `YYYY-MM-DD` (also `/`, `.` or nothing between) from the time behind it.
fn split(text: &str) -> Option<(String, Option<&str>)> {
    let compact = text.get(..8).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(head) = compact {
        let date = format!("{}-{}-{}", head.get(..4)?, head.get(4..6)?, head.get(6..8)?);
        return Some((date, text.get(9..).filter(|_| text.get(8..9) == Some("T"))));
    }
    let date = text.get(..10)?;
    let separator = date.get(4..5).filter(|c| matches!(*c, "-" | "/" | "."))?;
    (date.get(7..8) == Some(separator)).then_some(())?;
    let time = text.get(11..).filter(|_| matches!(text.get(10..11), Some("T" | "t" | " ")));
    Some((date.replace(separator, "-"), time.map(str::trim)))
}

/// The web began in 1991; a date further ahead than a plan is a mistake of the page.
fn plausible(day: NaiveDate) -> bool {
    (1990..=2100).contains(&day.year())
}

/// A PDF's date, `D:20240301120000+01'00'`.
pub(crate) fn of_pdf(text: &str) -> Option<String> {
    iso(text.trim().trim_start_matches("D:").get(..8)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_kept_as_declared() {
        assert_eq!(iso("2024-03-01").as_deref(), Some("2024-03-01"));
        assert_eq!(iso(" 2024-03-01T10:00:00Z ").as_deref(), Some("2024-03-01T10:00:00Z"));
        assert_eq!(iso("2024-03-01 10:00").as_deref(), Some("2024-03-01T10:00"));
        assert_eq!(iso("2024/03/01").as_deref(), Some("2024-03-01"));
        assert_eq!(iso("20240301").as_deref(), Some("2024-03-01"));
        assert_eq!(iso("Fri, 01 Mar 2024 10:00:00 +0000").as_deref(), Some("2024-03-01T10:00:00+00:00"));
        assert_eq!(iso("2024-03-01T25:00:00Z").as_deref(), Some("2024-03-01"));
        assert_eq!(of_pdf("D:20240301120000+01'00'").as_deref(), Some("2024-03-01"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "yesterday", "0000-00-00", "2024-13-01", "1969-12-31", "12/03/2024", "äöüäöüäöüä"]
        {
            assert_eq!(iso(text), None, "{text}");
        }
    }
}
