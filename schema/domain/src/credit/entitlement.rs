//! What plans entitle to.

use crate::text_enum::text_enum;

text_enum! {
    /// What a plan entitles a tenant to, so many of it.
    Entitlement {
        /// Members, and those who are asked to join.
        Seats = "seats",
        /// Webhooks and inbound endpoints.
        StandardIntegrations = "standard_integrations",
        /// Personas in use.
        Personas = "personas",
        /// Knowledge entries that are not archived.
        KnowledgeItems = "knowledge_items",
        /// For how many days conversations are kept.
        RetentionDays = "retention_days",
    }
}

/// How an entitlement of a tenant's plan stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitled {
    /// To what.
    pub what: Entitlement,
    /// The plan's name for people.
    pub plan: String,
    /// How many it has; `None` is unlimited.
    pub limit: Option<u32>,
    /// How many are used or promised; `None` where nothing is used up.
    pub used: Option<i64>,
    /// The first plan of today's that has more, by name and number.
    pub more_in: Option<(String, Option<u32>)>,
}

impl Entitled {
    /// Whether there is none left.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.lacks(1)
    }

    /// Whether there are not so many left.
    #[must_use]
    pub fn lacks(&self, more: i64) -> bool {
        let wanted = self.used.unwrap_or(0).saturating_add(more);
        self.limit.is_some_and(|limit| wanted > i64::from(limit))
    }

    /// Why there is no room for more: the plan, its limit, and the way up.
    #[must_use]
    pub fn sentence(&self) -> String {
        let limit = self.limit.unwrap_or_default();
        let way_up = match &self.more_in {
            Some((plan, Some(more))) => format!("The plan {plan} has {more}."),
            Some((plan, None)) => format!("The plan {plan} has as many as you need."),
            None => "No plan has more.".to_owned(),
        };
        let used = self.used.unwrap_or_default();
        let (things, or) = match self.what {
            Entitlement::Seats => (
                format!("{limit} seats, and {used} are taken or promised"),
                "Or take somebody off the team, or an invitation back.",
            ),
            Entitlement::Personas => (format!("{limit} personas, and {used} are in use"), "Or archive one."),
            Entitlement::KnowledgeItems => (format!("{limit} knowledge entries, and {used} are kept"), "Or archive some."),
            Entitlement::StandardIntegrations | Entitlement::RetentionDays => {
                (format!("{limit} of these, and {used} are used"), "")
            }
        };
        format!("The plan {} has {things}. {way_up} {or}", self.plan).trim_end().to_owned()
    }
}
