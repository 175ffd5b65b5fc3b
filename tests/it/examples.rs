//! The operations that portals begin with: each is asked for as it stands in its file, and works.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_graphql::parser::{
    parse_query,
    types::{DocumentOperations, OperationType},
};
use serde_json::{Value, json};

use super::{live::begun, tenants::fish};
use crate::harness::{actors::Account, on_both_stores, socket::Socket};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/portal-operations");

/// A file of operations.
struct File {
    name: String,
    text: String,
    operations: BTreeMap<String, OperationType>,
}

fn files() -> Vec<File> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(FOLDER).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "graphql") {
            continue;
        }
        let (name, text) = (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap());
        let document = parse_query(&text).unwrap();
        let operations = match &document.operations {
            DocumentOperations::Single(_) => panic!("{name}: an operation without a name"),
            DocumentOperations::Multiple(all) => {
                all.iter().map(|(name, operation)| (name.to_string(), operation.node.ty)).collect()
            }
        };
        for fragment in document.fragments.keys() {
            assert!(fragment.starts_with(&format!("{name}_")), "{fragment} must begin with its file's name");
        }
        files.push(File { name, text, operations });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// Asks for operations by their names, and keeps which were.
struct Portal<'a> {
    account: &'a Account,
    files: Vec<File>,
    asked: BTreeSet<String>,
}

impl Portal<'_> {
    fn document(&mut self, name: &str) -> String {
        self.asked.insert(name.to_owned());
        let file = self.files.iter().find(|file| file.operations.contains_key(name)).unwrap_or_else(|| panic!("no {name}"));
        // Only what the operation needs, as a compiler would send it: an operation that is not meant costs too.
        let mut kept = String::new();
        for part in file.text.split("\n\n") {
            let is_operation =
                ["query ", "mutation ", "subscription "].iter().any(|word| part.lines().any(|line| line.starts_with(word)));
            if !is_operation || part.lines().any(|line| line.contains(&format!(" {name}")) && !line.starts_with('#')) {
                kept = format!("{kept}{part}\n\n");
            }
        }
        // A fragment nobody spreads is an error.
        while let Some(unused) = kept.split("\n\n").find(|part| {
            let named = part.lines().find_map(|line| line.strip_prefix("fragment ")).and_then(|line| line.split(' ').next());
            named.is_some_and(|named| !kept.contains(&format!("...{named}")))
        }) {
            kept = kept.replace(unused, "");
        }
        kept
    }

    async fn ask(&mut self, name: &str, variables: Value) -> Value {
        let query = self.document(name);
        self.account.data(&query, variables).await
    }

    async fn change(&mut self, name: &str, field: &str, input: Value) -> Value {
        let answer = self.ask(name, json!({"input": input})).await[field].clone();
        assert_eq!(answer["userErrors"], json!([]), "{name}");
        answer
    }
}

