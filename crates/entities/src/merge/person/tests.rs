use proptest::prelude::*;
use serde_json::json;

use super::join::{self, Person, Rule};
use super::*;
use crate::mention::{Kind, Method, Spot};

fn spot() -> Spot {
    Spot {
        source: 0,
        layer: domain::Layer::Text,
        start: 0,
        end: 1,
        quote: "x".into(),
        method: Method::Clause,
        print: 0,
        page: None,
    }
}

fn group(key: &str, functions: &[&str]) -> Group {
    let mention = Mention::new(Kind::Person, key, key, spot());
    let mention = functions.iter().fold(mention, |m, f| m.with("roles", json!({ "function": f })));
    Group { key: key.to_owned(), mentions: vec![mention], ..Group::new(Kind::Person) }
}

fn joined(groups: Vec<Group>) -> Vec<Group> {
    let people = groups.into_iter().map(Person::of).collect();
    let people = join::all(join::all(people, Rule::Middle), Rule::Initial);
    people.into_iter().map(|person| person.group).collect()
}

/// The rules word for word: whoever can be joined is, and then everybody is looked at anew.
mod literal {
    use super::*;
    use crate::person::name::Parts;

    pub(super) fn joined(mut groups: Vec<Group>) -> Vec<Group> {
        for (rule, fits) in [
            ("person.middle_name", middle as fn(&Group, &Group) -> Option<bool>),
            ("person.initial", initial),
        ] {
            let mut n = 0;
            while n < groups.len() {
                let fit: Vec<(usize, bool)> = (0..groups.len())
                    .filter(|m| *m != n)
                    .filter_map(|m| Some((m, fits(&groups[n], &groups[m])?)))
                    .collect();
                if let [(target, true)] = fit[..] {
                    let short = groups.remove(n);
                    groups[target - usize::from(target > n)].absorb(short, rule);
                    n = 0;
                    continue;
                }
                for (m, _) in fit {
                    let (own, other) = (groups[n].key.clone(), groups[m].key.clone());
                    groups[n].may_be(other);
                    groups[m].may_be(own);
                }
                n += 1;
            }
        }
        groups
    }

    fn names(a: &Group, b: &Group) -> (Parts, Parts, bool) {
        let parts = |g: &Group| Parts::of(g.key.split(" @ ").next().unwrap()).unwrap();
        let company = |g: &Group| g.key.split_once(" @ ").map(|(_, company)| company.to_owned());
        (parts(a), parts(b), company(a) == company(b))
    }

    /// Whether they may be one, and if so whether for sure.
    fn middle(short: &Group, full: &Group) -> Option<bool> {
        let (a, b, together) = names(short, full);
        let agree = a.given == b.given && a.family == b.family;
        (agree && !a.is_initial() && a.middle.is_empty() && !b.middle.is_empty()).then_some(together)
    }

    fn initial(short: &Group, full: &Group) -> Option<bool> {
        let (a, b, together) = names(short, full);
        let agree = a.is_initial() && !b.is_initial() && a.family == b.family;
        let functions = |g: &Group| {
            let roles = g.values("roles").filter_map(|role| role["function"].as_str().map(str::to_owned));
            roles.collect::<BTreeSet<_>>()
        };
        (agree && b.given.starts_with(&a.given))
            .then(|| together && !functions(short).is_disjoint(&functions(full)))
    }
}

/// Key, keys of its mentions, rules, and whom it may be the same as, whatever order that was noted in.
type Told = (String, Vec<String>, Vec<&'static str>, BTreeSet<String>);

fn told(groups: Vec<Group>) -> Vec<Told> {
    let keys: BTreeSet<String> = groups.iter().map(|g| g.key.clone()).collect();
    let told = groups.into_iter().map(|g| {
        let mentions = g.mentions.iter().map(|m| m.key.clone()).collect();
        let maybe = g.maybe.iter().filter(|k| keys.contains(*k) && **k != g.key).cloned().collect();
        (g.key, mentions, g.rules, maybe)
    });
    told.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn names_are_joined_as_the_rules_say_word_for_word(
        people in prop::collection::btree_map(
            (
                prop::sample::select(vec!["j", "john", "jane", "m", "mara"]),
                prop::sample::select(vec!["", " a", " b", " alan"]),
                prop::sample::select(vec![" smith", " lind"]),
                prop::sample::select(vec!["", "", " @ oracle"]),
            ),
            prop::sample::subsequence(vec!["cto", "ceo", "cfo", "coo"], 1..=2),
            0..14,
        )
    ) {
        let groups: Vec<Group> =
            people.iter().map(|((given, middle, family, company), functions)| {
                group(&format!("{given}{middle}{family}{company}"), functions)
            }).collect();
        prop_assert_eq!(told(joined(groups.clone())), told(literal::joined(groups)));
    }
}

#[test]
fn what_one_initial_brings_another_may_share() {
    let (first, bridge) = (group("j a smith", &["ceo"]), group("j b smith", &["cto", "ceo"]));
    let found = joined(vec![first, bridge, group("john smith", &["cto"])]);
    let joined: Vec<&str> = found[0].mentions.iter().map(|m| m.key.as_str()).collect();
    assert_eq!((found.len(), joined), (1, vec!["john smith", "j b smith", "j a smith"]));
}
