//! What is done with the draft's prices as a whole, over the routes and beside the store alike: a file replaces them, and a note says what they
//! change.

pub(crate) mod csv;
mod note;
mod page;

use frontoffice_domain::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    pricing::{
        self, Draft, DraftRefusal, Edit, Pricebook, Sight, Subject, Warning,
        rules::{self, Difference, Flaw, hex},
    },
    tenancy::Platform,
};
use serde::Serialize;

pub use frontoffice_domain::pricing::Of;

pub use self::note::{ChangeNote, change_note};

/// Prices that are to become a file.
pub struct Named {
    /// What the file is called before its last point.
    pub name: String,
    /// What it says.
    pub pricebook: Pricebook,
    /// The hash of that.
    pub hash: [u8; 32],
}

/// The draft's prices, or a version's; `None` if there is no such thing.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn named(conn: &mut Conn, platform: &Platform, of: Of, now: Instant) -> Result<Option<Named>, Fault> {
    let subject = pricing::subject(conn, platform, of, now).await?;
    Ok(subject.map(|subject| Named { name: file_name(&subject), pricebook: subject.pricebook, hash: subject.content_hash }))
}

/// What a file of prices is called before its last point.
fn file_name(subject: &Subject) -> String {
    match (subject.number, subject.revision) {
        (Some(number), _) => format!("pricebook-{number}"),
        (None, Some(revision)) => format!("pricebook-draft-r{revision}"),
        (None, None) => "pricebook".into(),
    }
}

/// Something that is different.
#[derive(Clone, Debug, Serialize)]
pub struct PublicDifference {
    /// Of what: `plans/pro/list_price`.
    pub path: String,
    /// `ADDED`, `REMOVED`, `CHANGED`, `MOVED`.
    pub kind: &'static str,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

impl From<Difference> for PublicDifference {
    fn from(difference: Difference) -> Self {
        let Difference { path, kind, before, after } = difference;
        Self { path, kind: kind.as_str(), before, after }
    }
}

/// Something wrong with prices, which keeps them from being submitted.
#[derive(Clone, Debug, Serialize)]
pub struct PublicFlaw {
    /// Where.
    pub path: String,
    /// What was found there.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
    /// What to do.
    pub fix: String,
}

impl From<Flaw> for PublicFlaw {
    fn from(flaw: Flaw) -> Self {
        let Flaw { path, found, allowed, fix } = flaw;
        Self { path, found, allowed, fix }
    }
}

/// Something that has to be acknowledged by name before it is approved.
#[derive(Clone, Debug, Serialize)]
pub struct PublicWarning {
    /// Its name: `PRICE_MOVE`.
    pub guard: &'static str,
    /// Of what.
    pub path: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

impl From<Warning> for PublicWarning {
    fn from(warning: Warning) -> Self {
        let Warning { guard, path, before, after } = warning;
        Self { guard: guard.as_str(), path, before, after }
    }
}

/// What became of the draft with a file's prices.
#[derive(Clone, Debug, Serialize)]
pub struct Imported {
    /// The draft's revision now; the one it had if nothing was different.
    pub revision: i64,
    /// The hash of what it says now, in hexadecimal digits.
    pub content_hash: String,
    /// What the file changed.
    pub differences: Vec<PublicDifference>,
    /// What has to be put right before it can be submitted.
    pub flaws: Vec<PublicFlaw>,
    /// What has to be acknowledged before it is approved.
    pub warnings: Vec<PublicWarning>,
}

/// Replaces the draft's prices, if it is at the `expected` revision and not frozen.
///
/// # Errors
/// If the caller may not draft prices, or the store fails.
pub async fn import(
    conn: &mut Conn,
    platform: &Platform,
    pricebook: Pricebook,
    expected: i64,
    now: Instant,
) -> Result<Result<Imported, DraftRefusal>, Fault> {
    let before: Option<Draft> = pricing::draft(conn, platform).await?;
    // What the differences are told from must be the very revision that is changed.
    let before = match before {
        None => return Ok(Err(DraftRefusal::NoDraft)),
        Some(before) if before.revision != expected => return Ok(Err(DraftRefusal::Stale(Box::new(before)))),
        Some(before) => before.pricebook,
    };
    let edit = Edit { pricebook: Some(pricebook), ..Edit::default() };
    let draft = match pricing::edit(conn, platform, &edit, expected, now).await? {
        Ok(draft) => draft,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let latest = pricing::latest(conn, &Sight::Inside(platform.clone()), now).await?;
    let warnings = latest.map(|latest| rules::impact::warnings(&latest.pricebook, &draft.pricebook)).unwrap_or_default();
    Ok(Ok(Imported {
        revision: draft.revision,
        content_hash: hex(&draft.content_hash),
        differences: rules::differences(&before, &draft.pricebook).into_iter().map(Into::into).collect(),
        flaws: rules::flaws(&draft.pricebook).into_iter().map(Into::into).collect(),
        warnings: warnings.into_iter().map(Into::into).collect(),
    }))
}
