//! Flags from addresses, dates and what was not read.

use chrono::Datelike;
use domain::{Candidate, Entity, Evidence, FrontierState, Verdict};
use regex::Regex;

use super::{PIECES, Seen};
use crate::attributes;
use crate::score::checks::signals::{piece, year};
use crate::score::scene::Scene;
use crate::sources::{Source, host};

/// An encrypted connection failed, or the site was asked for with https and answers without.
pub(super) fn insecure(scene: &Scene<'_>) -> Option<Seen> {
    let failed = scene.frontier.iter().find(|row| row.reason.as_deref() == Some("tls"));
    let asked = scene.asked.filter(|address| address.starts_with("https://"));
    let home = asked.and_then(|_| plain_home(scene));
    let address = failed.map(|row| row.url.as_str()).or_else(|| home.and(asked))?;
    Some(Seen {
        says: vec![("value", address.to_owned())],
        evidence: home.and_then(title).into_iter().collect(),
        looked_in: vec!["home".to_owned()],
    })
}

/// The site was read over http because it was asked for like that.
pub(super) fn plain_http(scene: &Scene<'_>) -> Option<Seen> {
    let by_wish = scene.asked.is_none_or(|address| !address.starts_with("https://"));
    let home = plain_home(scene).filter(|_| by_wish)?;
    let looked_in = vec!["home".to_owned()];
    Some(Seen { evidence: title(home).into_iter().collect(), looked_in, ..Seen::default() })
}

/// The start page of the site that was asked for, if it came over http and not over https too.
fn plain_home<'s, 'a>(scene: &'s Scene<'a>) -> Option<&'s Source<'a>> {
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    let asked = scene
        .asked
        .and_then(|address| address.split_once("://"))
        .map(|(_, rest)| bare(rest.split(['/', '?', '#']).next().unwrap_or_default()));
    let is_home = |source: &&Source<'_>| {
        let its_own = asked.as_ref().is_none_or(|asked| *asked == bare(host(source.document)));
        its_own && source.kinds().any(|kind| kind == "home")
    };
    let over = |source: &Source<'_>, scheme: &str| {
        source.document.url.as_deref().is_some_and(|url| url.starts_with(scheme))
    };
    let homes: Vec<&Source<'a>> = scene.sources.iter().filter(is_home).collect();
    let secure = homes.iter().any(|home| over(home, "https://"));
    homes.into_iter().find(|home| !secure && over(home, "http://"))
}

/// Addresses found by links that end nowhere, as a share of those fetched.
pub(super) fn broken(above: f64, at_least: usize, scene: &Scene<'_>) -> Option<Seen> {
    let fetched: Vec<&Candidate> = scene
        .frontier
        .iter()
        .filter(|row| row.state == FrontierState::Done && row.via == "link" && row.verdict.is_some())
        .collect();
    let dead = |row: &&&Candidate| matches!(row.verdict, Some(Verdict::Missing | Verdict::Soft404));
    let broken: Vec<&Candidate> = fetched.iter().filter(dead).copied().collect();
    let share = share(broken.len(), fetched.len());
    (share > above && broken.len() >= at_least).then(|| Seen {
        says: vec![
            ("n", broken.len().to_string()),
            ("share", percent(share)),
            ("value", broken.iter().take(PIECES).map(|row| path(&row.url)).collect::<Vec<_>>().join(", ")),
        ],
        looked_in: read(scene),
        ..Seen::default()
    })
}

/// The latest copyright year is too long ago.
pub(super) fn old_copyright(entities: &[&Entity], years: i32, scene: &Scene<'_>) -> Option<Seen> {
    let of =
        |entity: &Entity| attributes::texts(entity, "value").iter().filter_map(|text| latest(text)).max();
    let (entity, latest) =
        entities.iter().filter_map(|entity| Some((*entity, of(entity)?))).max_by_key(|(_, year)| *year)?;
    (scene.at.year() - latest >= years).then(|| Seen {
        says: vec![("date", latest.to_string())],
        evidence: attributes::pick(entity.evidence.iter(), PIECES),
        looked_in: Vec::new(),
    })
}

/// The last year of `2012–2019`.
fn latest(text: &str) -> Option<i32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(year).max()
}

