//! Products: by name and type; a product and a service of one name at one address are one.

use std::collections::BTreeSet;

use super::Group;

pub(super) fn merge(groups: Vec<Group>) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    for group in groups {
        let name = |g: &Group| g.key.split('|').next().unwrap_or_default().to_owned();
        let urls = |g: &Group| {
            g.values("url").filter_map(|v| v.as_str().map(str::to_owned)).collect::<BTreeSet<_>>()
        };
        match out.iter_mut().find(|g| name(g) == name(&group) && !urls(g).is_disjoint(&urls(&group))) {
            Some(known) => known.absorb(group, "product.name_url"),
            None => out.push(group),
        }
    }
    out
}
