//! Sets of rules by name. A manifest names one in `scorer`; its numbers are in the file that `rules` names.

use domain::Finding;
use pipelines::uses::Scorer as Name;

use super::checks;
use super::output::Scored;
use super::scene::Scene;

/// Rules that a scorer cannot use, and why.
pub(crate) type Error = checks::Error;

/// What a scorer makes: the output and the findings that carry it. `section` is the job's id.
pub(crate) type Made = (Scored, Vec<Finding>);

type Scorer = fn(&Scene<'_>, &str, &str) -> Result<Made, Error>;

/// The scorer of that name.
pub(crate) const fn of(name: Name) -> Scorer {
    match name {
        Name::Checks => checks::score,
    }
}

/// Whether a file holds the rules of a scorer.
pub(crate) fn check(rules: &str) -> Result<(), Error> {
    checks::check(rules)
}
