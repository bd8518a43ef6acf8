//! What scorers look at: everything the run has found out so far.

use chrono::{DateTime, Utc};
use domain::{Candidate, Entity};

use crate::confidence::Weigher;
use crate::reading::Reading;
use crate::sources::Sources;

/// The run, read once.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) sources: &'a Sources<'a>,
    pub(crate) entities: &'a [Entity],
    pub(crate) frontier: &'a [Candidate],
    pub(crate) reading: &'a Reading,
    pub(crate) weigher: &'a Weigher<'a>,
    /// The subject's names, longest first.
    pub(crate) names: &'a [String],
    /// The address that was asked for, if one was.
    pub(crate) asked: Option<&'a str>,
    /// When the run was asked for: the same at every attempt, so that ages are too.
    pub(crate) at: DateTime<Utc>,
}

impl<'a> Scene<'a> {
    /// Entities of a kind that fulfil the conditions, the surest first.
    pub(crate) fn entities_of<'s>(
        &'s self,
        kind: &'s str,
        conditions: &'s std::collections::BTreeMap<String, Vec<serde_json::Value>>,
    ) -> Vec<&'a Entity> {
        let mut found: Vec<&Entity> = self
            .entities
            .iter()
            .filter(|entity| entity.kind == kind)
            .filter(|entity| {
                conditions.iter().all(|(path, wanted)| crate::attributes::holds(entity, path, wanted))
            })
            .collect();
        found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| a.key.cmp(&b.key)));
        found
    }
}
