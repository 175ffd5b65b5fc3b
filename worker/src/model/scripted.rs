//! A model that plays a script: the actor of tests that must decide when an answer comes, how, and whether at all.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontoffice_domain::chat::{Answer, Usage};
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use super::{Made, Model, ModelError, Prompt, Speech, tokens};

/// One thing the model does when it is asked.
#[derive(Clone, Debug)]
pub enum Step {
    /// Waits until the test lets it go on.
    Gate(Gate),
    /// Waits.
    Sleep(Duration),
    /// Says a piece of the answer.
    Say(String),
    /// The answer will have taken this much of a language model.
    Spend(Usage),
    /// Answers with everything that was said.
    Answer,
    /// Answers with the messages it was given, so that a test sees what it has seen.
    Echo,
    /// Refuses.
    Refuse,
    /// Fails in a way that is worth another attempt.
    FailAgain(Option<Duration>),
    /// Fails for good.
    FailForGood,
    /// Panics.
    Panic,
}

/// A gate that stays shut until it is opened.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

impl Gate {
    /// Waits to be let through.
    pub async fn pass(&self) {
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }

    /// Lets one through, now or when it comes.
    pub fn open(&self) {
        self.0.add_permits(1);
    }
}

/// Plays one script for each time it is asked, and the last one for ever after.
#[derive(Clone, Debug)]
pub struct Scripted(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    scripts: VecDeque<Vec<Step>>,
    asked: Vec<Prompt>,
}

impl Scripted {
    /// A model that plays these scripts.
    #[must_use]
    pub fn new(scripts: impl IntoIterator<Item = Vec<Step>>) -> Self {
        Self(Arc::new(Mutex::new(State { scripts: scripts.into_iter().collect(), asked: Vec::new() })))
    }

    /// Everything it was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Prompt> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, prompt: &Prompt) -> Vec<Step> {
        let mut state = self.state();
        state.asked.push(prompt.clone());
        if state.scripts.len() > 1 { state.scripts.pop_front() } else { state.scripts.front().cloned() }.unwrap_or_default()
    }
}

/// What it is called.
const NAME: &str = "scripted";

fn made(text: String, usage: Option<Usage>) -> Made {
    let answer = Answer::Answered { text, sources: Vec::new(), verdict: None };
    Made { answer, usage, model: NAME.to_owned() }
}

impl Model for Scripted {
    fn name(&self) -> &str {
        NAME
    }

    fn answer<'a>(&'a self, prompt: &'a Prompt, speech: &'a mut dyn Speech) -> BoxFuture<'a, Result<Made, ModelError>> {
        Box::pin(async move {
            let (mut said, mut usage) = (String::new(), None);
            for step in self.next(prompt) {
                match step {
                    Step::Gate(gate) => gate.pass().await,
                    Step::Sleep(span) => tokio::time::sleep(span).await,
                    Step::Say(text) => {
                        speech.say(&text).await.map_err(ModelError::Silenced)?;
                        said.push_str(&text);
                    }
                    Step::Spend(tokens) => usage = Some(tokens),
                    Step::Answer => return Ok(made(said, usage)),
                    Step::Echo => {
                        let text = prompt.messages.join(" | ");
                        return Ok(made(text, usage));
                    }
                    Step::Refuse => {
                        let answer = Answer::Refused { verdict: None };
                        return Ok(Made { answer, usage, model: NAME.to_owned() });
                    }
                    Step::FailAgain(after) => return Err(ModelError::Again { reason: "the script fails".into(), after }),
                    Step::FailForGood => return Err(ModelError::Never { reason: "the script fails for good".into() }),
                    #[expect(clippy::panic, reason = "a script may ask for it, to show what a handler's panic does")]
                    Step::Panic => panic!("the script panics"),
                }
            }
            // A stream that ends without saying that it is finished is a failed attempt, never an answer.
            Err(ModelError::Again { reason: "the answer broke off".into(), after: None })
        })
    }

    fn taken(&self, prompt: &Prompt, said: &str) -> Option<Usage> {
        Some(Usage {
            prompt_tokens: tokens::estimate(&prompt.messages.join(" ")),
            completion_tokens: tokens::estimate(said),
            estimated: true,
        })
    }
}
