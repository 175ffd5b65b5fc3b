//! The published schema of Frontoffice: objects, inputs, resolvers and loaders over the acts of the domain.
//!
//! Invariants: a resolver translates one act and decides nothing about tables, transactions or money; what an operation may cost is
//! told from the document before anything is read; no error says more than its code and a sentence; a page costs at most one
//! statement for each field and level.

mod answer;
mod complete;
mod connection;
mod context;
mod direct;
mod document;
mod error;
mod global_id;
mod json;
mod kept;
mod kind;
mod level;
mod measure;
mod mutation;
mod object;
mod paging;
mod query;
mod row;
mod scalar;
mod subscription;
mod tokens;

use std::sync::Arc;

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder, parser::parse_schema};

pub use self::{
    answer::{Answer, Ask, Caller, Ready},
    context::House,
    error::CODES,
};
use self::{
    connection::Connection,
    direct::{Direct, Root},
    kept::Kept,
    measure::Shapes,
    mutation::Mutation,
    object::{
        api_key::ApiKey,
        audit::AuditEntry,
        conversation::Conversation,
        credits::CreditEntry,
        job::Job,
        knowledge::KnowledgeEntry,
        member::{Invitation, Member, StaffInvitation, StaffMember},
        message::Message,
        persona::{Persona, PersonaVersion},
        pricebook::PricebookVersion,
        pricebook_step::PricebookStep,
        privacy::PrivacyReceipt,
        statement::Statement,
        tenant::Tenant,
        turn::Turn,
        widget_key::WidgetKey,
    },
    subscription::Subscription,
};

/// The schema over a house. Clones are the same.
#[derive(Clone)]
pub struct Graph {
    schema: Schema<Root, Mutation, Subscription>,
    direct: Option<Direct>,
    shapes: Arc<Shapes>,
    kept: Arc<Kept>,
}

impl Graph {
    /// Opens the schema to a house.
    #[must_use]
    pub fn new(house: House) -> Self {
        let schema = builder().data(house).finish();
        let published = parse_schema(schema.sdl()).map(Shapes::of);
        // The schema's own text is always a schema; were it not, every field would count as a plain one.
        Self { direct: Direct::of(&schema), schema, shapes: Arc::new(published.unwrap_or_default()), kept: Arc::default() }
    }
}

fn builder() -> SchemaBuilder<Root, Mutation, Subscription> {
    Schema::build(Root, Mutation::default(), Subscription::default())
        .disable_suggestions()
        .with_sorted_fields()
        .with_sorted_enums()
        .override_output_type_description::<Connection<ApiKey>>("A page of API keys.")
        .override_output_type_description::<Connection<WidgetKey>>("A page of widget keys.")
        .override_output_type_description::<Connection<AuditEntry>>("A page of the audit log.")
        .override_output_type_description::<Connection<Conversation>>("A page of conversations.")
        .override_output_type_description::<Connection<CreditEntry>>("A page of a ledger.")
        .override_output_type_description::<Connection<Invitation>>("A page of invitations.")
        .override_output_type_description::<Connection<Job>>("A page of jobs.")
        .override_output_type_description::<Connection<KnowledgeEntry>>("A page of knowledge entries.")
        .override_output_type_description::<Connection<Member>>("A page of members.")
        .override_output_type_description::<Connection<Message>>("A page of messages.")
        .override_output_type_description::<Connection<Persona>>("A page of personas.")
        .override_output_type_description::<Connection<PersonaVersion>>("A page of a persona's versions.")
        .override_output_type_description::<Connection<PricebookStep>>("A page of what was done with prices.")
        .override_output_type_description::<Connection<PricebookVersion>>("A page of the pricebook's versions.")
        .override_output_type_description::<Connection<PrivacyReceipt>>(
            "A page of receipts for what became of what visitors said.",
        )
        .override_output_type_description::<Connection<StaffInvitation>>("A page of invitations to work for the platform.")
        .override_output_type_description::<Connection<StaffMember>>("A page of those who work for the platform.")
        .override_output_type_description::<Connection<Statement>>("A page of what a tenant's periods cost.")
        .override_output_type_description::<Connection<Tenant>>("A page of tenants.")
        .override_output_type_description::<Connection<Turn>>("A page of turns.")
        // What nests deeper was refused before; fragments inside each other count here too.
        .limit_recursive_depth(128)
}

/// The schema as it is published: sorted, with every description.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions()
        .use_space_ident();
    let sdl = builder().finish().sdl_with_options(options);
    format!("{}\n", sdl.trim_end())
}

/// The id among all objects of a knowledge entry, by the public UUID of its tenant and its own.
#[must_use]
pub fn knowledge_entry_id(tenant: uuid::Uuid, entry: uuid::Uuid) -> String {
    global_id::GlobalId::KnowledgeEntry(tenant, entry).encode().to_string()
}
