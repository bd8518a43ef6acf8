//! Ids that cannot be confused: UUIDv7 inside (sortable by birth), a prefix outside (`run_…`, `job_…`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A string that is no id of the expected sort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {what} id: expected `{prefix}_` and 32 hexadecimal digits")]
pub struct ParseIdError {
    given: String,
    what: &'static str,
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The letters before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id, greater than every id this process made before it.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default id would be a new one at every call")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// Wraps a stored UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside, as stored.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| ParseIdError { given: s.chars().take(80).collect(), what: $what, prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let s = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                s.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// Whose data it is.
    TenantId, "ten", "tenant"
);
id!(
    /// An API key (not its secret).
    KeyId, "key", "key"
);
id!(
    /// Who or what is studied over time.
    SubjectId, "sub", "subject"
);
id!(
    /// One execution of a pipeline.
    RunId, "run", "run"
);
id!(
    /// One unit of a run's work.
    JobId, "job", "job"
);
id!(
    /// A source kept.
    DocumentId, "doc", "document"
);
id!(
    /// One typed statement of an analysis.
    FindingId, "fnd", "finding"
);
id!(
    /// A person, organisation, address … of a subject; stable between runs.
    EntityId, "ent", "entity"
);
id!(
    /// One process that runs jobs, named anew at every start.
    WorkerId, "wrk", "worker"
);

impl TenantId {
    /// The tenant of a laptop: the only one where nobody logs in.
    pub const LOCAL: Self = Self(Uuid::nil());
}

impl EntityId {
    /// The id that the same entity of the same subject gets in every run.
    #[must_use]
    pub fn stable(subject: SubjectId, kind: &str, merge_key: &str) -> Self {
        Self(Uuid::new_v5(&subject.uuid(), format!("{kind}\u{1f}{merge_key}").as_bytes()))
    }
}

/// The name of stored bytes: the lower-case hexadecimal SHA-256 of what they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlobId(pub String);

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_text_and_json() {
        let id = RunId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<RunId>(&json).unwrap(), id);
    }

    #[test]
    fn an_id_of_another_sort_is_refused_by_name() {
        let error = JobId::new().to_string().parse::<RunId>().unwrap_err();
        assert!(error.to_string().contains("no run id"), "{error}");
    }

    #[test]
    fn ids_sort_by_birth() {
        let ids: Vec<_> = (0..1000).map(|_| JobId::new()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn an_entity_keeps_its_id_between_runs_and_not_between_subjects() {
        let (a, b) = (SubjectId::new(), SubjectId::new());
        assert_eq!(EntityId::stable(a, "person", "mara lind"), EntityId::stable(a, "person", "mara lind"));
        assert_ne!(EntityId::stable(a, "person", "mara lind"), EntityId::stable(b, "person", "mara lind"));
    }
}
