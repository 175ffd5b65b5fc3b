//! Every operation that needs somebody to be signed in, as it is asked for in a world of its own: a tenant with something of everything.
//! The lists are held to the published schema and to the table of routes, so that whatever is added needs its cases here.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use frontoffice_api::Needs;
use frontoffice_domain::{
    identity::{MemberRole, Permission, StaffRole, rules},
    tenancy::Tenant,
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::live;
use crate::harness::{
    actors::{Account, mutation},
    app::TestApp,
};

/// What a tenant has, by the names that operations use.
pub(crate) type World = BTreeMap<&'static str, String>;

/// What somebody needs to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Anybody whose credential is good.
    SignedIn,
    /// Who has this permission in the tenant.
    InTenant(Permission),
    /// Who works for the platform and has this permission.
    InPlatform(Permission),
}

/// An operation of GraphQL: the field it is about, what its caller needs, and the request, made of what a world has.
pub(crate) struct Operation {
    pub(crate) field: &'static str,
    pub(crate) wanted: Wanted,
    pub(crate) request: fn(&World) -> (String, Value),
}

impl Operation {
    pub(crate) fn changes(&self) -> bool {
        self.field.starts_with("Mutation.")
    }
}

macro_rules! on_tenant {
    ($field:literal, $permission:ident, $asked:literal) => {
        Operation {
            field: concat!("Tenant.", $field),
            wanted: Wanted::InTenant(Permission::$permission),
            request: |world| {
                let query = concat!("query($id: UUID!) { tenant(id: $id) { slug ", $asked, " } }");
                (query.to_owned(), json!({"id": world["tenant uuid"]}))
            },
        }
    };
    ($field:literal, $permission:ident, after $cursor:literal, $asked:literal) => {
        Operation {
            field: concat!("Tenant.", $field),
            wanted: Wanted::InTenant(Permission::$permission),
            request: |world| {
                let query = concat!("query($id: UUID!, $after: String) { tenant(id: $id) { slug ", $asked, " } }");
                (query.to_owned(), json!({"id": world["own uuid"], "after": world[$cursor]}))
            },
        }
    };
}

macro_rules! found {
    ($kind:literal, $permission:ident) => {
        Operation {
            field: concat!("Node.", $kind),
            wanted: Wanted::InTenant(Permission::$permission),
            request: |world| ("query($id: ID!) { node(id: $id) { id __typename } }".to_owned(), json!({"id": world[$kind]})),
        }
    };
}

macro_rules! change {
    ($name:literal, $wanted:expr, $asked:literal, $world:ident => $input:expr) => {
        Operation { field: concat!("Mutation.", $name), wanted: $wanted, request: |$world| mutation($name, $asked, $input) }
    };
}

use Permission::{
    ApiKeyManage, AuditRead, ChatManage, ChatRead, CreditAdjust, JobManage, KnowledgeManage, MemberManage, PersonaManage,
    PricebookApprove, PricebookDraft, PricebookGovern, PricebookPublish, PricebookRead, PrivacyManage, TenantManage, UsageRead,
    WidgetManage,
};
use Wanted::{InPlatform, InTenant, SignedIn};

