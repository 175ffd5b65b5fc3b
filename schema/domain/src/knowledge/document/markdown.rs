//! Markdown, as people keep it in files.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::Page;

/// What a Markdown file says. Its title is what its front matter says, else its first heading of the first level.
pub(super) fn page(text: &str) -> Page {
    let (front, body) = front_matter(text);
    let mut page = Page { text: body.trim().to_owned(), ..Page::default() };
    for line in front.lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        if value.is_empty() {
            continue;
        }
        match key.trim().to_ascii_lowercase().as_str() {
            "title" => page.title = Some(value),
            "url" | "source_url" => page.url = Some(value),
            "lang" | "language" | "locale" => page.language = Some(value),
            _ => {}
        }
    }
    page.title = page.title.or_else(|| heading(&page.text));
    page
}

/// What stands between two lines of dashes at the very beginning, and the rest.
fn front_matter(text: &str) -> (&str, &str) {
    let none = ("", text);
    let Some(rest) = text.strip_prefix("---").and_then(|rest| rest.strip_prefix('\n').or_else(|| rest.strip_prefix("\r\n")))
    else {
        return none;
    };
    let mut end = 0_usize;
    for line in rest.split_inclusive('\n') {
        let after = end.saturating_add(line.len());
        if line.trim_end() == "---" {
            return (rest.get(..end).unwrap_or_default(), rest.get(after..).unwrap_or_default());
        }
        end = after;
    }
    none
}

fn heading(text: &str) -> Option<String> {
    let mut title: Option<String> = None;
    for event in Parser::new(text) {
        match (event, &mut title) {
            (Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }), _) => title = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), Some(_)) => break,
            (Event::Text(words) | Event::Code(words), Some(title)) => title.push_str(&words),
            (Event::SoftBreak | Event::HardBreak, Some(title)) => title.push(' '),
            _ => {}
        }
    }
    title
}
