//! How a job ends well.

use std::time::Duration;

use store::Effects;

/// What a worker returns when nothing went wrong; the runner makes it true in one transaction.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one per job, and nearly always the large one")]
pub enum Outcome<T> {
    /// The job is done: `output` is what later jobs may refer to, `effects` is what it leaves behind.
    Done { output: T, effects: Effects },
    /// Let others go first; the job goes on later from what [`crate::Context::commit`] saved. Spends no attempt.
    Yield { after: Duration },
}

impl<T> Outcome<T> {
    /// Done, leaving nothing but the output.
    #[must_use]
    pub fn done(output: T) -> Self {
        Self::with(output, Effects::default())
    }

    #[must_use]
    pub const fn with(output: T, effects: Effects) -> Self {
        Self::Done { output, effects }
    }

    pub(crate) fn try_map<U, E>(self, map: impl FnOnce(T) -> Result<U, E>) -> Result<Outcome<U>, E> {
        Ok(match self {
            Self::Done { output, effects } => Outcome::Done { output: map(output)?, effects },
            Self::Yield { after } => Outcome::Yield { after },
        })
    }
}
