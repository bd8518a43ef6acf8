//! Names behind labels of imprints: `Geschäftsführer: A, B` · `Managing Directors: A and B`.

use super::name::Trust;
use super::title::Role;
use super::{Seen, clause, is_person};
use crate::fold::squeeze;
use crate::lexicon::Tag;
use crate::mention::Method;
use crate::page::range;
use crate::reading::Reading;

/// Names stand within this many bytes behind the label.
const REACH_BYTES: usize = 200;

pub(super) fn read(r: &Reading<'_, '_>) -> Vec<Seen> {
    let mut out = Vec::new();
    let legal = r.page.is_kind(&r.know.rules.pages.legal);
    for (hit, n, block) in r.page.hits() {
        let Tag::LegalLabel(label) = hit.tag else { continue };
        let text = r.page.text();
        let block_end = range(block).end;
        let after = text.get(hit.end..block_end).unwrap_or_default();
        let marked = after.trim_start_matches(['\u{a0}', ' ', ')']).starts_with([':', '|', '\n']);
        let own_line = after.trim().is_empty() && legal;
        let loose = legal && after.starts_with(' ');
        if !(marked || own_line || loose) {
            continue;
        }
        // A label that ends its block speaks of the next one.
        let next = r.page.content.blocks.get(n + 1).filter(|b| own_line && r.page.is_usable(b));
        let reach = next.map_or(block_end, |b| range(b).end).min(hit.end + REACH_BYTES);
        let reach = (hit.end..=reach).rev().find(|e| text.is_char_boundary(*e)).unwrap_or(hit.end);
        out.extend(named(r, hit, label, reach, next.map(|_| n + 1).unwrap_or(n)));
    }
    out
}

fn named(r: &Reading<'_, '_>, hit: crate::lexicon::Hit, label: u16, reach: usize, block: usize) -> Vec<Seen> {
    let Some(rule) = r.know.rules.person.legal_labels.get(usize::from(label)) else { return Vec::new() };
    let tokens = r.page.scan.tokens(hit.end..reach);
    let skip = tokens.iter().take(4).take_while(|t| {
        matches!(t.mark(), Some(':' | '|' | '-' | '–' | '(' | ')' | '\n'))
            || matches!(
                r.page.scan.low_word(t),
                "den" | "die" | "der" | "durch" | "by" | "par" | "von" | "in"
            )
    });
    let from = skip.count();
    let text = r.page.text();
    let Some(first) = r.know.names.starting_at(text, &tokens, from, Trust::Field) else { return Vec::new() };
    let mut names = vec![first.clone()];
    names.extend(clause::more_after(r, &tokens, first.end));
    let title = printed_title(r, hit).unwrap_or_else(|| rule.title.clone());
    names
        .into_iter()
        .filter_map(|name| {
            let at = tokens.get(name.start)?.start..tokens.get(name.end.checked_sub(1)?)?.end;
            let name = text.get(at.clone())?;
            let role = Role {
                title: title.clone(),
                function: Some(rule.function.clone()),
                seniority: rule.seniority.clone(),
                group: Some(rule.group),
                organisation: None,
                current: true,
                since: None,
                until: None,
            };
            is_person(r, name).then(|| Seen {
                name: name.to_owned(),
                roles: vec![role],
                groups: Vec::new(),
                spot: r.page.spot(hit.start..at.end, Method::LegalLabel),
                blocks: vec![block],
                organisation: None,
                affiliation: None,
                unplaced: false,
            })
        })
        .collect()
}

/// The title as the label prints it (`Geschäftsführerin`), if it is one word of one person.
fn printed_title(r: &Reading<'_, '_>, hit: crate::lexicon::Hit) -> Option<String> {
    let scan = &r.page.scan;
    let tokens = scan.tokens(hit.start..hit.end);
    let last = tokens.last().filter(|t| t.is_word())?;
    let word = scan.word(last);
    let one = word.starts_with(char::is_uppercase) && !word.ends_with('s') && !word.ends_with("nen");
    let title = scan
        .hits(last.start..last.end)
        .iter()
        .any(|h| matches!(h.tag, crate::lexicon::Tag::Title(_)) && h.end == last.end);
    (one && title && (tokens.len() == 1 || word.ends_with("in"))).then(|| squeeze(word))
}
