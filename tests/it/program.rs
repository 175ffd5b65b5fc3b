//! The program as its user starts it.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::harness::{
    actors::Visitor,
    eventually, on_both_stores,
    postgres::free_port,
    program::{Program, run},
    redis::Redis,
    store::{Database, Store},
};

const ANY_PORT: (&str, &str) = ("FRONTOFFICE_LISTEN", "127.0.0.1:0");

fn first_password(folder: &std::path::Path) -> String {
    std::fs::read_to_string(folder.join("data/first-password")).unwrap().trim_end().to_owned()
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

on_both_stores! {
    async fn a_first_start_sets_up_and_a_second_changes_nothing(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, &folder.path().join("data")).await;
        let url = database.url();
        let variables = match store {
            // Nothing configured, but for a port that is surely free.
            Store::Sqlite => vec![ANY_PORT],
            Store::Postgres => vec![ANY_PORT, ("DATABASE_URL", url.as_str())],
        };
        let first = Program::start(folder.path(), &variables).await;
        assert!(first.block.starts_with("Frontoffice "), "{}", first.block);
        assert!(first.block.lines().count() <= 9, "one short block: {}", first.block);
        assert!(first.block.contains(&format!("<script src=\"{}/widget/", first.base)), "with what goes on a website: {}", first.block);
        let answer = Visitor::at(first.base.clone()).say("Where is the data stored?").await;
        assert_eq!(answer.text("status"), "answered");
        eventually("the metering", async || (database.db_count("jobs", "state <> 'done'").await == 0).then_some(())).await;
        first.signal("TERM");
        let (status, log) = first.end().await;
        assert!(status.success(), "{log}");
        assert_eq!(database.db_texts("SELECT slug AS value FROM tenants").await, ["office16852-platform"]);
        assert_eq!(database.db_texts("SELECT name AS value FROM persona_versions").await, ["Bob"]);
        let mode = std::fs::metadata(folder.path().join("data/secret.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (before, key) = (database.db_dump().await, std::fs::read(folder.path().join("data/secret.key")).unwrap());
        let second = Program::start(folder.path(), &variables).await;
        second.signal("INT");
        assert!(second.end().await.0.success());
        assert_eq!(database.db_dump().await, before);
        assert_eq!(std::fs::read(folder.path().join("data/secret.key")).unwrap(), key);
    }

    async fn several_first_starts_at_once_set_up_once(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let starts: Vec<_> = (0..4)
            .map(|_| {
                let (folder, url) = (folder.path().to_owned(), url.clone());
                tokio::spawn(async move { Program::start(&folder, &[ANY_PORT, ("DATABASE_URL", &url)]).await })
            })
            .collect();
        let mut programs = Vec::new();
        for start in starts {
            programs.push(start.await.unwrap());
        }
        // One key for all: a visitor of one is known to the others.
        let visitor = Visitor::at(programs[0].base.clone());
        let answer = visitor.say("Where is the data stored?").await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let other = Visitor::at(programs[3].base.clone());
        let request = other.chat(&serde_json::json!({"message": "Which languages are supported?"})).header("cookie", cookie);
        assert_eq!(other.send(request).await.text("session_id"), answer.text("session_id"));
        let login = other.log_in(json!({"email": "owner@localhost", "password": first_password(folder.path())})).await;
        assert_eq!(login.status, 200, "they share the data folder, so the file is the winner's: {}", login.body);
        let told = programs.iter().filter(|program| program.block.contains("  Owner ")).count();
        assert_eq!(told, 1, "one of them tells where the password is");
        for program in &programs {
            program.signal("TERM");
        }
        for program in programs {
            assert!(program.end().await.0.success());
        }
        assert_eq!(database.db_count("tenants", "true").await, 1);
        assert_eq!(database.db_count("personas", "true").await, 1);
        assert_eq!(database.db_count("pricebook_versions", "true").await, 1);
        assert_eq!(database.db_count("staff", "role = 'owner'").await, 1);
    }

    async fn a_generated_first_password_is_told_once_and_never_logged(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let variables = [ANY_PORT, ("DATABASE_URL", url.as_str()), ("FRONTOFFICE_LOG", "trace"), ("FRONTOFFICE_LOG_FORMAT", "json")];
        let program = Program::start(folder.path(), &variables).await;
        let file = folder.path().join("data/first-password");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(program.block.contains("  Owner   owner@localhost, password in ./data/first-password "), "{}", program.block);
        let password = first_password(folder.path());
        assert!(password.len() >= 30 && !program.block.contains(&password), "{}", program.block);
        let login = Visitor::at(program.base.clone()).log_in(json!({"email": "owner@localhost", "password": password})).await;
        assert_eq!((login.status.as_u16(), &login.body["user"]["role"]), (200, &json!("owner")), "{}", login.body);
        let (token, device) = (login.text("access_token").to_owned(), login.text("device").to_owned());
        program.signal("TERM");
        let (_, log) = program.end().await;
        assert!(log.contains("/api/auth/login") && ![&password, &token, &device, &"owner@localhost".to_owned()].iter().any(|secret| log.contains(*secret)), "{log}");
        std::fs::remove_file(&file).unwrap();
        let second = Program::start(folder.path(), &variables).await;
        assert!(!second.block.contains("Owner ") && !file.exists(), "{}", second.block);
        second.signal("TERM");
        second.end().await;
    }

    async fn a_store_without_an_owner_gets_one_with_the_password_that_is_set(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        // Digits alone, as they were typed: read as a number they would lose the zeros.
        let variables = [ANY_PORT, ("DATABASE_URL", url.as_str()), ("FRONTOFFICE_OWNER_EMAIL", "Jane@Example.com"), ("FRONTOFFICE_OWNER_PASSWORD", "0047110815")];
        for _ in 0..2 {
            let program = Program::start(folder.path(), &variables).await;
            assert!(!program.block.contains("Owner ") && !program.block.contains("0047110815"), "{}", program.block);
            assert!(!folder.path().join("data/first-password").exists());
            let login = Visitor::at(program.base.clone()).log_in(json!({"email": "jane@example.com", "password": "0047110815"})).await;
            assert_eq!(login.status, 200, "{}", login.body);
            program.signal("TERM");
            program.end().await;
            // As set-up left stores before there were owners.
            database.db_do("DELETE FROM sessions; DELETE FROM devices; DELETE FROM staff; DELETE FROM users").await;
        }
    }

    async fn nothing_a_visitor_wrote_is_in_the_logs_but_the_request_is(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let program = Program::start(folder.path(), &[ANY_PORT, ("DATABASE_URL", &url), ("FRONTOFFICE_LOG", "trace"), ("FRONTOFFICE_LOG_FORMAT", "json")]).await;
        let visitor = Visitor::at(program.base.clone());
        let answer = visitor.post(serde_json::json!({"message": "Where is the canary-4711 data stored?", "session_id": "canary-4712", "client_message_id": "canary-4713"})).await;
        visitor.post(serde_json::json!({"message": 1, "session_id": "canary-4714"})).await;
        let events = format!("/api/chat/turns/{}/events?session_id=canary-4715", answer.text("turn_id"));
        visitor.get(&events).await;
        let cookie = answer.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
        program.signal("TERM");
        let (status, log) = program.end().await;
        assert!(status.success());
        for secret in ["canary", cookie.as_str()] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} is in the log");
        }
        let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect();
        let request = lines.iter().find(|line| line["message"] == "answered" && line["span"]["request"] == answer.header("x-request-id"));
        assert_eq!(request.expect("a line for the request")["span"]["route"], "/api/chat");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_among_many_refuses_to_start_with_anything_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (postgres, redis) =
        (("DATABASE_URL", "postgres://u:hush-4711@127.0.0.1:9/x"), ("REDIS_URL", "redis://:hush-4712@127.0.0.1:9"));
    let key = ("FRONTOFFICE_SECRET_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
    for role in ["api", "worker"] {
        for (given, missing) in [
            (vec![], vec!["DATABASE_URL", "REDIS_URL", "FRONTOFFICE_SECRET_KEY"]),
            (vec![("DATABASE_URL", "sqlite:x.db"), redis, key], vec!["DATABASE_URL"]),
            (vec![postgres, key], vec!["REDIS_URL"]),
            (vec![postgres, redis], vec!["FRONTOFFICE_SECRET_KEY"]),
        ] {
            let output = run(folder.path(), &given, &[role]).await;
            assert_eq!(output.status.code(), Some(1));
            let sentence = said(&output);
            assert_eq!(sentence.lines().count(), 1, "{sentence}");
            for variable in ["DATABASE_URL", "REDIS_URL", "FRONTOFFICE_SECRET_KEY"] {
                assert_eq!(sentence.contains(&format!("({variable}")), missing.contains(&variable), "{role}: {sentence}");
            }
            assert!(!sentence.contains("hush"), "{sentence}");
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing starts half-way");
}

#[tokio::test(flavor = "multi_thread")]
async fn api_and_worker_take_the_schema_as_it_is_and_work_together_once_it_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::fresh(Store::Postgres, folder.path()).await;
    let (url, redis) = (database.url(), Redis::start());
    let redis_url = redis.url();
    let variables = [
        ANY_PORT,
        ("DATABASE_URL", url.as_str()),
        ("REDIS_URL", redis_url.as_str()),
        ("FRONTOFFICE_SECRET_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="),
        ("FRONTOFFICE_OWNER_PASSWORD", "an owner's own words"),
    ];
    for role in ["api", "worker"] {
        let output = run(folder.path(), &variables, &[role]).await;
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(said(&output).lines().count(), 1, "{}", said(&output));
        assert!(said(&output).contains("frontoffice migrate"), "{}", said(&output));
    }
    assert!(run(folder.path(), &variables, &["migrate"]).await.status.success());
    let api = Program::start_as(folder.path(), &variables, &["api"]).await;
    let worker = Program::start_as(folder.path(), &variables, &["worker"]).await;
    assert!(api.block.contains("(api) is ready") && api.block.contains("Redis"), "{}", api.block);
    assert!(worker.block.contains("(worker) is ready") && !worker.block.contains("/api/chat"), "{}", worker.block);
    let answer = Visitor::at(api.base.clone()).say("Where is the data stored?").await;
    assert_eq!(answer.text("status"), "answered", "{}", answer.body);
    let output = run(folder.path(), &variables, &["doctor", "--invariants"]).await;
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("Redis"), "{output:?}");
    // A step of a newer program does no harm to an older one.
    database.db_do("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000001')").await;
    worker.signal("TERM");
    assert!(worker.end().await.0.success());
    let worker = Program::start_as(folder.path(), &variables, &["worker"]).await;
    for program in [api, worker] {
        program.signal("TERM");
        let (status, log) = program.end().await;
        assert!(status.success(), "{log}");
    }
    let output = run(folder.path(), &variables, &["doctor"]).await;
    drop(redis);
    assert!(output.status.success());
    let output = run(folder.path(), &variables, &["doctor"]).await;
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stdout).contains("WRONG"), "{output:?}");
    assert_eq!(database.db_count("processes", "true").await, 0, "who ends as it should is forgotten at once");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "they keep nothing of their own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let output = run(folder.path(), &[("FRONTOFFICE_LISTEN", &listen)], &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said(&output).lines().count(), 1);
    assert!(said(&output).contains(&format!("{listen} is in use")), "{}", said(&output));
    assert!(!folder.path().join("data/frontoffice.db").exists(), "nothing starts half-way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_used_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for variables in [
        ("FRONTOFFICE_DATA_DIR", "./file"),
        ("FRONTOFFICE_DATA_DIR", "./file/below"),
        ("DATABASE_URL", "sqlite:./file/below/x.db"),
    ] {
        let output = run(folder.path(), &[ANY_PORT, variables], &[]).await;
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(said(&output).trim_end().lines().count(), 1, "{}", said(&output));
        assert!(said(&output).contains("file"), "{}", said(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_answer_is_told_in_one_sentence_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("postgres://somebody:hush-4711@127.0.0.1:{}/nothing", free_port());
    let output = run(folder.path(), &[ANY_PORT, ("DATABASE_URL", &url)], &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said(&output).lines().count(), 1, "{}", said(&output));
    assert!(said(&output).contains("the store cannot be opened") && !said(&output).contains("hush"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_names_itself_its_source_and_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("typo.toml"), "listne = \"127.0.0.1:1\"\n").unwrap();
    std::fs::write(folder.path().join("type.toml"), "[worker]\nslots = \"many\"\n").unwrap();
    std::fs::write(folder.path().join("broken.toml"), "listen = \n").unwrap();
    for (variables, arguments, parts) in [
        (vec![("FRONTOFFICE_LISTEN", "banana")], vec![], ["`listen`", "FRONTOFFICE_LISTEN in the environment", "ADDRESS:PORT"]),
        (
            vec![("FRONTOFFICE_PUBLIC_URL", "ftp://x")],
            vec![],
            ["`public_url`", "FRONTOFFICE_PUBLIC_URL in the environment", "https://HOST"],
        ),
        (vec![("FRONTOFFICE_MODEL", "gpt-99")], vec![], ["`model`", "FRONTOFFICE_MODEL in the environment", "OPENAI_API_KEY"]),
        (
            vec![("FRONTOFFICE_MODEL", "anthropic:x"), ("OPENAI_API_KEY", "hush")],
            vec![],
            ["`model`", "FRONTOFFICE_MODEL in the environment", "`extractive`"],
        ),
        (
            vec![("OPENAI_BASE_URL", "https://hush@host/v1")],
            vec![],
            ["`openai.base_url`", "OPENAI_BASE_URL in the environment", "https://HOST"],
        ),
        (
            vec![("FRONTOFFICE_OPENAI__API_KEY", "sk hush")],
            vec![],
            ["`openai.api_key`", "FRONTOFFICE_OPENAI__API_KEY in the environment", "without spaces"],
        ),
        (
            vec![("FRONTOFFICE_MODEL_LIMITS__FIRST_BYTE_SECONDS", "121")],
            vec![],
            ["`model_limits.first_byte_seconds`", "FRONTOFFICE_MODEL_LIMITS__FIRST_BYTE_SECONDS in the environment", "1 to 120"],
        ),
        (
            vec![("FRONTOFFICE_SECRET_KEY", "c2hvcnQ=")],
            vec![],
            ["`secret_key`", "FRONTOFFICE_SECRET_KEY in the environment", "32 bytes"],
        ),
        (
            vec![("FRONTOFFICE_WORKER__SLOTS", "0")],
            vec![],
            ["`worker.slots`", "FRONTOFFICE_WORKER__SLOTS in the environment", "1 to 1000"],
        ),
        (
            vec![("FRONTOFFICE_WORKER__SLOTS", "many")],
            vec![],
            ["`worker.slots`", "FRONTOFFICE_WORKER__SLOTS in the environment", "a whole number"],
        ),
        (
            vec![("FRONTOFFICE_PLATFORM__SLUG", "No Slug")],
            vec![],
            ["`platform.slug`", "FRONTOFFICE_PLATFORM__SLUG in the environment", "hyphens"],
        ),
        (
            vec![("FRONTOFFICE_CHAT__WAIT_SECONDS", "61")],
            vec![],
            ["`chat.wait_seconds`", "FRONTOFFICE_CHAT__WAIT_SECONDS in the environment", "0 to 60"],
        ),
        (
            vec![("FRONTOFFICE_OWNER_EMAIL", "owner")],
            vec![],
            ["`owner_email`", "FRONTOFFICE_OWNER_EMAIL in the environment", "NAME@HOST"],
        ),
        (
            vec![("FRONTOFFICE_OWNER_PASSWORD", "hush")],
            vec![],
            ["`owner_password`", "FRONTOFFICE_OWNER_PASSWORD in the environment", "8 to 1000 characters"],
        ),
        (
            vec![("FRONTOFFICE_SIGN_IN__IDLE_HOURS", "0")],
            vec![],
            ["`sign_in.idle_hours`", "FRONTOFFICE_SIGN_IN__IDLE_HOURS in the environment", "1 to 8760"],
        ),
        (vec![("FRONTOFFICE_LOG", "inof")], vec![], ["`log`", "FRONTOFFICE_LOG in the environment", "info"]),
        (
            vec![("DATABASE_URL", "mysql://u:hush@h/d")],
            vec![],
            ["`database_url`", "DATABASE_URL in the environment", "postgres://"],
        ),
        (vec![], vec!["--config", "typo.toml"], ["listne", "typo.toml", "listen"]),
        (vec![], vec!["--config", "type.toml"], ["`worker.slots`", "type.toml", "a whole number"]),
        (vec![], vec!["--config", "broken.toml"], ["wrong", "broken.toml", "TOML"]),
        (vec![], vec!["--config", "missing.toml"], ["`--config`", "command line", "TOML file"]),
    ] {
        let output = run(folder.path(), &variables, &arguments).await;
        assert_eq!(output.status.code(), Some(1), "{variables:?}");
        let said = said(&output);
        for part in parts {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
        assert!(!said.contains("hush"), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "one sentence: {said}");
        assert!(!folder.path().join("data").exists(), "nothing starts half-way");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_the_environment_that_is_no_setting_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[ANY_PORT, ("FRONTOFFICE_LISTN", "x")]).await;
    program.signal("TERM");
    let (_, log) = program.end().await;
    assert!(log.contains("FRONTOFFICE_LISTN (did you mean FRONTOFFICE_LISTEN?)"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_ends_with_two() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &[], &["dance"]).await.status.code(), Some(2));
    let help = run(folder.path(), &[], &["--help"]).await;
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("Exit codes"));
}

on_both_stores! {
    async fn migrate_makes_the_schema_and_doctor_finds_what_is_wrong(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let variables = [ANY_PORT, ("DATABASE_URL", url.as_str())];
        let doctor = async |arguments: &[&str]| {
            let output = run(folder.path(), &variables, &[&["doctor", "--json"], arguments].concat()).await;
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            (output.status.code(), report)
        };
        let (code, report) = doctor(&[]).await;
        assert_eq!((code, &report["ok"]), (Some(1), &serde_json::json!(false)), "nothing is there yet: {report}");
        for _ in 0..2 {
            let output = run(folder.path(), &variables, &["migrate"]).await;
            assert!(output.status.success(), "{}", said(&output));
        }
        assert_eq!(database.db_count("tenants", "true").await, 0, "it migrates and does nothing else");
        let (code, report) = doctor(&[]).await;
        assert_eq!(code, Some(1), "it is not set up: {report}");
        let program = Program::start(folder.path(), &variables).await;
        Visitor::at(program.base.clone()).say("Where is the data stored?").await;
        program.signal("TERM");
        assert!(program.end().await.0.success());
        let (code, report) = doctor(&["--invariants"]).await;
        assert_eq!((code, &report["ok"]), (Some(0), &serde_json::json!(true)), "{report}");
        database.db_do("UPDATE conversations SET last_sequence = last_sequence + 1").await;
        let before = database.db_dump().await;
        let (code, report) = doctor(&["--invariants"]).await;
        assert_eq!(code, Some(1));
        assert!(report.to_string().contains("a conversation with a gap in its sequence"), "{report}");
        assert_eq!(database.db_dump().await, before, "it changes nothing");
    }
}

/// `script` gives it a terminal.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_the_first_password_is_shown_and_kept_nowhere() {
    use tokio::io::{AsyncBufReadExt, BufReader};

    let folder = tempfile::tempdir().unwrap();
    let mut command = tokio::process::Command::new("script");
    command.args(["--quiet", "--return", "--command", env!("CARGO_BIN_EXE_frontoffice"), "/dev/null"]);
    command
        .env_remove("DATABASE_URL")
        .env("FRONTOFFICE_LISTEN", "127.0.0.1:0")
        .env("FRONTOFFICE_LOG", "off")
        .current_dir(folder.path());
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).kill_on_drop(true);
    let mut terminal = command.spawn().unwrap();
    let mut lines = BufReader::new(terminal.stdout.take().unwrap()).lines();
    let (mut base, mut password) = (String::new(), String::new());
    while password.is_empty() {
        let line = tokio::time::timeout(std::time::Duration::from_secs(30), lines.next_line()).await.unwrap().unwrap();
        let line = line.expect("it did not show a password");
        if let Some((_, rest)) = line.split_once("POST ") {
            rest.split_once("/api").unwrap().0.clone_into(&mut base);
        }
        if let Some((_, rest)) = line.split_once("  Owner   owner@localhost, password ") {
            rest.split_once(' ').unwrap().0.clone_into(&mut password);
        }
    }
    assert!(!folder.path().join("data/first-password").exists());
    let login = Visitor::at(base).log_in(json!({"email": "owner@localhost", "password": password})).await;
    assert_eq!(login.status, 200, "{}", login.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn config_shows_every_setting_and_where_it_comes_from_but_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("frontoffice.toml"), "[worker]\nslots = 3\n").unwrap();
    let key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    let variables = [
        ("FRONTOFFICE_LISTEN", "127.0.0.1:9"),
        ("FRONTOFFICE_SECRET_KEY", key),
        ("FRONTOFFICE_OWNER_PASSWORD", "hush-4712"),
        ("DATABASE_URL", "postgres://somebody:hush-4711@db.example/front"),
        ("OPENAI_BASE_URL", "http://localhost:8000/v1"),
        ("OPENAI_API_KEY", "sk-hush-4712"),
        ("FRONTOFFICE_MODEL", "openai:llama3:8b"),
    ];
    let output = run(folder.path(), &variables, &["config", "--json"]).await;
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(key) && !text.contains("hush"), "{text}");
    let settings: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let of =
        |name: &str| settings.iter().find(|setting| setting["name"] == name).unwrap_or_else(|| panic!("{name} is not shown"));
    for (name, value, source) in [
        ("listen", "127.0.0.1:9", "FRONTOFFICE_LISTEN in the environment"),
        ("worker.slots", "3", "frontoffice.toml"),
        ("model", "openai:llama3:8b", "FRONTOFFICE_MODEL in the environment"),
        ("openai.base_url", "http://localhost:8000/v1", "OPENAI_BASE_URL in the environment"),
        ("openai.api_key", "(hidden)", "OPENAI_API_KEY in the environment"),
        ("model_limits.total_seconds", "120", "default"),
        ("secret_key", "(hidden)", "FRONTOFFICE_SECRET_KEY in the environment"),
        ("owner_password", "(hidden)", "FRONTOFFICE_OWNER_PASSWORD in the environment"),
        ("owner_email", "owner@localhost", "default"),
        ("database_url", "Postgres, db.example/front", "DATABASE_URL in the environment"),
        ("trusted_proxies", "[]", "default"),
    ] {
        assert_eq!(of(name)["value"], value, "{name}");
        assert!(of(name)["source"].as_str().unwrap().ends_with(source), "{name}: {}", of(name));
    }
    let table = run(folder.path(), &variables, &["config"]).await;
    assert!(String::from_utf8(table.stdout).unwrap().contains("worker.slots"));
}
