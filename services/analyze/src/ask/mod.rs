//! `analyze.ask`: one section of an analysis, answered by a model and checked, or extractively without one.
//!
//! Read first: [`plan`] (what is shown), [`prompt`] (how), [`check`] (the rules), [`section`] (what is kept).

mod answer;
mod check;
mod delimit;
mod fault;
mod labels;
mod output;
mod plan;
mod prompt;
mod questions;
mod quotes;
mod refusal;
mod repair;
mod rivals;
mod section;
mod select;
mod sentence;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use domain::run::ModelTier as Wish;
use domain::{Finding, FindingKind};
use llm::{Choice, Desk, ModelTier};
use pipelines::uses::Ask as Args;
use store::Effects;
use worker::{Context, Error, Outcome, Worker};

use crate::confidence::Weigher;
use crate::defaults::Defaults;
use crate::draft::{Draft, findings};
use crate::extractive::{self, Material, Rival};
use crate::hints::Hints;
use crate::known::{Known, ancestors, sees};
use crate::reading::Reading;
use output::{Method, Section};
use questions::Questions;
#[cfg(test)]
use questions::citable_of;

/// Asks for one section.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) desk: Desk,
    pub(crate) defaults: Arc<Defaults>,
}

/// Everything one section needs, so that the work can leave the async thread.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) args: Args,
    pub(crate) section: String,
    pub(crate) known: Known,
    /// The earlier findings that the section may see.
    pub(crate) findings: Vec<Finding>,
    pub(crate) hints: Hints,
    pub(crate) schema: serde_json::Value,
    pub(crate) prompt: String,
    pub(crate) rivals: Vec<Rival>,
    pub(crate) defaults: Arc<Defaults>,
}

#[async_trait]
impl Worker for Ask {
    type Args = Args;
    type Output = Section;

    async fn run(&self, ctx: &Context, args: Args) -> Result<Outcome<Section>, Error> {
        let tier = tier(self.desk.choice(), ctx.run().options.model_tier, args.model)?;
        let inputs = Arc::new(self.inputs(ctx, args).await?);
        ctx.check()?;
        let (section, drafts) = match tier {
            Some(tier) => Questions { desk: &self.desk, ctx, tier }.section(&inputs).await?,
            None => {
                let inputs = Arc::clone(&inputs);
                blocking(move || extracted(&inputs)).await?
            }
        };
        blocking(move || finish(&inputs, section, drafts)).await
    }
}

impl Ask {
    async fn inputs(&self, ctx: &Context, args: Args) -> Result<Inputs, Error> {
        let known = Known::read(ctx).await?;
        let schema = rivals::schema(ctx.snapshot(), &args.schema.0)?;
        let hints = rivals::hints(&schema, &args.schema.0, &known.names)?;
        let before = ancestors(ctx.snapshot(), &ctx.node().id);
        let visible = |finding: &&Finding| sees(&args.select.findings, &before, &finding.section);
        Ok(Inputs {
            section: ctx.node().id.clone(),
            findings: known.findings.iter().filter(visible).cloned().collect(),
            prompt: ctx.file(&args.prompt.0)?.to_owned(),
            rivals: rivals::rivals(ctx.snapshot(), ctx.node(), &args, &known.names)?,
            defaults: Arc::clone(&self.defaults),
            args,
            known,
            hints,
            schema,
        })
    }
}

/// Which class of model is asked; none for the extractive way.
pub(crate) fn tier(choice: Choice, wish: Wish, asked: ModelTier) -> Result<Option<ModelTier>, Error> {
    match (choice, wish) {
        (_, Wish::None) | (Choice::Extractive, Wish::Auto | Wish::Fast) => Ok(None),
        (Choice::Extractive, Wish::Deep) => {
            Err(Error::fatal("no_provider", "the run asks for a model, and no model provider is configured"))
        }
        (Choice::Model(_), Wish::Fast) => Ok(Some(ModelTier::Fast)),
        (Choice::Model(_), Wish::Auto | Wish::Deep) => Ok(Some(asked)),
    }
}

/// The extractive way.
fn extracted(inputs: &Inputs) -> (Section, Vec<Draft>) {
    let sources = inputs.known.sources();
    let kinds = &inputs.args.select.kinds;
    let drafts = extractive::section(&Material {
        hints: &inputs.hints,
        kinds,
        sources: &sources,
        entities: &inputs.known.entities,
        findings: &inputs.findings,
        names: &inputs.known.names,
        questions: &inputs.args.questions,
        rivals: &inputs.rivals,
    });
    let mut section = Section::new(&inputs.args.title, Method::Extractive);
    let read = Reading::new(&sources, &inputs.known.frontier).read.into_keys();
    section.looked_in =
        read.filter(|kind| kinds.iter().any(|wanted| wanted == kind || wanted == "*")).collect();
    (section, drafts)
}

/// Places and weighs the findings.
fn finish(inputs: &Inputs, mut section: Section, drafts: Vec<Draft>) -> Outcome<Section> {
    let sources = inputs.known.sources();
    let weigher = Weigher::new(&inputs.defaults.confidence, &sources);
    let made = findings(&inputs.section, drafts, &inputs.findings, &weigher);
    let sentences = made.iter().filter(|finding| finding.kind == FindingKind::Summary).count();
    section.sentences = u32::try_from(sentences).unwrap_or(u32::MAX);
    section.claims = u32::try_from(made.len() - sentences).unwrap_or(u32::MAX);
    Outcome::with(section, Effects { findings: made, ..Effects::default() })
}

/// Runs what takes longer than a moment off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::retry("analysis_interrupted", error.to_string()))
}
