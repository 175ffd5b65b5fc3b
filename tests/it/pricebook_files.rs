//! Prices as files: exported, edited in a spreadsheet and imported; the change note and statements.

use std::{
    io::{Cursor, Read, Write},
    time::Duration,
};

use frontoffice_domain::{
    credit,
    db::Conn,
    pricing::{self, Draft, Edit},
    tenancy::Platform,
};
use reqwest::Method;
use serde_json::{Value, json};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::harness::{
    actors::{Account, MEMBER_PASSWORD, Response},
    app::{NOON, Office, TestApp},
    on_both_stores,
};

const FORMATS: [(&str, &str); 4] = [
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("csv", "text/csv"),
    ("toml", "application/toml"),
    ("json", "application/json"),
];

/// Begins a draft as the latest version; the platform's own doing, so that anybody may approve it.
async fn begin(office: &TestApp) -> Draft {
    let (platform, now) = (Platform::of_this_process(), office.clock.now());
    let this = platform.clone();
    let work = async move |mut conn: Conn| pricing::begin(&mut conn, &this, None, now).await;
    office.app().db.platform(&platform, work).await.unwrap().unwrap()
}

/// Changes the draft's prices.
async fn edit(office: &TestApp, change: impl FnOnce(&mut pricing::Pricebook)) -> Draft {
    let (platform, now) = (Platform::of_this_process(), office.clock.now());
    let mut draft = draft(office).await;
    change(&mut draft.pricebook);
    let (this, edit) =
        (platform.clone(), Edit { pricebook: Some(draft.pricebook), note: Some("Costs rose.".into()), policy: None });
    let work = async move |mut conn: Conn| pricing::edit(&mut conn, &this, &edit, draft.revision, now).await;
    office.app().db.platform(&platform, work).await.unwrap().unwrap()
}

async fn draft(office: &TestApp) -> Draft {
    let platform = Platform::of_this_process();
    let this = platform.clone();
    office
        .app()
        .db
        .platform_read(&platform, async move |mut conn: Conn| pricing::draft(&mut conn, &this).await)
        .await
        .unwrap()
        .unwrap()
}

/// A file as it comes, and what it is called.
async fn export(account: &Account, path: &str) -> (Vec<u8>, String) {
    let answer = account.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    (answer.bytes().await.unwrap().to_vec(), disposition)
}

async fn import(account: &Account, query: &str, media_type: &str, bytes: impl Into<reqwest::Body>) -> Response {
    let request = account.request(Method::POST, &format!("/api/pricebook/draft/import?{query}"));
    account.send(request.header("content-type", media_type).body(bytes)).await
}

/// The archive with something else in the place of a text of its first sheet.
fn tampered(workbook: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut replaced = 0;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        writer.start_file(&name, SimpleFileOptions::default()).unwrap();
        if name.starts_with("xl/worksheets/sheet") {
            let text = String::from_utf8(bytes).unwrap();
            replaced += text.matches(from).count();
            bytes = text.replace(from, to).into_bytes();
        }
        writer.write_all(&bytes).unwrap();
    }
    assert_eq!(replaced, 1, "{from}");
    writer.finish().unwrap().into_inner()
}

