//! One place where one thing is named. Mentions are never changed; entities are made of them.

use domain::Layer;
use serde::Deserialize;
use serde_json::Value;

/// The sorts of entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Person,
    Organisation,
    Location,
    Address,
    Product,
    Money,
    Date,
    Email,
    Phone,
    Profile,
    Technology,
    Identifier,
    Credential,
    JobOpening,
    Metric,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Location => "location",
            Self::Address => "address",
            Self::Product => "product",
            Self::Money => "money",
            Self::Date => "date",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Profile => "profile",
            Self::Technology => "technology",
            Self::Identifier => "identifier",
            Self::Credential => "credential",
            Self::JobOpening => "job_opening",
            Self::Metric => "metric",
        }
    }
}

/// How a mention was found; each has a precision in the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    Jsonld,
    Microdata,
    Rdfa,
    Href,
    LegalLabel,
    Card,
    Table,
    Pattern,
    Clause,
    HeadingList,
    Meta,
    /// Reserved for a pass that asks a model about what no structure explained.
    Model,
}

impl Method {
    pub(crate) const ALL: [Self; 12] = [
        Self::Jsonld,
        Self::Microdata,
        Self::Rdfa,
        Self::Href,
        Self::LegalLabel,
        Self::Card,
        Self::Table,
        Self::Pattern,
        Self::Clause,
        Self::HeadingList,
        Self::Meta,
        Self::Model,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Jsonld => "jsonld",
            Self::Microdata => "microdata",
            Self::Rdfa => "rdfa",
            Self::Href => "href",
            Self::LegalLabel => "legal_label",
            Self::Card => "card",
            Self::Table => "table",
            Self::Pattern => "pattern",
            Self::Clause => "clause",
            Self::HeadingList => "heading_list",
            Self::Meta => "meta",
            Self::Model => "model",
        }
    }
}

/// Where it stands, word for word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spot {
    /// The document's place in the input.
    pub(crate) source: u32,
    pub(crate) layer: Layer,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) quote: String,
    pub(crate) method: Method,
    /// Equal for the same words in a block that repeats on many pages.
    pub(crate) print: u64,
    pub(crate) page: Option<u32>,
}

/// One value of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mention {
    pub(crate) kind: Kind,
    /// What it is merged by.
    pub(crate) key: String,
    /// As it is written here.
    pub(crate) value: String,
    pub(crate) facts: Vec<Fact>,
    /// None only for what stands in no layer of a document (a response header).
    pub(crate) spot: Option<Spot>,
    /// The document, also when there is no spot.
    pub(crate) source: u32,
    /// It names the thing again only to add a fact; not counted as a mention.
    pub(crate) adds: bool,
}

impl Mention {
    pub(crate) fn new(kind: Kind, key: impl Into<String>, value: impl Into<String>, spot: Spot) -> Self {
        Self {
            kind,
            key: key.into(),
            value: value.into(),
            facts: Vec::new(),
            source: spot.source,
            spot: Some(spot),
            adds: false,
        }
    }

    /// Seen where nothing can be quoted.
    pub(crate) fn unseen(kind: Kind, key: impl Into<String>, value: impl Into<String>, source: u32) -> Self {
        Self {
            kind,
            key: key.into(),
            value: value.into(),
            facts: Vec::new(),
            spot: None,
            source,
            adds: false,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push(Fact { name, value: value.into() });
        self
    }

    pub(crate) fn maybe<V: Into<Value>>(self, name: &'static str, value: Option<V>) -> Self {
        match value {
            Some(v) => self.with(name, v),
            None => self,
        }
    }

    pub(crate) fn adding(mut self) -> Self {
        self.adds = true;
        self
    }

    /// The first value of an attribute, as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|f| f.name == name).and_then(|f| f.value.as_str())
    }
}
