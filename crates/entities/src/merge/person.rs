//! People: by folded name, unless their present companies differ. Middle names and initials join only where nobody
//! else could be meant.

mod join;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Frame, Group, MOST_MAYBE};
use crate::mention::Mention;
use join::{Person, Rule};

/// Where a mention places the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    /// Here, or nowhere said.
    Open,
    /// At another company, folded.
    At(String),
    /// Somebody quoted in praise, without a company.
    Praise,
}

pub(super) fn merge(frame: &Frame<'_>, groups: Vec<Group>) -> Vec<Group> {
    let split = groups.into_iter().flat_map(|g| by_company(frame, g)).map(Person::of).collect();
    let joined = join::all(join::all(split, Rule::Middle), Rule::Initial);
    let mut out: Vec<Group> = joined.into_iter().map(|person| person.group).collect();
    // Whoever was joined on the way is no longer somebody else.
    let keys: BTreeSet<String> = out.iter().map(|g| g.key.clone()).collect();
    for group in &mut out {
        group.maybe.retain(|key| keys.contains(key) && *key != group.key);
    }
    out
}

fn home(frame: &Frame<'_>, mention: &Mention) -> Home {
    let roles = mention.facts.iter().filter(|f| f.name == "roles").map(|f| &f.value);
    let company = roles
        .filter(|r| r.get("current").and_then(Value::as_bool) == Some(true))
        .filter_map(|r| r.get("organisation").and_then(Value::as_str))
        .find(|name| !frame.site.is_own_name(frame.know, name));
    let placed = mention.facts.iter().any(|f| f.name == "group" && f.value.as_str().is_some_and(is_here));
    if let Some(name) = company.filter(|_| !placed) {
        return Home::At(frame.know.forms.split(name).core);
    }
    let praise = mention.facts.iter().any(|f| f.name == "group" && f.value == "testimonial");
    if praise { Home::Praise } else { Home::Open }
}

/// Namesakes at different companies are different people. Boards and advisers have a company of their own: where one
/// place shows the person in both roles, both are one.
fn by_company(frame: &Frame<'_>, group: Group) -> Vec<Group> {
    let places: Vec<Home> = group.mentions.iter().map(|m| home(frame, m)).collect();
    let named = group.mentions.iter().zip(&places).filter(|(m, _)| !m.adds);
    let homes: BTreeSet<Home> = named.map(|(_, home)| home.clone()).collect();
    let companies = homes.iter().filter(|h| matches!(h, Home::At(_))).count();
    let here = homes.contains(&Home::Open) && is_of_us(&group);
    if homes.len() <= 1 || (companies + usize::from(homes.contains(&Home::Praise)) <= 1 && !here) {
        return vec![keyed(group, &homes)];
    }
    let mut parts: Vec<(Home, Group)> = Vec::new();
    let mut known: BTreeMap<Home, usize> = BTreeMap::new();
    for (mention, place) in group.mentions.into_iter().zip(places) {
        let home = if mention.adds { Home::Open } else { place };
        let n = *known.entry(home.clone()).or_insert_with(|| {
            let part = Group { key: group.key.clone(), ..Group::new(group.kind) };
            parts.push((home, part));
            parts.len() - 1
        });
        if let Some((_, part)) = parts.get_mut(n) {
            part.mentions.push(mention);
        }
    }
    let mut out: Vec<Group> = parts
        .into_iter()
        .map(|(home, mut part)| {
            if part.mentions.len() > 1 {
                part.rules.push("person.name");
            }
            keyed(part, &BTreeSet::from([home]))
        })
        .collect();
    let keys: Vec<String> = out.iter().map(|g| g.key.clone()).collect();
    for group in &mut out {
        group.maybe = keys.iter().filter(|k| **k != group.key).take(MOST_MAYBE).cloned().collect();
    }
    out
}

/// Groups of the company itself.
fn is_here(group: &str) -> bool {
    matches!(group, "founder" | "executive" | "board" | "advisor" | "staff")
}

/// Whether some mention places the person here for sure.
fn is_of_us(group: &Group) -> bool {
    group
        .mentions
        .iter()
        .any(|m| m.facts.iter().any(|f| f.name == "group" && f.value.as_str().is_some_and(is_here)))
}

/// A person of another company has that company in the key.
fn keyed(mut group: Group, homes: &BTreeSet<Home>) -> Group {
    let only = homes.iter().next().filter(|_| homes.len() == 1);
    match only {
        Some(Home::At(company)) => group.key = format!("{} @ {company}", group.key),
        Some(Home::Praise) => group.key = format!("{} @ ?", group.key),
        _ => {}
    }
    group
}
