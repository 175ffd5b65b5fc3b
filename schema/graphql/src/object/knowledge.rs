//! What a tenant's assistant may say.

use std::{sync::Arc, time::Duration};

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    id::KnowledgeEntryId,
    knowledge::{self, Explained},
};

use super::tenant::Place;
use crate::{
    context::{asking, house},
    error::refuse,
    global_id::GlobalId,
    kind::KnowledgeState,
    scalar::{DateTime, Url, locale},
};

/// An entry of a tenant's knowledge.
#[derive(Clone)]
pub(crate) struct KnowledgeEntry {
    place: Arc<Place>,
    entry: Arc<knowledge::Entry>,
}

impl KnowledgeEntry {
    pub(crate) fn new(place: &Arc<Place>, entry: knowledge::Entry) -> Self {
        Self { place: Arc::clone(place), entry: Arc::new(entry) }
    }

    /// Where it is in the list of its tenant's knowledge.
    pub(crate) fn place(&self) -> KnowledgeEntryId {
        self.entry.id
    }
}

/// Something a tenant has written down. Its assistant says of it what is approved, as it was approved.
#[Object]
impl KnowledgeEntry {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::KnowledgeEntry(self.place.uuid(), self.entry.id.uuid()).encode()
    }

    /// What it is called.
    async fn title(&self) -> &str {
        &self.entry.title
    }

    /// What it says, in Markdown.
    async fn text(&self) -> &str {
        &self.entry.text
    }

    /// Where a reader can check it.
    async fn source_url(&self) -> Option<Url> {
        self.entry.source_url.clone().map(Url)
    }

    /// The language it is written in, as a BCP 47 tag.
    async fn locale(&self) -> &str {
        self.entry.locale.as_str()
    }

    /// How far it is.
    async fn state(&self) -> KnowledgeState {
        self.entry.state.into()
    }

    /// Which revision it is, for `expectedRevision`.
    async fn revision(&self) -> i64 {
        self.entry.revision
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        DateTime(self.entry.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.entry.updated_at.unwrap_or(self.entry.created_at))
    }

    /// When it was last approved; null if it never was.
    async fn approved_at(&self) -> Option<DateTime> {
        self.entry.approved_at.map(DateTime)
    }
}

/// Which entries are wanted. What is left out does not matter.
#[derive(InputObject)]
pub(crate) struct KnowledgeFilter {
    /// How far they are.
    state: Option<KnowledgeState>,
    /// The language they are written in, as a BCP 47 tag.
    locale: Option<String>,
    /// What their title or text has in it; A to Z in whatever case.
    text: Option<String>,
}

impl KnowledgeFilter {
    pub(crate) fn read(self) -> Result<knowledge::Filter> {
        Ok(knowledge::Filter {
            state: self.state.map(Into::into),
            locale: self.locale.as_deref().map(locale).transpose()?,
            text: self.text,
        })
    }
}

/// A passage that may answer a question, and why it scores what it scores. Scores are in thousandths.
#[derive(SimpleObject)]
pub(crate) struct KnowledgeFinding {
    /// The entry it is part of; null for what is taken from the pricebook.
    entry: Option<ID>,
    /// The entry's title.
    title: String,
    /// Where a reader can check it.
    source_url: Option<Url>,
    /// The language it is written in, as a BCP 47 tag.
    locale: String,
    /// The passage.
    text: String,
    /// What of it would be quoted.
    quotation: String,
    /// How much of the question it covers, with all that is added and taken off.
    score: i32,
    /// Whether that is enough to answer from it.
    relevant: bool,
    /// From which score on a passage answers.
    needed: i32,
    /// What the question asks for, and how the passage covers it.
    terms: Vec<KnowledgeTerm>,
    /// What was added because the question names its title.
    title_bonus: i32,
    /// What was added because it has two words that hardly any other passage has.
    telling_pair_bonus: i32,
    /// Whether it is written in another language than the question, for which a little is taken off.
    other_language: bool,
}

