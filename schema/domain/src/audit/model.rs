//! Shapes of the audit log.

use uuid::Uuid;

use crate::{
    clock::Instant,
    id::{AuditEntryId, RequestId, TenantId},
    text_enum::text_enum,
};

/// Where a request comes from, and why. A worker has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The client's address, as a keyed hash.
    pub address: Option<[u8; 32]>,
    /// What the request is known by in the logs.
    pub request: Option<RequestId>,
    /// The reason the caller gave.
    pub reason: Option<String>,
}

text_enum! {
    /// What kind of caller changed something.
    ActorKind {
        /// Somebody who works for the platform.
        Staff = "staff",
        /// A member of a tenant.
        Member = "member",
        /// A tenant's server.
        ApiKey = "api_key",
        /// The platform's owner, on the machine the store is on.
        Local = "local",
        /// The program itself.
        Process = "process",
    }
}

text_enum! {
    /// What was done.
    Action {
        /// Somebody of the team looks after a conversation, or nobody any more.
        ConversationAssigned = "conversation.assigned",
        /// Something was written beside a conversation.
        ConversationNoted = "conversation.noted",
        /// The assistant was given a conversation back.
        ConversationGivenBack = "conversation.given_back",
        /// Somebody of the team said something to its visitor.
        ConversationReplied = "conversation.replied",
        /// A conversation was settled.
        ConversationResolved = "conversation.resolved",
        /// A person of the team took over from the assistant.
        ConversationTakenOver = "conversation.taken_over",
        /// A key was made.
        ApiKeyCreated = "api_key.created",
        /// A key was revoked.
        ApiKeyRevoked = "api_key.revoked",
        /// A page was asked to be looked at, to see whether the widget can work there.
        WidgetCheckRequested = "widget_check.requested",
        /// Who visitors are has to be proven from now on, or no longer.
        WidgetIdentityUpdated = "widget_identity.updated",
        /// The secret that proves who visitors are was made anew.
        WidgetIdentityRotated = "widget_identity.rotated",
        /// A widget key was made.
        WidgetKeyCreated = "widget_key.created",
        /// A widget key is another text from now on.
        WidgetKeyRotated = "widget_key.rotated",
        /// A widget key was changed: where it may be shown, or whether it is good.
        WidgetKeyUpdated = "widget_key.updated",
        /// How the widget looks was changed.
        WidgetLookUpdated = "widget_look.updated",
        /// Somebody was asked to join.
        InvitationCreated = "invitation.created",
        /// That was taken back.
        InvitationRevoked = "invitation.revoked",
        /// They joined.
        InvitationAccepted = "invitation.accepted",
        /// A job that had been given up was thrown away.
        JobDiscarded = "job.discarded",
        /// A job that had been given up is tried again.
        JobRetried = "job.retried",
        /// An entry was approved: the assistant may say it.
        KnowledgeApproved = "knowledge.approved",
        /// An entry was withdrawn.
        KnowledgeArchived = "knowledge.archived",
        /// An entry was written.
        KnowledgeCreated = "knowledge.created",
        /// Entries were imported.
        KnowledgeImported = "knowledge.imported",
        /// An entry was changed.
        KnowledgeUpdated = "knowledge.updated",
        /// A member's role was changed.
        MemberUpdated = "member.updated",
        /// A member left or was sent away.
        MemberRemoved = "member.removed",
        /// A password was changed by who knew it.
        PasswordChanged = "password.changed",
        /// A password was chosen anew by a link.
        PasswordReset = "password.reset",
        /// A persona is not used any more.
        PersonaArchived = "persona.archived",
        /// A persona was made.
        PersonaCreated = "persona.created",
        /// Another persona answers unless one is chosen.
        PersonaDefaulted = "persona.defaulted",
        /// A persona was asked something as a draft.
        PersonaPreviewed = "persona.previewed",
        /// A persona is what an earlier version of it was.
        PersonaRestored = "persona.restored",
        /// A persona was changed.
        PersonaUpdated = "persona.updated",
        /// A draft of prices was begun.
        PricebookDrafted = "pricebook.drafted",
        /// It was changed.
        PricebookEdited = "pricebook.edited",
        /// It was submitted.
        PricebookSubmitted = "pricebook.submitted",
        /// It was opened for changes again; an approval was void from then on.
        PricebookReopened = "pricebook.reopened",
        /// It was thrown away.
        PricebookDiscarded = "pricebook.discarded",
        /// It was approved by somebody who had not written it.
        PricebookApproved = "pricebook.approved",
        /// It was approved while that was waived.
        PricebookApprovedAlone = "pricebook.approved_alone",
        /// It was published.
        PricebookPublished = "pricebook.published",
        /// A version was taken back before it took effect.
        PricebookWithdrawn = "pricebook.withdrawn",
        /// From now on approving takes somebody who has not written the draft.
        PricebookFourEyesRequired = "pricebook.four_eyes_required",
        /// From now on it does not.
        PricebookFourEyesWaived = "pricebook.four_eyes_waived",
        /// Somebody signed in.
        SessionOpened = "session.opened",
        /// Somebody signed out.
        SessionEnded = "session.ended",
        /// Somebody signed out everywhere.
        SessionsEnded = "sessions.ended",
        /// The role of somebody who works for the platform was changed.
        StaffUpdated = "staff.updated",
        /// Somebody no longer works for the platform.
        StaffRemoved = "staff.removed",
        /// What a charge took was given back: the answer was wrong.
        ChargeRefunded = "charge.refunded",
        /// It was said what answers may take at most.
        CreditCapSet = "credit_cap.set",
        /// What a provider takes was written down.
        ProviderCostSet = "provider_cost.set",
        /// Credits were added or taken away, to put an account right.
        CreditsAdjusted = "credits.adjusted",
        /// Credits were given that nobody pays for.
        CreditsGranted = "credits.granted",
        /// What a block of credits still had was taken back.
        GrantVoided = "grant.voided",
        /// A top-up was bought.
        TopUpBought = "top_up.bought",
        /// A subscription ends with its period.
        SubscriptionCancelled = "subscription.cancelled",
        /// A tenant goes over to another plan.
        SubscriptionChanged = "subscription.changed",
        /// A subscription that was to end goes on.
        SubscriptionResumed = "subscription.resumed",
        /// A tenant was closed.
        TenantClosed = "tenant.closed",
        /// A tenant was set up.
        TenantCreated = "tenant.created",
        /// Somebody who works for the platform looked at a tenant's conversations, for a reason.
        TenantEntered = "tenant.entered",
        /// A suspended tenant goes on.
        TenantResumed = "tenant.resumed",
        /// A tenant was suspended.
        TenantSuspended = "tenant.suspended",
        /// A tenant was changed.
        TenantUpdated = "tenant.updated",
        /// What is known of a visitor was erased.
        VisitorErased = "visitor.erased",
        /// Somebody took a copy of what is known of a visitor.
        VisitorExported = "visitor.exported",
    }
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of caller.
    pub kind: ActorKind,
    /// The person or the key.
    pub id: Option<Uuid>,
}