on_both_stores! {
    async fn the_portal_operations_work_as_they_stand(store) {
        let (office, ann, _) = fish(store).await;
        for (session, text) in [("s", "When does the shop open?"), ("t", "Do you deliver to Mars?")] {
            office.visitor().post(json!({"message": text, "business_id": "fish", "session_id": session})).await;
        }
        office.settled().await;
        office.clock.advance(Duration::from_secs(60));
        let (author, approver) = (office.colleague("author@example.com", "OWNER").await, office.colleague("approver@example.com", "FINANCE_APPROVER").await);
        let mut portal = Portal { account: &ann, files: files(), asked: BTreeSet::new() };
        let all: BTreeSet<String> = portal.files.iter().flat_map(|file| file.operations.keys().cloned()).collect();
        for file in &portal.files {
            for name in file.operations.keys() {
                assert!(name.starts_with(&file.name) && (name.ends_with("Query") || name.ends_with("Mutation") || name.ends_with("Subscription")), "{name}");
            }
        }
        let viewer = portal.ask("SignInQuery", json!({})).await["viewer"].clone();
        let tenant = viewer["tenant"]["id"].clone();
        assert_eq!(viewer["memberRole"], "OWNER");
        let dashboard = portal.ask("DashboardQuery", json!({})).await["viewer"]["tenant"].clone();
        assert_eq!((&dashboard["status"], &dashboard["knowledgeCoverage"]["refused"]), (&json!("TRIAL"), &json!(1)));
        let mut socket = Socket::of(&ann).await;
        let listening = portal.document("DashboardSubscription");
        socket.subscribe("1", &listening, json!({"tenant": tenant})).await;
        let inbox = portal.ask("InboxQuery", json!({"orderBy": "ACTIVE", "first": 10, "filter": {"state": "AI"}})).await["viewer"]["tenant"].clone();
        let conversation = inbox["conversations"]["edges"][0]["node"]["id"].clone();
        assert_eq!(inbox["conversations"]["edges"].as_array().unwrap().len(), 2);
        let member = inbox["team"][0]["member"].clone();
        begun(&office).await;
        portal.change("InboxAssignMutation", "conversationAssign", json!({"conversation": conversation, "member": member})).await;
        assert_eq!(socket.data().await["tenantEvents"]["conversation"]["assignee"]["member"], member);
        let listening = portal.document("ConversationSubscription");
        socket.subscribe("2", &listening, json!({"id": conversation, "afterSequence": 0})).await;
        assert_eq!(socket.data().await["conversationEvents"]["message"]["sequence"], 1);
        let shown = portal.ask("ConversationQuery", json!({"id": conversation, "first": 50})).await["conversation"].clone();
        assert_eq!(shown["messages"]["edges"].as_array().unwrap().len(), 2);
        portal.change("ConversationNoteMutation", "conversationNoteCreate", json!({"conversation": conversation, "text": "Ask again."})).await;
        let taken = portal.change("ConversationTakeOverMutation", "conversationTakeOver", json!({"conversation": conversation})).await;
        assert_eq!(taken["conversation"]["state"], "HUMAN");
        let said = json!({"conversation": conversation, "text": "I am here.", "idempotencyKey": "r1"});
        let said = portal.change("ConversationReplyMutation", "conversationReply", said).await;
        assert_eq!((&said["message"]["role"], &said["message"]["author"]["kind"]), (&json!("AGENT"), &json!("MEMBER")));
        let back = portal.change("ConversationGiveBackMutation", "conversationGiveBack", json!({"conversation": conversation})).await;
        assert_eq!(back["conversation"]["state"], "AI");
        portal.change("InboxResolveMutation", "conversationResolve", json!({"conversation": conversation})).await;

        let personas = portal.ask("PersonaEditorQuery", json!({"includeArchived": true})).await["viewer"]["tenant"]["personas"]["nodes"].clone();
        let persona = personas[0]["id"].clone();
        portal.change("PersonaEditorUpdateMutation", "personaUpdate", json!({"persona": persona, "expectedRevision": 1, "tone": "Dry.", "note": "Asked for."})).await;
        let tried = portal.change("PersonaEditorPreviewMutation", "personaPreview", json!({"persona": persona, "question": "When does the shop open?", "tone": "Merry."})).await;
        assert_eq!(tried["preview"]["state"], "ANSWERED");
        portal.change("PersonaEditorRestoreMutation", "personaRestore", json!({"persona": persona, "version": 1})).await;
        portal.change("PersonaEditorDefaultMutation", "personaSetDefault", json!({"persona": persona})).await;
        let history = portal.ask("PersonaEditorHistoryQuery", json!({"id": persona, "first": 10})).await["node"]["versions"]["edges"].clone();
        assert_eq!(history.as_array().unwrap().len(), 3);
        let difference = portal.ask("PersonaEditorDifferenceQuery", json!({"id": persona, "from": 1, "to": 2})).await;
        assert_eq!(difference["node"]["difference"][0]["field"], "TONE");
        // The plan has one persona: refusals come back as the operation says them.
        for (name, field, input, code) in [
            ("PersonaEditorCreateMutation", "personaCreate", json!({"name": "Eve"}), "LIMIT_REACHED"),
            ("PersonaEditorArchiveMutation", "personaArchive", json!({"persona": persona}), "IS_DEFAULT"),
        ] {
            let refused = portal.ask(name, json!({"input": input})).await[field].clone();
            assert_eq!((&refused["userErrors"][0]["code"], &refused["persona"]), (&json!(code), &Value::Null));
        }

        let entry = portal.change("KnowledgeCreateMutation", "knowledgeEntryCreate", json!({"title": "Parking", "text": "Behind the shop."})).await["entry"]["id"].clone();
        portal.change("KnowledgeUpdateMutation", "knowledgeEntryUpdate", json!({"entry": entry, "text": "There is parking behind the shop."})).await;
        portal.change("KnowledgeApproveMutation", "knowledgeEntryApprove", json!({"entry": entry})).await;
        let found = portal.ask("KnowledgeSearchQuery", json!({"question": "Is there parking?"})).await["viewer"]["tenant"]["knowledgeSearch"].clone();
        assert_eq!((&found[0]["entry"], &found[0]["relevant"]), (&entry, &json!(true)));
        portal.change("KnowledgeArchiveMutation", "knowledgeEntryArchive", json!({"entry": entry})).await;
        let kept = portal.ask("KnowledgeQuery", json!({"filter": {"state": "APPROVED"}, "first": 10})).await["viewer"]["tenant"]["knowledge"]["edges"].clone();
        assert_eq!(kept.as_array().unwrap().len(), 1);

        let asked = portal.change("TeamInviteMutation", "memberInvite", json!({"email": "bea@example.com", "role": "AGENT"})).await["invitation"]["id"].clone();
        office.joined("bea@example.com").await;
        let gone = portal.ask("TeamRevokeMutation", json!({"input": {"invitation": asked}})).await;
        assert_eq!(gone["invitationRevoke"]["userErrors"][0]["code"], "NOT_FOUND");
        let team = portal.ask("TeamQuery", json!({"first": 10})).await["viewer"]["tenant"]["members"]["edges"].clone();
        let bea = team.as_array().unwrap().iter().find(|edge| edge["node"]["email"] == "bea@example.com").unwrap()["node"]["id"].clone();
        portal.change("TeamUpdateMutation", "memberUpdate", json!({"member": bea, "role": "VIEWER"})).await;
        portal.change("TeamRemoveMutation", "memberRemove", json!({"member": bea})).await;
        let log = portal.ask("TeamAuditQuery", json!({"first": 1, "filter": {"action": "MEMBER_REMOVED"}})).await["auditLog"]["edges"].clone();
        assert_eq!(log[0]["node"]["actor"]["kind"], "MEMBER");

        let key = portal.change("KeysCreateMutation", "apiKeyCreate", json!({"name": "Server", "permissions": ["chat.read"]})).await["apiKey"]["id"].clone();
        portal.change("KeysRevokeMutation", "apiKeyRevoke", json!({"apiKey": key})).await;
        assert!(portal.ask("KeysQuery", json!({"first": 10})).await["viewer"]["tenant"]["apiKeys"]["edges"][0]["node"]["revokedAt"].is_string());

        let plan = portal.ask("PlanAndCreditsQuery", json!({"first": 10})).await;
        assert_eq!((&plan["viewer"]["tenant"]["subscription"]["plan"], &plan["pricebook"]["plans"][0]["key"]), (&json!("starter"), &json!("starter")));
        let said = portal.ask("PlanAndCreditsPreviewQuery", json!({"plan": "pro", "timing": "NOW"})).await["viewer"]["tenant"]["subscription"]["changePreview"].clone();
        assert_eq!((&said["preview"]["due"]["amount"], &said["preview"]["lines"][0]["kind"]), (&json!("249.00"), &json!("PLAN")));
        let input = json!({"tenant": tenant, "plan": "pro", "timing": "NOW", "idempotencyKey": "p1"});
        let changed = portal.change("PlanAndCreditsChangeMutation", "subscriptionChange", input).await;
        assert_eq!((&changed["subscription"]["planName"], &changed["subscription"]["trial"]), (&json!("Pro"), &json!(false)));
        portal.change("PlanAndCreditsCancelMutation", "subscriptionCancel", json!({"tenant": tenant})).await;
        portal.change("PlanAndCreditsResumeMutation", "subscriptionResume", json!({"tenant": tenant})).await;
        let billed = portal.ask("PlanAndCreditsStatementsQuery", json!({"first": 10})).await["viewer"]["tenant"]["subscription"].clone();
        assert_eq!((&billed["runningStatement"]["total"]["amount"], &billed["statements"]["edges"][0]["node"]["total"]["amount"]), (&json!("249.00"), &json!("0.00")));
        let settings = portal.ask("SettingsQuery", json!({})).await["viewer"]["tenant"].clone();
        let hours = json!({"timeZone": "Europe/Amsterdam", "week": [{"day": "MONDAY", "from": "09:00", "to": "17:00"}]});
        let changed = portal.change("SettingsUpdateMutation", "tenantUpdate", json!({"expectedRevision": settings["revision"], "awayText": "Back soon.", "officeHours": hours})).await;
        assert_eq!(changed["tenant"]["awayText"], "Back soon.");
        let visitor = portal.ask("ConversationQuery", json!({"id": conversation, "first": 1})).await["conversation"]["visitor"]["id"].clone();
        let copy = portal.change("PrivacyExportMutation", "visitorExport", json!({"visitor": visitor})).await;
        assert!(copy["document"].as_str().unwrap().contains("I am here.") && copy["next"].is_null(), "{copy}");
        let erased = portal.change("PrivacyEraseMutation", "visitorErase", json!({"visitor": visitor, "reason": "Asked for."})).await;
        let receipts = portal.ask("PrivacyQuery", json!({"first": 10})).await["viewer"]["tenant"]["privacyReceipts"]["edges"].clone();
        assert_eq!((receipts.as_array().unwrap().len(), &receipts[0]["node"]["uuid"]), (2, &erased["receipt"]["uuid"]));

        portal.account = &author;
        portal.change("PricebookFourEyesMutation", "pricebookFourEyesUpdate", json!({"required": true})).await;
        let slip = portal.change("PricebookCreateMutation", "pricebookDraftCreate", json!({})).await;
        assert_eq!(slip["draft"]["revision"], 1);
        portal.change("PricebookDiscardMutation", "pricebookDraftDiscard", json!({"expectedRevision": 1})).await;
        let begun = portal.change("PricebookCreateMutation", "pricebookDraftCreate", json!({})).await["draft"].clone();
        let mut plans = begun["plans"].clone();
        for plan in plans.as_array_mut().unwrap() {
            plan["listPrice"].as_object_mut().unwrap().remove("minor");
        }
        plans[0]["listPrice"]["amount"] = json!("99");
        let input = json!({"expectedRevision": begun["revision"], "plans": plans, "rates": begun["rates"], "trial": begun["trial"], "note": "Dearer."});
        let edited = portal.change("PricebookUpdateMutation", "pricebookDraftUpdate", input).await["draft"].clone();
        assert_eq!((&edited["differences"].as_array().unwrap().len(), &edited["warnings"][0]["guard"]), (&1, &json!("PRICE_MOVE")));
        let differences = portal.ask("PricebookDiffQuery", json!({"from": 1})).await["pricebookDiff"].clone();
        assert_eq!(differences, edited["differences"]);
        let impact = portal.ask("PricebookImpactQuery", json!({})).await["pricebookImpact"].clone();
        assert_eq!((&impact["tenants"], &impact["reachesExisting"]), (&json!(2), &json!(true)));
        let sent = portal.change("PricebookSubmitMutation", "pricebookDraftSubmit", json!({"expectedRevision": edited["revision"]})).await["draft"].clone();
        portal.account = &approver;
        let back = portal.change("PricebookReopenMutation", "pricebookDraftReopen", json!({"expectedRevision": sent["revision"], "comment": "Sure?"})).await["draft"].clone();
        portal.account = &author;
        let sent = portal.change("PricebookSubmitMutation", "pricebookDraftSubmit", json!({"expectedRevision": back["revision"]})).await["draft"].clone();
        portal.account = &approver;
        assert_eq!(portal.ask("PricebookDraftQuery", json!({})).await["pricebookDraft"]["status"], "IN_REVIEW");
        let input = json!({"contentHash": sent["contentHash"], "policy": "AT_RENEWAL", "effectiveFrom": "2027-01-01T00:00:00Z", "acknowledge": ["PRICE_MOVE"]});
        portal.change("PricebookApproveMutation", "pricebookDraftApprove", input).await;
        let version = portal.change("PricebookPublishMutation", "pricebookDraftPublish", json!({"contentHash": sent["contentHash"]})).await["version"].clone();
        let mut watching = Socket::of(&approver).await;
        let listening = portal.document("PricebookSubscription");
        watching.subscribe("1", &listening, json!({"number": version["number"]})).await;
        assert_eq!(watching.data().await["pricebookPublication"]["state"], "WAITING");
        let versions = portal.ask("PricebookQuery", json!({"first": 10})).await;
        assert_eq!(versions["pricebookVersions"]["edges"][0]["node"]["publication"]["state"], "WAITING");
        portal.change("PricebookWithdrawMutation", "pricebookWithdraw", json!({"number": version["number"], "reason": "Too dear."})).await;
        assert_eq!(watching.data().await["pricebookPublication"]["state"], "WITHDRAWN");
        let steps = portal.ask("PricebookHistoryQuery", json!({"first": 10})).await["pricebookSteps"]["edges"].clone();
        assert_eq!((&steps[0]["node"]["comment"], &steps[2]["node"]["acknowledged"]), (&json!("Too dear."), &json!(["PRICE_MOVE"])));
        drop(watching);
        assert_eq!(portal.asked, all, "asked for here, then what there is");
        drop(socket);
        office.finish().await;
    }
}
