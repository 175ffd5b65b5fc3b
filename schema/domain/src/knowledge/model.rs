//! Shapes of knowledge.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use crate::{db::sql, id::KnowledgeEntryId, locale::Locale, text_enum::text_enum};

text_enum! {
    /// How far an entry is.
    EntryState {
        /// Written, not searched.
        Draft = "DRAFT",
        /// Approved, and therefore searched.
        Approved = "APPROVED",
        /// Withdrawn, not searched.
        Archived = "ARCHIVED",
    }
}

/// What a new entry is made of.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// 1 to 300 characters.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Where a reader can check it.
    pub source_url: Option<String>,
    /// The language it is written in.
    pub locale: Locale,
}

/// A piece of an approved entry, as the engine proposes it.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Passage {
    /// The entry it is part of.
    #[diesel(sql_type = sql::Id)]
    pub entry_id: KnowledgeEntryId,
    /// The entry's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Where a reader can check it.
    #[diesel(sql_type = Nullable<Text>)]
    pub source_url: Option<String>,
    /// The language it is written in.
    #[diesel(sql_type = Text)]
    pub locale: Locale,
    /// Plain text, for quoting.
    #[diesel(sql_type = Text)]
    pub text: String,
    /// The stems it is indexed by, separated by spaces; the first is the tenant's own.
    #[diesel(sql_type = Text)]
    pub terms: String,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The visitor's messages that are to be answered, oldest first.
    pub messages: Vec<String>,
    /// The visitor's language.
    pub locale: Locale,
}

/// A passage that answers, and how well.
#[derive(Clone, Debug)]
pub struct Found {
    /// The passage.
    pub passage: Passage,
    /// How much of the question it covers, in thousandths.
    pub score: u32,
    /// The part of it that answers, as whole sentences.
    pub quotation: String,
}