/// The latest dated page of the kinds is too long ago.
pub(super) fn old_news(kinds: &[String], months: i32, scene: &Scene<'_>) -> Option<Seen> {
    let dated = scene.sources.iter().filter(|source| source.is_of(kinds));
    let (source, (year, month), date) = dated
        .filter_map(|source| {
            let date = source.content.published.as_deref()?;
            Some((source, month_of(date)?, date))
        })
        .max_by_key(|(_, month, _)| *month)?;
    let now = scene.at.year() * 12 + i32::try_from(scene.at.month()).unwrap_or_default();
    let age = now - (year * 12 + month);
    (age >= months).then(|| Seen {
        says: vec![("n", age.to_string()), ("date", date.chars().take(10).collect())],
        evidence: title(source).into_iter().collect(),
        looked_in: scene.reading.read_of(kinds),
    })
}

/// Year and month of an ISO date; a year alone is read as its end, in favour of the site.
fn month_of(date: &str) -> Option<(i32, i32)> {
    let mut parts = date.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next().and_then(|month| month.parse().ok()).unwrap_or(12);
    Some((year, month))
}

/// The page's first own block: the headline that the date belongs to.
fn title(source: &Source<'_>) -> Option<Evidence> {
    let (_, block) = source.blocks().next()?;
    Some(piece(source, block.start as usize..block.end as usize, block.page))
}

/// What was asked for lies on another site than what answered. A host of the same domain is not another site.
pub(super) fn moved(scene: &Scene<'_>) -> Option<Seen> {
    scene.sources.iter().find_map(|source| {
        let attributes = &source.document.attributes;
        let text = |name: &str| attributes.get(name).and_then(serde_json::Value::as_str);
        let from = pipelines::site_key(text("requested_url").filter(|_| text("via") == Some("seed"))?)?;
        let to = pipelines::site_key(source.document.url.as_deref()?)?;
        let within = |host: &str, of: &str| {
            host.strip_suffix(of).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        (!within(&from, &to) && !within(&to, &from)).then(|| Seen {
            says: vec![("value", from), ("to", to)],
            evidence: title(source).into_iter().collect(),
            looked_in: Vec::new(),
        })
    })
}

/// A form to fill in, and neither a page nor a link about privacy.
pub(super) fn no_privacy(link: &Regex, scene: &Scene<'_>) -> Option<Seen> {
    let form = scene.sources.iter().find(|source| has_form(source))?;
    let known = scene.sources.iter().any(|source| {
        let links = source.content.links.iter().any(|l| link.is_match(&l.href) || link.is_match(&l.text));
        links || source.document.url.as_deref().is_some_and(|url| link.is_match(url))
    });
    let found = known || scene.frontier.iter().any(|row| link.is_match(&row.url));
    (!found).then(|| Seen {
        says: vec![("value", form.document.url.as_deref().map(path).unwrap_or_default())],
        evidence: Vec::new(),
        looked_in: read(scene),
    })
}

/// Whether the finder saw a form in which readers tell something of themselves.
fn has_form(source: &Source<'_>) -> bool {
    let forms = source.document.attributes.get("forms").and_then(serde_json::Value::as_u64);
    forms.is_some_and(|forms| forms > 0)
}

/// Addresses that were known, worth reading and not read, as a share of all worth reading.
pub(super) fn unseen(above: f64, scene: &Scene<'_>) -> Option<Seen> {
    let there = |row: &&Candidate| !matches!(row.verdict, Some(Verdict::Missing | Verdict::Soft404));
    let by_limit = |row: &&Candidate| row.reason.as_deref().is_some_and(|reason| reason.contains("limit"));
    let wanted: Vec<&Candidate> = scene
        .frontier
        .iter()
        .filter(there)
        .filter(|row| row.state != FrontierState::Skipped || by_limit(row))
        .collect();
    let read = wanted.iter().filter(|row| row.verdict == Some(Verdict::Content)).count();
    let missed = wanted.len() - read;
    let share = share(missed, wanted.len());
    (share >= above && missed > 0).then(|| Seen {
        says: vec![("n", missed.to_string()), ("share", percent(share))],
        looked_in: self::read(scene),
        ..Seen::default()
    })
}

fn read(scene: &Scene<'_>) -> Vec<String> {
    scene.reading.read.keys().cloned().collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of pages")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// An address without scheme and host.
fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
}
