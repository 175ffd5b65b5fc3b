//! How the widget looks, how websites tell who their visitors are, and whether it can work on a page.

use async_graphql::SimpleObject;
use frontoffice_domain::{clock::Instant, widget};

use crate::{
    kind::{WidgetConsent, WidgetFindingCode, WidgetLauncher, WidgetPosition},
    scalar::{DateTime, Url, Uuid},
};

/// How the widget looks on a tenant's websites.
#[derive(SimpleObject)]
pub(crate) struct WidgetLook {
    /// What the launcher and the tenant's own words stand on: `#rrggbb`.
    color: String,
    /// The color of words on that: black or white, whichever can be read better.
    text_color: String,
    /// How well the words can be read: from 1 (not at all) to 21 (black on white); 4.5 is what guidelines ask for (WCAG 2.2 AA).
    contrast: f64,
    /// At which end of the line it stands.
    position: WidgetPosition,
    /// What opens it.
    launcher: WidgetLauncher,
    /// What stands on that; null: words of ours, in the visitor's language.
    label: Option<String>,
    /// What the assistant is introduced with; null: nothing.
    greeting: Option<String>,
    /// A picture of the assistant; null: none.
    avatar_url: Option<Url>,
    /// What is shown while there is no connection; null: words of ours, in the visitor's language.
    offline_text: Option<String>,
    /// What may be kept in visitors' browsers, unless a page allows less.
    consent: WidgetConsent,
    /// Which revision it is, for `expectedRevision`; 0: it was never changed.
    revision: i64,
    /// When it was last changed; null: never.
    updated_at: Option<DateTime>,
}

impl From<widget::Look> for WidgetLook {
    fn from(look: widget::Look) -> Self {
        let text = look.color.of_text();
        Self {
            text_color: text.to_string(),
            // Two decimals are more than eyes see.
            contrast: (look.color.contrast(text) * 100.0).round() / 100.0,
            color: look.color.to_string(),
            position: look.position.into(),
            launcher: look.launcher.into(),
            label: look.label,
            greeting: look.greeting,
            avatar_url: look.avatar_url.map(Url),
            offline_text: look.offline_text,
            consent: look.consent.into(),
            revision: look.revision,
            updated_at: look.updated_at.map(DateTime),
        }
    }
}

/// How a tenant's websites tell who their visitors are: by tokens (JWT, HS256) signed with a secret that both have.
#[derive(SimpleObject)]
pub(crate) struct WidgetIdentity {
    /// Whether nobody may write whose website does not say who they are.
    required: bool,
    /// When the secret was made; null: there is none.
    secret_made_at: Option<DateTime>,
    /// Until when the secret before is good; null: there is none, or it is good no more.
    former_secret_until: Option<DateTime>,
    /// Which revision it is, for `expectedRevision`; 0: it was never changed.
    revision: i64,
}

impl WidgetIdentity {
    pub(crate) fn new(identity: widget::Identity, now: Instant) -> Self {
        Self {
            required: identity.required,
            secret_made_at: identity.secret_made_at.map(DateTime),
            former_secret_until: identity.former_until.filter(|until| *until > now).map(DateTime),
            revision: identity.revision,
        }
    }
}

/// A look at whether the widget can work on a page.
#[derive(SimpleObject)]
pub(crate) struct WidgetCheck {
    /// The UUID it is known by in the tenant.
    uuid: Uuid,
    /// The page.
    url: Url,
    /// When it was asked for.
    requested_at: DateTime,
    /// When the page was looked at; null: it will be in a moment.
    ended_at: Option<DateTime>,
    /// What was found; null before the page was looked at.
    findings: Option<Vec<WidgetFinding>>,
}

/// What was found on a page.
#[derive(SimpleObject)]
pub(crate) struct WidgetFinding {
    /// What.
    code: WidgetFindingCode,
    /// Whether the widget does not work because of it.
    is_problem: bool,
    /// What it means and what to do, in English.
    message: String,
}

impl From<widget::Check> for WidgetCheck {
    fn from(check: widget::Check) -> Self {
        let finding = |finding: widget::Finding| WidgetFinding {
            code: finding.code.into(),
            is_problem: finding.is_problem,
            message: finding.message,
        };
        Self {
            uuid: Uuid(check.id.uuid()),
            url: Url(check.url),
            requested_at: DateTime(check.requested_at),
            ended_at: check.ended_at.map(DateTime),
            findings: check.findings.map(|all| all.into_iter().map(finding).collect()),
        }
    }
}
