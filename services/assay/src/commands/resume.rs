//! `assay resume`

use tokio_util::sync::CancellationToken;

use super::run::{conclude, watch};
use crate::app::App;
use crate::cli::Resume;
use crate::failure::Failure;
use crate::work;

pub(super) async fn execute(app: &App, args: Resume) -> Result<(), Failure> {
    let run = app.tenant().run(args.run).await?;
    if let Some(budget) = args.budget {
        app.tenant().set_budget(run.id, Some(budget), app.clock.now()).await?;
    }
    let shutdown: CancellationToken = chassis::shutdown::token()?;
    let over = work::drive(app, run.id, &shutdown, watch(&args.output).as_mut()).await?;
    conclude(app, over, &args.output).await
}
