//! `assay migrate`: the one way in which the database of a fleet changes its shape.

use store::Store;

use super::say;
use crate::app;
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) async fn execute(settings: &Settings) -> Result<(), Failure> {
    let place = app::place(settings)?;
    Store::migrate(&place).await?;
    let store = Store::open(&place).await?;
    say(format_args!("{} is up to date", store.name()))
}
