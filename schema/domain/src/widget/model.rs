//! Shapes of the widget.

use serde::{Deserialize, Serialize};

use super::rules::{
    AllowedOrigin,
    app::AppName,
    look::{Color, Consent, Launcher, Position},
};
use crate::{
    clock::Instant,
    id::{TenantId, WidgetCheckId, WidgetKeyId},
    identity::{Token, WidgetVisitor},
    job::Job,
    locale::Locale,
    text_enum::text_enum,
};

/// What pages of a tenant's websites show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetKey {
    /// Its row.
    pub id: WidgetKeyId,
    /// What the tenant calls it.
    pub name: String,
    /// The key. Every visitor's browser has it, so it is no secret.
    pub key: String,
    /// Where it may be shown, in alphabetical order.
    pub origins: Vec<AllowedOrigin>,
    /// Which apps may show it, in alphabetical order.
    pub apps: Vec<AppName>,
    /// What it was before and is good still, at the time it was looked at or not long before; what ends last comes first.
    pub former: Vec<Former>,
    /// Where it was refused lately, the newest first.
    pub refused: Vec<Refused>,
    /// One more at each change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
    /// Since when it is not good.
    pub disabled_at: Option<Instant>,
    /// When it last let somebody in, to the minute.
    pub last_used_at: Option<Instant>,
}

/// What a key was before it was changed for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The text that pages may still show.
    pub key: String,
    /// Until when they may.
    pub good_until: Instant,
}

/// A website that showed a key and may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// As its visitors' browsers write it.
    pub origin: String,
    /// How often, at least: what was not yet written down when a process ended is not in it.
    pub times: i64,
    /// When first.
    pub first_at: Instant,
    /// When last.
    pub last_at: Instant,
}

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What the tenant calls it.
    pub name: String,
    /// Where it may be shown.
    pub origins: Vec<AllowedOrigin>,
    /// Which apps may show it.
    pub apps: Vec<AppName>,
}

/// What is to be different. What is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What the tenant calls it.
    pub name: Option<String>,
    /// Where it may be shown.
    pub origins: Option<Vec<AllowedOrigin>>,
    /// Which apps may show it.
    pub apps: Option<Vec<AppName>>,
    /// Whether it is good.
    pub enabled: Option<bool>,
}

/// Where somebody with a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameFrom {
    /// A page of this origin, as its browser writes it.
    Origin(String),
    /// An app that says its name.
    App(String),
}

impl CameFrom {
    /// As tokens are bound to it: no origin looks like an app.
    #[must_use]
    pub fn bound(&self) -> String {
        match self {
            Self::Origin(origin) => origin.clone(),
            Self::App(name) => format!("app:{name}"),
        }
    }

    /// The origin of a page; none of an app.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        match self {
            Self::Origin(origin) => Some(origin),
            Self::App(_) => None,
        }
    }
}

/// Somebody with a good key of a tenant, from where that key may be shown.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub(super) tenant: TenantId,
    pub(super) id: WidgetKeyId,
    pub(super) key: String,
    pub(super) from: CameFrom,
    pub(super) needs_identity: bool,
}

impl Admitted {
    /// Whose key it is.
    pub(crate) fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The key's row, which stays the same when its text is changed.
    #[must_use]
    pub fn id(&self) -> WidgetKeyId {
        self.id
    }

    /// The key, as it is by now.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where they come from.
    #[must_use]
    pub fn from(&self) -> &CameFrom {
        &self.from
    }

    /// Whether the tenant lets only those write whose website says who they are.
    #[must_use]
    pub fn needs_identity(&self) -> bool {
        self.needs_identity
    }
}

/// Whether somebody with a key may speak for a tenant's website.
#[derive(Clone, Debug)]
pub enum Admission {
    /// They may.
    In(Admitted),
    /// There is no such key, or it is disabled, or its tenant is gone.
    KeyInvalid,
    /// The key is good, but not there.
    NotThere {
        /// The key's row.
        id: WidgetKeyId,
        /// Whether there is any origin where it is.
        anywhere: bool,
    },
}

/// Whether a page of an origin may speak for a tenant's website, by whichever of its keys.
#[derive(Clone, Debug)]
pub enum PageAdmission {
    /// It may, by this one.
    In(Admitted),
    /// There is no such tenant, or it is closed.
    Unknown,
    /// None of its keys is good there.
    NotThere {
        /// One of the keys, for its owner to see that somebody came; none if the tenant has none that is good.
        id: Option<WidgetKeyId>,
        /// Whether there is any origin where one is.
        anywhere: bool,
    },
}

/// How the widget looks on a tenant's websites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What the launcher and the tenant's own words stand on.
    pub color: Color,
    /// At which end of the line it stands.
    pub position: Position,
    /// What opens it.
    pub launcher: Launcher,
    /// What stands on that, at most 60 characters; words of ours if there is nothing.
    pub label: Option<String>,
    /// What the assistant is introduced with, at most 500 characters.
    pub greeting: Option<String>,
    /// A picture: an `https` address of at most 500 characters.
    pub avatar_url: Option<String>,
    /// What is shown while there is no connection, at most 500 characters.
    pub offline_text: Option<String>,
    /// What may be kept in browsers unless a page allows less.
    pub consent: Consent,
    /// One more at each change; 0 before the first.
    pub revision: i64,
    /// When it was last changed.
    pub updated_at: Option<Instant>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            color: Color::default(),
            position: Position::End,
            launcher: Launcher::Bubble,
            label: None,
            greeting: None,
            avatar_url: None,
            offline_text: None,
            consent: Consent::Local,
            revision: 0,
            updated_at: None,
        }
    }
}

