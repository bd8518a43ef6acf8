//! `assay resume`

use domain::Run;
use serde_json::Map;
use tokio_util::sync::CancellationToken;

use super::run::{conclude, warn, watch};
use super::{demo, report};
use crate::app::App;
use crate::cli::Resume;
use crate::failure::Failure;
use crate::lock::Lock;
use crate::work;

pub(super) async fn execute(mut app: App, args: Resume) -> Result<(), Failure> {
    let run = app.tenant().run(args.run).await?;
    report::prepare(&args.output.out)?;
    if let Some(budget) = args.budget {
        app.tenant().set_budget(run.id, Some(budget), app.clock.now()).await?;
    }
    if !args.set.is_empty() {
        edit(&app, &run, &args.set).await?;
    }
    let _web = demo::serve_again(&mut app.settings, &run)?;
    warn(&app, &args.output);
    let shutdown: CancellationToken = chassis::shutdown::token()?;
    let over = work::drive(&app, run.id, &shutdown, watch(&args.output).as_mut()).await?;
    conclude(&app, over, &args.output).await
}

/// Changes the input while nobody works on the run; [`work::drive`] has it go on.
async fn edit(app: &App, run: &Run, set: &[(String, String)]) -> Result<(), Failure> {
    let schema = &app.store.snapshot(run.id).await?.input;
    let mut changes = Map::new();
    pipelines::input::set(schema, &mut changes, set);
    let input = pipelines::input::edit(schema, &run.input, changes)?;
    let _lock = Lock::take(&app.home, run.id)?;
    app.tenant().pause(run.id, app.clock.now()).await?;
    app.tenant().edit_input(run.id, &input, app.clock.now()).await?;
    Ok(())
}
