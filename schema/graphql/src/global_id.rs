//! Ids that are good for every kind of object: opaque texts that name kind, tenant and row.

use async_graphql::ID;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// What an id names. What belongs to a tenant names it by its public UUID, so that the caller's authority there is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum GlobalId {
    Tenant(Uuid),
    Persona(Uuid, Uuid),
    PersonaVersion(Uuid, Uuid),
    PersonaPreview(Uuid, Uuid),
    Conversation(Uuid, Uuid),
    Message(Uuid, Uuid),
    Member(Uuid, Uuid),
    Invitation(Uuid, Uuid),
    ApiKey(Uuid, Uuid),
    KnowledgeEntry(Uuid, Uuid),
    WidgetKey(Uuid, Uuid),
    Visitor(Uuid, Uuid),
    StaffMember(Uuid),
    StaffInvitation(Uuid),
    Job(Uuid),
    PricebookVersion(i32),
    Viewer(Uuid),
}

impl GlobalId {
    /// As clients carry it.
    pub(crate) fn encode(self) -> ID {
        let (mut buffer, mut text) = (Uuid::encode_buffer(), String::with_capacity(96));
        text.push_str(self.kind());
        for id in [self.tenant(), self.row()].into_iter().flatten() {
            text.push(':');
            text.push_str(id.hyphenated().encode_lower(&mut buffer));
        }
        if let Self::PricebookVersion(number) = self {
            text.push(':');
            text.push_str(&number.to_string());
        }
        URL_SAFE_NO_PAD.encode(text).into()
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Tenant(_) => "Tenant",
            Self::Persona(..) => "Persona",
            Self::PersonaVersion(..) => "PersonaVersion",
            Self::PersonaPreview(..) => "PersonaPreview",
            Self::Conversation(..) => "Conversation",
            Self::Message(..) => "Message",
            Self::Member(..) => "Member",
            Self::Invitation(..) => "Invitation",
            Self::ApiKey(..) => "ApiKey",
            Self::KnowledgeEntry(..) => "KnowledgeEntry",
            Self::WidgetKey(..) => "WidgetKey",
            Self::Visitor(..) => "Visitor",
            Self::StaffMember(_) => "StaffMember",
            Self::StaffInvitation(_) => "StaffInvitation",
            Self::Job(_) => "Job",
            Self::PricebookVersion(_) => "PricebookVersion",
            Self::Viewer(_) => "Viewer",
        }
    }

    /// Its row, if that is not its tenant's.
    fn row(self) -> Option<Uuid> {
        match self {
            Self::Persona(_, id)
            | Self::PersonaVersion(_, id)
            | Self::PersonaPreview(_, id)
            | Self::Conversation(_, id)
            | Self::Message(_, id)
            | Self::Member(_, id)
            | Self::Invitation(_, id)
            | Self::ApiKey(_, id)
            | Self::KnowledgeEntry(_, id)
            | Self::WidgetKey(_, id)
            | Self::Visitor(_, id)
            | Self::StaffMember(id)
            | Self::StaffInvitation(id)
            | Self::Job(id)
            | Self::Viewer(id) => Some(id),
            Self::Tenant(_) | Self::PricebookVersion(_) => None,
        }
    }

    /// What a text names; `None` if it was never one of ours.
    pub(crate) fn decode(id: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let parts: Vec<&str> = text.split(':').collect();
        let uuid = |text: &str| text.parse::<Uuid>().ok();
        Some(match parts.as_slice() {
            ["Tenant", id] => Self::Tenant(uuid(id)?),
            ["Persona", tenant, id] => Self::Persona(uuid(tenant)?, uuid(id)?),
            ["PersonaVersion", tenant, id] => Self::PersonaVersion(uuid(tenant)?, uuid(id)?),
            ["PersonaPreview", tenant, id] => Self::PersonaPreview(uuid(tenant)?, uuid(id)?),
            ["Conversation", tenant, id] => Self::Conversation(uuid(tenant)?, uuid(id)?),
            ["Message", tenant, id] => Self::Message(uuid(tenant)?, uuid(id)?),
            ["Member", tenant, id] => Self::Member(uuid(tenant)?, uuid(id)?),
            ["Invitation", tenant, id] => Self::Invitation(uuid(tenant)?, uuid(id)?),
            ["ApiKey", tenant, id] => Self::ApiKey(uuid(tenant)?, uuid(id)?),
            ["KnowledgeEntry", tenant, id] => Self::KnowledgeEntry(uuid(tenant)?, uuid(id)?),
            ["WidgetKey", tenant, id] => Self::WidgetKey(uuid(tenant)?, uuid(id)?),
            ["Visitor", tenant, id] => Self::Visitor(uuid(tenant)?, uuid(id)?),
            ["StaffMember", id] => Self::StaffMember(uuid(id)?),
            ["StaffInvitation", id] => Self::StaffInvitation(uuid(id)?),
            ["Job", id] => Self::Job(uuid(id)?),
            ["PricebookVersion", number] => Self::PricebookVersion(number.parse().ok()?),
            ["Viewer", id] => Self::Viewer(uuid(id)?),
            _ => return None,
        })
    }

    /// The tenant it belongs to, by its public UUID.
    pub(crate) fn tenant(self) -> Option<Uuid> {
        match self {
            Self::Tenant(tenant)
            | Self::Persona(tenant, _)
            | Self::PersonaVersion(tenant, _)
            | Self::PersonaPreview(tenant, _)
            | Self::Conversation(tenant, _)
            | Self::Message(tenant, _)
            | Self::Member(tenant, _)
            | Self::Invitation(tenant, _)
            | Self::ApiKey(tenant, _)
            | Self::KnowledgeEntry(tenant, _)
            | Self::WidgetKey(tenant, _)
            | Self::Visitor(tenant, _) => Some(tenant),
            Self::Job(_) | Self::PricebookVersion(_) | Self::StaffMember(_) | Self::StaffInvitation(_) | Self::Viewer(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded_and_nothing_else_is() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for id in [
            GlobalId::Tenant(a),
            GlobalId::Persona(a, b),
            GlobalId::PersonaVersion(a, b),
            GlobalId::PersonaPreview(b, a),
            GlobalId::Conversation(a, b),
            GlobalId::Message(a, b),
            GlobalId::Member(a, b),
            GlobalId::Invitation(a, b),
            GlobalId::ApiKey(a, b),
            GlobalId::KnowledgeEntry(b, a),
            GlobalId::WidgetKey(b, a),
            GlobalId::Visitor(a, b),
            GlobalId::StaffMember(a),
            GlobalId::StaffInvitation(b),
            GlobalId::Job(a),
            GlobalId::PricebookVersion(7),
            GlobalId::Viewer(b),
        ] {
            assert_eq!(GlobalId::decode(id.encode().as_str()), Some(id));
        }
        for text in ["", "Job", "Job:1", "Tenant:1:2", "Cat:00000000-0000-0000-0000-000000000001"] {
            assert_eq!(GlobalId::decode(&URL_SAFE_NO_PAD.encode(text)), None, "{text}");
        }
        assert_eq!(GlobalId::decode("not base64!"), None);
    }
}
