//! The one way to ask a model: look into the journal, reserve, call, settle, check.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use domain::{Fence, MicroUsd, ModelCall, RunId, Tokens};
use serde_json::Value;
use store::{Reserved, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, field};

use crate::anthropic::Anthropic;
use crate::estimate::Estimate;
use crate::journal::{Entry, TRIES, Unusable, again, hash, number};
use crate::ollama::Ollama;
use crate::openai::OpenAi;
use crate::prices::{Price, Prices};
use crate::provider::{Completion, Failure, Prompt, Provider, Role, Turn};
use crate::schema::{Checker, Lowered};
use crate::{Choice, Error, Kind, ModelTier, Models, Settings};

/// How often a paid answer is offered to a store that does not answer.
const SETTLE_TRIES: u32 = 5;
const SETTLE_PAUSE: Duration = Duration::from_millis(200);

/// Whose call it is.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub store: &'a Store,
    pub fence: Fence,
    pub run: RunId,
    pub cancel: &'a CancellationToken,
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub tier: ModelTier,
    /// Instructions. Never text from a page.
    pub system: String,
    /// The sources, delimited, and the question.
    pub user: String,
    /// JSON Schema (2020-12) of the answer; keys with `x-` are not shown to the model. None: any text.
    pub schema: Option<Value>,
    /// The longest answer, thoughts not counted.
    pub max_output_tokens: u32,
}

/// An answer that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the schema asks for; a string when there is none.
    pub value: Value,
    /// Of every try that led to it.
    pub tokens: Tokens,
    /// Of every try that led to it, whenever it was paid.
    pub cost: MicroUsd,
    pub provider: Kind,
    pub model: String,
    /// Whether it came from the journal, without a call.
    pub reused: bool,
}

/// Asks the configured provider. Cheap to clone; one per process, so that its limits hold.
#[derive(Debug, Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    prices: Prices,
    seat: Option<Seat>,
}

/// The provider that was chosen.
#[derive(Debug)]
struct Seat {
    provider: Box<dyn Provider>,
    models: Models,
    context_tokens: u64,
    permits: Semaphore,
}

/// What stays the same in all tries of one question.
struct Question<'a> {
    call: &'a Call<'a>,
    seat: &'a Seat,
    prices: &'a Prices,
    request: &'a Request,
    checker: Option<Checker<'a>>,
    schema: Option<Lowered>,
    model: &'a str,
}

impl Desk {
    /// Fails when the settings name a provider that is not configured, or cannot be read.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let seat = match settings.choice()? {
            Choice::Extractive => None,
            Choice::Model(kind) => {
                let endpoint = settings.endpoint(kind);
                let provider: Box<dyn Provider> = match kind {
                    Kind::Anthropic => Box::new(Anthropic::new(endpoint)?),
                    Kind::OpenAi => Box::new(OpenAi::new(endpoint)?),
                    Kind::Ollama => Box::new(Ollama::new(endpoint)?),
                };
                Some(Seat {
                    provider,
                    models: endpoint.models.clone(),
                    context_tokens: endpoint.context_tokens.into(),
                    permits: Semaphore::new(endpoint.max_concurrency.max(1).into()),
                })
            }
        };
        Ok(Self { inner: Arc::new(Inner { prices: Prices::new(settings)?, seat }) })
    }

    /// Who answers.
    #[must_use]
    pub fn choice(&self) -> Choice {
        self.inner.seat.as_ref().map_or(Choice::Extractive, |seat| Choice::Model(seat.provider.kind()))
    }

    /// Which model a tier is; none without a provider.
    #[must_use]
    pub fn model(&self, tier: ModelTier) -> Option<&str> {
        self.inner.seat.as_ref().map(|seat| seat.models.of(tier))
    }

    /// What reading and writing so many tokens can cost at the most with the dearest of the configured models; zero
    /// without a provider.
    pub fn most(&self, prompt: u64, answer: u64) -> Result<MicroUsd, Error> {
        let Ok(seat) = self.seat() else { return Ok(MicroUsd::ZERO) };
        let day = chrono::Utc::now().date_naive();
        let tiers = [ModelTier::Fast, ModelTier::Standard, ModelTier::Deep];
        let mut most = MicroUsd::ZERO;
        for model in tiers.map(|tier| seat.models.of(tier)) {
            let price = self.inner.prices.of(seat.provider.kind(), model, day, seat.context_tokens)?;
            most = most.max(price.most(prompt, answer));
        }
        Ok(most)
    }

    /// Asks the provider which models the key may use. Costs nothing and shows whether address and key are right.
    pub async fn check(&self, cancel: &CancellationToken) -> Result<Vec<String>, Error> {
        self.seat()?.provider.models(cancel).await
    }

    /// The answer to a job's `seq`-th question: from the journal if it was paid before, else from the model, within
    /// the run's budget. An answer that does not fit the schema is sent back once with what is wrong.
    ///
    /// Nothing else is tried again here: the engine decides, by [`Error::is_retryable`], [`Error::blocked_on`] and
    /// [`Error::retry_after`]. A job that runs again asks the same questions in the same order.
    pub async fn ask(&self, call: &Call<'_>, seq: u32, request: &Request) -> Result<Answer, Error> {
        let seat = self.seat()?;
        let question = Question {
            call,
            seat,
            prices: &self.inner.prices,
            request,
            checker: request.schema.as_ref().map(Checker::new).transpose()?,
            schema: request.schema.as_ref().map(|schema| seat.provider.lower(schema)),
            model: seat.models.of(request.tier),
        };
        question.answer(seq).await
    }

    fn seat(&self) -> Result<&Seat, Error> {
        self.inner.seat.as_ref().ok_or(Error::NoProvider)
    }
}

