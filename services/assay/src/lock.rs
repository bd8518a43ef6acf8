//! One process works on a run at a time, even after a crash: the system lets go of a dead process' lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use domain::RunId;

use crate::failure::{Failure, Kind};

/// Held while a process works on a run.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Lock {
    /// # Errors
    /// If another process has the run, or the file cannot be made.
    pub(crate) fn take(home: &Path, run: RunId) -> Result<Self, Failure> {
        let folder = home.join("locks");
        let path = folder.join(run.to_string());
        let open = || {
            std::fs::create_dir_all(&folder)?;
            OpenOptions::new().create(true).truncate(false).write(true).open(&path)
        };
        let file =
            open().map_err(|error| Failure::place(format!("cannot lock {}: {error}", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                Err(Failure::new(Kind::Usage, format!("{run} is being worked on by another process")))
            }
            Err(TryLockError::Error(error)) => {
                Err(Failure::place(format!("cannot lock {}: {error}", path.display())))
            }
        }
    }
}