/// Every field that needs somebody to be signed in.
pub(crate) const OPERATIONS: &[Operation] = &[
    on_tenant!("alerts", UsageRead, "alerts { uuid kind }"),
    on_tenant!("apiKeys", ApiKeyManage, "apiKeys { nodes { id name hint permissions } }"),
    on_tenant!("apiKeys", ApiKeyManage, after "key cursor", "apiKeys(after: $after) { nodes { id } }"),
    on_tenant!("conversations", ChatRead, "conversations { nodes { id sessionId messages { nodes { text } } } }"),
    on_tenant!("conversations", ChatRead, after "conversation cursor", "conversations(after: $after) { nodes { id } }"),
    on_tenant!("conversations", ChatRead, after "message cursor", "conversations { nodes { messages(after: $after) { nodes { id } } } }"),
    on_tenant!("conversations", ChatRead, after "activity cursor", "conversations(after: $after, orderBy: ACTIVE) { nodes { id } }"),
    on_tenant!("conversations", ChatRead, after "turn cursor", "conversations { nodes { turns(after: $after) { nodes { uuid } } } }"),
    on_tenant!(
        "conversations",
        ChatRead,
        "conversations(first: 1) { nodes { notes { text author { name } } visitor { uuid } assignee { name } turns { nodes { uuid } } } }"
    ),
    on_tenant!("credits", UsageRead, "credits { available entries { nodes { number } } }"),
    on_tenant!("credits", UsageRead, after "entry cursor", "credits { entries(after: $after) { nodes { number } } }"),
    on_tenant!(
        "credits",
        UsageRead,
        "credits { caps { kind credits } projection { perDay } usage(by: VISITOR, from: \"2026-01-01T00:00:00Z\", to: \"2026-12-31T00:00:00Z\") { key credits } }"
    ),
    on_tenant!("defaultPersona", ChatRead, "defaultPersona { id name }"),
    on_tenant!("entitlements", UsageRead, "entitlements { kind limit used }"),
    on_tenant!("invitations", MemberManage, "invitations { nodes { id email } }"),
    on_tenant!("invitations", MemberManage, after "invitation cursor", "invitations(after: $after) { nodes { id } }"),
    on_tenant!("knowledge", ChatRead, "knowledge { nodes { id title } }"),
    on_tenant!("knowledge", ChatRead, after "entry of knowledge cursor", "knowledge(after: $after) { nodes { id } }"),
    on_tenant!("knowledgeCoverage", ChatRead, "knowledgeCoverage { refused gaps { question conversation } }"),
    on_tenant!("knowledgeSearch", KnowledgeManage, "knowledgeSearch(question: \"What is in the secret soup?\") { entry title }"),
    on_tenant!("members", MemberManage, "members { nodes { id email name } }"),
    on_tenant!("members", MemberManage, after "member cursor", "members(after: $after) { nodes { id } }"),
    on_tenant!("personas", ChatRead, "personas { nodes { id version { name } } }"),
    on_tenant!("personas", ChatRead, after "persona cursor", "personas(after: $after) { nodes { id } }"),
    on_tenant!("personas", ChatRead, after "persona version cursor", "personas { nodes { versions(after: $after) { nodes { id } } } }"),
    on_tenant!("privacyReceipts", PrivacyManage, "privacyReceipts { nodes { uuid kind visitorUuid reason author { name } } }"),
    on_tenant!("privacyReceipts", PrivacyManage, after "receipt cursor", "privacyReceipts(after: $after) { nodes { uuid } }"),
    on_tenant!("subscription", BillingRead, "subscription { plan listPrice { amount } nextPlan periodEnd revision }"),
    on_tenant!(
        "subscription",
        BillingRead,
        "subscription { statements { nodes { total { amount } } } runningStatement { total { amount } } }"
    ),
    on_tenant!(
        "subscription",
        BillingRead,
        "subscription { changePreview(plan: \"pro\", timing: NOW) { preview { credits } userErrors { code } } }"
    ),
    on_tenant!("team", ChatRead, "team { member name }"),
    on_tenant!("widgetKeys", WidgetManage, "widgetKeys { nodes { id name key origins } }"),
    on_tenant!(
        "widgetKeys",
        WidgetManage,
        "widgetKeys(first: 2) { nodes { apps lastUsedAt formerKeys { key goodUntil } refusedOrigins { origin times } } }"
    ),
    on_tenant!("widgetLook", WidgetManage, "widgetLook { color textColor contrast label revision }"),
    on_tenant!("widgetIdentity", WidgetManage, "widgetIdentity { required secretMadeAt revision }"),
    on_tenant!("widgetChecks", WidgetManage, "widgetChecks { uuid url findings { code message } }"),
    Operation {
        field: "Tenant.widgetCheck",
        wanted: InTenant(WidgetManage),
        request: |world| {
            let query = "query($id: UUID!, $check: UUID!) { tenant(id: $id) { widgetCheck(uuid: $check) { url } } }";
            (query.to_owned(), json!({"id": world["own uuid"], "check": world["check uuid"]}))
        },
    },
    on_tenant!("widgetKeys", WidgetManage, after "widget key cursor", "widgetKeys(after: $after) { nodes { id } }"),
    found!("Tenant", ChatRead),
    found!("Persona", ChatRead),
    found!("PersonaVersion", ChatRead),
    found!("PersonaPreview", PersonaManage),
    found!("Conversation", ChatRead),
    found!("Message", ChatRead),
    found!("Member", MemberManage),
    found!("Invitation", MemberManage),
    found!("ApiKey", ApiKeyManage),
    found!("KnowledgeEntry", ChatRead),
    found!("WidgetKey", WidgetManage),
    found!("Visitor", ChatRead),
    Operation {
        field: "Query.conversation",
        wanted: InTenant(ChatRead),
        request: |world| {
            ("query($id: ID!) { conversation(id: $id) { id sessionId } }".to_owned(), json!({"id": world["Conversation"]}))
        },
    },
    Operation {
        field: "Query.tenants",
        wanted: InPlatform(UsageRead),
        request: |world| {
            let query = "query($t: String) { tenants(filter: {text: $t}) { nodes { id slug } } }";
            (query.to_owned(), json!({"t": world["slug"]}))
        },
    },
    Operation {
        field: "Query.tenant",
        wanted: SignedIn,
        request: |world| ("query($s: String!) { tenant(slug: $s) { id name } }".to_owned(), json!({"s": world["slug"]})),
    },
    Operation {
        field: "Query.node",
        wanted: SignedIn,
        request: |world| ("query($id: ID!) { node(id: $id) { id } }".to_owned(), json!({"id": world["Job"]})),
    },
    Operation {
        field: "Query.nodes",
        wanted: SignedIn,
        request: |world| {
            ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }".to_owned(), json!({"ids": [world["Tenant"], world["Viewer"]]}))
        },
    },
    Operation {
        field: "Query.auditLog",
        wanted: InTenant(AuditRead),
        request: |world| {
            let query = "query($t: UUID) { auditLog(filter: {tenant: $t}) { nodes { uuid action actor { uuid name } } } }";
            (query.to_owned(), json!({"t": world["tenant uuid"]}))
        },
    },
    Operation {
        field: "Query.auditLog",
        wanted: InTenant(AuditRead),
        request: |world| {
            let query = "query($t: UUID, $after: String) { auditLog(after: $after, filter: {tenant: $t}) { nodes { uuid } } }";
            (query.to_owned(), json!({"t": world["own uuid"], "after": world["audit cursor"]}))
        },
    },
    Operation {
        field: "Query.jobs",
        wanted: InPlatform(JobManage),
        request: |world| {
            ("query($t: UUID) { jobs(filter: {tenant: $t}) { nodes { id } } }".to_owned(), json!({"t": world["tenant uuid"]}))
        },
    },
    Operation {
        field: "Query.staff",
        wanted: InPlatform(MemberManage),
        request: |_| ("{ staff { nodes { id email } } }".to_owned(), json!({})),
    },
    Operation {
        field: "Query.staffInvitations",
        wanted: InPlatform(MemberManage),
        request: |_| ("{ staffInvitations { nodes { id email } } }".to_owned(), json!({})),
    },
    Operation {
        field: "Query.providerCosts",
        wanted: InPlatform(PricebookRead),
        request: |_| ("{ providerCosts { uuid model } }".to_owned(), json!({})),
    },
    Operation {
        field: "Query.margins",
        wanted: InPlatform(PricebookRead),
        request: |_| {
            let query = "{ margins(from: \"2026-01-01T00:00:00Z\", to: \"2026-12-31T00:00:00Z\") { tenantName credits } }";
            (query.to_owned(), json!({}))
        },
    },
    Operation {
        field: "Query.pricebookDraft",
        wanted: InPlatform(PricebookRead),
        request: |_| ("{ pricebookDraft { note differences { path } steps { comment } } }".to_owned(), json!({})),
    },
    Operation {
        field: "Query.pricebookFourEyes",
        wanted: InPlatform(PricebookRead),
        request: |_| ("{ pricebookFourEyes }".to_owned(), json!({})),
    },
    Operation {
        field: "Query.pricebookImpact",
        wanted: InPlatform(PricebookRead),
        request: |_| ("{ pricebookImpact(number: 1) { tenants largest { tenant { name } } } }".to_owned(), json!({})),
    },
    Operation {
        field: "Query.pricebookPublication",
        wanted: InPlatform(PricebookRead),
        request: |_| ("{ pricebookPublication(number: 1) { state } }".to_owned(), json!({})),
    },
    Operation {
        field: "Query.pricebookSteps",
        wanted: InPlatform(PricebookRead),
        request: |_| ("{ pricebookSteps { nodes { comment author { name } } } }".to_owned(), json!({})),
    },
    Operation {
        field: "SystemStatus.processes",
        wanted: InPlatform(JobManage),
        request: |_| ("{ systemStatus { processes { name } } }".to_owned(), json!({})),
    },
    change!("apiKeyCreate", InTenant(ApiKeyManage), "apiKey { id }", world => json!({"tenant": world["Tenant"], "name": "x", "permissions": ["apikey.manage"]})),
    change!("apiKeyRevoke", InTenant(ApiKeyManage), "apiKey { id name }", world => json!({"apiKey": world["ApiKey"]})),
    change!("conversationAssign", InTenant(ChatManage), "conversation { id }", world => json!({"conversation": world["Conversation"], "member": world["Member"]})),
    change!("conversationNoteCreate", InTenant(ChatManage), "note { text } conversation { id }", world => json!({"conversation": world["Conversation"], "text": "x"})),
    change!("conversationResolve", InTenant(ChatManage), "conversation { id sessionId }", world => json!({"conversation": world["Conversation"]})),
    change!("conversationTakeOver", InTenant(ChatManage), "conversation { id sessionId }", world => json!({"conversation": world["Conversation"]})),
    change!("conversationReply", InTenant(ChatManage), "message { id text } conversation { id }", world => json!({"conversation": world["Conversation"], "text": "x"})),
    change!("conversationGiveBack", InTenant(ChatManage), "conversation { id sessionId }", world => json!({"conversation": world["Conversation"]})),
    change!("jobRetry", InPlatform(JobManage), "job { id }", world => json!({"job": world["Job"]})),
    change!("jobDiscard", InPlatform(JobManage), "job { id }", world => json!({"job": world["Job"]})),
    change!("knowledgeEntryCreate", InTenant(KnowledgeManage), "entry { id title }", world => json!({"tenant": world["Tenant"], "title": "x", "text": "y"})),
    change!("knowledgeEntryUpdate", InTenant(KnowledgeManage), "entry { id title }", world => json!({"entry": world["KnowledgeEntry"], "title": "x"})),
    change!("knowledgeEntryApprove", InTenant(KnowledgeManage), "entry { id title }", world => json!({"entry": world["KnowledgeEntry"]})),
    change!("knowledgeEntryArchive", InTenant(KnowledgeManage), "entry { id title }", world => json!({"entry": world["KnowledgeEntry"]})),
    change!("personaCreate", InTenant(PersonaManage), "persona { id name }", world => json!({"tenant": world["Tenant"], "name": "x"})),
    change!("personaUpdate", InTenant(PersonaManage), "persona { id name }", world => json!({"persona": world["Persona"], "tone": "x"})),
    change!("personaPreview", InTenant(PersonaManage), "preview { id answer }", world => json!({"persona": world["Persona"], "question": "What is in the soup?"})),
    change!("personaRestore", InTenant(PersonaManage), "persona { id name }", world => json!({"persona": world["Persona"], "version": 1})),
    change!("personaSetDefault", InTenant(PersonaManage), "persona { id name }", world => json!({"persona": world["Persona"]})),
    change!("personaArchive", InTenant(PersonaManage), "persona { id name }", world => json!({"persona": world["Persona"]})),
    change!("pricebookDraftCreate", InPlatform(PricebookDraft), "draft { note }", _world => json!({})),
    change!("pricebookDraftUpdate", InPlatform(PricebookDraft), "draft { note } since { kind }", _world => json!({"expectedRevision": 7, "note": "x"})),
    change!("pricebookDraftSubmit", InPlatform(PricebookDraft), "draft { note }", _world => json!({"expectedRevision": 7})),
    change!("pricebookDraftReopen", InPlatform(PricebookDraft), "draft { note }", _world => json!({"expectedRevision": 7})),
    change!("pricebookDraftApprove", InPlatform(PricebookApprove), "draft { note }", _world => json!({"contentHash": "0".repeat(64), "policy": "AT_RENEWAL"})),
    change!("pricebookDraftPublish", InPlatform(PricebookPublish), "version { note }", _world => json!({"contentHash": "0".repeat(64)})),
    change!("pricebookDraftDiscard", InPlatform(PricebookDraft), "draft { note }", _world => json!({"expectedRevision": 7})),
    change!("pricebookWithdraw", InPlatform(PricebookPublish), "version { note }", _world => json!({"number": 7, "reason": "x"})),
    change!("pricebookFourEyesUpdate", InPlatform(PricebookGovern), "required", _world => json!({"required": true})),
    change!("chargeRefund", InTenant(ChatManage), "refund { percent }", world => json!({"tenant": world["Tenant"], "turnId": "00000000-0000-0000-0000-000000000001"})),
    change!("creditCapSet", InTenant(TenantManage), "caps { kind }", world => json!({"tenant": world["Tenant"], "kind": "VISITOR_DAY", "credits": "1000"})),
    change!("creditAdjust", InPlatform(CreditAdjust), "credits { balance }", world => json!({"tenant": world["Tenant"], "credits": "1", "reason": "x", "idempotencyKey": "adjust"})),
    change!("creditGrantCreate", InPlatform(CreditAdjust), "grant { uuid }", world => json!({"tenant": world["Tenant"], "credits": "1", "reason": "x", "idempotencyKey": "grant"})),
    change!("creditGrantVoid", InPlatform(CreditAdjust), "grant { uuid }", world => json!({"tenant": world["Tenant"], "grantUuid": "00000000-0000-0000-0000-000000000001", "reason": "x"})),
    change!("providerCostCreate", InPlatform(PricebookDraft), "providerCost { uuid }", _world => json!({"model": "m", "currency": "USD", "prompt": "1", "completion": "1"})),
    change!("topUpCreate", InTenant(TenantManage), "grant { uuid }", world => json!({"tenant": world["Tenant"], "topUp": "small", "idempotencyKey": "topup"})),
    change!("subscriptionChange", InTenant(TenantManage), "subscription { plan }", world => json!({"tenant": world["Tenant"], "plan": "gold", "timing": "NOW"})),
    change!("subscriptionCancel", InTenant(TenantManage), "subscription { plan }", world => json!({"tenant": world["Tenant"]})),
    change!("subscriptionResume", InTenant(TenantManage), "subscription { plan }", world => json!({"tenant": world["Tenant"]})),
    change!("tenantCreate", InPlatform(TenantManage), "tenant { slug }", _world => json!({"name": "Tried"})),
    change!("tenantUpdate", InTenant(TenantManage), "tenant { id slug }", world => json!({"tenant": world["Tenant"], "about": "x"})),
    change!("tenantSuspend", InPlatform(TenantManage), "tenant { id slug }", world => json!({"tenant": world["Tenant"]})),
    change!("tenantResume", InPlatform(TenantManage), "tenant { id slug }", world => json!({"tenant": world["Tenant"]})),
    // A key never closes a tenant, so that it is there for what comes after.
    change!("tenantClose", InTenant(TenantManage), "tenant { id slug }", world => json!({"tenant": world["Tenant"], "slug": world["slug"]})),
    change!("widgetKeyCreate", InTenant(WidgetManage), "widgetKey { id name }", world => json!({"tenant": world["Tenant"], "name": "x"})),
    change!("widgetKeyRotate", InTenant(WidgetManage), "widgetKey { id name }", world => json!({"widgetKey": world["WidgetKey"]})),
    change!("widgetLookUpdate", InTenant(WidgetManage), "widgetLook { color }", world => json!({"tenant": world["Tenant"], "color": "#0f766e"})),
    change!("widgetIdentityUpdate", InTenant(WidgetManage), "widgetIdentity { required }", world => json!({"tenant": world["Tenant"], "required": false})),
    change!("widgetIdentitySecretRotate", InTenant(WidgetManage), "widgetIdentity { secretMadeAt }", world => json!({"tenant": world["Tenant"]})),
    change!("widgetCheckRequest", InTenant(WidgetManage), "widgetCheck { url }", world => json!({"tenant": world["Tenant"], "url": "https://127.0.0.1/"})),
    change!("widgetKeyUpdate", InTenant(WidgetManage), "widgetKey { id name }", world => json!({"widgetKey": world["WidgetKey"], "name": "x"})),
    change!("visitorExport", InTenant(PrivacyManage), "receipt { uuid visitorUuid } document", world => json!({"visitor": world["Visitor"]})),
    change!("memberInvite", InTenant(MemberManage), "invitation { id }", world => json!({"tenant": world["Tenant"], "email": "bea@example.com", "role": "VIEWER"})),
    change!("memberUpdate", InTenant(MemberManage), "member { id email }", world => json!({"member": world["Member"], "role": "VIEWER"})),
    change!("memberRemove", InTenant(MemberManage), "member { id email }", world => json!({"member": world["Member"]})),
    change!("invitationRevoke", InTenant(MemberManage), "invitation { id email }", world => json!({"invitation": world["Invitation"]})),
    change!("staffInvite", InPlatform(MemberManage), "invitation { id }", _world => json!({"email": "owner@localhost", "role": "AUDITOR"})),
    change!("staffInvitationRevoke", InPlatform(MemberManage), "invitation { id }", world => json!({"invitation": world["Invitation"]})),
    change!("staffUpdate", InPlatform(MemberManage), "staffMember { id }", world => json!({"staffMember": world["Member"], "role": "AUDITOR"})),
    change!("staffRemove", InPlatform(MemberManage), "staffMember { id }", world => json!({"staffMember": world["Member"]})),
    // Last: with the visitor go their conversations.
    change!("visitorErase", InTenant(PrivacyManage), "receipt { uuid visitorUuid }", world => json!({"visitor": world["Visitor"], "reason": "Asked for."})),
];

