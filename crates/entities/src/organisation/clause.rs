//! `backed by X and Y` · `a subsidiary of X` · `customers such as A, B and C`.

use domain::Region;

use super::{bytes, is_of_another, mention, name_end, name_start};
use crate::lexicon::Tag;
use crate::mention::Method;
use crate::reading::Reading;
use crate::rules::Side;
use crate::scan::Token;

pub(super) fn read(r: &mut Reading<'_, '_>) {
    let mut found = Vec::new();
    for (hit, _, block) in r.page.hits() {
        let Tag::OrganisationClause(n) = hit.tag else { continue };
        let Some(rule) = r.know.rules.organisation.clauses.get(usize::from(n)) else { continue };
        if block.region == Region::Nav || !r.speaks_of_us(&(hit.start..hit.end)) {
            continue;
        }
        let tokens = r.page.block_tokens(block);
        let from = tokens.partition_point(|t| t.start < hit.start);
        let to = tokens.partition_point(|t| t.end <= hit.end);
        if rule.side == Side::Before {
            let start = name_start(r.know, &r.page.scan, &tokens, from);
            if let Some(at) = bytes(&r.page.scan, &tokens, start..from) {
                let spot = r.context(at.start..hit.end, Method::Clause);
                let name = r.page.scan.get(at);
                found.extend(spot.and_then(|s| mention(r, name, &rule.relationship, "explicit", s)));
            }
            continue;
        }
        let of_another = ["acquirer", "parent", "investor"].contains(&rule.relationship.as_str());
        if of_another && is_of_another(r, hit.start..hit.end) {
            continue;
        }
        for at in names(r, &tokens, to) {
            let name = r.page.scan.get(at.clone());
            if rule.group && !is_group(r, name) {
                continue;
            }
            let spot = r.context(hit.start..at.end, Method::Clause);
            found.extend(spot.and_then(|s| mention(r, name, &rule.relationship, "explicit", s)));
        }
    }
    r.found.extend(found);
}

/// The names of a list that starts at a token: `A, B and C`.
fn names(r: &Reading<'_, '_>, tokens: &[Token], from: usize) -> Vec<std::ops::Range<usize>> {
    let scan = &r.page.scan;
    let mut out = Vec::new();
    let mut at = from;
    while out.len() < 20 {
        let skip = tokens
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take(4)
            .take_while(|t| {
                matches!(t.mark(), Some(':' | '“' | '"' | '„' | '«'))
                    || (t.is_word() && r.know.sets.organisation_starts.contains(scan.low_word(t)))
            })
            .count();
        let start = at + skip;
        let end = name_end(r.know, scan, tokens, start);
        if end == start {
            break;
        }
        out.extend(bytes(scan, tokens, start..end));
        let joints = tokens
            .get(end..)
            .unwrap_or_default()
            .iter()
            .take(2)
            .take_while(|t| {
                matches!(t.mark(), Some(',' | '&' | ';' | '/'))
                    || matches!(
                        scan.low_word(t),
                        "and" | "und" | "et" | "y" | "e" | "en" | "sowie" | "or" | "as"
                    )
            })
            .count();
        if joints == 0 {
            break;
        }
        at = end + joints;
    }
    out
}

/// `… Group`, `Gruppe …`, or a legal form.
fn is_group(r: &Reading<'_, '_>, name: &str) -> bool {
    r.know.forms.has_form(name)
        || name.split_whitespace().any(|w| {
            matches!(
                crate::fold::lower(w).as_str(),
                "group"
                    | "gruppe"
                    | "groupe"
                    | "grupo"
                    | "gruppo"
                    | "groep"
                    | "holding"
                    | "holdings"
                    | "konzern"
            )
        })
}
