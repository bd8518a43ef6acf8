//! The questions of one section in their order: the section, once more with room when it was cut off, the repair.
//! The order is part of the journal: a job that runs again asks the same questions under the same numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{FindingId, FindingKind};
use llm::{Call, Desk, ModelTier, Request};
use worker::{Context, Error};

use super::answer::Answer;
use super::check::Checker;
use super::labels::Labels;
use super::output::{Method, Section};
use super::plan::{Given, Plan, scaled_by};
use super::quotes::Quotes;
use super::refusal::refusal;
use super::section::Review;
use super::sentence::Basis;
use super::{Inputs, blocking, prompt, repair};
use crate::draft::Draft;
use crate::reading::Reading;
use crate::sources::Sources;

/// Numbers of the questions in the journal.
const SECTION: u32 = 0;
const SECTION_WITH_ROOM: u32 = 1;
const REPAIR: u32 = 2;
/// Less is no answer.
const LEAST_OUTPUT: u32 = 500;

/// Who is asked, for whom.
pub(super) struct Questions<'q> {
    pub(super) desk: &'q Desk,
    pub(super) ctx: &'q Context,
    pub(super) tier: ModelTier,
}

impl Questions<'_> {
    pub(super) async fn section(&self, inputs: &Arc<Inputs>) -> Result<(Section, Vec<Draft>), Error> {
        let plan = Arc::new({
            let inputs = Arc::clone(inputs);
            blocking(move || plan(&inputs)).await?
        });
        let mut section = about(inputs, &plan);
        if plan.is_empty() {
            section.method = Method::Nothing;
            return Ok((section, Vec::new()));
        }
        let first = self.ask_with_room(inputs, &plan).await?;
        section.model = Some(first.model);
        let (review, question) = {
            let (inputs, plan) = (Arc::clone(inputs), Arc::clone(&plan));
            blocking(move || review(&inputs, &plan, first.answer)).await?
        };
        let repaired = match question {
            Some(question) => {
                section.repaired = true;
                self.repair(inputs, &plan, question).await?
            }
            None => None,
        };
        let (inputs, plan) = (Arc::clone(inputs), Arc::clone(&plan));
        let (drafts, dropped) = blocking(move || decide(&inputs, &plan, review, repaired)).await?;
        section.dropped = dropped;
        Ok((section, drafts))
    }

    /// The section's question; a cut-off answer gets a second one with twice the room, and is never used by half.
    async fn ask_with_room(&self, inputs: &Inputs, plan: &Plan) -> Result<Got, Error> {
        let most = inputs.args.max_output_tokens;
        let given = match self.ask(SECTION, inputs, &plan.system, &plan.user, most).await {
            Err(llm::Error::CutOff { .. }) => {
                let more = most.saturating_mul(2);
                self.ask(SECTION_WITH_ROOM, inputs, &plan.system, &plan.user, more).await
            }
            given => given,
        };
        let given = given.map_err(|error| self.refusal(error))?;
        let answer = Answer::read(given.value).map_err(|error| {
            let path = &inputs.args.schema.0;
            Error::fatal(
                "invalid_schema",
                format!("{path} asks for something else than claims and summary: {error}"),
            )
        })?;
        Ok(Got { answer, model: given.model })
    }

    /// The answer to the repair question; none when it is no usable answer, for then what failed is dropped.
    async fn repair(&self, inputs: &Inputs, plan: &Plan, question: String) -> Result<Option<Answer>, Error> {
        let most = scaled_by(inputs.args.max_output_tokens.into(), inputs.defaults.repair.output_share);
        let most = u32::try_from(most).unwrap_or(u32::MAX).max(LEAST_OUTPUT);
        match self.ask(REPAIR, inputs, &plan.system, &question, most).await {
            Ok(given) => Ok(Answer::read(given.value).ok()),
            Err(llm::Error::CutOff { .. } | llm::Error::Invalid { .. } | llm::Error::Refused { .. }) => {
                Ok(None)
            }
            Err(error) => Err(self.refusal(error)),
        }
    }

    fn refusal(&self, error: llm::Error) -> Error {
        refusal(error, self.ctx.now(), self.ctx.job().attempt)
    }

    async fn ask(
        &self,
        seq: u32,
        inputs: &Inputs,
        system: &str,
        user: &str,
        most: u32,
    ) -> Result<llm::Answer, llm::Error> {
        let call = Call {
            store: self.ctx.store(),
            fence: self.ctx.job().fence(),
            run: self.ctx.run().id,
            cancel: self.ctx.cancelled(),
        };
        let request = Request {
            tier: self.tier,
            system: system.to_owned(),
            user: user.to_owned(),
            schema: Some(inputs.schema.clone()),
            max_output_tokens: most,
        };
        self.desk.ask(&call, seq, &request).await
    }
}

