//! Many who publish prices at once, through processes that are killed while they do.

use std::{path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::sync::RwLock;

use super::pricebook_drafts;
use crate::harness::{
    actors::{Account, OWNER_PASSWORD, Visitor, mutation},
    app::Office,
    on_both_stores,
    program::Program,
    store::Database,
};

/// How many want to publish prices of their own.
const PUBLISHERS: i64 = 50;
/// Through so many processes on one store.
const PROCESSES: usize = 3;

async fn start(folder: &Path, url: &str) -> Program {
    let variables =
        [("FRONTOFFICE_LISTEN", "127.0.0.1:0"), ("DATABASE_URL", url), ("FRONTOFFICE_OWNER_PASSWORD", OWNER_PASSWORD)];
    Program::start(folder, &variables).await
}

/// Somebody who publishes; what a process that was killed did not answer is `None`.
struct Publisher {
    bases: Arc<RwLock<Vec<String>>>,
    token: String,
    number: i64,
}

impl Publisher {
    async fn post(&self, query: &str, variables: Value) -> Option<Value> {
        let base = self.bases.read().await[usize::try_from(self.number).unwrap() % PROCESSES].clone();
        #[expect(clippy::disallowed_methods, reason = "the other processes are killed, so a connection is nobody's to keep")]
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let request = client.post(format!("{base}/graphql")).bearer_auth(&self.token);
        let answer: Value =
            request.json(&json!({"query": query, "variables": variables})).send().await.ok()?.json().await.ok()?;
        answer["errors"].is_null().then(|| answer["data"].clone())
    }

    /// What was done, unless it was refused or nobody answered.
    async fn change(&self, name: &str, wanted: &str, input: Value) -> Option<Value> {
        let (query, variables) = mutation(name, wanted, input);
        let done = self.post(&query, variables).await?[name].clone();
        (done["userErrors"] == json!([])).then_some(done)
    }

    fn note(&self) -> String {
        format!("of {}", self.number)
    }

    /// Whether the prices are published: also where whoever was asked died before it could say so.
    async fn is_published(&self) -> Option<bool> {
        let found = self.post("{ pricebookVersions(first: 100) { nodes { note } } }", json!({})).await?;
        let nodes = found["pricebookVersions"]["nodes"].as_array()?.clone();
        Some(nodes.iter().any(|node| node["note"] == self.note()))
    }

    /// The plans in force, the first one at a price of one's own.
    async fn plans(&self) -> Option<Value> {
        let mut plans = self.post(pricebook_drafts::PLANS, json!({})).await?["pricebook"]["plans"].clone();
        plans[0]["listPrice"]["amount"] = json!(format!("100.{:02}", self.number));
        Some(plans)
    }

    /// From a draft to a version.
    async fn try_once(&self) -> Option<()> {
        let begun = self.change("pricebookDraftCreate", "draft { revision }", json!({})).await?;
        let edit = json!({"expectedRevision": begun["draft"]["revision"], "note": self.note(), "plans": self.plans().await?});
        let edited = self.change("pricebookDraftUpdate", "draft { revision }", edit).await?;
        let sent = self
            .change(
                "pricebookDraftSubmit",
                "draft { contentHash policy }",
                json!({"expectedRevision": edited["draft"]["revision"]}),
            )
            .await?;
        let (hash, policy) = (&sent["draft"]["contentHash"], &sent["draft"]["policy"]);
        let approval = json!({"contentHash": hash, "policy": policy, "acknowledge": ["PRICE_MOVE"]});
        self.change("pricebookDraftApprove", "draft { status }", approval).await?;
        self.change("pricebookDraftPublish", "version { number }", json!({"contentHash": hash})).await?;
        Some(())
    }

    /// Until it is published. Whose draft is left by somebody who died is thrown away after a while.
    async fn publish(self) {
        let mut waited = 0;
        while self.is_published().await != Some(true) {
            if self.try_once().await.is_some() {
                continue;
            }
            tokio::time::sleep(Duration::from_millis(20 + 7 * u64::try_from(self.number).unwrap())).await;
            waited += 1;
            if waited % 20 == 0
                && let Some(found) = self.post("{ pricebookDraft { revision } }", json!({})).await
                && !found["pricebookDraft"].is_null()
            {
                self.change(
                    "pricebookDraftDiscard",
                    "draft { revision }",
                    json!({"expectedRevision": found["pricebookDraft"]["revision"]}),
                )
                .await;
            }
        }
    }
}

on_both_stores! {
    async fn fifty_publish_at_once_while_processes_are_killed_in_an_order_without_a_tie(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let mut programs = Vec::new();
        for _ in 0..PROCESSES {
            programs.push(start(folder.path(), &url).await);
        }
        let bases = Arc::new(RwLock::new(programs.iter().map(|program| program.base.clone()).collect::<Vec<_>>()));
        let owner = Account::sign_in(Visitor::at(programs[0].base.clone()), "owner@localhost", OWNER_PASSWORD).await;
        owner.change("pricebookFourEyesUpdate", "required", json!({"required": false})).await;
        let publishing: Vec<_> = (0..PUBLISHERS)
            .map(|number| tokio::spawn(Publisher { bases: Arc::clone(&bases), token: owner.token.clone(), number }.publish()))
            .collect();
        let done = async || database.db_count("pricebook_versions", "true").await;
        let mut kills = 0;
        while done().await <= usize::try_from(PUBLISHERS).unwrap() {
            assert!(kills < 200, "only {} were published", done().await);
            tokio::time::sleep(Duration::from_millis(900)).await;
            let victim = kills % PROCESSES;
            programs[victim].signal("KILL");
            programs[victim] = start(folder.path(), &url).await;
            bases.write().await[victim] = programs[victim].base.clone();
            kills += 1;
        }
        for publisher in publishing {
            publisher.await.unwrap();
        }
        let all = usize::try_from(PUBLISHERS).unwrap() + 1;
        let notes = database.db_texts("SELECT note AS value FROM pricebook_versions WHERE number > 1 ORDER BY note").await;
        let mut expected: Vec<_> = (0..PUBLISHERS).map(|number| format!("of {number}")).collect();
        expected.sort();
        assert_eq!(notes, expected, "each once");
        let order = "SELECT CAST(number AS text) AS value FROM pricebook_versions ORDER BY effective_from";
        let numbers: Vec<_> = (1..=all).map(|number| number.to_string()).collect();
        assert_eq!(database.db_texts(order).await, numbers, "in the order of their numbers");
        let tie = "SELECT CAST(count(*) AS text) AS value FROM pricebook_versions GROUP BY effective_from HAVING count(*) > 1";
        assert_eq!(database.db_texts(tie).await, Vec::<String>::new());
        assert_eq!(database.db_texts("SELECT CAST(number AS text) AS value FROM pricebook_log ORDER BY line").await, numbers, "one line each");
        for program in programs {
            program.signal("TERM");
            assert!(program.end().await.0.success());
        }
        // The log and every hash are what they must be.
        let mut office = Office::new(store).idle().on(&database).start().await;
        assert_eq!(office.violations().await, []);
        office.stop().await;
    }
}
