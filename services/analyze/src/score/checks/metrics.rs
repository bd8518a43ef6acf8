//! Numbers that versions are compared by.

use std::collections::BTreeMap;

use super::rules::EntityCount;
use super::signals;
use crate::score::scene::Scene;

pub(crate) fn count(rules: &BTreeMap<String, EntityCount>, scene: &Scene<'_>) -> BTreeMap<String, u64> {
    rules.iter().map(|(name, what)| (name.clone(), signals::count(what, scene))).collect()
}
