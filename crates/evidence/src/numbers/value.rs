//! What a printed number may mean, and when one holds another.

use rust_decimal::Decimal;

use super::currency::Currency;

/// A number as printed, with all it may mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    pub(super) printed: String,
    pub(super) readings: Vec<Reading>,
    /// Whether a statement must have it in its quotes; words that only may be numbers are not asked for.
    pub(super) required: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading {
    Number(Number),
    Date(Date),
    /// Compared as written: `24/7`, `1.2.3`, `X200`, digits of other scripts.
    Label(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub(super) value: Decimal,
    pub(super) percent: bool,
    pub(super) currency: Option<Currency>,
}

impl Number {
    pub(super) const fn bare(value: Decimal) -> Self {
        Self { value, percent: false, currency: None }
    }
}

/// What of a date is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: Option<u32>,
    pub(super) month: Option<u32>,
    pub(super) day: Option<u32>,
}

impl Date {
    pub(super) fn is_real(self) -> bool {
        self.year.is_none_or(|y| (1000..3000).contains(&y))
            && self.month.is_none_or(|m| (1..=12).contains(&m))
            && self.day.is_none_or(|d| (1..=31).contains(&d))
    }

    /// Whether all that `other` says is said here, and nothing else.
    fn holds(self, other: Self) -> bool {
        let part = |other: Option<u32>, own: Option<u32>| other.is_none() || other == own;
        part(other.year, self.year) && part(other.month, self.month) && part(other.day, self.day)
    }
}

impl Reading {
    /// Whether one of the readings of the quotes says this. `currencies` are those that the quotes name at all.
    pub(super) fn stands_in(&self, quoted: &[Self], currencies: &[Currency]) -> bool {
        quoted.iter().any(|other| match (self, other) {
            (Self::Number(claimed), Self::Number(stands)) => equal(*claimed, *stands, currencies),
            (Self::Number(claimed), Self::Date(stands)) => {
                !claimed.percent
                    && claimed.currency.is_none()
                    && stands.year.is_some_and(|y| claimed.value == y.into())
            }
            (Self::Date(claimed), Self::Date(stands)) => stands.holds(*claimed),
            (Self::Label(claimed), Self::Label(stands)) => claimed.eq_ignore_ascii_case(stands),
            _ => false,
        })
    }
}

fn equal(claimed: Number, stands: Number, currencies: &[Currency]) -> bool {
    let currency = match (claimed.currency, stands.currency) {
        (None, _) => true,
        (Some(claimed), Some(stands)) => claimed.agrees(stands),
        (Some(claimed), None) => currencies.iter().any(|named| claimed.agrees(*named)),
    };
    currency && claimed.value == stands.value && claimed.percent == stands.percent
}
