//! People: by folded name, unless their present companies differ. Middle names and initials join only where nobody
//! else could be meant.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Frame, Group};
use crate::mention::Mention;
use crate::person::name::Parts;

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
    let mut split: Vec<Group> = groups.into_iter().flat_map(|g| by_company(frame, g)).collect();
    join(&mut split, "person.middle_name", middle);
    join(&mut split, "person.initial", initial);
    // Whoever was joined on the way is no longer somebody else.
    let keys: BTreeSet<String> = split.iter().map(|g| g.key.clone()).collect();
    for group in &mut split {
        group.maybe.retain(|key| keys.contains(key) && *key != group.key);
    }
    split
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
    let homes: BTreeSet<Home> = group.mentions.iter().filter(|m| !m.adds).map(|m| home(frame, m)).collect();
    let companies: Vec<&Home> = homes.iter().filter(|h| matches!(h, Home::At(_))).collect();
    let here = homes.contains(&Home::Open) && is_of_us(&group);
    if homes.len() <= 1 || (companies.len() + usize::from(homes.contains(&Home::Praise)) <= 1 && !here) {
        return vec![keyed(frame, group, &homes)];
    }
    let mut parts: Vec<(Home, Group)> = Vec::new();
    for mention in group.mentions {
        let mut home = home(frame, &mention);
        if mention.adds {
            home = Home::Open;
        }
        match parts.iter_mut().find(|(h, _)| *h == home) {
            Some((_, part)) => part.mentions.push(mention),
            None => parts.push((
                home,
                Group {
                    kind: group.kind,
                    key: group.key.clone(),
                    mentions: vec![mention],
                    rules: Vec::new(),
                    maybe: Vec::new(),
                },
            )),
        }
    }
    let mut out: Vec<Group> = parts
        .into_iter()
        .map(|(home, mut part)| {
            if part.mentions.len() > 1 {
                part.rules.push("person.name");
            }
            keyed(frame, part, &BTreeSet::from([home]))
        })
        .collect();
    let keys: Vec<String> = out.iter().map(|g| g.key.clone()).collect();
    for group in &mut out {
        group.maybe = keys.iter().filter(|k| **k != group.key).cloned().collect();
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
fn keyed(_frame: &Frame<'_>, mut group: Group, homes: &BTreeSet<Home>) -> Group {
    let only = homes.iter().next().filter(|_| homes.len() == 1);
    match only {
        Some(Home::At(company)) => group.key = format!("{} @ {company}", group.key),
        Some(Home::Praise) => group.key = format!("{} @ ?", group.key),
        _ => {}
    }
    group
}

/// Joins each group that has exactly one counterpart by the test; with several it says whom it may be.
fn join(groups: &mut Vec<Group>, rule: &'static str, fits: fn(&Group, &Group) -> Fit) {
    let mut n = 0;
    while n < groups.len() {
        let Some(short) = groups.get(n) else { break };
        let mut sure = Vec::new();
        let mut maybe = Vec::new();
        for (m, full) in groups.iter().enumerate().filter(|(m, _)| *m != n) {
            match fits(short, full) {
                Fit::Sure => sure.push(m),
                Fit::Maybe => maybe.push(m),
                Fit::No => {}
            }
        }
        // Anybody else it could be makes it unsure.
        if sure.len() == 1 && maybe.is_empty() {
            let short = groups.remove(n);
            let target = sure.first().map_or(0, |m| if *m > n { m - 1 } else { *m });
            if let Some(full) = groups.get_mut(target) {
                full.absorb(short, rule);
            }
            n = 0;
            continue;
        }
        let others: Vec<(usize, String)> =
            sure.iter().chain(&maybe).filter_map(|m| Some((*m, groups.get(*m)?.key.clone()))).collect();
        let own = groups.get(n).map(|g| g.key.clone()).unwrap_or_default();
        for (m, key) in others {
            note(groups, n, key);
            note(groups, m, own.clone());
        }
        n += 1;
    }
}

fn note(groups: &mut [Group], n: usize, key: String) {
    if let Some(group) = groups.get_mut(n)
        && !group.maybe.contains(&key)
        && group.key != key
    {
        group.maybe.push(key);
    }
}

enum Fit {
    Sure,
    Maybe,
    No,
}

/// The name without the company.
fn parts(group: &Group) -> Option<Parts> {
    Parts::of(group.key.split(" @ ").next().unwrap_or(&group.key))
}

fn same_company(a: &Group, b: &Group) -> bool {
    let company = |g: &Group| g.key.split_once(" @ ").map(|(_, c)| c.to_owned());
    company(a) == company(b)
}

/// `John Smith` beside `John A. Smith`.
fn middle(short: &Group, full: &Group) -> Fit {
    let (Some(a), Some(b)) = (parts(short), parts(full)) else { return Fit::No };
    let agree = a.given == b.given
        && a.family == b.family
        && !a.is_initial()
        && a.middle.is_empty()
        && !b.middle.is_empty();
    match (agree, same_company(short, full)) {
        (true, true) => Fit::Sure,
        (true, false) => Fit::Maybe,
        _ => Fit::No,
    }
}

/// `J. Smith` beside `John Smith`: the same sort of role, address or profile.
fn initial(short: &Group, full: &Group) -> Fit {
    let (Some(a), Some(b)) = (parts(short), parts(full)) else { return Fit::No };
    let agree = a.is_initial() && !b.is_initial() && a.family == b.family && b.given.starts_with(&a.given);
    if !agree {
        return Fit::No;
    }
    if same_company(short, full) && shares(short, full) { Fit::Sure } else { Fit::Maybe }
}

fn shares(a: &Group, b: &Group) -> bool {
    let set = |g: &Group, name: &str| g.values(name).map(Value::to_string).collect::<BTreeSet<_>>();
    let functions = |g: &Group| {
        g.values("roles")
            .filter_map(|r| r.get("function")?.as_str().map(str::to_owned))
            .collect::<BTreeSet<_>>()
    };
    !functions(a).is_disjoint(&functions(b))
        || ["email", "profiles"].iter().any(|name| !set(a, name).is_disjoint(&set(b, name)))
}
