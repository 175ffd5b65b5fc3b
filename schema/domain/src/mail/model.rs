//! Shapes of letters.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::{InvitationId, MailId, TenantId, UserId},
    job::Job,
    locale::Locale,
    text_enum::text_enum,
};

text_enum! {
    /// What a letter is about.
    Kind {
        /// Somebody is asked to join.
        Invitation = "invitation",
        /// Somebody wants to sign up; the link shows that the address is theirs.
        Signup = "signup",
        /// Somebody wanted to sign up who has an account.
        Known = "known",
        /// Somebody forgot their password.
        Reset = "reset",
        /// Somebody's password was changed.
        Changed = "changed",
        /// Half of a period's credits is used up.
        Credits50 = "credits_50",
        /// Four fifths of them are.
        Credits80 = "credits_80",
        /// All of them are.
        Credits100 = "credits_100",
        /// Visitors are sent away because there are no credits.
        CreditsExhausted = "credits_exhausted",
        /// What a tenant was on has ended.
        PlanEnded = "plan_ended",
        /// Charges that were reckoned once more came out differently.
        ChargesDiffer = "charges_differ",
    }
}

/// How long the links in letters work.
#[derive(Clone, Copy, Debug)]
pub struct LinkLengths {
    /// To join.
    pub invitation: Duration,
    /// To confirm a sign-up.
    pub signup: Duration,
    /// To choose a new password.
    pub reset: Duration,
}

/// How long a notice is worth sending.
pub(crate) const NOTICE: Duration = Duration::from_secs(14 * 86_400);

impl LinkLengths {
    /// How long a link of a kind works.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Invitation => self.invitation,
            Kind::Signup => self.signup,
            Kind::Reset => self.reset,
            // What only tells something is worth telling late; their links open nothing.
            Kind::Known
            | Kind::Changed
            | Kind::Credits50
            | Kind::Credits80
            | Kind::Credits100
            | Kind::CreditsExhausted
            | Kind::PlanEnded
            | Kind::ChargesDiffer => NOTICE,
        }
    }
}

impl Kind {
    /// Whether it only says something: nothing is to be done by its link.
    #[must_use]
    pub fn is_notice(self) -> bool {
        matches!(
            self,
            Self::Credits50 | Self::Credits80 | Self::Credits100 | Self::CreditsExhausted | Self::PlanEnded | Self::ChargesDiffer
        )
    }
}

/// A letter to be written.
pub(crate) struct NewMail<'a> {
    pub(crate) kind: Kind,
    pub(crate) email: &'a str,
    pub(crate) locale: Locale,
    /// The business it speaks of.
    pub(crate) business: &'a str,
    /// Who it is to; nobody has the e-mail of a sign-up yet, and a letter nobody asked for is never sent.
    pub(crate) user: Option<UserId>,
    pub(crate) invitation: Option<InvitationId>,
    pub(crate) lasts: Duration,
}

/// Sends a letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendMail {
    /// Which.
    pub mail_id: MailId,
}

impl Job for SendMail {
    const NAME: &'static str = "send_mail";
    /// With the longest waits between them that is some four hours: servers that do not know us yet let us wait, and others are away.
    const MAX_ATTEMPTS: i32 = 60;

    fn key(&self) -> String {
        self.mail_id.to_string()
    }
}

/// A letter as it is sent.
#[derive(Clone)]
pub struct Letter {
    /// Its row; a letter that is sent twice says so by it.
    pub id: MailId,
    /// What it is about.
    pub kind: Kind,
    /// To whom.
    pub email: String,
    /// In which language.
    pub locale: Locale,
    /// The business it speaks of.
    pub business: String,
    /// What its link has to carry.
    pub token: String,
    /// How long its link works.
    pub lasts: Duration,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({}, {})", self.id, self.kind)
    }
}

/// A link that somebody followed, if it is good.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) id: MailId,
    pub(crate) tenant: TenantId,
    pub(crate) email: String,
    pub(crate) locale: Locale,
    pub(crate) business: String,
    pub(crate) user: Option<UserId>,
    pub(crate) invitation: Option<InvitationId>,
    pub(crate) expires_at: Instant,
}
