//! Founders in sentences: `founded by A and B` · `founded in 2012 in Berlin by A and B` · `A and B founded …`.

use super::name::Trust;
use super::title::Role;
use super::{Seen, clause, is_person};
use crate::lexicon::{Hit, Tag};
use crate::mention::Method;
use crate::reading::Reading;
use crate::rules::Group;
use crate::scan::Token;

pub(super) fn read(r: &Reading<'_, '_>) -> Vec<Seen> {
    let mut out = Vec::new();
    for (hit, _, _) in r.page.hits() {
        if !matches!(hit.tag, Tag::FoundedBy | Tag::Founded) {
            continue;
        }
        let tokens = r.page.sentence_tokens(hit.start..hit.end);
        let from = tokens.partition_point(|t| t.start < hit.start);
        let to = tokens.partition_point(|t| t.end <= hit.end);
        let text = r.page.text();
        let by = if hit.tag == Tag::FoundedBy { Some(to) } else { by_whom(r, &tokens, to) };
        let names = if let Some(by) = by {
            if crate::organisation::is_of_another(r, hit.start..hit.end) {
                continue;
            }
            r.know.names.starting_at(text, &tokens, by, Trust::Prose).map(|first| {
                let mut names = vec![first.clone()];
                names.extend(clause::more_after(r, &tokens, first.end));
                names
            })
        } else {
            if !founds_this(r, &tokens, to) {
                continue;
            }
            r.know.names.ending_at(text, &tokens, from, Trust::Prose).map(|last| {
                let mut names = vec![last.clone()];
                names.extend(clause::more_before(r, &tokens, last.start));
                names
            })
        };
        for name in names.unwrap_or_default() {
            let Some(at) = tokens
                .get(name.start)
                .zip(name.end.checked_sub(1).and_then(|n| tokens.get(n)))
                .map(|(first, last)| first.start..last.end)
            else {
                continue;
            };
            out.extend(founder(r, hit, at));
        }
    }
    out
}

/// Where the founders begin when a time or a place stands between: `founded | in 2012 in Berlin by | A and B`.
fn by_whom(r: &Reading<'_, '_>, tokens: &[Token], from: usize) -> Option<usize> {
    const MOST_BETWEEN: usize = 8;
    for (n, token) in tokens.iter().enumerate().skip(from).take(MOST_BETWEEN) {
        let low = r.page.scan.low_word(token);
        if matches!(low, "by" | "von" | "durch" | "par" | "por" | "da" | "door") {
            return (n > from).then_some(n + 1);
        }
        let word = r.page.scan.get(token.start..token.end);
        let is_name = word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let joins =
            matches!(low, "in" | "at" | "on" | "near" | "the" | "of" | "im" | "en" | "à" | "a" | "nel");
        if !(is_name || joins || token.mark() == Some(',')) {
            return None;
        }
    }
    None
}

fn founder(r: &Reading<'_, '_>, hit: Hit, at: std::ops::Range<usize>) -> Option<Seen> {
    let name = r.page.text().get(at.clone()).filter(|n| is_person(r, n))?;
    let role = Role {
        title: "Founder".into(),
        function: Some("founder".into()),
        seniority: "founder".into(),
        group: Some(Group::Founder),
        organisation: None,
        current: true,
        since: None,
        until: None,
    };
    Some(Seen {
        name: name.to_owned(),
        roles: vec![role],
        groups: Vec::new(),
        spot: r.page.spot(at.start.min(hit.start)..at.end.max(hit.end), Method::Clause),
        blocks: Vec::new(),
        organisation: None,
        affiliation: None,
        unplaced: false,
    })
}

/// `founded the company`, `founded Acme`, `founded it in 2014`; not `founded Other Inc.`.
fn founds_this(r: &Reading<'_, '_>, tokens: &[Token], to: usize) -> bool {
    let scan = &r.page.scan;
    let Some(next) = tokens.get(to) else { return false };
    let low = scan.low_word(next);
    if matches!(
        low,
        "the"
            | "us"
            | "it"
            | "our"
            | "in"
            | "on"
            | "das"
            | "die"
            | "den"
            | "im"
            | "la"
            | "l'entreprise"
            | "en"
            | "nel"
            | "het"
    ) {
        return true;
    }
    let end = crate::organisation::name_end(r.know, scan, tokens, to);
    tokens.get(to).zip(end.checked_sub(1).and_then(|n| tokens.get(n))).is_some_and(|(first, last)| {
        last.end > first.start && r.site.is_own_name(r.know, scan.get(first.start..last.end))
    })
}
