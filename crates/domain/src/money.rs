//! Money is integer micro-USD: sums are exact in every database.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Millionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroUsd(pub i64);

impl MicroUsd {
    pub const ZERO: Self = Self(0);
}

impl Add for MicroUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for MicroUsd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for MicroUsd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for MicroUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for MicroUsd {
    /// Dollars with as many decimals as the amount needs, at least two: `$0.00`, `$1.25`, `$0.000375`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (dollars, micros) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        let decimals = format!("{micros:06}");
        let shown = decimals.trim_end_matches('0');
        write!(f, "{sign}${dollars}.{shown:0<2}")
    }
}

/// Text that is no amount of dollars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no amount in US dollars: write it like 2 or 0.50, with at most six decimals")]
pub struct ParseUsdError(String);

impl FromStr for MicroUsd {
    type Err = ParseUsdError;

    /// Reads dollars, `0.50` or `$2`; never negative.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseUsdError(s.chars().take(40).collect());
        let number = s.trim().trim_start_matches('$');
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if number.is_empty() || number == "." || decimals.len() > 6 || !digits(whole) || !digits(decimals) {
            return Err(refuse());
        }
        let dollars: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| refuse())? };
        let micros: i64 = format!("{decimals:0<6}").parse().map_err(|_| refuse())?;
        dollars.checked_mul(1_000_000).and_then(|m| m.checked_add(micros)).map(Self).ok_or_else(refuse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_and_shown_exactly() {
        for (text, micros, shown) in
            [("2", 2_000_000, "$2.00"), ("0.50", 500_000, "$0.50"), ("$.000375", 375, "$0.000375")]
        {
            assert_eq!(text.parse(), Ok(MicroUsd(micros)));
            assert_eq!(MicroUsd(micros).to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "-1", "1e3", "0.1234567", "1,50", "99999999999999"] {
            assert!(text.parse::<MicroUsd>().is_err(), "{text}");
        }
    }
}
