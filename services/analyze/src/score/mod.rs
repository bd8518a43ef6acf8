//! `analyze.score`: what rules and numbers say, without a model. Sets of rules are registered by name in [`scorers`];
//! their words and numbers are in the pipeline's folder. Read first: [`output`].

mod checks;
pub mod output;
mod scene;
mod scorers;

use std::sync::Arc;

use async_trait::async_trait;
use pipelines::uses::Score as Args;
use store::Effects;
use worker::{Context, Error, Outcome, Worker};

use crate::ask::blocking;
use crate::confidence::Weigher;
use crate::defaults::Defaults;
use crate::known::Known;
use crate::reading::Reading;
use output::Scored;
use scene::Scene;

pub(crate) use scorers::check;

/// Applies one named set of rules.
#[derive(Debug)]
pub(crate) struct Score {
    pub(crate) defaults: Arc<Defaults>,
}

#[async_trait]
impl Worker for Score {
    type Args = Args;
    type Output = Scored;

    async fn run(&self, ctx: &Context, args: Args) -> Result<Outcome<Scored>, Error> {
        let scorer = scorers::of(args.scorer);
        let rules = ctx.file(&args.rules.0)?.to_owned();
        let known = Known::read(ctx).await?;
        let (section, at, defaults) =
            (ctx.node().id.clone(), ctx.run().created_at, Arc::clone(&self.defaults));
        let asked = ctx.run().input.get("url").and_then(serde_json::Value::as_str).map(str::to_owned);
        let made = blocking(move || {
            let sources = known.sources();
            let scene = Scene {
                sources: &sources,
                entities: &known.entities,
                frontier: &known.frontier,
                reading: &Reading::new(&sources, &known.frontier),
                weigher: &Weigher::new(&defaults.confidence, &sources),
                names: &known.names,
                asked: asked.as_deref(),
                at,
            };
            scorer(&scene, &section, &rules)
        });
        let (scored, findings) = made
            .await?
            .map_err(|error| Error::fatal("invalid_rules", format!("{}: {error}", args.rules.0)))?;
        Ok(Outcome::with(scored, Effects { findings, ..Effects::default() }))
    }
}
