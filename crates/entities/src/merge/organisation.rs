//! Organisations: by name without legal form, or by domain; never with different identifiers.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Frame, Group};
use crate::legal::Forms;

/// An organisation, with what others are compared by.
struct Known {
    group: Group,
    identifiers: HashSet<String>,
    schemes: HashSet<String>,
}

pub(super) fn merge(frame: &Frame<'_>, groups: Vec<Group>) -> Vec<Group> {
    let mut out: Vec<Known> = Vec::new();
    let mut by_domain: HashMap<String, BTreeSet<usize>> = HashMap::new();
    for mut group in groups {
        if has_variants(&group) && !group.rules.contains(&"organisation.legal_form") {
            group.rules.push("organisation.legal_form");
        }
        let domains = texts(&group, "domain");
        let new = Known::of(group);
        let neighbours: BTreeSet<usize> =
            domains.iter().filter_map(|domain| by_domain.get(domain)).flatten().copied().collect();
        let same = neighbours.into_iter().find(|n| out.get(*n).is_some_and(|known| !known.contradicts(&new)));
        let place = same.unwrap_or(out.len());
        match out.get_mut(place) {
            Some(known) => known.absorb(frame, new),
            None => out.push(new),
        }
        for domain in domains {
            by_domain.entry(domain).or_default().insert(place);
        }
    }
    out.into_iter().map(|known| known.group).collect()
}

impl Known {
    fn of(group: Group) -> Self {
        let identifiers = texts(&group, "identifier");
        let scheme = |id: &String| id.split(':').next().unwrap_or_default().to_owned();
        Self { schemes: identifiers.iter().map(scheme).collect(), identifiers, group }
    }

    /// Both carry identifiers of one scheme, and none is the same.
    fn contradicts(&self, other: &Self) -> bool {
        !self.schemes.is_disjoint(&other.schemes) && self.identifiers.is_disjoint(&other.identifiers)
    }

    fn absorb(&mut self, frame: &Frame<'_>, other: Self) {
        let own = other.group.key == frame.site.self_key();
        let key = other.group.key.clone();
        self.group.absorb(other.group, "organisation.domain");
        self.identifiers.extend(other.identifiers);
        self.schemes.extend(other.schemes);
        if own {
            self.group.key = key;
        }
    }
}

/// Whether its names differ in their legal forms.
fn has_variants(group: &Group) -> bool {
    let forms: HashSet<String> = texts(group, "name")
        .iter()
        .map(|name| Forms::shared().split(name).form.unwrap_or_default().to_owned())
        .collect();
    forms.len() > 1
}

fn texts(group: &Group, name: &str) -> HashSet<String> {
    group.values(name).filter_map(|v| v.as_str().map(str::to_owned)).collect()
}
