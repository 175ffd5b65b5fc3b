//! The commands that work on a front office from outside, or on its store.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, MEMBER_PASSWORD, OWNER_PASSWORD, Visitor},
    eventually, on_both_stores, post,
    program::{Program, command, run},
    store::Database,
};

const ANY_PORT: (&str, &str) = ("FRONTOFFICE_LISTEN", "127.0.0.1:0");

/// Runs a command that must succeed; what it printed.
async fn done(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let output = run(folder, variables, arguments).await;
    let (said, complained) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{arguments:?}: {said}{complained}");
    said
}

/// Runs a command that must be refused; why.
async fn refused(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let output = run(folder, variables, arguments).await;
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// Signs in with a password that is piped in.
fn log_in(folder: &Path, variables: &[(&str, &str)], arguments: &[&str], password: &str) -> std::process::Output {
    use std::io::Write;
    let mut command = command(folder, variables);
    command
        .arg("login")
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    child.wait_with_output().unwrap()
}

on_both_stores! {
    async fn people_and_keys_are_looked_after_from_a_laptop_and_beside_the_store(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let server = [ANY_PORT, ("DATABASE_URL", &*url), ("FRONTOFFICE_OWNER_PASSWORD", OWNER_PASSWORD)];
        let program = Program::start(folder.path(), &server).await;
        let laptop = tempfile::tempdir().unwrap();
        let home = laptop.path().join("home").to_string_lossy().into_owned();
        let there = [("XDG_CONFIG_HOME", &*home)];
        assert!(refused(laptop.path(), &there, &["user", "list"]).await.contains("frontoffice login"), "nobody is signed in yet");
        let wrong = log_in(laptop.path(), &there, &[&program.base, "--email", "owner@localhost"], "wrong words");
        assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("E-mail or password are wrong"));
        let right = log_in(laptop.path(), &there, &[&program.base, "--email", "owner@localhost"], OWNER_PASSWORD);
        assert!(right.status.success(), "{}", String::from_utf8_lossy(&right.stderr));
        let shown = done(laptop.path(), &there, &["tenant", "credits", "--tenant", "office16852-platform"]).await;
        assert!(shown.contains("plan enterprise") && shown.contains("available   250000 (0 of 250000 held)") && shown.contains("Nothing was used"), "{shown}");
        let shown: Value = serde_json::from_str(&done(folder.path(), &server, &["tenant", "credits", "--local", "--tenant", "office16852-platform", "--json"]).await).unwrap();
        assert_eq!(shown["credits"]["available"], "250000");
        let kept = laptop.path().join("home/frontoffice/session.json");
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kept).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);

        // The platform's own people, then a tenant's.
        let own = ["--tenant", "office16852-platform"];
        done(laptop.path(), &there, &["user", "invite", "sam@example.com", "support"]).await;
        done(laptop.path(), &there, &[&["user", "invite", "ann@example.com", "owner"], &own[..]].concat()).await;
        let letters = folder.path().join("data/mail");
        let token = eventually("both letters", async || {
            let letters = post::letters(&letters);
            (letters.len() == 2).then(|| letters.iter().find(|letter| letter.to == "ann@example.com").unwrap().token())
        }).await;
        let visitor = Visitor::at(program.base.clone());
        Account::with(visitor, "").strange("invitationAccept", "accepted", json!({"token": token, "password": MEMBER_PASSWORD, "name": "Ann"})).await;
        let staff = done(laptop.path(), &there, &["user", "list"]).await;
        assert!(staff.contains("owner@localhost") && staff.contains("sam@example.com") && !staff.contains("ann@"), "{staff}");
        let team: Value = serde_json::from_str(&done(laptop.path(), &there, &[&["user", "list", "--json"], &own[..]].concat()).await).unwrap();
        assert_eq!((&team[0]["email"], &team[0]["role"], &team[0]["state"]), (&json!("ann@example.com"), &json!("owner"), &json!("there")));
        done(laptop.path(), &there, &["user", "remove", "sam@example.com"]).await;
        let why = refused(laptop.path(), &there, &["user", "remove", "sam@example.com"]).await;
        assert!(why.contains("nobody here has the e-mail"), "{why}");
        assert!(refused(laptop.path(), &there, &["user", "invite", "sam@example.com", "emperor"]).await.contains("EMPEROR"));
        assert!(refused(laptop.path(), &there, &["user", "role", "owner@localhost", "auditor"]).await.contains("last owner"));

        // A key, made as a member, and used in place of a session.
        let member = log_in(laptop.path(), &there, &[&program.base, "--email", "ann@example.com", "--tenant", own[1]], MEMBER_PASSWORD);
        assert!(member.status.success(), "{}", String::from_utf8_lossy(&member.stderr));
        let secret = done(laptop.path(), &there, &["key", "create", "Build server", "member.manage,chat.read"]).await;
        let with_key = [("FRONTOFFICE_URL", &*program.base), ("FRONTOFFICE_TOKEN", secret.trim()), ("XDG_CONFIG_HOME", "/nonexistent")];
        assert!(done(laptop.path(), &with_key, &["user", "list"]).await.contains("ann@example.com"));
        let why = refused(laptop.path(), &with_key, &["key", "list"]).await;
        assert!(why.contains("`apikey.manage`"), "{why}");
        let keys: Value = serde_json::from_str(&done(laptop.path(), &there, &["key", "list", "--json"]).await).unwrap();
        done(laptop.path(), &there, &["key", "revoke", keys[0]["id"].as_str().unwrap()]).await;
        assert!(refused(laptop.path(), &with_key, &["user", "list"]).await.contains("not good"));
        done(laptop.path(), &there, &["logout"]).await;
        assert!(!kept.exists() && refused(laptop.path(), &there, &["user", "list"]).await.contains("nobody is signed in"));

        // Beside the store nobody signs in, and the log says so.
        let beside = [("DATABASE_URL", &*url), ("XDG_CONFIG_HOME", &*home)];
        done(folder.path(), &beside, &["user", "invite", "tim@example.com", "auditor", "--local"]).await;
        assert!(done(folder.path(), &beside, &["user", "list", "--local"]).await.contains("tim@example.com"));
        assert_eq!(database.db_count("audit_entries", "actor = 'local' AND action = 'invitation.created'").await, 1);
        program.signal("TERM");
        assert!(program.end().await.0.success());
    }
}