/// Roots that strangers may ask for.
const OPEN: &[&str] = &[
    "Mutation.invitationAccept",
    "Mutation.tenantSignup",
    "Mutation.tenantSignupConfirm",
    "Query.invitation",
    "Query.pricebook",
    "Query.pricebookDiff",
    "Query.pricebookVersion",
    "Query.pricebookVersions",
    "Query.systemStatus",
    "Query.viewer",
];

/// A route as it is asked for.
pub(crate) struct Asked {
    /// As in the table of routes.
    pub(crate) route: &'static str,
    /// Its path and its body.
    pub(crate) request: fn(&World) -> (String, Option<Value>),
}

/// A request with a body: a text is a file, everything else JSON.
pub(crate) fn carrying(request: RequestBuilder, body: Option<&Value>) -> RequestBuilder {
    match body {
        None => request,
        Some(Value::String(text)) => request.header("content-type", "text/markdown").body(text.clone()),
        Some(body) => request.json(body),
    }
}

/// Every route that needs somebody to be signed in.
pub(crate) const ROUTES: &[Asked] = &[
    Asked { route: "GET /api/auth/me", request: |_| ("/api/auth/me".into(), None) },
    Asked {
        route: "POST /api/auth/password",
        request: |_| {
            ("/api/auth/password".into(), Some(json!({"current_password": "wrong words", "new_password": "quite another one"})))
        },
    },
    Asked { route: "GET /api/audit/export", request: |world| (format!("/api/audit/export?business_id={}", world["slug"]), None) },
    Asked {
        route: "GET /api/audit/export",
        request: |world| (format!("/api/audit/export?business_id={}", world["tenant uuid"]), None),
    },
    Asked {
        route: "GET /api/chat/history/{session_id}",
        request: |world| (format!("/api/chat/history/{}?business_id={}", world["session"], world["slug"]), None),
    },
    Asked {
        route: "GET /api/chat/history/{session_id}",
        request: |world| (format!("/api/chat/history/{}", world["session"]), None),
    },
    Asked {
        route: "GET /api/chat/history/{session_id}",
        request: |world| (format!("/api/chat/history/{}?before={}", world["own session"], world["history cursor"]), None),
    },
    Asked {
        route: "POST /api/knowledge/import",
        request: |world| {
            let path = format!("/api/knowledge/import?business_id={}", world["slug"]);
            (path, Some(json!("# Soup of the day\n\nIt is leek.")))
        },
    },
    Asked {
        route: "GET /api/customers/statements/{business_id}",
        request: |world| (format!("/api/customers/statements/{}", world["slug"]), None),
    },
    Asked {
        route: "GET /api/customers/statements/{business_id}",
        request: |world| (format!("/api/customers/statements/{}?format=csv", world["tenant uuid"]), None),
    },
    Asked {
        route: "GET /api/customers/usage/{business_id}",
        request: |world| (format!("/api/customers/usage/{}?by=visitor", world["slug"]), None),
    },
    Asked {
        route: "GET /api/customer-portal/widget-code",
        request: |world| (format!("/api/customer-portal/widget-code?business_id={}", world["slug"]), None),
    },
    Asked { route: "GET /api/pricebook/{which}/export", request: |_| ("/api/pricebook/1/export?format=json".into(), None) },
    Asked { route: "GET /api/pricebook/{which}/impact", request: |_| ("/api/pricebook/1/impact".into(), None) },
    Asked {
        route: "POST /api/pricebook/draft/import",
        request: |_| ("/api/pricebook/draft/import?format=json&expected_revision=1".into(), Some(json!({"plans": []}))),
    },
    Asked {
        route: "POST /api/chat/session",
        request: |world| ("/api/chat/session".into(), Some(json!({"business_id": world["slug"]}))),
    },
    Asked {
        route: "POST /api/chat/message",
        request: |world| ("/api/chat/message".into(), Some(json!({"session_id": world["session"], "message": "hi"}))),
    },
    // Last: it ends the session.
    Asked { route: "POST /api/auth/logout", request: |_| ("/api/auth/logout".into(), Some(json!({}))) },
];

