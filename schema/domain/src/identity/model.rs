//! Callers and permissions.

use crate::text_enum::text_enum;

text_enum! {
    /// What an act requires. The words are stable: they appear in errors and in the documentation.
    Permission {
        /// Take part in one's own conversation. Every visitor has it, and it can be given to nobody else.
        ChatVisit = "chat.visit",
        /// Answer a turn. Jobs have it, and it can be given to nobody else.
        ChatAnswer = "chat.answer",
        /// Change what the assistant knows.
        KnowledgeManage = "knowledge.manage",
        /// Change who the assistant is.
        PersonaManage = "persona.manage",
    }
}

/// Who is calling, as the door could tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A visitor of a page of this host.
    PublicVisitor(VisitorKey),
    /// A worker, doing a tenant's job.
    Job,
    /// The platform's owner, working on this tenant (set-up).
    Platform,
}

/// What we know a visitor by: 32 bytes that cannot be turned back into a cookie or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VisitorKey(pub(crate) [u8; 32]);

impl VisitorKey {
    /// The bytes that are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
