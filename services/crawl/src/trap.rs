//! Addresses that lead nowhere new: loops, endless calendars, combinations of facets.

use chrono::{DateTime, Datelike, Utc};
use url::Url;

use crate::normal::parameters;
use crate::tables::Addresses;

const MAX_LENGTH: usize = 1000;
const MAX_SEGMENTS: usize = 12;
const MAX_REPEATS: usize = 3;
/// Months from now beyond which a dated address is a calendar's.
const CALENDAR_MONTHS: i32 = 24;
const MAX_FACETS: usize = 2;

/// Whether an address is a trap.
pub(crate) fn is_trap(url: &Url, addresses: &Addresses, now: DateTime<Utc>) -> bool {
    let segments: Vec<&str> =
        url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty()).collect();
    url.as_str().chars().count() > MAX_LENGTH
        || segments.len() > MAX_SEGMENTS
        || repeats(&segments)
        || far_calendar(url, &segments, addresses, now)
}

/// Whether two or more parameters only arrange or narrow a list.
pub(crate) fn is_faceted(url: &Url, addresses: &Addresses) -> bool {
    parameters(url).iter().filter(|(name, _)| addresses.facets.has(name)).count() >= MAX_FACETS
}

/// The page number of a list that the address names.
pub(crate) fn page_number(url: &Url, addresses: &Addresses) -> Option<u32> {
    let by_parameter = parameters(url)
        .into_iter()
        .filter(|(name, _)| addresses.pages.has(name))
        .find_map(|(_, value)| value.parse::<u32>().ok());
    let segments: Vec<&str> = url.path_segments().into_iter().flatten().collect();
    let by_path = segments.windows(2).find_map(|pair| match pair {
        [name, number] if name.len() > 1 && addresses.pages.has(name) => number.parse::<u32>().ok(),
        _ => None,
    });
    by_parameter.or(by_path)
}

/// The path with numbers made equal, so that what is learned on one page serves its siblings.
pub(crate) fn pattern(url: &Url) -> String {
    let mut out = url.host_str().unwrap_or_default().to_owned();
    let mut digits = false;
    for c in url.path().trim_end_matches('/').chars() {
        let digit = c.is_ascii_digit();
        match (digit, digits) {
            (true, true) => {}
            (true, false) => out.push('#'),
            (false, _) => out.push(c),
        }
        digits = digit;
    }
    out
}

fn repeats(segments: &[&str]) -> bool {
    segments.iter().any(|segment| {
        let number = segment.len() <= 2 && segment.bytes().all(|byte| byte.is_ascii_digit());
        !number && segments.iter().filter(|other| *other == segment).count() >= MAX_REPEATS
    })
}

/// A month too far ahead; in a calendar also one too far back.
fn far_calendar(url: &Url, segments: &[&str], addresses: &Addresses, now: DateTime<Utc>) -> bool {
    let parameters = parameters(url);
    let in_calendar = segments.iter().any(|segment| addresses.calendar.has(segment))
        || parameters.iter().any(|(name, _)| addresses.calendar.has(name));
    let dates = dates(segments, &parameters, in_calendar);
    let this = now.year() * 12 + i32::try_from(now.month0()).unwrap_or_default();
    dates.into_iter().any(|month| {
        let ahead = month - this;
        ahead > CALENDAR_MONTHS || (in_calendar && ahead < -CALENDAR_MONTHS)
    })
}

/// Every month that path or query name, counted from year 0.
fn dates(segments: &[&str], parameters: &[(String, String)], in_calendar: bool) -> Vec<i32> {
    let mut found = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let next = segments.get(at + 1).and_then(|next| month(next));
        match (year(segment), next) {
            (Some(year), Some(month)) => found.push(year * 12 + month),
            (Some(year), None) if in_calendar => found.push(year * 12),
            _ => found.extend(written(segment)),
        }
    }
    let value =
        |name: &str| parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
    if let Some(year) = value("year").or_else(|| value("jahr")).and_then(year) {
        let month = value("month").or_else(|| value("monat")).and_then(month).unwrap_or_default();
        found.push(year * 12 + month);
    }
    found.extend(parameters.iter().filter_map(|(_, value)| written(value)));
    found
}

/// `2031-05`, `2031-05-17`, `2031_5`, `20310517`.
fn written(text: &str) -> Option<i32> {
    let (first, rest) = text.split_at_checked(4)?;
    let year = year(first)?;
    if rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return rest.get(..2).and_then(month).map(|month| year * 12 + month);
    }
    let mut parts = rest.strip_prefix(['-', '_', '.'])?.split(['-', '_', '.', 'T']);
    let month = parts.next().and_then(month)?;
    Some(year * 12 + month)
}

fn year(text: &str) -> Option<i32> {
    (text.len() == 4).then(|| text.parse::<i32>().ok()).flatten().filter(|year| (1900..=9999).contains(year))
}

/// A month's number from 0.
fn month(text: &str) -> Option<i32> {
    let fits = (1..=2).contains(&text.len());
    fits.then(|| text.parse::<i32>().ok())
        .flatten()
        .filter(|month| (1..=12).contains(month))
        .map(|month| month - 1)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::tables::Tables;

    fn url(path: &str) -> Url {
        Url::parse(&format!("https://a.example{path}")).unwrap()
    }

    fn trapped(path: &str) -> bool {
        let now = Utc.with_ymd_and_hms(2026, 6, 15, 0, 0, 0).unwrap();
        is_trap(&url(path), &Tables::builtin().unwrap().addresses, now)
    }

    #[test]
    fn loops_and_monsters_are_traps() {
        assert!(trapped("/a/b/a/b/a"));
        assert!(trapped("/1/2/3/4/5/6/7/8/9/10/11/12/13"));
        assert!(trapped(&format!("/{}", "x".repeat(1000))));
        assert!(!trapped("/a/b/a/b"));
        assert!(!trapped("/2024/01/01/01/x"));
    }

    #[test]
    fn an_endless_calendar_is_a_trap_in_both_directions() {
        for path in [
            "/calendar/2028/07",
            "/events/2029-01",
            "/calendar?month=2031-05",
            "/x/2040/01/post",
            "/cal?year=2030&month=2",
            "/calendar/2150",
            "/events/20290101",
            "/calendar/2019/03",
        ] {
            assert!(trapped(path), "{path}");
        }
        for path in [
            "/calendar/2028/05",
            "/events/2025-01",
            "/blog/2012/03/post",
            "/products/2050",
            "/news/2026/06",
            "/calendar",
            "/x?id=20310101x",
        ] {
            assert!(!trapped(path), "{path}");
        }
    }

    #[test]
    fn two_facets_make_a_combination_nobody_needs() {
        let addresses = Tables::builtin().unwrap().addresses;
        assert!(is_faceted(&url("/shop?sort=price&color=red"), &addresses));
        assert!(!is_faceted(&url("/shop?sort=price&id=2"), &addresses));
    }

    #[test]
    fn page_numbers_are_read_from_query_and_path() {
        let addresses = Tables::builtin().unwrap().addresses;
        assert_eq!(page_number(&url("/list?page=7"), &addresses), Some(7));
        assert_eq!(page_number(&url("/blog/page/3/"), &addresses), Some(3));
        assert_eq!(page_number(&url("/p/17"), &addresses), None);
        assert_eq!(page_number(&url("/list?id=7"), &addresses), None);
    }

    #[test]
    fn siblings_share_a_pattern() {
        assert_eq!(pattern(&url("/item/17/")), pattern(&url("/item/2048")));
        assert_ne!(pattern(&url("/item/17")), pattern(&url("/items/17")));
    }
}
