//! What is said as a yes where it stands as a no, and what is said twice.

use serde_json::json;

use super::super::answer::Claim;
use super::*;

#[test]
fn an_earlier_finding_is_not_turned_round_and_a_lack_may_be_said_as_a_yes() {
    let world = World::new();
    let sources = world.sources();
    let defaults = Defaults::load().unwrap();
    let drafts = vec![
        Draft::new("security", FindingKind::Fact, "Brightwater is not certified to ISO 27001."),
        Draft::new("missing", FindingKind::Flag, "No registration number is given."),
    ];
    let earlier = findings("checks", drafts, &[], &Weigher::new(&defaults.confidence, &sources));
    let labels = Labels { findings: earlier.iter().collect(), ..Labels::default() };
    let quotes = Quotes::new(&labels, &sources);
    let carried = |statement: &str, label: &str| {
        let claim = serde_json::from_value(claim("c1", "fact", statement, &[(label, "")])).unwrap();
        let Claim { evidence, .. } = &claim;
        let carried = quotes.carry(evidence, &Said::of(&claim));
        (carried.cites.len(), carried.faults.len())
    };
    assert_eq!(carried("Brightwater is certified to ISO 27001.", "F1"), (0, 1));
    assert_eq!(carried("Brightwater is not certified to ISO 27001.", "F1"), (1, 0));
    assert_eq!(carried("The registration number is left out.", "F2"), (1, 0));
}

#[test]
fn a_sentence_that_a_repair_puts_in_twice_is_said_once() {
    let claims = vec![claim("c1", "fact", "Founded in 2014.", &[("S1", "founded in 2014 in Leeds")])];
    let sentence = |text: &str| json!({"text": text, "claims": ["c1"]});
    let first =
        json!({"claims": claims, "summary": [sentence("Founded in 2014."), sentence("Founded in 2013.")]});
    let second = json!({"claims": [], "summary": [sentence("founded in 2014")]});
    let (drafts, dropped, asked) = World::new().run(first, Some(second), false);
    assert!(asked);
    let said: Vec<&str> = drafts.iter().map(|draft| draft.statement.as_str()).collect();
    assert_eq!(said, ["Founded in 2014.", "Founded in 2014."], "the claim and one sentence");
    assert_eq!(dropped, Dropped { claims: 0, sentences: 1, quotes: 0 });
}
