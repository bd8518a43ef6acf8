//! Between words of `domain` and what a column holds.

use chrono::{DateTime, SubsecRound, Utc};
use domain::{BlockedOn, FrontierState, JobState, RunState, Stage, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// How many rows one statement writes; both databases limit the parameters of a statement.
pub(crate) const CHUNK: usize = 500;

/// Microseconds are what both databases keep.
pub(crate) fn micros(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}

pub(crate) fn now() -> DateTime<Utc> {
    micros(Utc::now())
}

/// `time` and `after` it; the far future when that is further than a calendar goes.
pub(crate) fn later(time: DateTime<Utc>, after: std::time::Duration) -> DateTime<Utc> {
    let far = chrono::TimeDelta::days(36_500);
    let after = chrono::TimeDelta::from_std(after).map_or(far, |delta| delta.min(far));
    micros(time.checked_add_signed(after).unwrap_or(time))
}

/// JSON is kept as text: key order, digits and every character stay as they are in both databases.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|e| Error::corrupt(format!("a value cannot be written as JSON: {e}")))
}

pub(crate) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|e| Error::corrupt(format!("a stored {what} cannot be read: {e}")))
}

pub(crate) fn from_json_maybe<T: DeserializeOwned>(
    what: &str,
    text: Option<&String>,
) -> Result<Option<T>, Error> {
    text.map(|text| from_json(what, text)).transpose()
}

/// Text for a text column. Postgres cannot keep U+0000 in one; it becomes the replacement character everywhere.
pub(crate) fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(crate) fn plain_maybe(text: Option<&String>) -> Option<String> {
    text.map(|text| plain(text))
}

/// Counts that are never negative and never near the limit.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

pub(crate) fn small_count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// For numbers of a wider type than the column; what does not fit becomes the greatest.
pub(crate) fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

pub(crate) fn big(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// An enum of `domain` that is stored by its spelling.
pub(crate) trait Word: Copy + 'static {
    const WHAT: &'static str;
    fn all() -> &'static [Self];
    fn word(self) -> &'static str;

    fn read(text: &str) -> Result<Self, Error> {
        Self::all()
            .iter()
            .copied()
            .find(|value| value.word() == text)
            .ok_or_else(|| Error::corrupt(format!("`{text}` is no {}", Self::WHAT)))
    }

    fn read_maybe(text: Option<&String>) -> Result<Option<Self>, Error> {
        text.map(|text| Self::read(text)).transpose()
    }
}

macro_rules! word {
    ($type:ty, $what:literal) => {
        impl Word for $type {
            const WHAT: &'static str = $what;
            fn all() -> &'static [Self] {
                &Self::ALL
            }
            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    };
}

word!(BlockedOn, "reason to wait");
word!(FrontierState, "state of an address");
word!(JobState, "state of a job");
word!(RunState, "state of a run");
word!(Stage, "stage");
word!(Verdict, "verdict");
