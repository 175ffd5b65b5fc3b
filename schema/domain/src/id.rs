//! Typed ids: a row's id is a UUID v7 (it sorts by birth), an id meant to be public and unguessable is a v4.
//!
//! The kind is part of the type, so a conversation's id cannot be passed where a turn's is wanted.

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sqlite::Sqlite,
};
use uuid::Uuid;

use crate::db::sql;

/// The id of a row of kind `K`.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Id)]
pub struct Id<K: 'static>(Uuid, PhantomData<fn() -> K>);

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident => $alias:ident;)+) => {
        /// The kinds of rows that have an id.
        pub mod kind {
            $($(#[$doc])* #[derive(Debug)] pub enum $kind {})+
        }
        $($(#[$doc])* pub type $alias = Id<kind::$kind>;)+
    };
}

kinds! {
    /// A business.
    Tenant => TenantId;
    /// Somebody who talks to the assistant.
    Visitor => VisitorId;
    /// A persona of a tenant.
    Persona => PersonaId;
    /// One immutable version of a persona.
    PersonaVersion => PersonaVersionId;
    /// An entry of a tenant's knowledge.
    KnowledgeEntry => KnowledgeEntryId;
    /// A conversation.
    Conversation => ConversationId;
    /// A message.
    Message => MessageId;
    /// A turn: one attempt to answer.
    Turn => TurnId;
    /// A job.
    Job => JobId;
    /// A person who works for the platform or for a tenant.
    User => UserId;
    /// A session of somebody who is signed in.
    Login => LoginId;
    /// A device somebody has signed in from.
    Device => DeviceId;
    /// A block of credits that was granted.
    Grant => GrantId;
    /// Credits set aside for a turn.
    Hold => HoldId;
    /// Somebody being asked to join.
    Invitation => InvitationId;
    /// A tenant's key for its server.
    ApiKey => ApiKeyId;
    /// What the widget on a tenant's websites shows.
    WidgetKey => WidgetKeyId;
    /// A look at whether the widget can work on a page.
    WidgetCheck => WidgetCheckId;
    /// What a cap on credits is of: a widget key, a persona, or the tenant whose visitors it is for.
    CapSubject => CapSubjectId;
    /// A letter.
    Mail => MailId;
    /// Something that somebody has to know of a tenant.
    Alert => AlertId;
    /// What a provider of a language model takes.
    ProviderCost => ProviderCostId;
    /// Something the team wrote beside a conversation.
    Note => NoteId;
    /// The prices somebody is working on.
    Draft => DraftId;
    /// Something that was done on the way of prices.
    PricebookStep => PricebookStepId;
    /// A receipt for what became of what visitors said.
    PrivacyReceipt => PrivacyReceiptId;
    /// A line of the audit log.
    AuditEntry => AuditEntryId;
    /// A request, as logs and errors call it.
    Request => RequestId;
}

impl<K> Id<K> {
    /// A new id for a row (version 7: ordered by the time it was made).
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place where ids come from")]
    pub fn new() -> Self {
        Self(Uuid::now_v7(), PhantomData)
    }

    /// A new id that tells nothing, not even when it was made (version 4).
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place where ids come from")]
    pub fn random() -> Self {
        Self(Uuid::new_v4(), PhantomData)
    }

    /// The id as a plain UUID.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl<K> Default for Id<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> From<Uuid> for Id<K> {
    fn from(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }
}

impl<K> FromStr for Id<K> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::from_str(text).map(Self::from)
    }
}

// Derived impls would ask the same of `K`, which is only a label.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<K> serde::Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
impl<'de, K> serde::Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from)
    }
}

impl<K> ToSql<sql::Id, Pg> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}
impl<K> ToSql<sql::Id, Sqlite> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}
impl<K> FromSql<sql::Id, Pg> for Id<K> {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Uuid::from_slice(bytes.as_bytes())?.into())
    }
}
impl<K> FromSql<sql::Id, Sqlite> for Id<K> {
    fn from_sql(mut bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Uuid::from_slice(bytes.read_blob())?.into())
    }
}
