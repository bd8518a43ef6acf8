//! Organisations: by name without legal form, or by domain; never with different identifiers.

use std::collections::BTreeSet;

use super::{Frame, Group};
use crate::legal::Forms;

pub(super) fn merge(frame: &Frame<'_>, groups: Vec<Group>) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    for mut group in groups {
        if variants(&group).len() > 1 && !group.rules.contains(&"organisation.legal_form") {
            group.rules.push("organisation.legal_form");
        }
        match out.iter_mut().find(|g| same_domain(g, &group) && !contradict(g, &group)) {
            Some(known) => {
                let own = group.key == frame.site.self_key();
                let key = group.key.clone();
                known.absorb(group, "organisation.domain");
                if own {
                    known.key = key;
                }
            }
            None => out.push(group),
        }
    }
    out
}

fn variants(group: &Group) -> BTreeSet<String> {
    group
        .values("name")
        .filter_map(|v| v.as_str().map(|s| Forms::shared().split(s).form.unwrap_or("").to_owned()))
        .collect()
}

fn domains(group: &Group) -> BTreeSet<String> {
    group.values("domain").filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn same_domain(a: &Group, b: &Group) -> bool {
    !domains(a).is_disjoint(&domains(b))
}

/// Both carry identifiers of one scheme, and none is the same.
fn contradict(a: &Group, b: &Group) -> bool {
    let ids = |g: &Group| {
        g.values("identifier").filter_map(|v| v.as_str().map(str::to_owned)).collect::<BTreeSet<_>>()
    };
    let (x, y) = (ids(a), ids(b));
    let scheme = |id: &String| id.split(':').next().unwrap_or_default().to_owned();
    let shared =
        x.iter().map(scheme).collect::<BTreeSet<_>>().intersection(&y.iter().map(scheme).collect()).count()
            > 0;
    shared && x.is_disjoint(&y)
}
