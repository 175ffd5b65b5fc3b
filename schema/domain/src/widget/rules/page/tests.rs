use super::*;

const OWN: &str = "0193a1de-0000-7000-8000-000000000001";

fn expected() -> Expected {
    Expected {
        host: "https://office.example".parse().unwrap(),
        business: OWN.into(),
        avatar: Some("https://cdn.example/bob.png".parse().unwrap()),
        is_allowed: true,
    }
}

fn found(html: &str, policies: &[&str]) -> Vec<(FindingCode, bool)> {
    let policies = policies.iter().map(|text| (*text).to_owned()).collect();
    let page = Fetched { url: "https://shop.example/a/".parse().unwrap(), html: html.into(), policies };
    let all = findings(&Looked::Page(Box::new(page)), &expected());
    assert!(all.iter().all(|finding| finding.message.ends_with('.')));
    all.into_iter().map(|finding| (finding.code, finding.is_problem)).collect()
}

fn tag() -> String {
    format!("<html><head><script async src='https://office.example/widget/{OWN}/widget.js'></script>")
}

#[test]
fn a_page_that_is_fine_is_told_so() {
    use FindingCode::{CspFine, OriginAllowed, ScriptFound};
    assert_eq!(found(&tag(), &[]), [(ScriptFound, false), (OriginAllowed, false), (CspFine, false)]);
    let open = "script-src 'self' https://office.example; connect-src https:; img-src *";
    assert_eq!(found(&tag(), &[open]), [(ScriptFound, false), (OriginAllowed, false), (CspFine, false)]);
}

#[test]
fn the_tag_is_found_as_it_is_written() {
    use FindingCode::{ScriptFound, ScriptMissing, ScriptOfAnother, ScriptTwice};
    let tags = |html: &str| -> Vec<FindingCode> {
        let all = found(html, &[]).into_iter().map(|(code, _)| code);
        all.filter(|code| !matches!(code, FindingCode::OriginAllowed | FindingCode::CspFine)).collect()
    };
    assert_eq!(
        tags(&format!("<SCRIPT SRC=\"//office.example/widget/{}/widget.0123456789abcdef.js\">", OWN.to_uppercase())),
        [ScriptFound]
    );
    assert_eq!(
        tags(&format!("<base href='https://office.example/'><script src='widget/{OWN}/widget.js'></script>")),
        [ScriptFound]
    );
    assert_eq!(
        tags("<script src='https://office.example/widget/loader.js' data-widget-key='pk_live_x'></script>"),
        [ScriptFound]
    );
    assert_eq!(tags(&tag().repeat(2)), [ScriptFound, ScriptTwice]);
    assert_eq!(
        tags("<script src='https://office.example/widget/0193a1de-0000-7000-8000-000000000002/widget.js'></script>"),
        [ScriptOfAnother]
    );
    for none in [
        "",
        &format!("<!-- {} -->", tag()),
        &format!("<script>var a = \"{}\"</script>", tag()),
        &format!("<textarea>{}</textarea>", tag()),
        &format!("<script src='https://evil.example/widget/{OWN}/widget.js'></script>"),
        &format!("<script src='https://office.example/other/widget/{OWN}/widget.js'></script>"),
        &format!("<script src='https://office.example/widget/{OWN}/other.js'></script>"),
    ] {
        assert_eq!(tags(none), [ScriptMissing], "{none}");
    }
}

#[test]
fn what_a_page_forbids_is_told() {
    use FindingCode::{CspBlocksConnect, CspBlocksImages, CspBlocksScript, CspStrictStyle};
    let blocked = |html: &str, policies: &[&str]| -> Vec<FindingCode> {
        found(html, policies)
            .into_iter()
            .filter(|(code, is_problem)| *is_problem || *code == CspStrictStyle)
            .map(|(code, _)| code)
            .collect()
    };
    assert_eq!(blocked(&tag(), &["default-src 'none'"]), [CspBlocksScript, CspBlocksConnect, CspBlocksImages, CspStrictStyle]);
    assert_eq!(
        blocked(
            &tag(),
            &["default-src 'none'; script-src office.example; connect-src office.example; style-src 'none'; img-src cdn.example"]
        ),
        [CspStrictStyle]
    );
    // Each policy counts, also one in the page; the first directive of a name.
    assert_eq!(blocked(&tag(), &["script-src *", "script-src 'self'"]), [CspBlocksScript]);
    assert_eq!(blocked(&tag(), &["script-src *; script-src 'none'"]), []);
    let meta = format!("<meta http-equiv=Content-Security-Policy content=\"connect-src 'self'\">{}", tag());
    assert_eq!(blocked(&meta, &[]), [CspBlocksConnect]);
    assert_eq!(blocked(&format!("<meta name=description content=\"connect-src 'self'\">{}", tag()), &[]), []);
    // Hosts, ports, paths, schemes.
    for (sources, is_fine) in [
        ("https://office.example:443", true),
        ("https://office.example:8443", false),
        ("https://office.example:*", true),
        ("http://office.example", true),
        ("https://*.example", true),
        ("https://*.office.example", false),
        ("https://office.example/widget/", true),
        ("https://office.example/static/", false),
        ("https:", true),
        ("wss:", true),
        ("data:", false),
        ("'none'", false),
        ("", false),
        ("*", true),
        ("office.example.evil.test", false),
    ] {
        assert_eq!(blocked(&tag(), &[&format!("script-src {sources}")]).is_empty(), is_fine, "{sources}");
    }
    // A script that shows that it is meant.
    let meant = tag().replace("<script", "<script nonce='abc'");
    assert_eq!(blocked(&meant, &["script-src 'nonce-abc' 'strict-dynamic'"]), []);
    assert_eq!(blocked(&tag(), &["script-src 'nonce-abc' 'strict-dynamic' https://office.example"]), [CspBlocksScript]);
    let hashed = tag().replace("<script", "<script integrity='sha384-abc'");
    assert_eq!(blocked(&hashed, &["script-src 'sha384-abc'"]), []);
    assert_eq!(blocked(&hashed, &["script-src 'sha384-xyz'"]), [CspBlocksScript]);
}