/// What was done.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// What.
    pub action: Action,
    /// To whose row.
    pub subject: Option<Uuid>,
    /// Which of its fields; never what they hold.
    pub fields: &'a [&'static str],
    /// Which revision it has since.
    pub revision: Option<i64>,
}

impl<'a> Change<'a> {
    /// A change of these fields of one thing that has no revisions.
    pub(crate) fn of(action: Action, subject: Uuid, fields: &'a [&'static str]) -> Self {
        Self { action, subject: Some(subject), fields, revision: None }
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its row.
    pub id: AuditEntryId,
    /// In which tenant, by the UUID it is known by outside; none: in the platform.
    pub tenant: Option<TenantId>,
    /// Who.
    pub actor: Actor,
    /// What the person or the key is called.
    pub actor_name: Option<String>,
    /// From where, as a keyed hash.
    pub address: Option<Vec<u8>>,
    /// What.
    pub action: Action,
    /// To whose row.
    pub subject: Option<Uuid>,
    /// Which of its fields.
    pub fields: Vec<String>,
    /// Which revision it has since.
    pub revision: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// What the request is known by in the logs.
    pub request: Option<RequestId>,
    /// When.
    pub at: Instant,
}

/// Which lines are wanted. What is left out does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of which tenant, by its row.
    pub tenant: Option<TenantId>,
    /// By which kind of caller.
    pub actor: Option<ActorKind>,
    /// By whom.
    pub actor_id: Option<Uuid>,
    /// What was done.
    pub action: Option<Action>,
    /// From this instant on.
    pub from: Option<Instant>,
    /// Before this instant.
    pub to: Option<Instant>,
}
