//! Knowledge that comes in files: over the route and by the command.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::tenants::fish;
use crate::harness::{
    actors::{Account, OWNER_PASSWORD, Response},
    on_both_stores,
    program::{Program, run},
    store::Database,
};

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

async fn import(account: &Account, query: &str, media_type: &str, bytes: impl Into<reqwest::Body>) -> Response {
    let request = account.request(reqwest::Method::POST, &format!("/api/knowledge/import{query}"));
    account.send(request.header("content-type", media_type).body(bytes)).await
}

async fn drafts(account: &Account) -> Value {
    let query = "{ viewer { tenant { knowledge(first: 100, filter: {state: DRAFT}) { nodes { id title text locale sourceUrl state } } } } }";
    account.data(query, json!({})).await["viewer"]["tenant"]["knowledge"]["nodes"].clone()
}

fn titles(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

on_both_stores! {
    async fn files_become_drafts_that_answer_once_approved(store) {
        let (office, ann, _) = fish(store).await;
        let page = "<html lang=de><title>x</title><link rel=canonical href=https://fish.example/parken><nav>Start</nav><main><h1>Parken</h1><p>Geparkt wird hinter dem Laden.</main></html>";
        let one = import(&ann, "?name=parking.html", "text/html; charset=utf-8", page).await;
        assert_eq!((one.status.as_u16(), titles(&one.body["imported"])), (200, vec!["Parken"]), "{}", one.body);
        assert_eq!(one.body["imported"][0]["file"], "parking.html");
        let two = import(&ann, "?locale=en&name=returns.md", "text/markdown", "Fish is not taken back.").await;
        assert_eq!((&two.body["imported"][0]["title"], &two.body["imported"][0]["locale"]), (&json!("Returns"), &json!("en")));
        let kept = drafts(&ann).await;
        let parking = kept.as_array().unwrap().iter().find(|entry| entry["title"] == "Parken").unwrap();
        let expected = json!({"id": one.body["imported"][0]["id"], "title": "Parken", "text": "# Parken\n\nGeparkt wird hinter dem Laden.", "locale": "de", "sourceUrl": "https://fish.example/parken", "state": "DRAFT"});
        assert_eq!(*parking, expected);
        let ask = json!({"message": "Wo kann ich parken?", "business_id": "fish"});
        assert_eq!(office.visitor().post(ask.clone()).await.body["status"], "refused", "a draft is said to nobody");
        ann.change("knowledgeEntryApprove", "entry { id }", json!({"entry": expected["id"]})).await;
        let answer = office.visitor().post(ask).await;
        assert_eq!((&answer.body["status"], &answer.body["sources"][0]["url"]), (&json!("answered"), &json!("https://fish.example/parken")));
        let log = ann.data("{ auditLog(filter: {action: KNOWLEDGE_IMPORTED}) { nodes { actor { kind } fields } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"].as_array().unwrap().len(), 2);
        office.finish().await;
    }

    async fn an_archive_is_taken_as_a_whole_and_what_is_there_is_not_taken_again(store) {
        let (office, ann, _) = fish(store).await;
        let files = [("shop/hours.md", "# Hours\n\nFrom nine."), ("shop/fish.html", "<h1>Fish</h1><p>Cod &amp; chips."), ("logo.png", "x"), ("shop/same.md", "# Hours\n\nFrom nine.")];
        let done = import(&ann, "", "application/zip", archive(&files)).await;
        assert_eq!(titles(&done.body["imported"]), ["Hours", "Fish"], "{}", done.body);
        assert_eq!((done.body["unchanged"][0]["file"].clone(), done.body["skipped"].clone()), (json!("shop/same.md"), json!([{"file": "logo.png", "reason": "it is neither Markdown nor HTML"}])));
        let again = import(&ann, "", "application/x-zip-compressed", archive(&files)).await;
        assert_eq!((titles(&again.body["unchanged"]).len(), again.body["imported"].clone()), (3, json!([])));
        // One bad file and nothing is taken.
        let bad = import(&ann, "", "application/zip", archive(&[("good.md", "Good."), ("bad.md", "---\ntitle: Bad\n---\n"), ("worse.html", "<nav>x")])).await;
        bad.assert_problem(422, "validation_failed");
        let expected = json!([
            {"path": "bad.md", "message": "must have 1 to 100,000 characters, with something to read in them and not in more than 2,000 pieces"},
            {"path": "worse.html", "message": "begins a <nav> that never ends"},
        ]);
        assert_eq!(bad.body["errors"], expected);
        // The plan has a hundred: one is there, two are drafts.
        let many: Vec<(String, String)> = (0..98).map(|number| (format!("{number}.md"), format!("Text {number}."))).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let full = import(&ann, "", "application/zip", archive(&many)).await;
        full.assert_problem(409, "limit_reached");
        assert_eq!(full.text("detail"), "The plan Starter has 100 knowledge entries, and 3 are kept. The plan Pro has 1000. Or archive some. These would be 98 more.");
        assert_eq!(drafts(&ann).await.as_array().unwrap().len(), 2);
        assert_eq!(titles(&import(&ann, "", "application/zip", archive(&many[1..])).await.body["imported"]).len(), 97);
        office.finish().await;
    }

    async fn what_is_no_file_is_told_what_would_be_one(store) {
        let (office, ann, _) = fish(store).await;
        for media_type in ["application/json", "text/markdown; charset=latin1", "image/png", ""] {
            import(&ann, "", media_type, "# A\n\nB.").await.assert_problem(415, "content_type_unsupported");
        }
        import(&ann, "", "application/zip", "no zip").await.assert_problem(422, "validation_failed");
        import(&ann, "", "text/plain", b"\xff\xfe".to_vec()).await.assert_problem(422, "validation_failed");
        let nameless = import(&ann, "", "text/plain", "No title.").await;
        assert_eq!(nameless.body["errors"], json!([{"path": "the file", "message": "has no title: begin it with a heading, or give the file a name"}]));
        for (query, path) in [("?locale=xx", "locale"), ("?name=a%00b", "name")] {
            let wrong = import(&ann, query, "text/markdown", "# A\n\nB.").await;
            wrong.assert_problem(422, "validation_failed");
            assert_eq!(wrong.body["errors"][0]["path"], path);
        }
        import(&ann, "?name=a&name=b", "text/markdown", "# A\n\nB.").await.assert_problem(400, "query_invalid");
        import(&ann, "?business_id=nobody", "text/markdown", "# A\n\nB.").await.assert_problem(404, "business_unknown");
        import(&ann, "", "text/markdown", vec![b'x'; 10 * 1024 * 1024 + 1]).await.assert_problem(413, "body_too_large");
        let large = import(&ann, "?name=a.md", "text/markdown", vec![b'x'; 1024 * 1024 + 1]).await;
        assert_eq!(large.body["errors"], json!([{"path": "a.md", "message": "has 1048577 bytes; at most 1048576 are allowed"}]));
        assert_eq!(drafts(&ann).await, json!([]));
        office.finish().await;
    }

    async fn a_folder_is_imported_from_a_laptop_and_beside_the_store(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        let url = database.url();
        let server = [("FRONTOFFICE_LISTEN", "127.0.0.1:0"), ("DATABASE_URL", &*url), ("FRONTOFFICE_OWNER_PASSWORD", OWNER_PASSWORD)];
        let program = Program::start(folder.path(), &server).await;
        let owner = Account::sign_in(crate::harness::actors::Visitor::at(program.base.clone()), "owner@localhost", OWNER_PASSWORD).await;
        let laptop = tempfile::tempdir().unwrap();
        let docs = laptop.path().join("docs");
        std::fs::create_dir_all(docs.join("more/.hidden")).unwrap();
        for (name, text) in [("hours.md", "# Shop hours\n\nFrom nine."), ("more/fish.html", "<h1>Fish</h1><p>Cod."), ("more/.hidden/no.md", "No."), ("no.png", "x"), ("empty.md", "")] {
            std::fs::write(docs.join(name), text).unwrap();
        }
        std::fs::write(laptop.path().join("all.zip"), archive(&[("a/parking.md", "Behind the shop."), ("b.bin", "x")])).unwrap();
        let there = [("FRONTOFFICE_URL", program.base.as_str()), ("FRONTOFFICE_TOKEN", owner.token.as_str())];
        let output = run(laptop.path(), &there, &["knowledge", "import", "docs", "all.zip", "--locale", "en", "--json"]).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("1 of 4 files were refused"), "{}", String::from_utf8_lossy(&output.stderr));
        let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
        let became: Vec<(&str, &str)> = rows.as_array().unwrap().iter().map(|row| (row["file"].as_str().unwrap(), row["became"].as_str().unwrap())).collect();
        assert_eq!(became, [("all.zip/a/parking.md", "draft"), ("all.zip/b.bin", "left out"), ("empty.md", "refused"), ("hours.md", "draft"), ("more/fish.html", "draft")]);
        assert!(rows[2]["note"].as_str().unwrap().contains("something to read"), "{rows}");
        // Again, and beside the store: all of it is there.
        std::fs::remove_file(docs.join("empty.md")).unwrap();
        let again = run(laptop.path(), &[server[1], ("FRONTOFFICE_DATA_DIR", &folder.path().join("data").to_string_lossy())], &["knowledge", "import", "--local", "docs"]).await;
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(again.status.success() && said.matches("there already").count() == 2, "{said}{}", String::from_utf8_lossy(&again.stderr));
        for (arguments, why) in [(["import", "docs/no.png"], "neither Markdown nor HTML"), (["import", "nowhere"], "cannot be read")] {
            let refused = run(laptop.path(), &there, &["knowledge", arguments[0], arguments[1]]).await;
            assert!(refused.status.code() == Some(1) && String::from_utf8_lossy(&refused.stderr).contains(why), "{}", String::from_utf8_lossy(&refused.stderr));
        }
        program.signal("TERM");
        assert!(program.end().await.0.success());
    }
}
