//! An endless calendar: every month links to the next.

use super::site::Page;

/// `/events/2026/11`; none for what is no month.
pub(super) fn month(path: &str) -> Option<Page> {
    let (year, month) = path.strip_prefix("/events/")?.trim_end_matches('/').split_once('/')?;
    let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
    if !(1..=12).contains(&month) {
        return None;
    }
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let last = if month == 1 { (year.checked_sub(1)?, 12) } else { (year, month - 1) };
    Some(Page {
        title: format!("Events in {month:02}/{year}"),
        description: "Fairs where you can see our pumps.".to_owned(),
        head: String::new(),
        main: format!(
            "<h1>Events in {month:02}/{year}</h1><p>There are no events in this month. In the year {year} we will be at \
             the farm fairs of the season number {month}.</p>\
             <p><a href=\"/events/{}/{:02}\">Earlier</a> <a href=\"/events/{}/{:02}\">Later</a></p>",
            last.0, last.1, next.0, next.1
        ),
    })
}
