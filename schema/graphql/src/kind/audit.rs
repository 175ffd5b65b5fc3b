//! Enums of the audit log.

use async_graphql::Enum;
use frontoffice_domain::audit;

/// What kind of caller changed something.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "audit::ActorKind")]
pub(crate) enum AuditActorKind {
    /// Somebody who works for the platform.
    Staff,
    /// A member of a tenant.
    Member,
    /// A tenant's server.
    ApiKey,
    /// The platform's owner, on the machine the store is on.
    Local,
    /// The program itself.
    Process,
}

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "audit::Action")]
pub(crate) enum AuditAction {
    /// Somebody of the team looks after a conversation, or nobody any more.
    ConversationAssigned,
    /// Something was written beside a conversation.
    ConversationNoted,
    /// The assistant was given a conversation back.
    ConversationGivenBack,
    /// Somebody of the team said something to its visitor.
    ConversationReplied,
    /// A conversation was settled.
    ConversationResolved,
    /// A person of the team took over from the assistant.
    ConversationTakenOver,
    /// A key was made.
    ApiKeyCreated,
    /// A key was revoked.
    ApiKeyRevoked,
    /// Somebody was asked to join.
    InvitationCreated,
    /// That was taken back.
    InvitationRevoked,
    /// They joined.
    InvitationAccepted,
    /// A job that had been given up was thrown away.
    JobDiscarded,
    /// A job that had been given up is tried again.
    JobRetried,
    /// An entry was approved: the assistant may say it.
    KnowledgeApproved,
    /// An entry was withdrawn.
    KnowledgeArchived,
    /// An entry was written.
    KnowledgeCreated,
    /// Entries were imported.
    KnowledgeImported,
    /// An entry was changed.
    KnowledgeUpdated,
    /// A member's role was changed.
    MemberUpdated,
    /// A member left or was sent away.
    MemberRemoved,
    /// A password was changed by who knew it.
    PasswordChanged,
    /// A password was chosen anew by a link.
    PasswordReset,
    /// A persona is not used any more.
    PersonaArchived,
    /// A persona was made.
    PersonaCreated,
    /// Another persona answers unless one is chosen.
    PersonaDefaulted,
    /// A persona was asked something as a draft.
    PersonaPreviewed,
    /// A persona is what an earlier version of it was.
    PersonaRestored,
    /// A persona was changed.
    PersonaUpdated,
    /// A draft of prices was begun.
    PricebookDrafted,
    /// It was changed.
    PricebookEdited,
    /// It was submitted.
    PricebookSubmitted,
    /// It was opened for changes again; an approval was void from then on.
    PricebookReopened,
    /// It was thrown away.
    PricebookDiscarded,
    /// It was approved by somebody who had not written it.
    PricebookApproved,
    /// It was approved while that was waived.
    PricebookApprovedAlone,
    /// It was published.
    PricebookPublished,
    /// A version was taken back before it took effect.
    PricebookWithdrawn,
    /// From now on approving takes somebody who has not written the draft.
    PricebookFourEyesRequired,
    /// From now on it does not.
    PricebookFourEyesWaived,
    /// Somebody signed in.
    SessionOpened,
    /// Somebody signed out.
    SessionEnded,
    /// Somebody signed out everywhere.
    SessionsEnded,
    /// The role of somebody who works for the platform was changed.
    StaffUpdated,
    /// Somebody no longer works for the platform.
    StaffRemoved,
    /// What a charge took was given back: the answer was wrong.
    ChargeRefunded,
    /// It was said what answers may take at most.
    CreditCapSet,
    /// What a provider takes was written down.
    ProviderCostSet,
    /// Credits were added or taken away, to put an account right.
    CreditsAdjusted,
    /// Credits were given that nobody pays for.
    CreditsGranted,
    /// What a block of credits still had was taken back.
    GrantVoided,
    /// A top-up was bought.
    TopUpBought,
    /// A subscription ends with its period.
    SubscriptionCancelled,
    /// A tenant goes over to another plan.
    SubscriptionChanged,
    /// A subscription that was to end goes on.
    SubscriptionResumed,
    /// A tenant was closed.
    TenantClosed,
    /// A tenant was set up.
    TenantCreated,
    /// Somebody who works for the platform looked at a tenant's conversations, for a reason.
    TenantEntered,
    /// A suspended tenant goes on.
    TenantResumed,
    /// A tenant was suspended.
    TenantSuspended,
    /// A tenant was changed.
    TenantUpdated,
    /// What is known of a visitor was erased.
    VisitorErased,
    /// Somebody took a copy of what is known of a visitor.
    VisitorExported,
    /// A page was asked to be looked at, to see whether the widget can work there.
    WidgetCheckRequested,
    /// Who visitors are has to be proven from now on, or no longer.
    WidgetIdentityUpdated,
    /// The secret that proves who visitors are was made anew.
    WidgetIdentityRotated,
    /// A widget key was made.
    WidgetKeyCreated,
    /// A widget key is another text from now on.
    WidgetKeyRotated,
    /// A widget key was changed: where it may be shown, or whether it is good.
    WidgetKeyUpdated,
    /// How the widget looks was changed.
    WidgetLookUpdated,
}
