//! The extractive responder: no language model, no key. It quotes the approved passage that answers, says that it quotes, and
//! refuses when none does.

use frontoffice_domain::{
    chat::{Answer, Finding, Sentence, Source, Usage, Verdict},
    words,
};
use futures_util::future::BoxFuture;

use super::{Made, Model, ModelError, Prompt, Speech};

/// The built-in model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extractive;

impl Model for Extractive {
    fn name(&self) -> &str {
        "extractive"
    }

    /// The answer comes whole, so it needs no leave to speak before it is stored.
    fn answer<'a>(&'a self, prompt: &'a Prompt, _: &'a mut dyn Speech) -> BoxFuture<'a, Result<Made, ModelError>> {
        let answer = match (prompt.without_model(), prompt.found.first()) {
            (Some(answer), _) => answer,
            (None, None) => Answer::Refused { verdict: None },
            (None, Some(best)) => Answer::Answered {
                text: format!("{}\n\n> {}", words::quote_lead(best.passage.locale, &best.passage.title), best.quotation),
                sources: vec![Source { title: best.passage.title.clone(), url: best.passage.source_url.clone() }],
                verdict: Some(Verdict {
                    grounding: prompt.persona.grounding,
                    sentences: vec![Sentence { text: best.quotation.clone(), finding: Finding::Quoted, missing: Vec::new() }],
                }),
            },
        };
        Box::pin(std::future::ready(Ok(Made::without_model(answer, self.name()))))
    }

    fn taken(&self, _: &Prompt, _: &str) -> Option<Usage> {
        None
    }
}
