//! From Markdown to the passages that are searched and quoted.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// A passage is closed once it is this long; one paragraph is never torn apart.
const LONG_ENOUGH: usize = 500;

/// The passages of a Markdown text, as plain text. Headings stand at the head of what they head.
pub(super) fn passages(markdown: &str) -> Vec<String> {
    let mut finished = Vec::new();
    let mut heading = String::new();
    let mut passage = String::new();
    let mut block = String::new();
    let mut in_heading = false;
    for event in Parser::new(markdown) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                close(&mut passage, &mut finished);
                block.clear();
                in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => {
                heading = std::mem::take(&mut block);
                in_heading = false;
            }
            Event::Text(text) | Event::Code(text) => block.push_str(&text),
            Event::SoftBreak | Event::HardBreak => block.push(' '),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::BlockQuote(_)) if !in_heading => {
                let text = block.trim();
                if !text.is_empty() {
                    if passage.is_empty() && !heading.is_empty() {
                        passage.push_str(&heading);
                        passage.push('\n');
                    } else if !passage.is_empty() {
                        passage.push('\n');
                    }
                    passage.push_str(text);
                }
                block.clear();
                if passage.len() >= LONG_ENOUGH {
                    close(&mut passage, &mut finished);
                }
            }
            _ => {}
        }
    }
    close(&mut passage, &mut finished);
    finished
}

fn close(passage: &mut String, finished: &mut Vec<String>) {
    if !passage.is_empty() {
        finished.push(std::mem::take(passage));
    }
}

#[cfg(test)]
mod tests {
    use super::passages;

    #[test]
    fn a_text_becomes_plain_passages_under_their_headings() {
        let long = "word ".repeat(120);
        let text = format!("Intro with `code` and *stress*.\n\n## Part\n\n- one\n- two\n\n{long}\n\nafter");
        let found = passages(&text);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[0], "Intro with code and stress.");
        assert!(found[1].starts_with("Part\none\ntwo\nword"));
        assert_eq!(found[2], "Part\nafter");
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(passages("").is_empty());
        assert!(passages("\n\n  \n").is_empty());
    }
}
