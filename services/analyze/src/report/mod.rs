//! `analyze.report`: what a run found becomes the subject's next version.

mod around;
mod assemble;
mod method;

use async_trait::async_trait;
use pipelines::uses::Report as Args;
use serde::Serialize;
use store::Effects;
use worker::{Context, Error, Outcome, Worker};

use assemble::Material;
use method::Chosen;

/// Publishes; finds nothing out, asks nobody.
#[derive(Debug)]
pub(crate) struct Report {
    /// Who was there to be asked.
    pub(crate) desk: llm::Desk,
}

/// What the job says of the report.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    sections: usize,
    findings: usize,
    quotes: usize,
    not_seen: usize,
}

#[async_trait]
impl Worker for Report {
    type Args = Args;
    type Output = Output;

    async fn run(&self, ctx: &Context, args: Args) -> Result<Outcome<Output>, Error> {
        let template = ctx.file(&args.template.0)?.to_owned();
        let chosen = Chosen { desk: self.desk.clone(), wish: ctx.run().options.model_tier };
        let material = Material::read(ctx, chosen).await?;
        let (now, snapshot) = (ctx.now(), ctx.snapshot().clone());
        let made = tokio::task::spawn_blocking(move || {
            let report = material.assemble(&snapshot, &args, now);
            // A template with a mistake fails the job now, not the reader later.
            report::render(&report, &template, report::Format::Markdown).map(|_| report)
        });
        let report = made
            .await
            .map_err(|error| Error::retry("report_interrupted", error.to_string()))?
            .map_err(|error| Error::fatal("invalid_template", error.to_string()))?;
        let output = Output {
            sections: report.sections.len(),
            findings: report.sections.iter().map(|section| section.findings.len()).sum(),
            quotes: report.citations.len(),
            not_seen: report.not_seen.len(),
        };
        let body = serde_json::to_value(&report)
            .map_err(|error| Error::fatal("invalid_report", error.to_string()))?;
        Ok(Outcome::with(output, Effects { report: Some(body), ..Effects::default() }))
    }
}
