//! `assay cancel`

use domain::RunId;

use super::say;
use crate::app::App;
use crate::failure::Failure;

pub(super) async fn execute(app: &App, run: RunId) -> Result<(), Failure> {
    let run = app.tenant().cancel(run, app.clock.now()).await?;
    say(format_args!("{} is {}", run.id, run.state.as_str()))
}
