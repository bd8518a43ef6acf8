//! Authors: bylines and declared authors. They make nobody staff.

use domain::Region;

use super::name::Trust;
use super::{Seen, is_person, mention};
use crate::mention::Method;
use crate::page::range;
use crate::reading::Reading;
use crate::rules::Group;

/// A byline is a short block.
const BYLINE_BYTES: usize = 100;

pub(super) fn read(r: &mut Reading<'_, '_>) {
    let mut out: Vec<Seen> = Vec::new();
    if r.page.is_kind(&r.know.rules.pages.articles) {
        for (_, block) in
            r.page.blocks().filter(|(_, b)| b.region == Region::Main && range(b).len() <= BYLINE_BYTES)
        {
            let tokens = r.page.scan.tokens(range(block));
            let said = |n: usize| {
                tokens.first().zip(tokens.get(n)).map(|(f, l)| r.page.scan.get_low(f.start..l.end))
            };
            let Some(n) = (0..2)
                .rev()
                .find(|n| said(*n).is_some_and(|w| r.know.rules.person.bylines.iter().any(|b| b == w)))
            else {
                continue;
            };
            let from = n + 1 + usize::from(tokens.get(n + 1).is_some_and(|t| t.mark() == Some(':')));
            let Some(name) = r.know.names.starting_at(r.page.text(), &tokens, from, Trust::Field) else {
                continue;
            };
            let Some((first, last)) = tokens.get(name.start).zip(tokens.get(name.end - 1)) else { continue };
            let name = r.page.scan.get(first.start..last.end);
            let from = tokens.first().map_or(first.start, |t| t.start);
            out.extend(author(r, name, r.page.spot(from..last.end, Method::Clause)));
        }
    }
    if let Some(declared) = r.page.content.author.as_deref()
        && let Some(at) = r.know.names.whole(declared, Trust::Field)
        && let Some(name) = declared.get(at)
    {
        let spot = r.page.find(name).and_then(|at| r.page.spot(at, Method::Meta));
        out.extend(author(r, name, spot));
    }
    for seen in out {
        if let Some(spot) = seen.spot.clone() {
            let mention = mention(r, &seen, spot);
            r.found.push(mention);
        }
    }
}

fn author(r: &Reading<'_, '_>, name: &str, spot: Option<crate::mention::Spot>) -> Option<Seen> {
    is_person(r, name).then(|| Seen {
        name: name.to_owned(),
        roles: Vec::new(),
        groups: vec![Group::Author],
        spot,
        blocks: Vec::new(),
        organisation: None,
        affiliation: None,
        unplaced: false,
    })
}
