//! What headings say about what stands below them. Every heading is judged once per page.

use crate::fold::{fold, has_phrase};
use crate::rules::{Group, Rules};

/// Longer headings are sentences.
const MOST_WORDS: usize = 8;

/// The rules' headings, folded.
#[derive(Debug)]
pub(crate) struct Headings {
    groups: Vec<(String, Group)>,
    relations: Vec<(String, String)>,
    never: Vec<String>,
    labels: Vec<(String, String)>,
    openings: Vec<String>,
    credentials: Vec<String>,
}

/// What one heading says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Says {
    /// Who the people below it are.
    pub(crate) group: Option<Group>,
    /// What the organisations below it are to the company.
    pub(crate) relationship: Option<String>,
    /// What sort of place the addresses below it are.
    pub(crate) place: Option<String>,
    /// Job openings stand below it.
    pub(crate) openings: bool,
    /// Certificates stand below it.
    pub(crate) credentials: bool,
}

impl Headings {
    pub(crate) fn new(rules: &Rules) -> Self {
        let all = |words: &[String]| words.iter().map(|w| fold(w)).collect::<Vec<_>>();
        Self {
            groups: rules
                .person
                .sections
                .iter()
                .flat_map(|s| all(&s.words).into_iter().map(|w| (w, s.group)))
                .collect(),
            relations: rules
                .organisation
                .sections
                .iter()
                .flat_map(|s| all(&s.words).into_iter().map(|w| (w, s.relationship.clone())))
                .collect(),
            never: all(&rules.organisation.headings.never),
            labels: rules
                .location
                .labels
                .iter()
                .flat_map(|l| all(&l.words).into_iter().map(|w| (w, l.is.clone())))
                .collect(),
            openings: all(&rules.jobs.headings),
            credentials: all(&rules.credential.triggers),
        }
    }

    pub(crate) fn judge(&self, heading: &str) -> Says {
        if heading.split_whitespace().count() > MOST_WORDS {
            return Says::default();
        }
        let folded = fold(heading);
        let has = |words: &String| has_phrase(&folded, words);
        // A single word must be the whole heading: "Partner with us" heads no list of partners.
        let heads = |words: &String| if words.contains(' ') { has(words) } else { folded == *words };
        // `Dealer partners`, `Selected customers`: a qualified list.
        let few = folded.split(' ').count() <= 3
            && !["become", "for", "find", "with", "why", "partner"].iter().any(|w| folded.starts_with(w));
        let lists = |words: &String| {
            heads(words)
                || (few
                    && !words.contains(' ')
                    && words.ends_with('s')
                    && folded.strip_suffix(words.as_str()).is_some_and(|f| f.ends_with(' ')))
        };
        let longest = |list: &mut dyn Iterator<Item = (usize, usize)>| {
            list.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1))).map(|b| b.1)
        };
        let group = longest(
            &mut self.groups.iter().enumerate().filter(|(_, g)| heads(&g.0)).map(|(n, g)| (g.0.len(), n)),
        );
        let relation = longest(
            &mut self.relations.iter().enumerate().filter(|(_, g)| lists(&g.0)).map(|(n, g)| (g.0.len(), n)),
        );
        let never = self.never.iter().any(has);
        Says {
            group: group.and_then(|n| self.groups.get(n)).map(|g| g.1),
            relationship: relation
                .filter(|_| !never)
                .and_then(|n| self.relations.get(n))
                .map(|r| r.1.clone()),
            place: self.labels.iter().find(|l| has(&l.0)).map(|l| l.1.clone()),
            openings: self.openings.iter().any(heads),
            credentials: self.credentials.iter().any(has),
        }
    }
}
