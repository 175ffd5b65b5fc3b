//! Shapes of knowledge.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use crate::{
    clock::Instant,
    credit::Entitled,
    db::sql,
    id::{ConversationId, KnowledgeEntryId},
    locale::Locale,
    tables::knowledge_entries,
    text_enum::text_enum,
};

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

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = knowledge_entries, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Entry {
    /// Its row.
    pub id: KnowledgeEntryId,
    /// What it is called.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Where a reader can check it.
    pub source_url: Option<String>,
    /// The language it is written in.
    pub locale: Locale,
    /// How far it is.
    pub state: EntryState,
    /// When it was written.
    pub created_at: Instant,
    /// When it was last approved.
    pub approved_at: Option<Instant>,
    /// One more at each change.
    pub revision: i64,
    /// When it was last changed; `None` if it never was.
    pub updated_at: Option<Instant>,
}

/// What is to be different in an entry; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What it is called.
    pub title: Option<String>,
    /// Markdown.
    pub text: Option<String>,
    /// Where a reader can check it; `Some(None)` takes it away.
    pub source_url: Option<Option<String>>,
    /// The language it is written in.
    pub locale: Option<Locale>,
}

/// Which entries are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// How far they are.
    pub state: Option<EntryState>,
    /// The language they are written in.
    pub locale: Option<Locale>,
    /// What their title or text has in it, A to Z in whatever case.
    pub text: Option<String>,
}

/// What became of writing several entries down.
#[derive(Clone, Debug)]
pub enum Imported {
    /// They are there; `None` stands for one that was there before, word for word.
    Done(Vec<Option<Entry>>),
    /// The plan has no room for so many; nothing was written.
    Full {
        /// How it stands.
        entitled: Entitled,
        /// How many there would have been.
        more: usize,
    },
}

/// A field of an entry, and why it cannot be as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// 1 to 300 characters on one line.
    #[error("must have a title of 1 to 300 characters on one line")]
    Title,
    /// 1 to 100,000 characters, with something to read in them and not in more than 2,000 pieces.
    #[error("must have 1 to 100,000 characters, with something to read in them and not in more than 2,000 pieces")]
    Text,
    /// An `http` or `https` address of at most 2,000 characters.
    #[error("must name as its source an `http` or `https` address of at most 2,000 characters")]
    SourceUrl,
}

/// Why a passage scores what it scores, in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The passage.
    pub passage: Passage,
    /// How much of the question it covers, with all that is added and taken off.
    pub score: u32,
    /// Whether that is enough to answer from it.
    pub relevant: bool,
    /// The part of it that would be quoted.
    pub quotation: String,
    /// What the question asks for, and how the passage covers it.
    pub terms: Vec<Covered>,
    /// What was added because the question names its title.
    pub title: u32,
    /// What was added because it has two words that hardly any other passage has.
    pub telling_pair: u32,
    /// Whether it is written in another language than the question.
    pub other_language: bool,
}

/// A word of the question, as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Its stem.
    pub term: String,
    /// What it weighs: more the fewer of the proposed passages have it.
    pub weight: u64,
    /// How like a word of the passage it is, in thousandths; 0 if the passage has nothing like it.
    pub likeness: u64,
}

/// A question that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// As it was asked.
    pub text: String,
    /// In which language.
    pub locale: Locale,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// When.
    pub at: Instant,
}

/// Questions that ask the same and were not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How often.
    pub count: usize,
    /// The newest of them.
    pub newest: Unanswered,
    /// Others, in other words, the newest first.
    pub others: Vec<String>,
}

/// What was asked and not answered in a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// How many answers there were.
    pub answered: i64,
    /// How many refusals.
    pub refused: i64,
    /// What was refused, most asked first.
    pub gaps: Vec<Gap>,
    /// Whether only the newest refusals were looked at.
    pub cut: bool,
}

/// What a new entry is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
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