impl Question<'_> {
    async fn answer(&self, seq: u32) -> Result<Answer, Error> {
        let kind = self.seat.provider.kind();
        let mut turns = vec![Turn { role: Role::User, text: self.request.user.clone() }];
        let (mut tokens, mut cost, mut reused, mut repaired) =
            (Tokens::default(), MicroUsd::ZERO, true, false);
        for n in 0..TRIES {
            let (number, hash) = (number(seq, n), self.hash(&turns));
            let known = self.call.store.journaled(self.call.fence.job, number, &hash).await?;
            reused = reused && known.is_some();
            let paid = match known {
                Some(paid) => paid,
                None => self.pay(number, hash, &turns).await?,
            };
            tokens += paid.tokens;
            cost += paid.cost;
            match serde_json::from_value(paid.answer) {
                Ok(Entry::Value(value)) => {
                    let model = self.model.to_owned();
                    return Ok(Answer { value, tokens, cost, provider: kind, model, reused });
                }
                Ok(Entry::Unusable(Unusable::Invalid { errors, .. })) if repaired => {
                    return Err(Error::Invalid { provider: kind, model: self.model.to_owned(), errors });
                }
                Ok(Entry::Unusable(Unusable::Invalid { text, errors })) => {
                    repaired = true;
                    turns.extend(correction(text, &errors));
                }
                // An earlier attempt of the job paid for it: what would fail the same way is not paid for again, what
                // broke off is asked for again.
                Ok(Entry::Unusable(Unusable::Failed { code, detail })) => {
                    let limit = self.seat.provider.output_bound(self.model, self.request.max_output_tokens);
                    if let Some(error) = again(&code, &detail, kind, self.model, limit) {
                        return Err(error);
                    }
                }
                Err(_) => {}
            }
        }
        let errors = vec![format!("{TRIES} paid answers could not be used")];
        Err(Error::Invalid { provider: kind, model: self.model.to_owned(), errors })
    }

    fn hash(&self, turns: &[Turn]) -> String {
        let Request { system, schema, max_output_tokens, .. } = self.request;
        hash(self.seat.provider.kind(), self.model, system, turns, schema.as_ref(), *max_output_tokens)
    }

    /// One call: reserved before, settled after, whatever came of it. An invalid answer is no error here.
    async fn pay(&self, number: u32, hash: String, turns: &[Turn]) -> Result<ModelCall, Error> {
        let _permit = tokio::select! {
            () = self.call.cancel.cancelled() => return Err(Error::Cancelled),
            permit = self.seat.permits.acquire() => permit.map_err(|_| Error::Cancelled)?,
        };
        let prompt = self.prompt(turns).await?;
        let (price, reserved) = self.reserve(number, &prompt).await?;
        let span = tracing::info_span!(
            "model.call",
            run.id = %self.call.run, job.id = %self.call.fence.job, seq = number,
            provider = %self.seat.provider.kind(), model = self.model,
            tokens.input = field::Empty, tokens.output = field::Empty, cost_micros = field::Empty,
        );
        let started = Instant::now();
        let outcome = self.seat.provider.complete(&prompt, self.call.cancel).instrument(span.clone()).await;
        let (entry, tokens, error) = match outcome {
            Ok(completion) => self.judged(completion),
            Err(Failure { error, spent: Some(tokens) }) => (failed(&error), tokens, Some(error)),
            Err(Failure { error, spent: None }) => {
                self.release(number, reserved).await;
                return Err(error);
            }
        };
        let paid = self.paid(number, hash, entry, (tokens, &price), started.elapsed())?;
        record(&span, &paid);
        self.settle(&paid).await?;
        match error {
            Some(error) => Err(error),
            None => Ok(paid),
        }
    }

    /// The prompt with its estimate. Refused here when it cannot fit, before anything is paid.
    async fn prompt(&self, turns: &[Turn]) -> Result<Prompt, Error> {
        let kind = self.seat.provider.kind();
        let mut prompt = Prompt {
            model: self.model.to_owned(),
            system: self.request.system.clone(),
            turns: turns.to_vec(),
            schema: self.schema.clone(),
            max_output_tokens: self.request.max_output_tokens,
            estimate: Estimate::default(),
        };
        let (system, turns) = (prompt.instructions(), prompt.turns.clone());
        let schema = prompt.enforced().map(Value::to_string);
        let estimating =
            tokio::task::spawn_blocking(move || Estimate::of(kind, &system, &turns, schema.as_deref()));
        prompt.estimate = match estimating.await {
            Ok(estimate) => estimate,
            // The runner turns a panic into a retry; a runtime that shuts down cancels.
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => return Err(Error::Cancelled),
        };
        let (likely, most) = (prompt.estimate.likely, self.seat.context_tokens);
        if likely + u64::from(prompt.max_output_tokens) > most {
            let detail = format!(
                "about {likely} tokens and an answer of {} are more than {most}; nothing was sent",
                prompt.max_output_tokens
            );
            return Err(Error::PromptTruncated { provider: kind, model: prompt.model, detail });
        }
        Ok(prompt)
    }

    fn price(&self, prompt_tokens: u64) -> Result<Price, Error> {
        self.prices.of(self.seat.provider.kind(), self.model, Utc::now().date_naive(), prompt_tokens)
    }

    /// Takes the most the call can cost from the budget; the price, and whether there is anything to give back.
    async fn reserve(&self, number: u32, prompt: &Prompt) -> Result<(Price, bool), Error> {
        let answer = self.seat.provider.output_bound(self.model, prompt.max_output_tokens);
        let price = self.price(prompt.estimate.bound)?;
        let needed = price.most(prompt.estimate.bound, answer.into());
        if needed == MicroUsd::ZERO {
            return Ok((price, false));
        }
        match self.call.store.reserve(self.call.fence, number, needed, Utc::now()).await? {
            Reserved::Granted => Ok((price, true)),
            Reserved::Short { cap, settled, reserved } => {
                Err(Error::Budget { needed, cap, settled, reserved })
            }
        }
    }

    /// Nothing was spent. A reservation that cannot be given back now is freed when the attempt ends.
    async fn release(&self, number: u32, reserved: bool) {
        if reserved && let Err(error) = self.call.store.release(self.call.fence, number).await {
            tracing::warn!(job.id = %self.call.fence.job, %error, "a reservation could not be released");
        }
    }

    fn judged(&self, completion: Completion) -> (Entry, Tokens, Option<Error>) {
        let Completion { text, tokens } = completion;
        let entry = match &self.checker {
            None => Entry::Value(text.into()),
            Some(checker) => match checker.read(&text) {
                Ok(value) => Entry::Value(value),
                Err(errors) => Entry::Unusable(Unusable::Invalid { text, errors }),
            },
        };
        (entry, tokens, None)
    }

    fn paid(
        &self,
        number: u32,
        request_hash: String,
        entry: Entry,
        (tokens, reserved_at): (Tokens, &Price),
        took: Duration,
    ) -> Result<ModelCall, Error> {
        // A shorter prompt may have a lower price than the one that was reserved for the longest.
        let price = self.price(tokens.input + tokens.cache_read + tokens.cache_write);
        Ok(ModelCall {
            seq: number,
            request_hash,
            provider: self.seat.provider.kind().as_str().to_owned(),
            model: self.model.to_owned(),
            answer: serde_json::to_value(entry).map_err(|error| Error::Schema(error.to_string()))?,
            tokens,
            cost: price.as_ref().unwrap_or(reserved_at).cost(tokens),
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            at: Utc::now(),
        })
    }

    /// Keeps what was paid. Not cancelled, and tried again: losing it is paying twice.
    async fn settle(&self, paid: &ModelCall) -> Result<(), Error> {
        for _ in 1..SETTLE_TRIES {
            match self.call.store.settle(self.call.fence, paid.clone(), Utc::now()).await {
                Err(error) if error.is_retryable() => {
                    tracing::warn!(job.id = %self.call.fence.job, %error, "a paid answer could not be kept yet");
                    tokio::time::sleep(SETTLE_PAUSE).await;
                }
                settled => return Ok(settled?),
            }
        }
        Ok(self.call.store.settle(self.call.fence, paid.clone(), Utc::now()).await?)
    }
}

/// What an answer that does not fit is sent back with.
fn correction(text: String, errors: &[String]) -> [Turn; 2] {
    let given = if text.trim().is_empty() { "(nothing)".to_owned() } else { text };
    let ask = format!(
        "That answer cannot be used:\n- {}\nAnswer again: the whole JSON value, corrected, and nothing else.",
        errors.join("\n- ")
    );
    [Turn { role: Role::Assistant, text: given }, Turn { role: Role::User, text: ask }]
}

fn failed(error: &Error) -> Entry {
    Entry::Unusable(Unusable::Failed { code: error.code().to_owned(), detail: error.to_string() })
}

fn record(span: &Span, paid: &ModelCall) {
    span.record("tokens.input", paid.tokens.input + paid.tokens.cache_read + paid.tokens.cache_write);
    span.record("tokens.output", paid.tokens.output);
    span.record("cost_micros", paid.cost.0);
}
