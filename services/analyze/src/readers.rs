//! How the workers of the stage read the files that nobody else can judge: the hints in a section's schema, and rules.

use pipelines::uses::{Ask, Score};
use pipelines::{Readers, Unreadable};

use crate::hints::Hints;
use crate::score;

pub(crate) fn readers() -> Readers {
    Readers::default().with::<Ask>("schema", hints).with::<Score>("rules", rules)
}

fn hints(text: &str) -> Result<(), Unreadable> {
    let schema = serde_json::from_str(text).map_err(|error| Unreadable::said(&error))?;
    // Names are not known yet, and no pattern is right with one name and wrong with another.
    Hints::of(&schema, &[]).map(drop).map_err(|error| Unreadable::said(&error))
}

fn rules(text: &str) -> Result<(), Unreadable> {
    score::check(text).map_err(|error| Unreadable::said(&error))
}

#[cfg(test)]
mod tests {
    use pipelines::Unreadable;

    use super::readers;
    use crate::builtin::file;

    fn said(uses: &str, argument: &str, text: &str) -> Option<Unreadable> {
        readers().get(uses, argument).unwrap()(text).err()
    }

    #[test]
    fn rules_that_the_worker_would_refuse_are_refused_with_their_place() {
        let rules = file("checks.toml");
        let line = rules.lines().position(|line| line == "[size]").unwrap() + 2;
        let said_of = |text: &str| said("analyze.score", "rules", text).unwrap();
        let unknown = said_of(&rules.replace("[size]", "[size]\nbandss = 1"));
        assert_eq!(unknown.place, Some((line, 1)), "{unknown}");
        assert!(unknown.reason.starts_with("unknown field `bandss`"), "{unknown}");
        let pattern = said_of(&rules.replacen("patterns = ['", "patterns = ['(", 1));
        assert!(pattern.reason.contains("unclosed group"), "{pattern}");
    }

    #[test]
    fn hints_that_the_worker_would_refuse_are_refused() {
        let schema = file("schemas/overview.schema.json");
        assert_eq!(said("analyze.ask", "schema", &schema), None);
        let mistyped = said("analyze.ask", "schema", &schema.replace("\"topics\"", "\"topcis\"")).unwrap();
        assert!(mistyped.reason.contains("unknown field `topcis`"), "{mistyped}");
    }
}
