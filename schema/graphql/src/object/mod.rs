//! The objects of the schema, one file per noun. Each is made of domain shapes and shows what it means to show, never a row.

pub(crate) mod alert;
pub(crate) mod api_key;
pub(crate) mod audit;
pub(crate) mod author;
pub(crate) mod conversation;
pub(crate) mod credits;
pub(crate) mod job;
pub(crate) mod knowledge;
pub(crate) mod member;
pub(crate) mod message;
pub(crate) mod node;
pub(crate) mod persona;
pub(crate) mod place;
pub(crate) mod preview;
pub(crate) mod pricebook;
pub(crate) mod pricebook_draft;
pub(crate) mod pricebook_impact;
pub(crate) mod pricebook_publication;
pub(crate) mod pricebook_step;
pub(crate) mod privacy;
pub(crate) mod profile;
pub(crate) mod spending;
pub(crate) mod statement;
pub(crate) mod status;
pub(crate) mod subscription;
pub(crate) mod tenant;
pub(crate) mod turn;
pub(crate) mod viewer;
pub(crate) mod visitor;
pub(crate) mod widget;
pub(crate) mod widget_key;

/// Objects that do not stand in lists so wide that they would have to write anything by themselves.
macro_rules! resolved {
    ($($object:ty)+) => {
        $(impl crate::row::Plain for $object {})+
    };
}
resolved! {
    alert::Alert api_key::ApiKey audit::AuditEntry credits::CreditEntry job::Job knowledge::KnowledgeEntry member::Invitation member::Member
    member::StaffInvitation member::StaffMember persona::Persona preview::PersonaPreview pricebook::PricebookVersion
    pricebook_step::PricebookStep privacy::PrivacyReceipt statement::Statement tenant::Tenant turn::Turn viewer::Viewer visitor::Visitor widget_key::WidgetKey
}
