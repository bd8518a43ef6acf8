//! Products: by name and type; a product and a service of one name at one address are one.

use std::collections::{HashMap, HashSet};

use super::Group;

pub(super) fn merge(groups: Vec<Group>) -> Vec<Group> {
    let mut out: Vec<(Group, HashSet<String>)> = Vec::new();
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for group in groups {
        let urls: HashSet<String> =
            group.values("url").filter_map(|v| v.as_str().map(str::to_owned)).collect();
        let name = group.key.split('|').next().unwrap_or_default().to_owned();
        let namesakes = by_name.entry(name).or_default();
        let same = namesakes.iter().find(|n| out.get(**n).is_some_and(|known| !known.1.is_disjoint(&urls)));
        match same.and_then(|n| out.get_mut(*n)) {
            Some((known, all)) => {
                known.absorb(group, "product.name_url");
                all.extend(urls);
            }
            None => {
                namesakes.push(out.len());
                out.push((group, urls));
            }
        }
    }
    out.into_iter().map(|(group, _)| group).collect()
}
