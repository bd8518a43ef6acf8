//! `entities.toml`: the words and numbers that extraction goes by, as data of the pipeline.

mod check;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::Error;
use crate::mention::Method;

type Words = Vec<String>;

/// The parsed rule file. Parse once, give it to [`crate::Extractor::new`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    precision: BTreeMap<Method, Spanned<f64>>,
    pub(crate) limits: Limits,
    pub(crate) pages: Pages,
    pub(crate) person: Person,
    pub(crate) function: Vec<Function>,
    pub(crate) title: Vec<Title>,
    pub(crate) title_words: TitleWords,
    pub(crate) organisation: Organisation,
    pub(crate) location: Location,
    pub(crate) money: Money,
    pub(crate) date: Date,
    pub(crate) email: Email,
    pub(crate) phone: Phone,
    pub(crate) profile: Profile,
    pub(crate) identifier: Identifier,
    pub(crate) credential: Credential,
    pub(crate) jobs: Jobs,
    pub(crate) metric: Metric,
    pub(crate) product: Product,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) confidence: Spanned<f64>,
    pub(crate) evidence: usize,
    pub(crate) quote_bytes: usize,
    pub(crate) founded_from: i32,
}

/// Which page kinds a list of words applies to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pages {
    pub(crate) technology: Words,
    pub(crate) team: Words,
    pub(crate) careers: Words,
    pub(crate) product: Words,
    pub(crate) pricing: Words,
    pub(crate) legal: Words,
    pub(crate) customers: Words,
    pub(crate) trust: Words,
    pub(crate) contact: Words,
    pub(crate) articles: Words,
    pub(crate) stories: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    pub(crate) particles: Words,
    pub(crate) honorifics: Words,
    pub(crate) suffixes: Words,
    pub(crate) not_tokens: Words,
    pub(crate) brands: Words,
    pub(crate) past: Words,
    pub(crate) is: Words,
    pub(crate) was: Words,
    pub(crate) at: Words,
    pub(crate) founded_by: Words,
    pub(crate) founded: Words,
    pub(crate) legal_labels: Vec<LegalLabel>,
    pub(crate) bylines: Words,
    pub(crate) sections: Vec<GroupSection>,
}

/// A label before names in an imprint: `Geschäftsführer: A, B`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LegalLabel {
    pub(crate) words: Words,
    pub(crate) title: String,
    pub(crate) function: String,
    pub(crate) seniority: String,
    pub(crate) group: Group,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupSection {
    pub(crate) words: Words,
    pub(crate) group: Group,
}

/// What somebody is to the company, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Group {
    Founder,
    Executive,
    Board,
    Advisor,
    Staff,
    Author,
    External,
    Testimonial,
}

impl Group {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Founder => "founder",
            Self::Executive => "executive",
            Self::Board => "board",
            Self::Advisor => "advisor",
            Self::Staff => "staff",
            Self::Author => "author",
            Self::External => "external",
            Self::Testimonial => "testimonial",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Function {
    pub(crate) id: String,
    pub(crate) words: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Title {
    pub(crate) words: Words,
    pub(crate) function: Option<String>,
    pub(crate) seniority: String,
    pub(crate) group: Option<Group>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TitleWords {
    pub(crate) modifiers: Words,
    pub(crate) joints: Words,
    pub(crate) connectors: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Organisation {
    pub(crate) clauses: Vec<OrganisationClause>,
    pub(crate) sections: Vec<OrganisationSection>,
    pub(crate) not_starts: Words,
    pub(crate) not_names: Words,
    pub(crate) alt_noise: Words,
    pub(crate) headings: OrganisationHeadings,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationClause {
    pub(crate) words: Words,
    pub(crate) relationship: String,
    pub(crate) side: Side,
    #[serde(default)]
    pub(crate) group: bool,
}

/// On which side of the trigger words the name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    After,
    Before,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationSection {
    pub(crate) words: Words,
    pub(crate) relationship: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganisationHeadings {
    pub(crate) never: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Location {
    pub(crate) clauses: Vec<Typed>,
    pub(crate) labels: Vec<Typed>,
}

/// Words and the `type` that they say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    pub(crate) words: Words,
    #[serde(rename = "type")]
    pub(crate) is: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Money {
    pub(crate) roles: Vec<Role>,
    pub(crate) magnitudes: Vec<Magnitude>,
    pub(crate) periods: Vec<Period>,
    pub(crate) per_words: Words,
    pub(crate) from_words: Words,
    pub(crate) to_words: Words,
    pub(crate) dollars: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) role: String,
    pub(crate) words: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Magnitude {
    pub(crate) words: Words,
    pub(crate) power: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Period {
    pub(crate) per: String,
    pub(crate) words: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Date {
    pub(crate) months: Spanned<Vec<Words>>,
    pub(crate) roles: Vec<Role>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Email {
    pub(crate) roles: Words,
    pub(crate) free_domains: Words,
    pub(crate) placeholder_locals: Words,
    pub(crate) placeholder_domains: Words,
    pub(crate) at_words: Words,
    pub(crate) dot_words: Words,
    pub(crate) file_endings: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phone {
    pub(crate) labels: Vec<Typed>,
    pub(crate) extensions: Words,
    pub(crate) not_labels: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) networks: Vec<Network>,
    pub(crate) not_handles: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    pub(crate) network: String,
    pub(crate) hosts: Words,
    pub(crate) paths: Words,
    pub(crate) canonical: String,
    #[serde(default)]
    pub(crate) owner: Option<String>,
    /// A link to it says nothing of its owner; only `sameAs` does.
    #[serde(default)]
    pub(crate) same_as_only: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identifier {
    pub(crate) labels: Vec<SchemeLabel>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SchemeLabel {
    pub(crate) scheme: Spanned<String>,
    pub(crate) words: Words,
    /// The label says so only where other evidence speaks for this country, or the words name it.
    #[serde(default)]
    pub(crate) country: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credential {
    pub(crate) triggers: Words,
    pub(crate) negations: Words,
    pub(crate) certificates: Vec<Certificate>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Certificate {
    pub(crate) name: String,
    pub(crate) body: String,
    pub(crate) words: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Jobs {
    pub(crate) headings: Words,
    pub(crate) paths: Words,
    pub(crate) hosts: Words,
    pub(crate) remote: Words,
    pub(crate) gender_marks: Words,
    pub(crate) not_titles: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metric {
    pub(crate) approximate: Words,
    pub(crate) nouns: Vec<Noun>,
    pub(crate) team_of: Words,
    pub(crate) strong: Words,
    pub(crate) not_before: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Noun {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) words: Words,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    pub(crate) paths: Words,
    pub(crate) service_paths: Words,
    pub(crate) feature_paths: Words,
    pub(crate) not_names: Words,
    pub(crate) plan_words: Words,
}

impl Rules {
    /// Reads a rule file.
    ///
    /// # Errors
    /// The first mistake, with its line: TOML that does not parse, an unknown or missing key, a precision outside
    /// 0–1, a scheme that no checker knows, months that are not twelve.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let rules: Self = toml::from_str(text).map_err(|e| Error::toml(text, &e))?;
        check::check(&rules, text)?;
        Ok(rules)
    }

    /// How often the method is right.
    pub(crate) fn precision(&self, method: Method) -> f64 {
        self.precision.get(&method).map_or(0.5, |p| *p.get_ref())
    }
}

#[cfg(test)]
mod tests;