on_both_stores! {
    async fn what_is_exported_and_imported_again_is_the_same(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let begun = begin(&office).await;
        for (format, media_type) in FORMATS {
            for locale in ["en", "de", "de-CH", "fr"] {
                let (bytes, name) = export(&owner, &format!("/api/pricebook/draft/export?format={format}&locale={locale}")).await;
                assert_eq!(name, format!("attachment; filename=\"pricebook-draft-r1.{format}\""));
                for query in [format!("locale={locale}&expected_revision=1"), format!("format={format}&locale={locale}&expected_revision=1")] {
                    let same = import(&owner, &query, media_type, bytes.clone()).await;
                    assert_eq!((same.status.as_u16(), &same.body["differences"], &same.body["revision"]), (200, &json!([]), &json!(1)), "{format} {locale}: {}", same.body);
                    assert_eq!((&same.body["flaws"], &same.body["warnings"]), (&json!([]), &json!([])));
                    assert_eq!(same.text("content_hash"), pricing::rules::hex(&begun.content_hash));
                }
            }
        }
        // A version is exported under its number, and a workbook is what nobody says anything else about.
        let (bytes, name) = export(&owner, "/api/pricebook/1/export").await;
        assert_eq!((name.as_str(), &bytes[..2]), ("attachment; filename=\"pricebook-1.xlsx\"", &b"PK"[..]));
        let request = owner.request(Method::GET, "/api/pricebook/1/export?format=toml").send().await.unwrap();
        let tag = request.headers()["etag"].to_str().unwrap().to_owned();
        let known = |path: &str| owner.request(Method::GET, path).header("if-none-match", &tag);
        assert_eq!(owner.send(known("/api/pricebook/1/export?format=toml")).await.status, 304);
        assert_eq!(owner.send(known("/api/pricebook/1/export?format=json")).await.status, 200, "another format is another file");
        assert_eq!(draft(&office).await.revision, 1);
        office.finish().await;
    }

    async fn an_edited_file_changes_what_it_says(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        begin(&office).await;
        // As finance staff in Germany has it: a comma before decimals, semicolons between cells.
        let (bytes, _) = export(&owner, "/api/pricebook/draft/export?format=csv&locale=de").await;
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches(";249,00;").count(), 1, "{text}");
        let edited = import(&owner, "locale=de&expected_revision=1", "text/csv; charset=utf-8", text.replace(";249,00;", ";1.249,50;")).await;
        assert_eq!(edited.status, 200, "{}", edited.body);
        let difference = json!([{"path": "plans/pro/list_price", "kind": "CHANGED", "before": "USD 249.00", "after": "USD 1249.50"}]);
        assert_eq!((&edited.body["differences"], &edited.body["revision"]), (&difference, &json!(2)));
        assert_eq!(edited.body["warnings"], json!([{"guard": "PRICE_MOVE", "path": "plans/pro/list_price", "before": "USD 249.00", "after": "USD 1249.50"}]));
        // The same in a workbook, which has numbers and no marks.
        let (bytes, _) = export(&owner, "/api/pricebook/draft/export").await;
        let workbook = tampered(&bytes, "<v>1249.5</v>", "<v>279</v>");
        let edited = import(&owner, "expected_revision=2", FORMATS[0].1, workbook).await;
        assert_eq!((&edited.body["differences"][0]["after"], &edited.body["revision"]), (&json!("USD 279.00"), &json!(3)), "{}", edited.body);
        // What is wrong with what it says is told, and does not keep a draft from being kept.
        let (bytes, _) = export(&owner, "/api/pricebook/draft/export?format=json").await;
        let mut book: Value = serde_json::from_slice(&bytes).unwrap();
        book["trial"]["plan"] = json!("gone");
        let edited = import(&owner, "expected_revision=3&format=json", "text/plain", book.to_string()).await;
        assert_eq!((edited.status.as_u16(), &edited.body["flaws"][0]["path"]), (200, &json!("trial/plan")), "{}", edited.body);
        let kept = draft(&office).await;
        assert_eq!((kept.revision, kept.pricebook.trial.plan.as_str(), kept.pricebook.plans[1].list_price.minor), (4, "gone", 27_900));
        let audited = owner.data("{ auditLog(first: 1) { nodes { fields } } }", json!({})).await;
        assert_eq!(audited["auditLog"]["nodes"][0]["fields"], json!(["content"]));
        office.finish().await;
    }

    async fn what_cannot_be_read_is_told_by_sheet_and_cell(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        begin(&office).await;
        let (workbook, _) = export(&owner, "/api/pricebook/draft/export").await;
        let formula = import(&owner, "expected_revision=1", FORMATS[0].1, tampered(&workbook, "<v>249</v>", "<f>248+1</f><v>249</v>")).await;
        formula.assert_problem(422, "validation_failed");
        let error = &formula.body["errors"][0];
        assert_eq!(error["path"], "Plans!C3", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("found ") && message.contains("formula") && message.contains("; allowed: "), "{message}");
        let (csv, _) = export(&owner, "/api/pricebook/draft/export?format=csv").await;
        let text = String::from_utf8(csv).unwrap();
        let broken = import(&owner, "expected_revision=1", "text/csv", text.replace(",249.00,", ",a lot,").replace(",899.00,", ",=1+1,")).await;
        broken.assert_problem(422, "validation_failed");
        let paths: Vec<&str> = broken.body["errors"].as_array().unwrap().iter().map(|error| error["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["line 3, column list_price (plan)", "line 4, column list_price (plan)"]);
        // German numbers are not guessed to be meant by an English file.
        let german = String::from_utf8(export(&owner, "/api/pricebook/draft/export?format=csv&locale=de").await.0).unwrap();
        import(&owner, "expected_revision=1", "text/csv", german).await.assert_problem(422, "validation_failed");
        for (format, media_type) in FORMATS {
            let nonsense = import(&owner, &format!("expected_revision=1&format={format}"), media_type, b"\xff\xfe nonsense".to_vec()).await;
            nonsense.assert_problem(422, "validation_failed");
            import(&owner, "expected_revision=1", media_type, "").await.assert_problem(422, "validation_failed");
        }
        assert_eq!(draft(&office).await.revision, 1, "nothing was changed");
        office.finish().await;
    }

    async fn a_number_of_two_meanings_is_taken_under_a_locale_alone(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        begin(&office).await;
        let (csv, _) = export(&owner, "/api/pricebook/draft/export?format=csv").await;
        let text = String::from_utf8(csv).unwrap().replace(",75000,", ",75.000,");
        let refused = import(&owner, "expected_revision=1", "text/csv", text.clone()).await;
        refused.assert_problem(422, "validation_failed");
        let error = &refused.body["errors"][0];
        assert_eq!(error["path"], "line 3, column credits (plan)", "{error}");
        assert!(error["message"].as_str().unwrap().ends_with("declare the locale, as this may be 75000 or 75; or write `75000` or `75`, if that is meant"), "{error}");
        assert_eq!(draft(&office).await.revision, 1);
        let taken = import(&owner, "expected_revision=1&locale=en", "text/csv", text).await;
        assert_eq!((taken.status.as_u16(), taken.body["differences"].as_array().unwrap().len()), (200, 1), "{}", taken.body);
        assert_eq!(draft(&office).await.pricebook.plans[1].credits, credit_of(75));
        office.finish().await;
    }

    async fn a_draft_is_changed_only_as_it_was_seen(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let (book, _) = export(&owner, "/api/pricebook/1/export?format=json").await;
        let none = import(&owner, "expected_revision=1", "application/json", book.clone()).await;
        none.assert_problem(404, "pricebook_draft_none");
        owner.get("/api/pricebook/draft/export").await.assert_problem(404, "pricebook_draft_none");
        owner.get("/api/pricebook/draft/impact").await.assert_problem(404, "pricebook_draft_none");
        begin(&office).await;
        let changed = edit(&office, |book| book.plans[1].list_price.minor = 25_900).await;
        assert_eq!(changed.revision, 2);
        let stale = import(&owner, "expected_revision=1", "application/json", book.clone()).await;
        stale.assert_problem(409, "revision_conflict");
        assert!(stale.body["revision"] == 2 && stale.text("detail").contains("revision 2") && stale.text("detail").contains("Nothing was changed"), "{}", stale.body);
        let (platform, now) = (Platform::of_this_process(), office.clock.now());
        let this = platform.clone();
        let submit = async move |mut conn: Conn| pricing::submit(&mut conn, &this, 2, now).await;
        let submitted = office.app().db.platform(&platform, submit).await.unwrap().unwrap();
        let frozen = import(&owner, "expected_revision=3", "application/json", book).await;
        frozen.assert_problem(409, "pricebook_frozen");
        assert!(frozen.text("detail").contains("Reopen it first"), "{}", frozen.body);
        assert_eq!(draft(&office).await, submitted);
        office.finish().await;
    }

    async fn who_may_do_what_with_prices_is_asked_first(store) {
        let office = Office::new(store).start().await;
        let fish = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&fish, "ann@example.com", "OWNER").await;
        let (author, approver) = (office.colleague("author@example.com", "FINANCE_AUTHOR").await, office.colleague("approver@example.com", "FINANCE_APPROVER").await);
        let (auditor, support) = (office.colleague("auditor@example.com", "AUDITOR").await, office.colleague("support@example.com", "SUPPORT").await);
        begin(&office).await;
        let stranger = office.visitor().without_cookies();
        let (book, _) = export(&author, "/api/pricebook/draft/export?format=json").await;
        for path in ["/api/pricebook/draft/export", "/api/pricebook/1/export", "/api/pricebook/draft/impact", "/api/pricebook/9/impact"] {
            stranger.get(path).await.assert_problem(401, "not_signed_in");
            for who in [&ann, &support] {
                let refused = who.get(path).await;
                refused.assert_problem(403, "not_allowed");
                assert!(refused.text("detail").contains("`pricebook.read`"), "{}", refused.body);
            }
            if !path.contains('9') {
                for who in [&author, &approver, &auditor] {
                    assert_eq!(who.get(path).await.status, 200, "{path}");
                }
            }
        }
        for who in [&ann, &support, &auditor, &approver] {
            let refused = import(who, "expected_revision=1", "application/json", book.clone()).await;
            refused.assert_problem(403, "not_allowed");
            assert!(refused.text("detail").contains("`pricebook.draft`"), "{}", refused.body);
        }
        assert_eq!(import(&author, "expected_revision=1", "application/json", book).await.status, 200);
        // What is only scheduled is nobody's but theirs.
        owner_publishes_later(&office).await;
        assert_eq!(auditor.get("/api/pricebook/2/export").await.status, 200);
        stranger.get("/api/pricebook/versions/2").await.assert_problem(404, "pricebook_none");
        office.finish().await;
    }

    async fn what_is_asked_for_wrongly_is_told_and_large_files_are_not_read(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        begin(&office).await;
        for (query, paths) in [("format=pdf", vec!["format"]), ("locale=xx", vec!["locale"]), ("format=doc&locale=", vec!["format", "locale"])] {
            let wrong = owner.get(&format!("/api/pricebook/draft/export?{query}")).await;
            wrong.assert_problem(422, "validation_failed");
            let found: Vec<&str> = wrong.body["errors"].as_array().unwrap().iter().map(|error| error["path"].as_str().unwrap()).collect();
            assert_eq!(found, paths, "{query}");
            import(&owner, &format!("{query}&expected_revision=1"), "text/csv", "x").await.assert_problem(422, "validation_failed");
        }
        assert!(owner.get("/api/pricebook/draft/export?format=pdf").await.text("detail").contains("`xlsx`, `csv`, `toml` or `json`"));
        owner.get("/api/pricebook/draft/export?format=csv&format=csv").await.assert_problem(400, "query_invalid");
        for number in ["2", "0", "-1", "x", "99999999999"] {
            owner.get(&format!("/api/pricebook/{number}/export")).await.assert_problem(404, "pricebook_none");
            owner.get(&format!("/api/pricebook/{number}/impact")).await.assert_problem(404, "pricebook_none");
        }
        owner.get("/api/pricebook/draft/impact?format=pdf").await.assert_problem(422, "validation_failed");
        for query in ["", "expected_revision=", "expected_revision=first"] {
            let wrong = import(&owner, query, "text/csv", "x").await;
            wrong.assert_problem(422, "validation_failed");
            assert_eq!(wrong.body["errors"][0]["path"], "expected_revision");
        }
        for media_type in ["text/plain", "application/zip", "text/csv; charset=latin1", ""] {
            import(&owner, "expected_revision=1", media_type, "x").await.assert_problem(415, "content_type_unsupported");
        }
        import(&owner, "expected_revision=1", "text/csv", vec![b'x'; 2 * 1024 * 1024 + 1]).await.assert_problem(413, "body_too_large");
        owner.send(owner.request(Method::POST, "/api/pricebook/draft/export")).await.assert_problem(405, "method_not_allowed");
        owner.get("/api/pricebook/draft/import").await.assert_problem(405, "method_not_allowed");
        let head = owner.request(Method::HEAD, "/api/pricebook/draft/export").send().await.unwrap();
        assert_eq!((head.status().as_u16(), head.headers().contains_key("etag")), (200, true));
        assert_eq!(draft(&office).await.revision, 1);
        office.finish().await;
    }

    async fn the_change_note_says_what_changes_and_what_it_does(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        office.db_tenant("evil", true, &[]).await;
        office.database.db_do("UPDATE tenants SET name = '=<b>Evil</b>' WHERE slug = 'evil'").await;
        begin(&office).await;
        let changed = edit(&office, |book| {
            book.plans[2].list_price.minor = 199_900;
            book.trial.credits = credit_of(100);
        })
        .await;
        let json = owner.get("/api/pricebook/draft/impact?format=json").await;
        assert_eq!(json.status, 200, "{}", json.body);
        let body = &json.body;
        assert_eq!((&body["revision"], &body["compared_with"], &body["status"], &body["policy"], &body["note"]), (&json!(2), &json!(1), &json!("DRAFT"), &json!("AT_RENEWAL"), &json!("Costs rose.")));
        let paths: Vec<&str> = body["differences"].as_array().unwrap().iter().map(|difference| difference["path"].as_str().unwrap()).collect();
        assert_eq!(paths, ["plans/enterprise/list_price", "trial/credits"]);
        assert_eq!(body["warnings"][0]["guard"], "PRICE_MOVE");
        // The same numbers as the act's.
        let platform = Platform::of_this_process();
        let (this, now) = (platform.clone(), office.clock.now());
        let asked = async move |mut conn: Conn| credit::impact(&mut conn, &this, &changed.pricebook, now).await;
        let summary = office.app().db.platform_read(&platform, asked).await.unwrap();
        let impact = &body["impact"];
        assert_eq!((&impact["tenants"], &impact["affected"], &impact["days"]), (&json!(summary.tenants), &json!(summary.affected), &json!(30)));
        assert_eq!((summary.tenants, &impact["revenue_before"], &impact["revenue_after"]), (2, &json!([{"amount": "899.00", "currency": "USD"}]), &json!([{"amount": "1999.00", "currency": "USD"}])));
        assert_eq!(impact["largest"][0]["price_after"], json!({"amount": "1999.00", "currency": "USD"}));
        let page = owner.get("/api/pricebook/draft/impact").await;
        let html = page.body.as_str().unwrap();
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
        assert_eq!((page.header("content-type"), page.header("content-disposition"), page.header("cache-control")), ("text/html; charset=utf-8", "inline; filename=\"pricebook-draft-r2-impact.html\"", "no-store"));
        assert!(html.contains("=&lt;b&gt;Evil&lt;/b&gt;") && !html.contains("<b>") && !html.contains("<script") && !html.contains("http"), "{html}");
        for said in ["plans/enterprise/list_price", "USD 1999.00", "PRICE_MOVE", "Costs rose.", "1,999.00", "prefers-color-scheme: dark", "@media print", "white-space: pre-line"] {
            assert!(html.contains(said), "{said}: {html}");
        }
        for head in ["<th scope=\"colgroup\" colspan=\"2\" class=\"number\">Credits had</th>", "<th scope=\"col\">Before</th><th scope=\"col\">After</th>"] {
            assert!(html.contains(head), "{head}: {html}");
        }
        let asked = owner.data("{ pricebookImpact { affected reachesExisting largest { plan } } }", json!({})).await;
        assert_eq!((&asked["pricebookImpact"]["affected"], &asked["pricebookImpact"]["reachesExisting"]), (&impact["affected"], &impact["reaches_existing"]));
        let csv = owner.get("/api/pricebook/draft/impact?format=csv").await;
        let text = csv.body.as_str().unwrap();
        assert!(csv.header("content-type").starts_with("text/csv") && csv.header("content-disposition").contains("pricebook-draft-r2-impact.csv"));
        for line in ["difference,plans/enterprise/list_price,CHANGED,USD 899.00,USD 1999.00", "impact,USD,revenue,899.00,1999.00", "largest,'=<b>Evil</b>,allowance,500,100"] {
            assert!(text.lines().any(|own| own == line), "{line}: {text}");
        }
        // Of the first version there is nothing before.
        let first = owner.get("/api/pricebook/1/impact?format=json").await;
        assert_eq!((&first.body["compared_with"], &first.body["differences"], &first.body["number"]), (&json!(null), &json!([]), &json!(1)));
        owner_publishes_later(&office).await;
        let second = owner.get("/api/pricebook/2/impact?format=json").await;
        assert_eq!((&second.body["compared_with"], &second.body["status"], &second.body["differences"][0]["after"]), (&json!(1), &json!("SCHEDULED"), &json!("USD 80.00")), "{}", second.body);
        office.finish().await;
    }

    async fn a_statement_is_a_page_and_a_table_for_its_own_tenant(store) {
        let office = Office::new(store).start().await;
        let (fish, _chips) = (office.db_tenant("fish", true, &[]).await, office.db_tenant("chips", true, &[]).await);
        let ann = office.member(&fish, "ann@example.com", "OWNER").await;
        office.member(&fish, "agent@example.com", "AGENT").await;
        let owner = office.owner().await;
        let own = format!("/api/customers/statements/{}", fish.public_id);
        let page = ann.get(&own).await;
        let html = page.body.as_str().unwrap();
        assert!(page.status == 200 && html.contains("Statement for fish") && html.contains("USD 0.00") && html.contains("Plan Starter for the period"), "{html}");
        assert!(html.contains("<td>22 November 2026</td>") && html.contains("in UTC") && !html.contains(".000000Z"), "{html}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-") && !html.contains("<script"));
        let german = ann.send(ann.request(Method::GET, &own).header("accept-language", "de")).await;
        let html = german.body.as_str().unwrap();
        assert!(html.contains("lang=\"de\"") && html.contains("Abrechnung für fish") && html.contains("USD 0,00") && html.contains("Tarif Starter") && html.contains("22. November 2026"), "{html}");
        let csv = ann.get("/api/customers/statements/fish?format=csv").await;
        assert!(csv.body.as_str().unwrap().contains("\r\ntotal,,,2026-11-22T12:00:00.000000Z,"), "{}", csv.body);
        // The platform's month, once it is over; staff may read everybody's.
        let house = "/api/customers/statements/office16852-platform";
        assert!(owner.get(house).await.body.as_str().unwrap().contains("still running"));
        owner.get(&format!("{house}?period={NOON}")).await.assert_problem(404, "statement_none");
        office.advance(Duration::from_secs(31 * 86_400));
        let (owner, ann) = (office.owner().await, Account::sign_in_to(office.visitor().without_cookies(), "fish", "ann@example.com", MEMBER_PASSWORD).await);
        let over = owner.get(&format!("{house}?period={NOON}")).await;
        let html = over.body.as_str().unwrap();
        assert!(over.status == 200 && html.contains("USD 899.00") && html.contains("never changes") && html.contains("22 December 2026"), "{html}");
        assert!(html.contains("Plan Enterprise for the period"), "{html}");
        let csv = owner.get(&format!("{house}?period={NOON}&format=csv")).await;
        let text = csv.body.as_str().unwrap();
        assert!(text.contains("\r\nplan,enterprise,1,2026-11-22T12:00:00.000000Z,2026-12-22T00:00:00.000000Z,,899.00,USD,Enterprise\r\n"), "{text}");
        assert!(text.contains(",amount,currency,plan_name\r\n") && text.ends_with(",,899.00,USD,\r\n"), "{text}");
        assert_eq!(csv.header("content-disposition"), "attachment; filename=\"statement-office16852-platform-2026-11-22.csv\"");
        owner.get(&format!("{house}?period={}", "2026-11-23T12:00:00Z")).await.assert_problem(404, "statement_none");
        for (query, path) in [("period=yesterday", "period"), ("format=pdf", "format")] {
            let wrong = ann.get(&format!("{own}?{query}")).await;
            wrong.assert_problem(422, "validation_failed");
            assert_eq!(wrong.body["errors"][0]["path"], path);
        }
        // Another's looks like none.
        for other in ["chips", "nowhere", "office16852-platform"] {
            ann.get(&format!("/api/customers/statements/{other}")).await.assert_problem(404, "business_unknown");
        }
        office.visitor().without_cookies().get(&own).await.assert_problem(401, "not_signed_in");
        let agent = Account::sign_in_to(office.visitor().without_cookies(), "fish", "agent@example.com", MEMBER_PASSWORD).await;
        agent.get(&own).await.assert_problem(403, "not_allowed");
        office.finish().await;
    }
}

fn credit_of(whole: i64) -> frontoffice_domain::money::Credits {
    frontoffice_domain::money::Credits::whole(whole).unwrap()
}

/// Publishes other prices, to take effect in an hour.
async fn owner_publishes_later(office: &TestApp) {
    let (platform, now) = (Platform::of_this_process(), office.clock.now());
    let this = platform.clone();
    let work = async move |mut conn: Conn| {
        let mut book = pricing::resolve(&mut conn, now).await?.expect("set-up published one").pricebook;
        book.plans[0].list_price.minor = 8_000;
        pricing::publish(&mut conn, &this, &book, "", pricing::Policy::AtRenewal, now.after(Duration::from_secs(3_600)), now)
            .await
    };
    assert_eq!(office.app().db.platform(&platform, work).await.unwrap(), pricing::Published::As(2));
}
