use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

fn upload<'a>(format: Format, name: &'a str, bytes: &'a [u8]) -> Upload<'a> {
    Upload { format, name, bytes, locale: None, fallback: Locale::En }
}

fn html(text: &str) -> Page {
    html::page(text).unwrap()
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn faults(upload: &Upload<'_>) -> Vec<(String, String)> {
    read(upload).unwrap_err().into_iter().map(|fault| (fault.file, fault.message)).collect()
}

#[test]
fn a_page_becomes_what_stands_in_it() {
    let page = html(
        "<!doctype html><html lang=de-AT><head><title>Fisch &amp; Co</title><link rel=canonical href='https://fish.example/zeiten'>\
         <style>p { color: red } </style></head><body><nav><a href=/>Start</a></nav><script>if (a < b) document.write('<p>no</p>')</script>\
         <main><h1>Öffnungs&shy;zeiten</h1><p>Wir  haben\n <b>werktags</b> offen.<br>Auch * sonntags.</p>\
         <ul><li>Montag<li><p>Dienstag</p><ol><li>vormittags</li><li>abends</li></ol></ul>\
         <table><tr><th>Tag<th>Zeit</tr><tr><td><p>Mo</p></td><td>9&nbsp;bis<br>18</td></tr></table>\
         <p>Siehe <a href='https://fish.example/a?b=c'>die Seite</a>, <a href=/x>hier</a> und <code>a_b`c</code>.</p>\
         <pre>  zwei\n   Zeilen</pre></main><footer>Impressum</footer></body></html>",
    );
    assert_eq!(page.title.as_deref(), Some("Öffnungs\u{ad}zeiten"));
    assert_eq!((page.url.as_deref(), page.language.as_deref()), (Some("https://fish.example/zeiten"), Some("de-AT")));
    let expected = "# Öffnungs\u{ad}zeiten\n\nWir haben werktags offen.  \nAuch \\* sonntags.\n\n- Montag\n- Dienstag\n   1. vormittags\n   2. abends\n\n\
        - Tag | Zeit\n- Mo | 9\u{a0}bis 18\n\nSiehe [die Seite](https://fish.example/a?b=c), hier und `a_b'c`.\n\n```\n  zwei\n   Zeilen\n```";
    assert_eq!(page.text, expected);
}

#[test]
fn a_page_without_main_is_its_body_and_its_title() {
    let page = html(
        "<title> Hours </title><header><a href=/>Home</a></header><div><div>One</div><div>Two</div></div><form><p>Name</p></form>Three",
    );
    assert_eq!((page.title.as_deref(), page.text.as_str()), (Some(" Hours "), "Home\n\nOne\n\nTwo\n\nThree"));
    // Headings with blocks inside, text that looks like Markdown, links that lead nowhere.
    let page = html(
        "<h2><div>Prices</div></h2><p># no heading, 1 < 2 &lt;b&gt; [x](y)</p><a href='javascript:alert(1)'>no</a> <a href=https://a.example>  </a>",
    );
    assert_eq!(page.text, "## Prices\n\n\\# no heading, 1 \\< 2 \\<b> \\[x\\](y)\n\nno");
    assert_eq!(html::page("<nav><p>All of it").unwrap_err(), "nav");
}

#[test]
fn markdown_says_of_itself_what_it_is() {
    let text =
        "\u{feff}---\ntitle: \"Hours: all\"\nlang: pt\nurl: https://fish.example/h\ndraft: true\n---\n\n# Other\n\nFrom nine.\n";
    let found = read(&upload(Format::Markdown, "x.md", text.as_bytes())).unwrap().documents.pop().unwrap().entry;
    let expected = NewEntry {
        title: "Hours: all".into(),
        text: "# Other\n\nFrom nine.".into(),
        source_url: Some("https://fish.example/h".into()),
        locale: Locale::PtBr,
    };
    assert_eq!(found, expected);
    let title =
        |name: &str, text: &str| read(&upload(Format::Markdown, name, text.as_bytes())).unwrap().documents[0].entry.title.clone();
    assert_eq!(title("a.md", "Before.\n\n## Two\n\nThe `x`\n*one*\n===\nAfter."), "The x one");
    assert_eq!(title("docs/opening-hours_today.md", "From nine."), "Opening hours today");
    assert_eq!(title("a.md", "---\ntitle: never ends\n"), "A");
    let german = Upload { locale: Some(Locale::De), ..upload(Format::Markdown, "x.md", b"# Zeiten\n\nAb neun.") };
    assert_eq!(read(&german).unwrap().documents[0].entry.locale, Locale::De);
}

#[test]
fn what_cannot_be_an_entry_is_said_of_every_file() {
    let wrong = |name: &str, bytes: &[u8]| faults(&upload(Format::Markdown, name, bytes)).pop().unwrap().1;
    assert_eq!(wrong("", b"From nine."), "has no title: begin it with a heading, or give the file a name");
    assert_eq!(wrong("a.md", b"\xff"), "must be UTF-8; byte 0 is not");
    assert_eq!(
        wrong("a.md", b"# Only a heading"),
        "must have 1 to 100,000 characters, with something to read in them and not in more than 2,000 pieces"
    );
    assert!(wrong("a.md", &vec![b'x'; LARGEST_FILE + 1]).starts_with("has 1048577 bytes"));
    assert_eq!(
        wrong("a.md", b"---\nurl: javascript:x\n---\nText."),
        "must name as its source an `http` or `https` address of at most 2,000 characters"
    );
    let zip = archive(&[("good.md", b"From nine."), ("bad.md", b""), ("worse.html", b"<nav>")]);
    let found: Vec<String> = faults(&upload(Format::Zip, "all.zip", &zip)).into_iter().map(|fault| fault.0).collect();
    assert_eq!(found, ["bad.md", "worse.html"]);
    assert!(faults(&upload(Format::Zip, "all.zip", b"PK")).pop().unwrap().1.starts_with("cannot be read as a zip"));
    assert_eq!(
        faults(&upload(Format::Zip, "all.zip", &archive(&[("a.png", b"x")]))).pop().unwrap().1,
        "has no Markdown or HTML file in it"
    );
}

#[test]
fn of_an_archive_what_is_knowledge_is_taken() {
    let zip = archive(&[
        ("shop/hours.md", b"From nine."),
        ("shop/prices.html", b"<h1>Prices</h1><p>One euro.</p>"),
        ("../../etc/passwd.md", b"No."),
        ("__MACOSX/hours.md", b"No."),
        (".git/config.md", b"No."),
        ("logo.png", b"No."),
        ("more.zip", b"No."),
    ]);
    let found = read(&upload(Format::Zip, "all.zip", &zip)).unwrap();
    let titles: Vec<(&str, &str)> = found.documents.iter().map(|one| (one.file.as_str(), one.entry.title.as_str())).collect();
    assert_eq!(titles, [("shop/hours.md", "Hours"), ("shop/prices.html", "Prices")]);
    let skipped: Vec<&str> = found.skipped.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(skipped, ["file 3", "logo.png", "more.zip"]);
}

#[test]
fn an_archive_unpacks_to_no_more_than_is_allowed() {
    let big = vec![b'x'; LARGEST_FILE + 1];
    assert!(
        faults(&upload(Format::Zip, "all.zip", &archive(&[("a.md", &big)]))).pop().unwrap().1.starts_with("has 1048577 bytes")
    );
    let paragraph = "word ".repeat(15_000);
    let names: Vec<String> = (0..=LARGEST_SUM / paragraph.len() + 1).map(|number| format!("{number}.md")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), paragraph.as_bytes())).collect();
    assert!(faults(&upload(Format::Zip, "all.zip", &archive(&files))).pop().unwrap().1.starts_with("unpacks to more than"));
    let names: Vec<String> = (0..=MOST_FILES).map(|number| format!("{number}.md")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
    assert_eq!(
        faults(&upload(Format::Zip, "all.zip", &archive(&files))).pop().unwrap().1,
        "has 1001 files; at most 1000 are allowed"
    );
}