/// What of a look is to be different. What is `None` stays; what is `Some(None)` is taken away.
#[derive(Clone, Debug, Default)]
pub struct LookChange {
    /// What the launcher stands on.
    pub color: Option<Color>,
    /// At which end of the line.
    pub position: Option<Position>,
    /// What opens it.
    pub launcher: Option<Launcher>,
    /// What stands on that.
    pub label: Option<Option<String>>,
    /// What the assistant is introduced with.
    pub greeting: Option<Option<String>>,
    /// A picture.
    pub avatar_url: Option<Option<String>>,
    /// What is shown while there is no connection.
    pub offline_text: Option<Option<String>>,
    /// What may be kept in browsers.
    pub consent: Option<Consent>,
}

/// What a tenant's script shows before anybody has opened it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// This look, with words in this language.
    Look(Box<Look>, Locale),
    /// Nothing, because of this: a sentence for whoever put it on the page.
    Nothing(&'static str),
}

/// How a tenant's websites tell who their visitors are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Whether nobody may write whose website does not say who they are.
    pub required: bool,
    /// When the secret was made; none: there is none.
    pub secret_made_at: Option<Instant>,
    /// Until when the one before is good.
    pub former_until: Option<Instant>,
    /// One more at each change; 0 before the first.
    pub revision: i64,
}

/// What became of saying whether visitors must be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Required {
    /// It is as was wanted.
    Done(Identity),
    /// Somebody else has changed it meanwhile; this is how it is.
    Stale(Identity),
    /// There is no secret to prove it with, so nobody could come any more.
    NoSecret,
}

/// A secret that was made, to be shown this once.
#[derive(Clone, Debug)]
pub struct SecretMade {
    /// What the tenant's server signs with: the text as it is, with its beginning.
    pub secret: Token,
    /// How it stands since.
    pub identity: Identity,
}

/// What a website says of a visitor, once its signature was found to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// What the website knows them by.
    pub subject: String,
    /// What it calls them.
    pub name: Option<String>,
    /// Where they are written to.
    pub email: Option<String>,
}

/// What became of looking at what a website says.
#[derive(Clone, Debug)]
pub enum Vouching {
    /// It is good: this visitor.
    Good(WidgetVisitor),
    /// It is not, because of this.
    Bad(&'static str),
}

text_enum! {
    /// Something that was found on a page.
    FindingCode {
        /// It could not be loaded.
        PageUnreachable = "page_unreachable",
        /// It is not where it may be loaded from.
        PageNotPublic = "page_not_public",
        /// What was loaded is no page.
        PageNotHtml = "page_not_html",
        /// It has the widget's script, for this tenant.
        ScriptFound = "script_found",
        /// It has none.
        ScriptMissing = "script_missing",
        /// It has one, and that is for somebody else.
        ScriptOfAnother = "script_of_another",
        /// It has more than one.
        ScriptTwice = "script_twice",
        /// A key that is good may be shown there.
        OriginAllowed = "origin_allowed",
        /// None may.
        OriginNotAllowed = "origin_not_allowed",
        /// The page does not let it load the script.
        CspBlocksScript = "csp_blocks_script",
        /// The page does not let it ask anything.
        CspBlocksConnect = "csp_blocks_connect",
        /// The page does not let it show pictures.
        CspBlocksImages = "csp_blocks_images",
        /// The page's rules about styles do not touch it.
        CspStrictStyle = "csp_strict_style",
        /// Nothing in the page's rules is in its way.
        CspFine = "csp_fine",
    }
}

/// What was found on a page, with a sentence about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub code: FindingCode,
    /// Whether the widget does not work because of it.
    pub is_problem: bool,
    /// What it means and what to do, for people.
    pub message: String,
}

impl<'de> Deserialize<'de> for FindingCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A look at whether the widget can work on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its row.
    pub id: WidgetCheckId,
    /// The page.
    pub url: String,
    /// When it was asked for.
    pub requested_at: Instant,
    /// When it was looked at.
    pub ended_at: Option<Instant>,
    /// What was found; none before.
    pub findings: Option<Vec<Finding>>,
}

/// The job that looks at a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckPage {
    /// Which look.
    pub check_id: WidgetCheckId,
}

impl Job for CheckPage {
    const NAME: &'static str = "check_widget_page";
    // A page that cannot be loaded is a finding, so only our own faults are tried again.
    const MAX_ATTEMPTS: i32 = 3;
    // Visitors' answers go first.
    const PRIORITY: i16 = 2;

    fn key(&self) -> String {
        self.check_id.to_string()
    }
}

/// What became of asking for a look at a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckAsked {
    /// It will be looked at.
    Now(Check),
    /// So many were asked for in the last hour already; from this instant on it may be asked for again.
    TooOften(Instant),
}
