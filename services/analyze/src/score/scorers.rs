//! Sets of rules by name. A manifest names one in `scorer`; its numbers are in the file that `rules` names.

use domain::Finding;

use super::checks;
use super::output::Scored;
use super::scene::Scene;

/// Rules that a scorer cannot use, and why.
pub(crate) type Error = checks::Error;

/// What a scorer makes: the output and the findings that carry it. `section` is the job's id.
pub(crate) type Made = (Scored, Vec<Finding>);

type Scorer = fn(&Scene<'_>, &str, &str) -> Result<Made, Error>;

/// Every scorer.
const SCORERS: [(&str, Scorer); 1] = [("checks", checks::score)];

/// The scorer of that name.
pub(crate) fn find(name: &str) -> Option<Scorer> {
    SCORERS.iter().find(|(known, _)| *known == name).map(|(_, scorer)| *scorer)
}

pub(crate) fn names() -> Vec<&'static str> {
    SCORERS.iter().map(|(name, _)| *name).collect()
}
