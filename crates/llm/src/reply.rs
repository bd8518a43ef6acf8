//! From a stream to a whole answer or a named failure: the same for every wire format, told apart by what each
//! [`Reply`] has heard.

use domain::Tokens;
use reqwest::RequestBuilder;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::frames::Framing;
use crate::provider::{Completion, Failure, Prompt};
use crate::wire::{Flow, Wire};

/// How a stream says that it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Whole,
    /// At the longest length.
    CutOff,
    /// In the model's words, or the provider's.
    Refused(String),
    /// By a reason that is not known here.
    Other(String),
    /// Without a reason.
    Unsaid,
}

impl Ending {
    /// Of a reason that none of the known ones is.
    pub(crate) fn other(reason: Option<&str>) -> Self {
        reason.map_or(Self::Unsaid, |reason| Self::Other(reason.to_owned()))
    }
}

/// What a stream of one wire format has said so far.
pub(crate) trait Reply: Send {
    const FRAMING: Framing;
    /// What the format calls the reason to stop.
    const REASON: &'static str;

    fn hear(&mut self, event: &Value, wire: &Wire, model: &str) -> Result<Flow, Error>;

    fn ending(&self) -> Ending;

    /// What is paid; of an answer that is not whole, as far as that is known.
    fn spent(&self, prompt: &Prompt, whole: bool) -> Tokens;

    /// Why the server cannot have read the whole prompt.
    fn cut_prompt(&self, _prompt: &Prompt) -> Option<String> {
        None
    }

    fn into_text(self) -> String;
}

/// Sends the request and hears the stream to its end. `limit` is the longest answer, as it was asked for.
pub(crate) async fn ask<R: Reply>(
    wire: &Wire,
    request: RequestBuilder,
    prompt: &Prompt,
    limit: u32,
    mut reply: R,
    cancel: &CancellationToken,
) -> Result<Completion, Failure> {
    let response = wire.send(request, &prompt.model, cancel).await?;
    let hear = |event: &Value| reply.hear(event, wire, &prompt.model);
    let read = wire.read(response, R::FRAMING, cancel, hear).await;
    let failed = |error| Failure { error, spent: Some(reply.spent(prompt, false)) };
    read.map_err(failed)?;
    let (provider, model) = (wire.kind(), prompt.model.clone());
    if let Some(detail) = reply.cut_prompt(prompt) {
        return Err(failed(Error::PromptTruncated { provider, model, detail }));
    }
    let error = match reply.ending() {
        Ending::Whole => {
            let tokens = reply.spent(prompt, true);
            return Ok(Completion { text: reply.into_text(), tokens });
        }
        Ending::CutOff => Error::CutOff { provider, model, limit },
        Ending::Refused(words) => Error::Refused { provider, model, detail: wire.shown(&words) },
        Ending::Other(reason) => wire.interrupted(format!("unexpected {} `{reason}`", R::REASON)),
        Ending::Unsaid => wire.interrupted(format!("it ended without a {}", R::REASON)),
    };
    Err(failed(error))
}
