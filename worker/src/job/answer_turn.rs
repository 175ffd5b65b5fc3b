//! Answers a turn: retrieve approved knowledge, let the model answer, store the answer.

use frontoffice_domain::{
    bus::{Fence, NewsOf, TurnEvent},
    chat::{self, Answer, AnswerTurn, Answered, Begun, Finish, Past, Role, Speak, Standing, Work},
    fault::Fault,
    id::{ConversationId, TurnId},
    job::{self, Lease},
    knowledge::{self, Question},
    privacy,
    tenancy::Scope,
};

use super::Handle;
use crate::{
    Context,
    failure::Failure,
    model::{Made, ModelError, Prompt, Silence, Speech},
    patience::patiently,
};

impl Handle for AnswerTurn {
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let scope = job::scope(&lease);
        let fence = Fence::of(lease.token());
        // Before the first look, so that nothing between the two is missed.
        let mut news = context.bus.news(scope.tenant());
        loop {
            let Some((work, prompt)) = begin(&context, &scope, self.turn_id).await? else {
                return end_without_effect(&context, &scope, &lease).await;
            };
            // What was said before is void, by whoever it was: an attempt that was handed back counts as none.
            context.bus.publish(work.turn_id, fence, TurnEvent::Reset);
            let mut speech =
                TurnSpeech { context: &context, scope: &scope, lease: &lease, work: &work, allowed: false, said: String::new() };
            let answered = if work.stopped {
                Err(Interrupted(Standing::Stopped))
            } else {
                tokio::select! {
                    biased;
                    made = context.model.answer(&prompt, &mut speech) => Ok(made),
                    interrupted = interrupted(&context, &scope, &work, &mut news) => Err(interrupted),
                }
            };
            let said = speech.allowed;
            let made = match answered {
                Ok(made) => made,
                Err(Interrupted(Standing::Stopped)) => {
                    let usage = if said { context.model.taken(&prompt, &speech.said) } else { None };
                    let answer = Answer::Stopped { text: std::mem::take(&mut speech.said) };
                    Ok(Made { answer, usage, model: context.model.name_for(&prompt).to_owned() })
                }
                Err(Interrupted(_)) => return end_without_effect(&context, &scope, &lease).await,
            };
            let made = match made {
                Ok(made) => made,
                Err(ModelError::Again { reason, after }) => return Err(Failure::again(reason, after)),
                Err(ModelError::Never { reason }) => return Err(Failure::never(reason)),
                Err(ModelError::Silenced(Silence::Restart)) => continue,
                Err(ModelError::Silenced(Silence::Over)) => return end_without_effect(&context, &scope, &lease).await,
                Err(ModelError::Silenced(Silence::Fault(fault))) => return Err(fault.into()),
            };
            if said && matches!(made.answer, Answer::Refused { .. } | Answer::HandedOff) {
                // The store will say something else than what was heard, and must not be read before that is void.
                context.bus.publish(work.turn_id, fence, TurnEvent::Reset);
            }
            let answered = Answered { answer: made.answer, model: made.model, usage: made.usage };
            let now = context.clock.now();
            // What a model has written is paid for, so it is not thrown away because the store is restarted.
            let finish = patiently(|| {
                let (writer, lease, work, answered) = (scope.clone(), lease.clone(), work.clone(), answered.clone());
                context
                    .db
                    .write(&scope, async move |mut conn| chat::finish(&mut conn, &writer, &lease, &work, &answered, now).await)
            })
            .await?;
            match finish {
                Finish::Stored => {
                    announce(&context, &scope, work.turn_id, Some(work.conversation_id), fence);
                    return Ok(());
                }
                Finish::Restart => {}
                Finish::Late => {
                    // Perhaps it was this very answer that was kept, and only nobody said so: whoever listens may look.
                    announce(&context, &scope, work.turn_id, Some(work.conversation_id), fence);
                    return Err(Failure::lost());
                }
            }
        }
    }

    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        let scope = job::scope(&lease);
        let turn: Option<TurnId> = lease.key().parse().ok();
        let (writer, model, now) = (scope.clone(), context.model.name().to_owned(), context.clock.now());
        let (id, fence) = (lease.id(), Fence::of(lease.token()));
        if let Some(turn) = turn {
            // The apology takes the place of what was heard.
            context.bus.publish(turn, fence, TurnEvent::Reset);
        }
        let finish = context
            .db
            .write(&scope, async move |mut conn| chat::give_up(&mut conn, &writer, &lease, turn, &model, &error, now).await)
            .await?;
        if finish == Finish::Stored {
            tracing::error!(job = %id, turn = ?turn, "dead; the visitor was told and a person asked for");
            if let Some(turn) = turn {
                announce(&context, &scope, turn, None, fence);
            }
        }
        Ok(())
    }
}