#[test]
fn no_page_costs_more_than_its_length() {
    // Each of these makes readers that build a tree slow, or end by an overflowing stack.
    for piece in [
        "<div>",
        "<b a=1><p>",
        "<table><tr><td>",
        "<ul><li>",
        "<a href=https://a.example>x",
        "<pre>",
        "</p>",
        "<h1>",
        "<blockquote>x",
        "-",
        "1.",
        "&",
        "_",
    ] {
        let text = piece.repeat(LARGEST_FILE / piece.len());
        let page = html(&text);
        assert!(page.text.len() <= 40 * text.len(), "{piece}");
    }
}

proptest! {
    #[test]
    fn any_words_of_a_page_are_its_words(words in prop::collection::vec("[a-z0-9_*#\\[\\]`<>&.!-]{1,8}", 1..12), tag in prop::sample::select(vec!["p", "div", "li", "td", "h2", "b", "section"])) {
        let escape = |word: &String| word.replace('&', "&amp;").replace('<', "&lt;");
        let text = words.iter().map(|word| format!("<{tag}>{}</{tag}>", escape(word))).collect::<Vec<_>>().join(" ");
        let markdown = html(&text).text;
        // Read as Markdown, nothing is lost and nothing has become markup.
        let read: String = pulldown_cmark::Parser::new(&markdown)
            .filter_map(|event| match event {
                pulldown_cmark::Event::Text(text) | pulldown_cmark::Event::Code(text) => Some(text.to_string()),
                pulldown_cmark::Event::SoftBreak | pulldown_cmark::Event::HardBreak => Some(" ".into()),
                _ => None,
            })
            .collect();
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '|').collect::<String>();
        prop_assert_eq!(bare(&read), bare(&words.concat()), "{:?}", markdown);
    }

    #[test]
    fn nothing_that_comes_in_ends_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), text in ".{0,200}") {
        let _ = read(&upload(Format::Zip, "x.zip", &bytes));
        let _ = read(&upload(Format::Html, "x.html", text.as_bytes()));
        let _ = read(&upload(Format::Markdown, "x.md", text.as_bytes()));
    }
}
