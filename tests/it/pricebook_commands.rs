//! Prices from a spreadsheet to the version in force, as finance staff do it at a terminal. What they see is in `docs/pricebook.md`.

use std::{fmt::Write, path::Path};

use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, MEMBER_PASSWORD, OWNER_PASSWORD, Visitor},
    eventually, on_both_stores, post,
    program::{Program, run},
    store::Database,
};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pricebook.md");
/// Between these the page shows the session.
const MARKS: (&str, &str) = ("<!-- the session begins -->\n", "<!-- the session ends -->\n");

/// A terminal at which two people take turns, and all that was on it.
struct Terminal<'a> {
    folder: &'a Path,
    base: &'a str,
    seen: String,
}

impl Terminal<'_> {
    /// Types a command; what it said, and its exit code.
    async fn types(&mut self, who: &Account, name: &str, arguments: &[&str]) -> (i32, String) {
        let variables =
            [("FRONTOFFICE_URL", self.base), ("FRONTOFFICE_TOKEN", who.token.as_str()), ("XDG_CONFIG_HOME", "/nonexistent")];
        let output = run(self.folder, &variables, &[&["pricebook"], arguments].concat()).await;
        let said = format!("{}{}", String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let typed: Vec<String> = arguments
            .iter()
            .map(|word| if word.contains([' ', '(']) { format!("'{word}'") } else { (*word).to_owned() })
            .collect();
        write!(self.seen, "{name}$ frontoffice pricebook {}\n{said}\n", typed.join(" ")).unwrap();
        (output.status.code().unwrap(), said)
    }

    /// Types a command that must be done.
    async fn does(&mut self, who: &Account, name: &str, arguments: &[&str]) -> String {
        let (code, said) = self.types(who, name, arguments).await;
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    /// Types a command that must be refused.
    async fn fails(&mut self, who: &Account, name: &str, arguments: &[&str]) -> String {
        let (code, said) = self.types(who, name, arguments).await;
        assert_eq!(code, 1, "{arguments:?}: {said}");
        said
    }
}

/// The text with every instant in it as one that does not change, of the same length; and without spaces at the end of a line.
fn timeless(text: &str) -> String {
    const SHAPE: &str = "dddd-dd-ddTdd:dd:dd";
    const STEADY: &str = "2027-01-04T09:30:00";
    let letters: Vec<char> = text.chars().collect();
    let (mut steady, mut at) = (String::new(), 0);
    while at < letters.len() {
        let rest = &letters[at..];
        let fits = |(letter, shape): (&char, char)| if shape == 'd' { letter.is_ascii_digit() } else { *letter == shape };
        if rest.len() >= SHAPE.len() && rest.iter().zip(SHAPE.chars()).all(fits) {
            steady.push_str(STEADY);
            at += SHAPE.len();
            while letters.get(at).is_some_and(|letter| *letter == '.' || letter.is_ascii_digit()) {
                steady.push(if letters[at] == '.' { '.' } else { '0' });
                at += 1;
            }
        } else {
            steady.push(letters[at]);
            at += 1;
        }
    }
    steady.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Somebody of the finance staff, who was asked to join and did.
async fn colleague(program: &Program, folder: &Path, owner: &Account, email: &str, role: &str, name: &str) -> Account {
    owner.change("staffInvite", "invitation { id }", json!({"email": email, "role": role})).await;
    let letters = folder.join("data/mail");
    let token =
        eventually("a letter", async || post::letters(&letters).into_iter().rfind(|letter| letter.to == email)).await.token();
    let visitor = Visitor::at(program.base.clone()).without_cookies();
    let input = json!({"token": token, "password": MEMBER_PASSWORD, "name": name});
    Account::with(visitor.clone(), "").strange("invitationAccept", "accepted", input).await;
    Account::sign_in(visitor, email, MEMBER_PASSWORD).await
}

on_both_stores! {
    async fn prices_go_from_a_spreadsheet_to_the_version_in_force_and_back(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let server = [("FRONTOFFICE_LISTEN", "127.0.0.1:0"), ("DATABASE_URL", &*url), ("FRONTOFFICE_OWNER_PASSWORD", OWNER_PASSWORD)];
        let program = Program::start(folder.path(), &server).await;
        let owner = Account::sign_in(Visitor::at(program.base.clone()).without_cookies(), "owner@localhost", OWNER_PASSWORD).await;
        let alice = colleague(&program, folder.path(), &owner, "alice@example.com", "FINANCE_AUTHOR", "Alice").await;
        let bert = colleague(&program, folder.path(), &owner, "bert@example.com", "FINANCE_APPROVER", "Bert").await;
        let desk = tempfile::tempdir().unwrap();
        let mut terminal = Terminal { folder: desk.path(), base: &program.base, seen: String::new() };

        terminal.does(&alice, "alice", &["export", "current", "--format", "csv", "--out", "prices.csv"]).await;
        let (file, bom) = (desk.path().join("prices.csv"), '\u{feff}');
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with(bom) && text.matches(",249.00,").count() == 1, "{text}");
        std::fs::write(&file, text.replace(",249.00,", ",329 dollars,")).unwrap();
        terminal.seen.push_str("# Alice opens prices.csv in a spreadsheet and writes another price for Pro.\n");
        let said = terminal.fails(&alice, "alice", &["validate", "prices.csv"]).await;
        assert!(said.contains("line 3, column list_price (plan)"), "{said}");
        std::fs::write(&file, text.replace(",249.00,", ",329.00,")).unwrap();
        terminal.seen.push_str("# She writes the number alone.\n");
        terminal.does(&alice, "alice", &["validate", "prices.csv"]).await;
        let said = terminal.fails(&alice, "alice", &["import", "prices.csv"]).await;
        assert!(said.contains("--new"), "{said}");
        let said = terminal.does(&alice, "alice", &["import", "prices.csv", "--new"]).await;
        assert!(said.contains("plans/pro/list_price") && said.contains("USD 329.00") && said.contains("PRICE_MOVE"), "{said}");
        terminal.does(&alice, "alice", &["edit", "--note", "Models cost more since June.", "--policy", "at-renewal"]).await;
        terminal.does(&alice, "alice", &["validate"]).await;
        let said = terminal.does(&alice, "alice", &["diff"]).await;
        assert!(said.contains("plans/pro/list_price") && said.contains("USD 249.00"), "{said}");
        let said = terminal.does(&alice, "alice", &["impact"]).await;
        assert!(said.contains("The last 30 days"), "{said}");
        terminal.does(&alice, "alice", &["impact", "--note", "change.html"]).await;
        assert!(std::fs::read_to_string(desk.path().join("change.html")).unwrap().contains("Models cost more since June."));
        let said = terminal.fails(&alice, "alice", &["submit", "--expect-revision", "7"]).await;
        assert!(said.contains("Nothing was changed"), "{said}");
        let said = terminal.does(&alice, "alice", &["submit"]).await;
        let hash = said.split_once("--hash ").unwrap().1.split(' ').next().unwrap().to_owned();
        assert_eq!(hash.len(), 64, "whoever approves says all of it");
        let said = terminal.fails(&alice, "alice", &["approve", "--hash", &hash, "--policy", "at-renewal", "--effective", "now"]).await;
        assert!(said.contains("`pricebook.approve`"), "{said}");

        let said = terminal.fails(&bert, "bert", &["approve", "--hash", &hash, "--policy", "at-renewal", "--effective", "now"]).await;
        assert!(said.contains("PRICE_MOVE") || said.contains("plans/pro/list_price"), "{said}");
        let said = terminal.does(&bert, "bert", &["status"]).await;
        assert!(said.contains(&hash), "who approves reads it where it is not the author who says it: {said}");
        let said = terminal.does(&bert, "bert", &["approve", "--hash", &hash, "--policy", "at-renewal", "--effective", "now", "--acknowledge", "PRICE_MOVE"]).await;
        assert!(said.contains(&format!("publish --hash {hash}")), "{said}");
        let said = terminal.does(&bert, "bert", &["publish", "--hash", &hash, "--wait"]).await;
        assert!(said.contains("Published as version 2") && said.contains("Finished"), "{said}");
        let book = Visitor::at(program.base.clone()).get("/api/pricebook").await;
        assert_eq!((&book.body["version"], &book.body["plans"][1]["list_price"]["amount"]), (&json!(2), &json!("329.00")));

        let said = terminal.does(&alice, "alice", &["status"]).await;
        assert!(said.contains("version 2") && said.contains(&hash) && said.contains("four eyes  on"), "{said}");
        let said = terminal.does(&alice, "alice", &["history"]).await;
        for step in ["CREATED", "EDITED", "SUBMITTED", "APPROVED", "PUBLISHED", "Alice", "Bert", hash.as_str()] {
            assert!(said.contains(step), "{step}: {said}");
        }
        let said = terminal.does(&alice, "alice", &["verify"]).await;
        assert_eq!(said, "It holds: 2 lines of the log, 2 versions hashed anew.\n");
        terminal.does(&alice, "alice", &["rollback", "1"]).await;
        let said = terminal.does(&alice, "alice", &["diff"]).await;
        assert!(said.contains("USD 329.00") && said.contains("USD 249.00"), "{said}");
        terminal.does(&alice, "alice", &["discard"]).await;

        // The same beside the store, which nobody signs in to; and as JSON.
        let data = folder.path().join("data").to_string_lossy().into_owned();
        let beside = [server[1], ("FRONTOFFICE_DATA_DIR", &*data), ("XDG_CONFIG_HOME", "/nonexistent")];
        let local = async |arguments: &[&str]| -> Value {
            let output = run(desk.path(), &beside, &[&["pricebook"], arguments, &["--local", "--json"]].concat()).await;
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).unwrap()
        };
        let imported = local(&["import", "prices.csv", "--new"]).await;
        // Revisions go on from the draft before, which was thrown away at its first, the sixth in all.
        assert_eq!((&imported["revision"], &imported["differences"]), (&json!(7), &json!([])), "it is what is published: {imported}");
        assert_eq!(local(&["status"]).await["draft"]["revision"], 7);
        assert_eq!(local(&["validate"]).await, json!([]));
        assert_eq!(local(&["four-eyes", "off"]).await["required"], false);
        local(&["discard", "--expect-revision", "7"]).await;
        assert_eq!(local(&["history"]).await[0]["kind"], "DISCARDED");
        assert_eq!(local(&["verify"]).await["versions"], 2);
        let seen = terminal.seen;
        program.signal("TERM");
        assert!(program.end().await.0.success());

        let session = format!("{}```console\n{}```\n{}", MARKS.0, timeless(seen.trim_end()), MARKS.1);
        let page = std::fs::read_to_string(PAGE).unwrap();
        let (before, rest) = page.split_once(MARKS.0).expect("the page has a place for the session");
        let (_, after) = rest.split_once(MARKS.1).expect("the session ends");
        let right = format!("{before}{session}{after}");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(PAGE, &right).unwrap();
        }
        assert!(
            std::fs::read_to_string(PAGE).unwrap() == right,
            "docs/pricebook.md does not show what is seen; `UPDATE=1 cargo test --test it pricebook_commands` writes it anew. Seen:\n{session}"
        );
    }
}
