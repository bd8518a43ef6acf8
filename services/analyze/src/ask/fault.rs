//! What the rules find wrong with a claim or a sentence; each says what would be right.

use std::fmt;

/// The longest statement, in characters.
pub(crate) const STATEMENT_CHARS: usize = 240;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    UnknownLabel(String),
    Url(&'static str),
    StatementLength(usize),
    QuoteMissing(String),
    QuoteLength {
        source: String,
        chars: usize,
    },
    QuoteNotFound {
        source: String,
        quote: String,
    },
    /// The quote stands there in a clause with a `not` that it leaves out.
    QuoteNegated {
        source: String,
        quote: String,
    },
    /// The quote, or the finding, says no to what the claim says yes to.
    QuoteDenies {
        source: String,
        quote: String,
    },
    /// The claim says no to something that none of its evidence says no to.
    NotDenied,
    Numbers(Vec<String>),
    NoEvidence,
    NoBecause,
    OneSource,
    NoLookedIn,
    NotRead(Vec<String>),
    /// Pages of the topic's kinds were found and not read: nothing can be called missing.
    NotLookedAt(String),
    NoClaims,
    UnknownClaims(Vec<String>),
    /// Words of a sentence that no claim it names holds, nor their quotes.
    Unsaid(Vec<String>),
    /// The sentence says yes where a claim it names says no, or the other way round.
    Turned,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLabel(label) => write!(f, "`{label}` is no label that was given"),
            Self::Url(place) => {
                write!(f, "the {place} holds a web address; name sources by their labels only")
            }
            Self::StatementLength(chars) => {
                write!(f, "the statement has {chars} characters; it may have {STATEMENT_CHARS}")
            }
            Self::QuoteMissing(source) => write!(f, "evidence from {source} needs a quote copied from it"),
            Self::QuoteLength { source, chars } => {
                write!(f, "the quote from {source} has {chars} characters; it must have 8 to 300")
            }
            Self::QuoteNotFound { source, quote } => {
                write!(f, "\u{201c}{quote}\u{201d} does not stand in {source}")
            }
            Self::QuoteNegated { source, quote } => {
                write!(f, "\u{201c}{quote}\u{201d} leaves out the negation of its clause in {source}")
            }
            Self::QuoteDenies { source, quote } => {
                write!(f, "\u{201c}{quote}\u{201d} in {source} says no to what the claim says yes to")
            }
            Self::NotDenied => f.write_str("it says no to something that none of its evidence says no to"),
            Self::Numbers(missing) => {
                write!(f, "these numbers or dates do not stand in the quotes: {}", missing.join(", "))
            }
            Self::NoEvidence => f.write_str("it needs at least one piece of evidence"),
            Self::NoBecause => f.write_str("an inference needs its reasoning in `because`"),
            Self::OneSource => f.write_str("a conflict needs evidence from two differing sources"),
            Self::NoLookedIn => {
                f.write_str("a gap needs `looked_in`, the kinds of pages that were read for it")
            }
            Self::NotRead(kinds) => write!(f, "these kinds of pages were not read: {}", kinds.join(", ")),
            Self::NotLookedAt(why) => write!(f, "it cannot be called missing: {why}"),
            Self::NoClaims => f.write_str("a sentence of the summary must name the claims it stands on"),
            Self::UnknownClaims(ids) => write!(f, "there are no such claims: {}", ids.join(", ")),
            Self::Unsaid(words) => {
                write!(f, "the claims that it names say nothing of this: {}", words.join(", "))
            }
            Self::Turned => f.write_str("it says the opposite of a claim that it names"),
        }
    }
}
