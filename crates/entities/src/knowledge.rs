//! Everything that is known before the first document is read: rules compiled, shipped tables loaded.

use std::collections::{HashMap, HashSet};

use crate::Error;
use crate::fold::lower;
use crate::gazetteer::Gazetteer;
use crate::headings::Headings;
use crate::legal::Forms;
use crate::lexicon::Lexicon;
use crate::person::name::Names;
use crate::person::title::Titles;
use crate::rules::Rules;
use crate::technology::Fingerprints;

#[derive(Debug)]
pub(crate) struct Knowledge {
    pub(crate) rules: Rules,
    pub(crate) lexicon: Lexicon,
    pub(crate) gazetteer: Gazetteer,
    pub(crate) forms: &'static Forms,
    pub(crate) names: Names,
    pub(crate) titles: Titles,
    pub(crate) technologies: Option<Fingerprints>,
    pub(crate) sets: Sets,
    pub(crate) headings: Headings,
    pub(crate) address: crate::address::Patterns,
}

/// Word lists that are asked "is it in there", lowered.
#[derive(Debug)]
pub(crate) struct Sets {
    pub(crate) email_roles: HashSet<String>,
    pub(crate) free_domains: HashSet<String>,
    pub(crate) placeholder_locals: HashSet<String>,
    pub(crate) placeholder_domains: HashSet<String>,
    pub(crate) file_endings: HashSet<String>,
    pub(crate) not_handles: HashSet<String>,
    pub(crate) phone_labels: HashMap<String, String>,
    pub(crate) phone_not: HashSet<String>,
    pub(crate) magnitudes: HashMap<String, u32>,
    pub(crate) periods: HashMap<String, String>,
    pub(crate) organisation_starts: HashSet<String>,
    pub(crate) organisation_never: HashSet<String>,
    pub(crate) approximate: HashSet<String>,
    pub(crate) product_never: HashSet<String>,
    pub(crate) job_never: HashSet<String>,
}

impl Sets {
    fn new(rules: &Rules) -> Self {
        let set = |words: &[String]| words.iter().map(|w| lower(w)).collect::<HashSet<_>>();
        let fold = |words: &[String]| words.iter().map(|w| crate::fold::fold(w)).collect::<HashSet<_>>();
        Self {
            email_roles: set(&rules.email.roles),
            free_domains: set(&rules.email.free_domains),
            placeholder_locals: set(&rules.email.placeholder_locals),
            placeholder_domains: set(&rules.email.placeholder_domains),
            file_endings: set(&rules.email.file_endings),
            not_handles: set(&rules.profile.not_handles),
            phone_labels: rules
                .phone
                .labels
                .iter()
                .flat_map(|l| l.words.iter().map(|w| (lower(w), l.is.clone())))
                .collect(),
            phone_not: set(&rules.phone.not_labels),
            magnitudes: rules
                .money
                .magnitudes
                .iter()
                .flat_map(|m| m.words.iter().map(|w| (lower(w), m.power)))
                .collect(),
            periods: rules
                .money
                .periods
                .iter()
                .flat_map(|p| p.words.iter().map(|w| (lower(w), p.per.clone())))
                .collect(),
            organisation_starts: set(&rules.organisation.not_starts),
            organisation_never: fold(&rules.organisation.not_names),
            approximate: set(&rules.metric.approximate),
            product_never: fold(&rules.product.not_names),
            job_never: fold(&rules.jobs.not_titles),
        }
    }
}

impl Knowledge {
    pub(crate) fn new(rules: Rules, technologies: Option<Fingerprints>) -> Result<Self, Error> {
        let gazetteer = Gazetteer::new();
        Ok(Self {
            lexicon: Lexicon::new(&rules, &gazetteer)?,
            gazetteer,
            forms: Forms::shared(),
            names: Names::new(&rules),
            titles: Titles::new(&rules),
            technologies,
            sets: Sets::new(&rules),
            headings: Headings::new(&rules),
            address: crate::address::Patterns::new()?,
            rules,
        })
    }
}