/// What the published schema says a field needs.
fn declared() -> BTreeMap<String, Option<String>> {
    let mut fields = BTreeMap::new();
    for definition in parse_schema(frontoffice_graphql::sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        let name = ty.node.name.node.to_string();
        let TypeKind::Object(object) = ty.node.kind else { continue };
        for field in object.fields {
            let words =
                field.node.description.map(|text| text.node.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
            let needs = words.split_once("Needs `").and_then(|(_, rest)| rest.split_once('`')).map(|(word, _)| word.to_owned());
            let is_root = ["Query", "Mutation", "Subscription"].contains(&name.as_str());
            if needs.is_some() || is_root {
                fields.insert(format!("{name}.{}", field.node.name.node), needs);
            }
        }
    }
    fields
}

#[test]
fn every_operation_that_needs_somebody_has_its_cases_and_says_what_it_needs() {
    let declared = declared();
    let covered: Vec<&str> = OPERATIONS
        .iter()
        .map(|operation| operation.field)
        .chain(OPEN.iter().copied())
        .chain(live::LISTENED.iter().copied())
        .collect();
    let missing: Vec<&String> = declared.keys().filter(|field| !covered.contains(&field.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new(), "fields without cases here");
    for operation in OPERATIONS.iter().filter(|operation| !operation.field.starts_with("Node.")) {
        let said = declared.get(operation.field).unwrap_or_else(|| panic!("{} is no field that needs anything", operation.field));
        let tested = match operation.wanted {
            SignedIn => None,
            InTenant(permission) | InPlatform(permission) => Some(permission.as_str()),
        };
        assert_eq!(said.as_deref(), tested, "{}: as its description says, then as it is tested", operation.field);
    }
    for field in OPEN {
        assert_eq!(declared.get(*field), Some(&None), "{field} is open, so it must not say that it needs something");
    }
    let routes: Vec<String> = frontoffice_api::routes()
        .into_iter()
        .filter(|route| !matches!(route.needs, Needs::Nothing | Needs::WidgetKey | Needs::Website))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let asked: Vec<&str> = ROUTES.iter().map(|asked| asked.route).collect();
    for route in &routes {
        assert!(asked.contains(&route.as_str()), "{route} has no cases here");
    }
    assert!(
        asked.iter().all(|asked| routes.iter().any(|route| route == asked)),
        "cases for routes that need nobody, or are not there"
    );
    // Every kind of object that has an id is looked for by it.
    let sdl = frontoffice_graphql::sdl();
    for line in sdl.lines().filter(|line| line.starts_with("type ") && line.contains("implements Node")) {
        let kind = line.split_whitespace().nth(1).unwrap();
        let platforms = ["Job", "PricebookVersion", "StaffMember", "StaffInvitation", "Viewer"].contains(&kind);
        assert!(platforms || covered.contains(&format!("Node.{kind}").as_str()), "{kind} has no case here");
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text but {value}")).to_owned()
}

/// The world of a tenant, through the doors: a conversation, a member, an invitation, a key. `owner` is the tenant's.
pub(crate) async fn world(office: &TestApp, tenant: &Tenant, owner: &Account) -> World {
    let slug = tenant.slug.as_str();
    let visitor = office.visitor();
    // So that there is something after every cursor.
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let said = office.visitor().post(json!({"message": "What does Pro cost?", "business_id": slug})).await;
        assert_eq!(said.status, 200, "{}", said.body);
        sessions.push(said.text("session_id").to_owned());
        office.settled().await;
    }
    drop(visitor);
    for name in ["agent", "guest"] {
        let email = format!("{name}@{slug}.example");
        owner.change("memberInvite", "invitation { id }", json!({"email": email, "role": "AGENT"})).await;
        if name == "agent" {
            office.joined(&email).await;
        }
    }
    for number in 0..2 {
        owner.change("apiKeyCreate", "secret", json!({"name": format!("Key {number}"), "permissions": ["chat.read"]})).await;
    }
    for number in 0..2 {
        let entry = json!({"title": format!("Soup {number}"), "text": format!("The secret soup of {slug} has leeks in it.")});
        let made = owner.change("knowledgeEntryCreate", "entry { id }", entry).await;
        owner.change("knowledgeEntryApprove", "entry { id }", json!({"entry": made["entry"]["id"]})).await;
    }
    let persona = owner.data("{ viewer { tenant { defaultPersona { id } } } }", json!({})).await["viewer"]["tenant"]["defaultPersona"]["id"].clone();
    let asked = json!({"persona": persona, "question": "What is in the secret soup?", "tone": format!("As {slug} speaks.")});
    let preview = owner.change("personaPreview", "preview { id }", asked).await["preview"]["id"].clone();
    let query = "query($slug: String!) { viewer { id } tenant(slug: $slug) { id uuid \
        personas { nodes { id version { id } versions { edges { cursor } } } pageInfo { endCursor } } \
        knowledge { edges { cursor node { id } } } byActivity: conversations(orderBy: ACTIVE) { edges { cursor } } \
        conversations { edges { cursor node { id sessionId visitor { id } turns { edges { cursor } } messages(first: 1) { edges { cursor node { id } } } } } } \
        members { edges { cursor node { id email } } } invitations { edges { cursor node { id } } } apiKeys { edges { cursor node { id } } } widgetKeys { edges { cursor node { id } } } \
        credits { entries { edges { cursor } } } } auditLog { edges { cursor } } }";
    let data = owner.data(query, json!({"slug": slug})).await;
    let tenant = &data["tenant"];
    let first = |list: &str| tenant[list]["edges"][0].clone();
    let conversation = first("conversations");
    let visitor = conversation["node"]["visitor"]["id"].clone();
    for _ in 0..2 {
        owner.change("visitorExport", "receipt { uuid }", json!({"visitor": visitor})).await;
    }
    let receipts = "query($slug: String!) { tenant(slug: $slug) { privacyReceipts { edges { cursor } } } }";
    let receipts = owner.data(receipts, json!({"slug": slug})).await["tenant"]["privacyReceipts"]["edges"].clone();
    let members = tenant["members"]["edges"].as_array().unwrap();
    let agent = members.iter().find(|edge| edge["node"]["email"].as_str().unwrap().starts_with("agent@")).unwrap();
    let history = owner.get(&format!("/api/chat/history/{}?limit=1", sessions[0])).await;
    let check = json!({"url": "https://127.0.0.1/"});
    let check = owner.change("widgetCheckRequest", "widgetCheck { uuid }", check).await["widgetCheck"]["uuid"].clone();
    office.settled().await;
    let job = office.database.db_texts("SELECT name AS value FROM jobs").await;
    assert!(!job.is_empty());
    World::from([
        ("slug", slug.to_owned()),
        ("tenant uuid", text(&tenant["uuid"])),
        ("own uuid", text(&tenant["uuid"])),
        ("check uuid", text(&check)),
        ("session", sessions[0].clone()),
        ("own session", sessions[0].clone()),
        ("history cursor", history.text("next_cursor").to_owned()),
        ("Tenant", text(&tenant["id"])),
        ("Viewer", text(&data["viewer"]["id"])),
        ("Job", a_job(office, slug).await),
        ("Persona", text(&tenant["personas"]["nodes"][0]["id"])),
        ("PersonaVersion", text(&tenant["personas"]["nodes"][0]["version"]["id"])),
        ("PersonaPreview", text(&preview)),
        ("Conversation", text(&conversation["node"]["id"])),
        ("Message", text(&conversation["node"]["messages"]["edges"][0]["node"]["id"])),
        ("Member", text(&agent["node"]["id"])),
        ("Invitation", text(&first("invitations")["node"]["id"])),
        ("ApiKey", text(&first("apiKeys")["node"]["id"])),
        ("WidgetKey", text(&first("widgetKeys")["node"]["id"])),
        ("widget key cursor", text(&first("widgetKeys")["cursor"])),
        ("Visitor", text(&visitor)),
        ("receipt cursor", text(&receipts[0]["cursor"])),
        ("KnowledgeEntry", text(&first("knowledge")["node"]["id"])),
        ("entry of knowledge cursor", text(&first("knowledge")["cursor"])),
        ("activity cursor", text(&first("byActivity")["cursor"])),
        ("turn cursor", text(&conversation["node"]["turns"]["edges"][0]["cursor"])),
        ("persona version cursor", text(&tenant["personas"]["nodes"][0]["versions"]["edges"][0]["cursor"])),
        ("persona cursor", text(&tenant["personas"]["pageInfo"]["endCursor"])),
        ("conversation cursor", text(&conversation["cursor"])),
        ("message cursor", text(&conversation["node"]["messages"]["edges"][0]["cursor"])),
        ("member cursor", text(&agent["cursor"])),
        ("invitation cursor", text(&first("invitations")["cursor"])),
        ("key cursor", text(&first("apiKeys")["cursor"])),
        ("entry cursor", text(&tenant["credits"]["entries"]["edges"][0]["cursor"])),
        ("audit cursor", text(&data["auditLog"]["edges"][0]["cursor"])),
    ])
}

/// The id of one of the tenant's jobs, as the platform's owner sees it.
async fn a_job(office: &TestApp, slug: &str) -> String {
    let owner = office.owner().await;
    let jobs = owner.data("{ jobs(first: 100) { nodes { id tenant { slug } } } }", json!({})).await;
    let jobs = jobs["jobs"]["nodes"].as_array().unwrap().clone();
    text(&jobs.iter().find(|job| job["tenant"]["slug"] == slug).unwrap()["id"])
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md");

/// The page that lists who may do what.
fn page() -> String {
    use std::fmt::Write;
    let mut page = String::from(
        "# Who may do what\n\nMade from the table of permissions, the table of routes and the published schema; a test holds it to them \
         (`UPDATE=1 cargo test --test it the_page_of_permissions` writes it anew).\n\n## Roles\n\nAn API key has what was chosen when it was \
         made, of what is marked under *key*, and never more than who made it had.\n\n",
    );
    let known: Vec<Permission> = Permission::ALL
        .iter()
        .copied()
        .filter(|permission| StaffRole::ALL.iter().any(|role| rules::staff_may(*role, *permission)))
        .collect();
    let staff = StaffRole::ALL.iter().map(|role| format!("staff `{role}`"));
    let members = MemberRole::ALL.iter().map(|role| format!("member `{role}`"));
    let heads: Vec<String> = staff.chain(members).chain(["key".to_owned()]).collect();
    writeln!(page, "| | {} |\n|---|{}", heads.join(" | "), "---|".repeat(heads.len())).unwrap();
    for permission in known {
        let mark = |has: bool| if has { "yes" } else { "" };
        let with_reason = |role: StaffRole| role == StaffRole::Support && permission == Permission::ChatRead;
        let staff = StaffRole::ALL
            .iter()
            .map(|role| if with_reason(*role) { "with a reason" } else { mark(rules::staff_may(*role, permission)) });
        let members = MemberRole::ALL.iter().map(|role| mark(rules::member_may(*role, permission)));
        let key = mark(rules::OF_TENANTS.contains(&permission));
        let cells: Vec<&str> = staff.chain(members).chain([key]).collect();
        writeln!(page, "| `{permission}` | {} |", cells.join(" | ")).unwrap();
    }
    page.push_str(
        "\n*With a reason*: the request states it in `X-Access-Reason`, and the audit log keeps it. Only owners make and unmake owners.\n\n\
         ## Routes\n\nA cookie needs `X-CSRF-Token` for every `POST`. *Portals*: the origins in `sign_in.portal_origins` may call it, with a \
         bearer.\n\n| route | needs | portals |\n|---|---|---|\n",
    );
    for route in frontoffice_api::routes() {
        let needs = match route.needs {
            Needs::Nothing => String::new(),
            Needs::WidgetKey => "a widget key, on its websites".to_owned(),
            Needs::Website => "to come from a website that a widget key of the tenant is good on".to_owned(),
            Needs::Session => "a session".to_owned(),
            Needs::SignedIn => "a session or an API key".to_owned(),
            Needs::Permission(permission) => format!("`{permission}`"),
        };
        let portals = if route.portals { "yes" } else { "" };
        writeln!(page, "| `{} {}` | {needs} | {portals} |", route.method, route.path).unwrap();
    }
    page.push_str(
        "\n## GraphQL\n\nWhat is found by its id (`node`, `nodes`) needs what its list needs.\n\n| field | needs |\n|---|---|\n",
    );
    for (field, needs) in declared() {
        let needs = match needs {
            Some(permission) => format!("`{permission}`"),
            None if OPEN.contains(&field.as_str()) => String::new(),
            None => "a session or an API key".to_owned(),
        };
        writeln!(page, "| `{field}` | {needs} |").unwrap();
    }
    page
}

#[test]
fn the_page_of_permissions_is_the_codes() {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, page()).unwrap();
    }
    assert!(
        std::fs::read_to_string(PAGE).unwrap_or_default() == page(),
        "docs/permissions.md is not what the code says; it says how to mend that"
    );
}
