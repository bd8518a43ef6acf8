//! Joining a shorter name to the one fuller name it can only stand for: each short name is compared with the names of
//! its own family, once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::{Group, MOST_MAYBE};
use crate::person::name::Parts;

/// A group with its name taken apart.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) group: Group,
    name: Option<Parts>,
    /// Of people of other companies.
    company: Option<String>,
}

impl Person {
    pub(super) fn of(group: Group) -> Self {
        let (name, company) = match group.key.split_once(" @ ") {
            Some((name, company)) => (name, Some(company.to_owned())),
            None => (group.key.as_str(), None),
        };
        Self { name: Parts::of(name), company, group }
    }

    /// What tells that two names are of one person: the same sort of role, address or profile.
    fn signs(&self) -> HashSet<String> {
        let roles = self.group.values("roles").filter_map(|role| role.get("function")?.as_str());
        let functions = roles.map(|function| format!("function {function}"));
        let value = |name: &'static str| self.group.values(name).map(move |v: &Value| format!("{name} {v}"));
        functions.chain(value("email")).chain(value("profiles")).collect()
    }
}

/// How a short name stands for a full one. What is short for one is full for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// `John Smith` beside `John A. Smith`.
    Middle,
    /// `J. Smith` beside `John Smith`: the same sort of role, address or profile.
    Initial,
}

impl Rule {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Middle => "person.middle_name",
            Self::Initial => "person.initial",
        }
    }

    /// What a short name has in common with every full name that it can stand for: family name, and given name or its
    /// initial.
    fn short(self, name: &Parts) -> Option<(String, String)> {
        let is_short = match self {
            Self::Middle => !name.is_initial() && name.middle.is_empty(),
            Self::Initial => name.is_initial(),
        };
        is_short.then(|| (name.family.clone(), name.given.clone()))
    }

    fn full(self, name: &Parts) -> Option<(String, String)> {
        let given = match self {
            Self::Middle => Some(name.given.clone()).filter(|_| !name.middle.is_empty()),
            Self::Initial => name.given.chars().next().map(String::from).filter(|_| !name.is_initial()),
        };
        Some((name.family.clone(), given?))
    }
}

/// Joins each person that has exactly one counterpart by the rule; with several it says whom it may be.
pub(super) fn all(people: Vec<Person>, rule: Rule) -> Vec<Person> {
    let mut full_names: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (n, person) in people.iter().enumerate() {
        if let Some(key) = person.name.as_ref().and_then(|name| rule.full(name)) {
            full_names.entry(key).or_default().push(n);
        }
    }
    let mut people: Vec<Option<Person>> = people.into_iter().map(Some).collect();
    for (full, waiting) in sole(&mut people, &full_names, rule) {
        let Some(person) = people.get_mut(full).and_then(Option::as_mut) else { continue };
        for (n, left) in settle(person, waiting, rule) {
            if let Some(place) = people.get_mut(n) {
                *place = Some(left);
            }
        }
    }
    note(&mut people, &full_names, rule);
    people.into_iter().flatten().collect()
}

fn candidates<'f>(
    person: &Person,
    full_names: &'f HashMap<(String, String), Vec<usize>>,
    rule: Rule,
) -> Option<&'f [usize]> {
    full_names.get(&rule.short(person.name.as_ref()?)?).map(Vec::as_slice)
}

/// Takes out the short names that can only stand for one full name of the same company: those of each full name, by
/// their places.
fn sole(
    people: &mut [Option<Person>],
    full_names: &HashMap<(String, String), Vec<usize>>,
    rule: Rule,
) -> BTreeMap<usize, BTreeMap<usize, Person>> {
    let mut out: BTreeMap<usize, BTreeMap<usize, Person>> = BTreeMap::new();
    for n in 0..people.len() {
        let Some(person) = people.get(n).and_then(Option::as_ref) else { continue };
        // Anybody else it could be makes it unsure.
        let Some([full]) = candidates(person, full_names, rule) else { continue };
        let other = people.get(*full).and_then(Option::as_ref);
        if other.is_some_and(|other| other.company == person.company)
            && let Some(person) = people.get_mut(n).and_then(Option::take)
        {
            out.entry(*full).or_default().insert(n, person);
        }
    }
    out
}

/// Joins those of the short names that share a sign with the full one, the first of them first: what each brings may be
/// what the next one shares. Returns the others.
fn settle(full: &mut Person, mut waiting: BTreeMap<usize, Person>, rule: Rule) -> BTreeMap<usize, Person> {
    let mut ready: BTreeSet<usize> = BTreeSet::new();
    let mut by_sign: HashMap<String, Vec<usize>> = HashMap::new();
    match rule {
        Rule::Middle => ready.extend(waiting.keys()),
        Rule::Initial => {
            for (n, person) in &waiting {
                for sign in person.signs() {
                    by_sign.entry(sign).or_default().push(*n);
                }
            }
            ready.extend(full.signs().iter().filter_map(|sign| by_sign.remove(sign)).flatten());
        }
    }
    while let Some(n) = ready.pop_first() {
        let Some(short) = waiting.remove(&n) else { continue };
        if rule == Rule::Initial {
            ready.extend(short.signs().iter().filter_map(|sign| by_sign.remove(sign)).flatten());
        }
        full.group.absorb(short.group, rule.as_str());
    }
    waiting
}

/// Everybody whom a short name may still stand for, said of both.
fn note(people: &mut [Option<Person>], full_names: &HashMap<(String, String), Vec<usize>>, rule: Rule) {
    for n in 0..people.len() {
        let Some(person) = people.get(n).and_then(Option::as_ref) else { continue };
        let Some(full) = candidates(person, full_names, rule) else { continue };
        let own = person.group.key.clone();
        let keyed = |m: &usize| Some((*m, people.get(*m)?.as_ref()?.group.key.clone()));
        let others: Vec<(usize, String)> = full.iter().filter_map(keyed).take(MOST_MAYBE).collect();
        for (m, key) in others {
            let mut say = |who: usize, key: String| {
                if let Some(person) = people.get_mut(who).and_then(Option::as_mut) {
                    person.group.may_be(key);
                }
            };
            say(n, key);
            say(m, own.clone());
        }
    }
}