/// A word of a question as it is compared, and how a passage covers it.
#[derive(SimpleObject)]
pub(crate) struct KnowledgeTerm {
    /// Its stem.
    term: String,
    /// What it weighs: more the fewer passages have it.
    weight: i64,
    /// How like a word of the passage it is, in thousandths; 0 if the passage has nothing like it.
    likeness: i64,
}

/// So many findings are shown.
const FINDINGS: usize = 20;

impl KnowledgeFinding {
    pub(crate) fn all(place: &Place, found: Vec<Explained>) -> Vec<Self> {
        found.into_iter().take(FINDINGS).map(|found| Self::of(place, found)).collect()
    }

    fn of(place: &Place, found: Explained) -> Self {
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let term = |its: knowledge::Covered| KnowledgeTerm {
            term: its.term,
            weight: i64::try_from(its.weight).unwrap_or(i64::MAX),
            likeness: i64::try_from(its.likeness).unwrap_or(i64::MAX),
        };
        let id = found.passage.entry_id.uuid();
        Self {
            entry: (!id.is_nil()).then(|| GlobalId::KnowledgeEntry(place.uuid(), id).encode()),
            title: found.passage.title,
            source_url: found.passage.source_url.map(Url),
            locale: found.passage.locale.to_string(),
            text: found.passage.text,
            quotation: found.quotation,
            score: number(found.score),
            relevant: found.relevant,
            needed: number(knowledge::rules::RELEVANT),
            terms: found.terms.into_iter().map(term).collect(),
            title_bonus: number(found.title),
            telling_pair_bonus: number(found.telling_pair),
            other_language: found.other_language,
        }
    }
}

/// What visitors asked in a stretch of time, and what of it was not answered.
#[derive(SimpleObject)]
pub(crate) struct Coverage {
    /// How many turns were answered.
    answered: i64,
    /// How many were refused.
    refused: i64,
    /// What was refused, most asked first: at most fifty kinds of question.
    gaps: Vec<CoverageGap>,
    /// Whether there were so many refusals that only the newest 5,000 of them were put together.
    cut: bool,
}

/// Questions that ask for the same and were not answered.
#[derive(SimpleObject)]
pub(crate) struct CoverageGap {
    /// How often it was asked.
    count: i64,
    /// As it was last asked.
    question: String,
    /// Other ways in which it was asked.
    others: Vec<String>,
    /// In which language, as a BCP 47 tag.
    locale: String,
    /// When it was last asked.
    last_asked_at: DateTime,
    /// The conversation in which it was last asked.
    conversation: ID,
}

/// So many gaps are shown.
const GAPS: usize = 50;
/// The stretch that is looked at if nothing is said.
const LATELY: Duration = Duration::from_secs(30 * 86_400);
/// The longest stretch that can be looked at.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

impl Coverage {
    pub(crate) async fn of(ctx: &Context<'_>, place: &Arc<Place>, from: Option<DateTime>, to: Option<DateTime>) -> Result<Self> {
        let to = to.map_or(asking(ctx)?.now, |to| to.0);
        let from = from.map_or(to.before(LATELY), |from| from.0);
        if from >= to || to.since(from) > LONGEST {
            return Err(refuse("INPUT_INVALID", "`from` must be before `to`, at most 366 days."));
        }
        let read = async move |mut conn, scope| knowledge::coverage(&mut conn, &scope, from, to, GAPS).await;
        let found = house(ctx)?.read(&place.scope, read).await?;
        let gap = |gap: knowledge::Gap| CoverageGap {
            count: i64::try_from(gap.count).unwrap_or(i64::MAX),
            question: gap.newest.text,
            others: gap.others,
            locale: gap.newest.locale.to_string(),
            last_asked_at: DateTime(gap.newest.at),
            conversation: GlobalId::Conversation(place.uuid(), gap.newest.conversation_id.uuid()).encode(),
        };
        let gaps = found.gaps.into_iter().map(gap).collect();
        Ok(Self { answered: found.answered, refused: found.refused, gaps, cut: found.cut })
    }
}
