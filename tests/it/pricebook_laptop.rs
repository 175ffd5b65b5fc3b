//! Prices as files and the publication log, at a laptop's terminal and beside the store.

use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, OWNER_PASSWORD, Visitor},
    on_both_stores,
    program::{Program, run},
    store::{Database, Store},
};

on_both_stores! {
    async fn files_and_the_log_are_looked_at_from_a_laptop_and_beside_the_store(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let server = [("FRONTOFFICE_LISTEN", "127.0.0.1:0"), ("DATABASE_URL", &*url), ("FRONTOFFICE_OWNER_PASSWORD", OWNER_PASSWORD)];
        let program = Program::start(folder.path(), &server).await;
        let owner = Account::sign_in(Visitor::at(program.base.clone()), "owner@localhost", OWNER_PASSWORD).await;
        let laptop = tempfile::tempdir().unwrap();
        let there = [("FRONTOFFICE_URL", program.base.as_str()), ("FRONTOFFICE_TOKEN", owner.token.as_str()), ("XDG_CONFIG_HOME", "/nonexistent")];
        let data = folder.path().join("data").to_string_lossy().into_owned();
        let beside = [server[1], ("FRONTOFFICE_DATA_DIR", &*data), ("XDG_CONFIG_HOME", "/nonexistent")];
        // Runs a command; its exit code and everything it said.
        let said = async |variables: &[(&str, &str)], arguments: &[&str]| {
            let output = run(laptop.path(), variables, &[&["pricebook"], arguments].concat()).await;
            let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            (output.status.code().unwrap(), text)
        };
        for (format, locale) in [("xlsx", "en"), ("csv", "de"), ("toml", "en"), ("json", "en")] {
            let file = format!("pricebook-1.{format}");
            let (code, text) = said(&there, &["export", "current", "--format", format, "--locale", locale]).await;
            assert!(code == 0 && text.contains(&file), "{text}");
            let far = std::fs::read(laptop.path().join(&file)).unwrap();
            assert_eq!(said(&beside, &["export", "1", "--local", "--format", format, "--locale", locale, "--out", "near"]).await.0, 0);
            assert!(std::fs::read(laptop.path().join("near")).unwrap() == far, "{format}: both ways write one file");
            // Nobody is signed in, and nothing answers.
            let (code, text) = said(&[("XDG_CONFIG_HOME", "/nonexistent")], &["validate", &file, "--locale", locale]).await;
            assert_eq!((code, text.as_str()), (0, format!("Nothing is wrong with {file}.\n").as_str()));
        }
        assert_eq!(said(&there, &["export", "current", "--format", "csv", "--out", "english.csv"]).await.0, 0);
        let german = std::fs::read_to_string(laptop.path().join("pricebook-1.csv")).unwrap();
        std::fs::write(laptop.path().join("broken.csv"), german.replace(";249,00;", ";a lot;").replace(";899,00;", ";=1+1;")).unwrap();
        let (code, text) = said(&[], &["validate", "broken.csv", "--locale", "de"]).await;
        assert!(code == 1 && text.contains("line 3, column list_price (plan)") && text.contains("line 4") && text.contains("fix"), "{text}");
        let (code, text) = said(&[], &["validate", "broken.csv", "--locale", "de", "--json"]).await;
        let flaws: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, flaws.as_array().unwrap().len(), &flaws[0]["where"]), (1, 2, &json!("line 3, column list_price (plan)")));
        std::fs::write(laptop.path().join("flawed.csv"), german.replace(";249,00;", ";-1,00;")).unwrap();
        let (code, text) = said(&[], &["validate", "flawed.csv", "--locale", "de"]).await;
        assert!(code == 1 && text.contains("plans/pro/list_price") && text.contains("USD -1.00"), "{text}");
        let whole = "0123456789abcdef".repeat(4);
        let (whole, short, cut) = (whole.as_str(), "0123456789ab", whole.strip_suffix('f').unwrap());
        for (arguments, code, why) in [
            (&["validate", "nowhere.csv"][..], 1, "cannot be read"),
            (&["validate", "pricebook-1.doc"], 1, "must end in .xlsx"),
            (&["validate", "near", "--locale", "tlh"], 2, "none of en, de"),
            (&["export", "latest"], 2, "neither `draft`, `current` nor a number"),
            (&["approve", "--hash", "0123", "--policy", "at-renewal", "--effective", "now"], 2, "64 hexadecimal digits"),
            // Whoever writes prices could make others with the same first digits.
            (&["approve", "--hash", short, "--policy", "at-renewal", "--effective", "now"], 2, "64 hexadecimal digits"),
            (&["publish", "--hash", cut], 2, "64 hexadecimal digits"),
            (&["approve", "--hash", whole, "--policy", "at-renewal", "--effective", "soon"], 2, "neither `now` nor an instant"),
            (&["approve", "--hash", whole, "--policy", "at-renewal", "--effective", "now", "--acknowledge", "ALL"], 2, "PRICE_MOVE"),
            (&["edit"], 2, "--note"),
            (&["export", "7"], 1, "There is no such version"),
            (&["impact", "--note", "note.pdf"], 1, "must end in .html or .csv"),
        ] {
            let (found, text) = said(&there, arguments).await;
            assert!(found == code && text.contains(why), "{arguments:?}: {text}");
        }
        // A file that cannot be read, or a revision that is not there, leaves no draft behind.
        for (variables, more) in [(&there, None), (&beside, Some("--local"))] {
            for (arguments, why) in [
                (&["import", "broken.csv", "--locale", "de", "--new"][..], "line 3, column list_price (plan)"),
                (&["import", "pricebook-1.csv", "--new"], "line 1"),
                (&["import", "pricebook-1.json", "--new", "--expect-revision", "3"], "no draft"),
            ] {
                let (code, text) = said(variables, &[arguments, more.as_slice()].concat()).await;
                assert!(code == 1 && text.contains(why), "{arguments:?}: {text}");
            }
        }
        assert_eq!(database.db_count("pricebook_drafts", "true").await, 0);
        // A text of a number that is another elsewhere is taken under a locale alone.
        let english = std::fs::read_to_string(laptop.path().join("english.csv")).unwrap();
        std::fs::write(laptop.path().join("english.csv"), english.replace(",75000,", ",75.000,")).unwrap();
        let (code, text) = said(&[], &["validate", "english.csv"]).await;
        assert!(code == 1 && text.contains("declare the locale, as this may be 75000 or 75"), "{text}");
        assert_eq!(said(&[], &["validate", "english.csv", "--locale", "en"]).await.0, 0);
        for (variables, more) in [(&there, None), (&beside, Some("--local"))] {
            let (code, text) = said(variables, &[&["impact", "1", "--note", "note.html"], more.as_slice()].concat()).await;
            assert!(code == 0 && std::fs::read_to_string(laptop.path().join("note.html")).unwrap().contains("Pricebook: version 1"), "{text}");
            let (code, text) = said(variables, &[&["verify"], more.as_slice()].concat()).await;
            assert_eq!((code, text.as_str()), (0, "It holds: 1 lines of the log, 1 versions hashed anew.\n"));
        }
        // Somebody who owns the store changes what was published.
        let open = match store {
            Store::Sqlite => {
                let triggers = "SELECT name AS value FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'pricebook_versions'";
                database.db_texts(triggers).await.iter().map(|name| format!("DROP TRIGGER {name};")).collect()
            }
            Store::Postgres => "ALTER TABLE pricebook_versions DISABLE TRIGGER USER".to_owned(),
        };
        database.db_do(&open).await;
        database.db_do("UPDATE pricebook_versions SET content = replace(content, '24900', '24901')").await;
        for (variables, more) in [(&there, None), (&beside, Some("--local"))] {
            let (code, text) = said(variables, &[&["verify"], more.as_slice()].concat()).await;
            assert!(code == 1 && text.starts_with("It does not hold: line 1 says that version 1 has the hash "), "{text}");
        }
        program.signal("TERM");
        assert!(program.end().await.0.success());
    }
}