struct Got {
    answer: Answer,
    model: String,
}

fn plan(inputs: &Inputs) -> Plan {
    let sources = inputs.known.sources();
    let reading = Reading::new(&sources, &inputs.known.frontier);
    let given = Given {
        args: &inputs.args,
        hints: &inputs.hints,
        known: &inputs.known,
        sources: &sources,
        reading: &reading,
        findings: &inputs.findings,
        prompt: &inputs.prompt,
    };
    Plan::make(given, &inputs.defaults.select, &llm::tokens)
}

fn about(inputs: &Inputs, plan: &Plan) -> Section {
    let sources = inputs.known.sources();
    let labels = plan.labels(&inputs.known, &inputs.findings);
    let mut section = Section::new(&inputs.args.title, Method::Model);
    section.not_read = plan.not_read;
    section.looked_in = prompt::looked(&labels, &sources).into_iter().collect();
    let kept =
        sources.iter().filter(|s| s.is_of(&inputs.args.select.kinds) && s.is_kept_from_models()).count();
    if kept > 0 {
        let pages = if kept == 1 { "1 page was".to_owned() } else { format!("{kept} pages were") };
        section.notes.push(format!("{pages} not shown to a model: the publisher asks so (ai-input=no)"));
    }
    section
}

/// Checks the first answer; a question for the repair if something failed.
fn review(inputs: &Inputs, plan: &Plan, answer: Answer) -> (Review, Option<String>) {
    with_checker(inputs, plan, |checker, labels, sources| {
        let review = Review::new(answer, checker, citable_of(labels));
        let question = review.needs_repair().then(|| {
            let tokens = scaled_by(plan.tokens, inputs.defaults.repair.tokens_share);
            repair::question(&review, labels, sources, tokens, &llm::tokens)
        });
        (review, question)
    })
}

fn decide(
    inputs: &Inputs,
    plan: &Plan,
    mut review: Review,
    repaired: Option<Answer>,
) -> (Vec<Draft>, super::section::Dropped) {
    if let Some(answer) = repaired {
        with_checker(inputs, plan, |checker, _, _| review.repair(answer, checker));
    }
    review.decide(inputs.args.keep_unsupported)
}

fn with_checker<T>(
    inputs: &Inputs,
    plan: &Plan,
    work: impl FnOnce(&Checker<'_>, &Labels<'_>, &Sources<'_>) -> T,
) -> T {
    let sources = inputs.known.sources();
    let labels = plan.labels(&inputs.known, &inputs.findings);
    let reading = Reading::new(&sources, &inputs.known.frontier);
    let topics = inputs.hints.topics.iter();
    let checker = Checker {
        quotes: Quotes::new(&labels, &sources),
        reading: &reading,
        looked: prompt::looked(&labels, &sources),
        topic_kinds: topics.map(|topic| (topic.name.clone(), topic.kinds.clone())).collect(),
        names: &inputs.known.names,
    };
    work(&checker, &labels, &sources)
}

/// Findings that sentences may name by label.
pub(super) fn citable_of(labels: &Labels<'_>) -> BTreeMap<String, (FindingId, Basis)> {
    let findings = labels.findings.iter().enumerate();
    findings
        .map(|(number, finding)| {
            let basis = Basis {
                statement: finding.statement.clone(),
                quotes: finding.evidence.iter().map(|piece| piece.quote.clone()).collect(),
                is_lack: matches!(finding.kind, FindingKind::Gap | FindingKind::Flag),
            };
            (format!("F{}", number + 1), (finding.id, basis))
        })
        .collect()
}
