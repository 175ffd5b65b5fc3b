//! Shapes of privacy.

use serde::{Deserialize, Serialize};

use crate::{
    audit::Actor,
    chat::{Channel, ConversationState, MessageStatus, Role, Source, Thumb},
    clock::Instant,
    id::{ConversationId, PrivacyReceiptId, TenantId, TurnId, VisitorId},
    job::{Job, rules::HOUSEKEEPING},
    locale::Locale,
    text_enum::text_enum,
};

text_enum! {
    /// What a receipt is for.
    ReceiptKind {
        /// Somebody took a copy of what is known of a visitor.
        Export = "export",
        /// What is known of a visitor was erased.
        Erasure = "erasure",
        /// What was kept as long as it may be was erased.
        Retention = "retention",
    }
}

/// A receipt: that something became of what visitors said, and how much it was. Ids and counts, and never what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its row.
    pub id: PrivacyReceiptId,
    /// What it is for.
    pub kind: ReceiptKind,
    /// Of whom; `None` where it is of all whose time was over.
    pub visitor_id: Option<VisitorId>,
    /// How many conversations.
    pub conversations: i64,
    /// How many messages in them.
    pub messages: i64,
    /// Why, as an operator put it.
    pub reason: Option<String>,
    /// Who wanted it.
    pub author: Actor,
    /// What the person or the key is called.
    pub author_name: Option<String>,
    /// When.
    pub created_at: Instant,
}

/// What became of erasing a visitor.
#[derive(Clone, Debug)]
pub enum Erasure {
    /// It is done.
    Done {
        /// What says so.
        receipt: Receipt,
        /// The turns that ended with it, so that whoever listens can be told.
        ended: Vec<TurnId>,
    },
    /// It was done before; nothing was changed.
    AlreadyErased(Receipt),
    /// It is a tenant's server, which speaks for many people.
    NotAVisitor,
    /// There is no such visitor.
    Unknown,
}

/// A place in a copy of what is known of a visitor: behind this message of this conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The conversation.
    pub conversation: ConversationId,
    /// The message's number in it.
    pub sequence: i64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.conversation, self.sequence)
    }
}

impl std::str::FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (conversation, sequence) = text.split_once('.').ok_or(())?;
        Ok(Self { conversation: conversation.parse().map_err(|_| ())?, sequence: sequence.parse().map_err(|_| ())? })
    }
}

/// What became of taking a copy of what is known of a visitor.
#[derive(Clone, Debug)]
pub enum Export {
    /// A page of it.
    Page(Box<ExportPage>),
    /// It is a tenant's server, which speaks for many people.
    NotAVisitor,
    /// There is no such visitor.
    Unknown,
}

/// A page of a copy.
#[derive(Clone, Debug)]
pub struct ExportPage {
    /// What is known.
    pub document: Document,
    /// What says that a copy was taken; with its first page alone.
    pub receipt: Option<Receipt>,
    /// Where the next page begins, if there is more.
    pub next: Option<Place>,
}

/// What is known of a visitor, or as much of it as is on a page: conversations in the order in which they began, messages in theirs. One that
/// goes on on the next page is there again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The visitor.
    pub visitor: VisitorCopy,
    /// What they talked about.
    pub conversations: Vec<ConversationCopy>,
}

/// A visitor, for whom it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VisitorCopy {
    /// The UUID they are known by in the tenant.
    pub uuid: VisitorId,
    /// The way they came in.
    pub channel: Channel,
    /// When they first wrote.
    pub created_at: Instant,
    /// When they last wrote.
    pub seen_at: Instant,
    /// When what they said was erased.
    pub erased_at: Option<Instant>,
    /// When their website last said who they are.
    pub verified_at: Option<Instant>,
    /// What it calls them.
    pub name: Option<String>,
    /// Where it says they are written to.
    pub email: Option<String>,
}

/// A conversation, for whom it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConversationCopy {
    /// What their client calls it.
    pub session_id: String,
    /// The way it came in.
    pub channel: Channel,
    /// Who holds it.
    pub state: ConversationState,
    /// Its language.
    pub locale: Locale,
    /// When it began.
    pub created_at: Instant,
    /// What the team calls it.
    pub title: Option<String>,
    /// What they think of it.
    pub rating: Option<Thumb>,
    /// And said about it.
    pub rating_comment: Option<String>,
    /// Where they want to be written to.
    pub contact_email: Option<String>,
    /// When what was said in it was erased.
    pub erased_at: Option<Instant>,
    /// What was said.
    pub messages: Vec<MessageCopy>,
}

/// A message, for whom it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageCopy {
    /// Its number in the conversation, from 1.
    pub sequence: i64,
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
    /// What it is.
    pub status: MessageStatus,
    /// Where it comes from.
    pub sources: Vec<Source>,
    /// When it was stored.
    pub created_at: Instant,
    /// What they think of it.
    pub rating: Option<Thumb>,
}

/// Erases what a tenant keeps longer than its plan does, and all that is a closed one's. It takes several transactions, and knows from one
/// to the next how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyRetention {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The day before which it was over when this was called for, in microseconds since 1970. There is one of these for each.
    pub before: i64,
    /// How many conversations it has erased.
    #[serde(default)]
    pub conversations: i64,
    /// How many messages in them.
    #[serde(default)]
    pub messages: i64,
    /// Whether it has erased anything else.
    #[serde(default)]
    pub others: bool,
}

impl ApplyRetention {
    /// One that has done nothing yet.
    #[must_use]
    pub fn new(tenant_id: TenantId, before: Instant) -> Self {
        Self { tenant_id, before: before.as_micros(), conversations: 0, messages: 0, others: false }
    }

    /// Whether it has erased anything.
    #[must_use]
    pub fn has_erased(&self) -> bool {
        self.conversations > 0 || self.others
    }
}

impl Job for ApplyRetention {
    const NAME: &'static str = "apply_retention";
    /// Each goes on where the one before ended, so that a long backlog is worked off too.
    const MAX_ATTEMPTS: i32 = 25;
    /// Nobody waits for it.
    const PRIORITY: i16 = 2;

    fn lane(&self) -> Option<&str> {
        Some(HOUSEKEEPING)
    }

    fn key(&self) -> String {
        let day: String = Instant::from_micros(self.before).to_string().chars().take(10).collect();
        format!("{} {day}", self.tenant_id)
    }
}

/// What became of a step of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retained {
    /// There is more to do; how far it is.
    More(ApplyRetention),
    /// All is done, and so is the job; whether there was anything to do.
    Done(bool),
    /// Another worker has the job; nothing was changed.
    Late,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_one_job_for_each_day() {
        let (tenant, day) = (TenantId::new(), "2026-10-31T00:00:00Z".parse().unwrap());
        let job = ApplyRetention::new(tenant, day);
        assert_eq!(job.key(), format!("{tenant} 2026-10-31"));
        let before: ApplyRetention =
            serde_json::from_value(serde_json::json!({"tenant_id": tenant, "before": job.before})).unwrap();
        assert_eq!(before, job, "how far it is may be left out");
        let place = Place { conversation: ConversationId::new(), sequence: 7 };
        assert_eq!(place.to_string().parse::<Place>(), Ok(place));
        assert_eq!("7".parse::<Place>(), Err(()));
    }
}