/// What there is to do, and what the model is told; `None` if the turn is over.
async fn begin(context: &Context, scope: &Scope, turn: TurnId) -> Result<Option<(Work, Prompt)>, Fault> {
    let (reader, now) = (scope.clone(), context.clock.now());
    let begin = async move |mut conn| {
        let work = match chat::begin(&mut conn, &reader, turn).await? {
            Begun::Work(work) => *work,
            Begun::Over => return Ok(None),
        };
        let question = Question { messages: work.messages.clone(), locale: work.locale };
        let found = knowledge::search(&mut conn, &reader, &question, work.fallback, now).await?;
        // Only what leaves the house: what answers is looked for with the words as they are.
        let prompt = Prompt {
            persona: work.persona.clone(),
            history: work.history.iter().map(|past| Past { role: past.role, text: told(&work, past.role, &past.text) }).collect(),
            messages: work.messages.iter().map(|text| told(&work, Role::Visitor, text)).collect(),
            locale: work.locale,
            asks_nothing: knowledge::rules::asks_nothing(&question),
            asks_for_person: work.messages.last().is_some_and(|newest| chat::asks_for_person(newest)),
            found,
        };
        Ok(Some((work, prompt)))
    };
    context.db.read(scope, begin).await
}

/// What a model is told of what somebody said: of what people write to each other no more than the tenant wants. What the assistant says
/// is what the business has approved, its own address among it.
fn told(work: &Work, role: Role, text: &str) -> String {
    if work.mask && role != Role::Assistant { privacy::rules::mask(text).into_owned() } else { text.to_owned() }
}

/// How a turn stands that cannot go on as it did.
struct Interrupted(Standing);

/// Waits until an answer that is being made must not be made any more. Nothing depends on it but time: what is made in vain is not kept.
async fn interrupted(context: &Context, scope: &Scope, work: &Work, news: &mut NewsOf) -> Interrupted {
    loop {
        if news.next().await.is_some_and(|conversation| conversation != work.conversation_id) {
            continue;
        }
        let (reader, turn) = (scope.clone(), work.turn_id);
        let standing = context.db.read(scope, async move |mut conn| chat::standing(&mut conn, &reader, turn).await).await;
        match standing {
            Ok(Standing::Goes) | Err(_) => {}
            Ok(other) => return Interrupted(other),
        }
    }
}

/// The turn is over, so only the job is left to end.
async fn end_without_effect(context: &Context, scope: &Scope, lease: &Lease) -> Result<(), Failure> {
    let (lease, now) = (lease.clone(), context.clock.now());
    context.db.write(scope, async move |mut conn| job::complete(&mut conn, &lease, now).await).await?;
    Ok(())
}

/// Commit came first; now everyone may know.
fn announce(context: &Context, scope: &Scope, turn: TurnId, conversation: Option<ConversationId>, fence: Fence) {
    context.bus.publish(turn, fence, TurnEvent::Done);
    context.bus.tell(scope.tenant(), conversation);
    // What follows from an answer is work for the queue: to meter it, and to answer the turn that waited.
    context.bus.ring();
}

/// Says an answer to the visitor as it is made. Before its first words it asks leave, because a message that came meanwhile must
/// be seen first.
struct TurnSpeech<'a> {
    context: &'a Context,
    scope: &'a Scope,
    lease: &'a Lease,
    work: &'a Work,
    allowed: bool,
    /// What was said so far.
    said: String,
}

impl Speech for TurnSpeech<'_> {
    fn say<'s>(&'s mut self, text: &'s str) -> futures_util::future::BoxFuture<'s, Result<(), Silence>> {
        Box::pin(async move {
            if !self.allowed {
                let (writer, lease, now) = (self.scope.clone(), self.lease.clone(), self.context.clock.now());
                let work = self.work.clone();
                let db = self.context.db.repeatable();
                let leave =
                    db.write(self.scope, async move |mut conn| chat::speak(&mut conn, &writer, &lease, &work, now).await).await;
                match leave.map_err(Silence::Fault)? {
                    Speak::Go => self.allowed = true,
                    Speak::Restart => return Err(Silence::Restart),
                    Speak::Over => return Err(Silence::Over),
                }
            }
            let fence = Fence::of(self.lease.token());
            self.said.push_str(text);
            self.context.bus.publish(self.work.turn_id, fence, TurnEvent::Delta(text.to_owned()));
            Ok(())
        })
    }

    fn take_back(&mut self) {
        if !std::mem::take(&mut self.said).is_empty() {
            self.context.bus.publish(self.work.turn_id, Fence::of(self.lease.token()), TurnEvent::Reset);
        }
    }

    fn has_spoken(&self) -> bool {
        !self.said.is_empty()
    }
}
