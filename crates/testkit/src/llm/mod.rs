//! Fake model providers: one server on loopback that speaks Anthropic Messages, OpenAI chat completions and Ollama.
//!
//! Answers come from a function of the prompt (an honest analyst unless another is given), or one by one from a
//! queue; errors are those the providers document. Requests a real provider would refuse are refused here too.
//! Not a model: nothing is understood, sentences are quoted. Read first: [`FakeLlm`], [`Reply`].

mod analyst;
mod blocks;
mod encode;
mod fill;
mod liar;
mod prompt;
mod refuse;
mod reply;
mod server;
mod stream;

pub use analyst::honest;
pub use blocks::Block;
pub use liar::{Lie, liar};
pub use prompt::{Api, Prompt, Turn};
pub use reply::{Break, Refusal, Reply, Stop};
pub use server::{FakeLlm, KeyGiven, Logged};
