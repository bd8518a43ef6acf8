//! The scorer `checks`: key facts, coverage, size class, stage, conflicts and flags, all by rules.

mod conflicts;
mod facts;
mod flags;
mod metrics;
mod rules;
mod signals;
mod size;
mod stage;
#[cfg(test)]
mod tests;

use domain::Finding;

pub(crate) use rules::Error;
use rules::Rules;

use super::output::{Scored, Stage};
use super::scene::Scene;
use crate::draft::{Draft, findings};

/// Whether rules can be applied. A subject's names come into patterns as plain words, so that none makes them wrong.
pub(crate) fn check(toml: &str) -> Result<(), Error> {
    Rules::parse(toml, &[]).map(drop)
}

/// Applies the rules; findings come in the order facts, size, stage, conflicts, flags.
pub(crate) fn score(scene: &Scene<'_>, section: &str, toml: &str) -> Result<(Scored, Vec<Finding>), Error> {
    let rules = Rules::parse(toml, scene.names)?;
    let mut drafts: Vec<Draft> = Vec::new();
    let found = facts::find(&rules, scene);
    drafts.extend(found.iter().flat_map(|fact| fact.drafts.iter().cloned()));
    let (size, of_size) = size::class(&rules.size, scene);
    let (stage, of_stage) = stage::of(&rules.stage, &size, of_size.as_ref(), scene);
    drafts.extend(of_size);
    drafts.extend(of_stage);
    let disagreements = conflicts::find(&rules.conflicts, &found, scene);
    drafts.extend(disagreements.iter().map(|conflict| conflict.finding.clone()));
    let flags = flags::raise(&rules, &found, disagreements, scene);
    drafts.extend(flags.iter().map(|raised| raised.finding.clone()));
    let facts = facts::listed(&found, scene);
    let coverage = facts::coverage(&facts);
    let mut metrics = metrics::count(&rules.metrics, scene);
    metrics.extend(size.headcount.map(|people| ("headcount".to_owned(), people)));
    metrics.insert("red_flags".to_owned(), flags.len() as u64);
    metrics.insert("coverage".to_owned(), coverage.found.into());
    let made = findings(section, drafts, &[], scene.weigher);
    let level = made.iter().find(|finding| Some(finding.id) == stage.finding).map(|finding| finding.level);
    let scored = Scored {
        metrics,
        facts,
        coverage,
        stage: Stage { level, ..stage },
        size_class: size,
        flags: flags.into_iter().map(|raised| raised.flag).collect(),
        notes: Vec::new(),
    };
    Ok((scored, made))
}
