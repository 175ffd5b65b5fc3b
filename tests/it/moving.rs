//! Moving from SQLite to Postgres: `frontoffice migrate --from sqlite:FILE`.

use frontoffice_domain::chat::Usage;
use frontoffice_worker::model::scripted::Step;
use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, OWNER_PASSWORD, Visitor},
    app::Office,
    eventually,
    program::{Program, run},
    store::{Database, Store, TABLES},
};

const ANY_PORT: (&str, &str) = ("FRONTOFFICE_LISTEN", "127.0.0.1:0");

/// One column, as text that is the same on both engines.
async fn column(database: &Database, table: &str, name: &str, kind: &str) -> Vec<String> {
    let value = match (database.store, kind) {
        (Store::Sqlite, "uuid" | "bytea") => format!("CASE WHEN {name} IS NOT NULL THEN lower(hex({name})) END"),
        (Store::Postgres, "uuid") => format!("replace({name}::text, '-', '')"),
        (Store::Postgres, "bytea") => format!("encode({name}, 'hex')"),
        (Store::Sqlite, "jsonb") => format!("json({name})"),
        (Store::Postgres, "timestamp with time zone") => format!("(extract(epoch FROM {name}) * 1000000)::bigint::text"),
        (Store::Postgres, "boolean") => format!("({name}::int)::text"),
        _ => format!("CAST({name} AS text)"),
    };
    let rows = database.db_texts(&format!("SELECT COALESCE({value}, '(null)') AS value FROM {table}")).await;
    let mut rows: Vec<String> = match kind {
        // Engines write JSON differently.
        "jsonb" => {
            let read =
                |text: String| if text == "(null)" { text } else { serde_json::from_str::<Value>(&text).unwrap().to_string() };
            rows.into_iter().map(read).collect()
        }
        _ => rows,
    };
    rows.sort();
    rows
}

async fn columns(database: &Database, table: &str) -> Vec<(String, String)> {
    let query = format!(
        "SELECT concat(column_name, '|', data_type) AS value FROM information_schema.columns WHERE table_name = '{table}'"
    );
    let split = |text: String| text.split_once('|').map(|(name, kind)| (name.to_owned(), kind.to_owned())).unwrap();
    database.db_texts(&query).await.into_iter().map(split).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_moves_and_goes_on_where_it_stopped() {
    let usage = Usage { prompt_tokens: 900, completion_tokens: 300, estimated: false };
    let said = "Zażółć \"gęślą\" jaźń\n\t\\ 🦀 – 日本語 '; DROP TABLE messages; --";
    let scripts = [vec![Step::Spend(usage), Step::Say(said.into()), Step::Answer], vec![Step::Refuse], vec![Step::FailForGood]];
    let (old, _) = Office::new(Store::Sqlite).scripted(scripts);
    let mut old = old.budget(4_000).start().await;
    let shop = old.db_tenant("shop", true, &[("Opening hours", "The shop opens at nine.")]).await;
    let visitor = old.visitor();
    let mut answers = Vec::new();
    for key in ["one", "two", "three"] {
        answers.push(visitor.post(json!({"message": said, "session_id": "moving", "client_message_id": key})).await);
        old.settled().await;
    }
    assert_eq!(answers.iter().map(|answer| answer.text("status")).collect::<Vec<_>>(), ["answered", "refused", "failed"]);
    let cookie = answers[0].header("set-cookie").split(';').next().unwrap().to_owned();
    let owner = old.owner().await;
    let ann = old.member(&shop, "ann@example.com", "OWNER").await;
    ann.change("apiKeyCreate", "secret", json!({"name": "Server", "permissions": ["chat.read"]})).await;
    old.settled().await;
    old.stop().await;

    let new = Database::fresh(Store::Postgres, std::path::Path::new("")).await;
    let (folder, url) = (tempfile::tempdir().unwrap(), new.url());
    let from = old.database.url();
    let output = run(folder.path(), &[("DATABASE_URL", &url)], &["migrate", "--from", &from]).await;
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("messages") && told.contains("FRONTOFFICE_SECRET_KEY"), "{told}");
    for table in TABLES.iter().filter(|table| **table != "processes") {
        let columns = columns(&new, table).await;
        assert!(!columns.is_empty(), "{table}");
        for (name, kind) in columns {
            let (before, after) = (column(&old.database, table, &name, &kind).await, column(&new, table, &name, &kind).await);
            assert_eq!(before, after, "{table}.{name}");
        }
    }

    // The same front office, on the other store: nobody notices.
    let later = Office::new(Store::Postgres).on(&new).start().await;
    for (key, before) in ["one", "two", "three"].into_iter().zip(&answers) {
        let body = json!({"message": said, "session_id": "moving", "client_message_id": key});
        let again = later.visitor().send(later.visitor().without_cookies().chat(&body).header("cookie", &cookie)).await;
        assert_eq!(again.body, before.body, "the same answer to the same message");
    }
    let mut known = Account::sign_in(later.visitor().without_cookies(), "owner@localhost", OWNER_PASSWORD).await;
    known.token.clone_from(&owner.token);
    assert_eq!(known.get("/api/auth/me").await.status, 200, "who was signed in still is");
    let next = later.visitor().post(json!({"message": "When does the shop open?", "business_id": "shop"})).await;
    assert!(next.text("reply").contains("at nine"), "what was known still is: {}", next.body);
    let output = run(folder.path(), &[("DATABASE_URL", &url)], &["migrate", "--from", &from]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not empty"), "{output:?}");
    later.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_moved_is_told_in_one_sentence_and_nothing_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let new = Database::fresh(Store::Postgres, folder.path()).await;
    let url = new.url();
    let old = Database::fresh(Store::Sqlite, folder.path()).await;
    let from = old.url();
    let refused = async |variables: &[(&str, &str)], from: &str, why: &str| {
        let output = run(folder.path(), variables, &["migrate", "--from", from]).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), said.trim_end().lines().count()), (Some(1), 1), "{said}");
        assert!(said.contains(why), "{said}");
    };
    let to = [("DATABASE_URL", url.as_str())];
    refused(&to, &from, "no such file").await;
    refused(&to, &url, "only SQLite can be copied from").await;
    refused(&[], &from, "only Postgres can take a copy").await;
    std::fs::write(folder.path().join("text.db"), "this is no SQLite file, but it is long enough to look like one").unwrap();
    refused(&to, &format!("sqlite:{}/text.db", folder.path().display()), "text.db").await;

    let program = Program::start(folder.path(), &[ANY_PORT, ("DATABASE_URL", &from)]).await;
    eventually("the process to be listed", async || (old.db_count("processes", "true").await == 1).then_some(())).await;
    refused(&to, &from, "is in use by `serve-").await;
    assert_eq!(Visitor::at(program.base.clone()).say("Hello").await.status, 200);
    program.signal("TERM");
    assert!(program.end().await.0.success());
    let last = old.db_texts("SELECT max(version) AS value FROM __diesel_schema_migrations").await.remove(0);
    old.db_do(&format!("DELETE FROM __diesel_schema_migrations WHERE version = '{last}'")).await;
    refused(&to, &from, "frontoffice migrate` first").await;
    let empty = new.db_texts("SELECT count(*)::text AS value FROM information_schema.tables WHERE table_schema = 'public'").await;
    assert_eq!(empty, ["0"], "nothing was begun");
    // A file in which something is that must never be.
    old.db_do(&format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{last}')")).await;
    old.db_do("UPDATE conversations SET last_sequence = last_sequence + 1").await;
    refused(&to, &from, "not sound: a conversation with a gap").await;
    assert_eq!(new.db_dump().await, Vec::<String>::new());
}
