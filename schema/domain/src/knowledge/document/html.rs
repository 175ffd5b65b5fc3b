//! HTML, as websites publish it. It is read token by token and never becomes a tree, so that no page, however it nests, costs more than
//! its length.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::Page;

/// What is on a page but not knowledge.
const LEFT_OUT: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "nav", "footer", "aside", "form", "button",
    "select", "textarea", "dialog",
];
/// What begins and ends a paragraph.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "body",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "header",
    "hgroup",
    "main",
    "p",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
];

/// What a page says. Its title is its first heading of the first level, else its `title`; its address what it says is canonical.
///
/// # Errors
/// The name of an element that is left out and never ends, so that the rest of the page would be lost with it.
pub(super) fn page(html: &str) -> Result<Page, String> {
    let mut emitter = DefaultEmitter::<()>::default();
    // Scripts and styles end where they end, not at the next `<`.
    emitter.naively_switch_states(true);
    let mut reading = Reading::default();
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => reading.start(&String::from_utf8_lossy(&tag.name), &tag),
            Token::EndTag(tag) => reading.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => reading.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    match reading.left_out {
        Some((name, _)) => Err(name),
        None => Ok(reading.page()),
    }
}

/// Where a page is being read.
#[derive(Default)]
struct Reading {
    out: String,
    /// What is left out right now, and how often it nests.
    left_out: Option<(String, u32)>,
    /// The lists that are open: the number of the next item, or none.
    lists: Vec<Option<u32>>,
    /// Where the text of a link began, and where it leads.
    link: Option<(usize, String)>,
    /// Where `main` began and ended.
    main: Option<(usize, Option<usize>)>,
    is_preformatted: bool,
    is_code: bool,
    in_row: bool,
    is_first_cell: bool,
    in_title: bool,
    title: String,
    /// The first heading of the first level, and whether it is being read.
    heading: String,
    heading_is: Heading,
    url: Option<String>,
    language: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Heading {
    #[default]
    Missing,
    Open,
    Read,
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).trim().to_owned()).filter(|value| !value.is_empty())
}

/// A link that leads somewhere from anywhere.
fn target(tag: &StartTag<()>) -> Option<String> {
    let href =
        attribute(tag, "href").filter(|href| ["http://", "https://", "mailto:"].iter().any(|begin| href.starts_with(begin)))?;
    (!href.chars().any(|c| c.is_whitespace() || c.is_control() || "()<>\\".contains(c))).then_some(href)
}

impl Reading {
    fn start(&mut self, name: &str, tag: &StartTag<()>) {
        if let Some((left_out, nested)) = &mut self.left_out {
            *nested = nested.saturating_add(u32::from(left_out == name && !tag.self_closing));
            return;
        }
        if LEFT_OUT.contains(&name) {
            self.left_out = (!tag.self_closing).then(|| (name.to_owned(), 1));
            return;
        }
        match name {
            "html" => self.language = attribute(tag, "lang"),
            "link" if attribute(tag, "rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) => {
                self.url = self.url.take().or_else(|| attribute(tag, "href").filter(|href| href.starts_with("http")));
            }
            "title" => self.in_title = self.title.is_empty(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.begin_heading(name),
            "ul" | "menu" => self.begin_list(None),
            "ol" => self.begin_list(Some(1)),
            "li" => self.begin_item(),
            "tr" => {
                self.line();
                self.out.push_str("- ");
                (self.in_row, self.is_first_cell) = (true, true);
            }
            "td" | "th" if !std::mem::take(&mut self.is_first_cell) => {
                self.letter(' ');
                self.out.push_str("| ");
            }
            "br" if self.in_row => self.letter(' '),
            "br" => self.out.push_str(if self.is_preformatted { "\n" } else { "  \n" }),
            "hr" => self.block(),
            "img" => {
                if let Some(alt) = attribute(tag, "alt") {
                    self.text(&alt);
                }
            }
            "pre" => {
                self.block();
                self.out.push_str("```\n");
                self.is_preformatted = true;
            }
            "code" if !self.is_preformatted && !self.is_code => {
                self.out.push('`');
                self.is_code = true;
            }
            "a" => {
                self.end_link();
                self.link = target(tag).map(|href| (self.out.len(), href));
            }
            "main" if self.main.is_none() => {
                self.block();
                self.main = Some((self.out.len(), None));
            }
            _ if BLOCKS.contains(&name) => self.block(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((left_out, nested)) = &mut self.left_out {
            *nested = nested.saturating_sub(u32::from(left_out == name));
            if *nested == 0 {
                self.left_out = None;
            }
            return;
        }
        match name {
            "title" => self.in_title = false,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                if self.heading_is == Heading::Open {
                    self.heading_is = Heading::Read;
                }
                self.block();
            }
            "ul" | "ol" | "menu" => {
                self.lists.pop();
                self.block();
            }
            "tr" => self.in_row = false,
            "table" => {
                self.in_row = false;
                self.block();
            }
            "pre" if self.is_preformatted => {
                self.line();
                self.out.push_str("```\n\n");
                self.is_preformatted = false;
            }
            "code" if self.is_code => {
                self.out.push('`');
                self.is_code = false;
            }
            "a" => self.end_link(),
            "main" => {
                self.block();
                if let Some((_, end @ None)) = &mut self.main {
                    *end = Some(self.out.len());
                }
            }
            _ if BLOCKS.contains(&name) => self.block(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.left_out.is_some() {
            return;
        }
        if self.in_title {
            self.title.push_str(text);
            return;
        }
        if self.heading_is == Heading::Open {
            self.heading.push_str(text);
        }
        if self.is_preformatted {
            // A fence inside would end the block.
            self.out.push_str(&text.replace("```", "'''"));
            return;
        }
        for c in text.chars() {
            self.letter(c);
        }
    }

    /// A letter of flowing text: white space is one space, and what Markdown would take for its own is not.
    fn letter(&mut self, c: char) {
        let before = self.out.chars().next_back();
        if c.is_whitespace() && c != '\u{a0}' {
            if before.is_some_and(|before| !before.is_whitespace()) {
                self.out.push(' ');
            }
            return;
        }
        if self.is_code {
            self.out.push(if c == '`' { '\'' } else { c });
            return;
        }
        let is_mark = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' => true,
            '_' => before.is_none_or(|before| !before.is_alphanumeric()),
            '#' | '+' | '-' | '=' | '>' | '~' => before.is_none_or(|before| before == '\n') || self.is_fresh(),
            '.' | ')' => self.is_number(),
            _ => false,
        };
        if before == Some('&') && (c.is_ascii_alphanumeric() || c == '#') {
            // It would be taken for a character's name.
            self.out.pop();
            self.out.push_str("\\&");
        }
        if is_mark {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    fn begin_heading(&mut self, name: &str) {
        self.block();
        let level = name.as_bytes().get(1).copied().map_or(1, |digit| usize::from(digit.saturating_sub(b'0')));
        self.out.push_str(&"#".repeat(level));
        self.out.push(' ');
        if name == "h1" && self.heading_is == Heading::Missing {
            self.heading_is = Heading::Open;
        }
    }

    fn begin_list(&mut self, first: Option<u32>) {
        if self.lists.is_empty() {
            self.block()
        } else {
            self.line()
        }
        // What nests deeper reads no better.
        if self.lists.len() < 16 {
            self.lists.push(first);
        }
    }

    fn begin_item(&mut self) {
        self.line();
        let depth = self.lists.len().saturating_sub(1);
        self.out.push_str(&"   ".repeat(depth));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.out.push_str(&format!("{number}. "));
                *number = number.saturating_add(1);
            }
            _ => self.out.push_str("- "),
        }
    }

    fn end_link(&mut self) {
        let Some((start, href)) = self.link.take() else { return };
        let Some(text) = self.out.get(start..).map(str::trim).filter(|text| !text.is_empty() && !text.contains("\n\n")) else {
            return;
        };
        let linked = format!("[{text}]({href})");
        let space = self.out.get(start..).is_some_and(|text| text.starts_with(char::is_whitespace));
        self.out.truncate(start);
        self.out.push_str(if space { " " } else { "" });
        self.out.push_str(&linked);
    }

    /// The line so far, if it is so short that nothing but a mark need be in it: a page may be one long line.
    fn short_line(&self) -> Option<&str> {
        let end = self.out.len();
        let near = (0..=64_usize).find_map(|back| self.out.get(end.checked_sub(64_usize.saturating_sub(back))?..))?;
        let line = if near.len() == end { near } else { near.split_once('\n')?.1 };
        line.rsplit('\n').next()
    }

    /// Whether nothing was written since an item or a heading began.
    fn is_fresh(&self) -> bool {
        let Some(line) = self.short_line() else { return false };
        let mark = line.trim();
        let is_number = mark.strip_suffix('.').is_some_and(|number| number.parse::<u32>().is_ok());
        let is_heading = !mark.is_empty() && mark.chars().all(|c| c == '#');
        let is_indented = mark.is_empty() && !line.is_empty() && !self.lists.is_empty();
        mark == "-" || is_number || is_heading || is_indented
    }

    /// Whether the line so far, or what stands in its item, is a number, so that a dot would make an item of it.
    fn is_number(&self) -> bool {
        let Some(line) = self.short_line() else { return false };
        let word = line.rsplit(' ').next().unwrap_or_default();
        let before = line.strip_suffix(word).unwrap_or_default().trim();
        let begins =
            before.is_empty() || before == "-" || before.strip_suffix('.').is_some_and(|number| number.parse::<u32>().is_ok());
        begins && !word.is_empty() && word.len() < 10 && word.chars().all(|c| c.is_ascii_digit())
    }

    /// Begins a new line, unless one has just begun.
    fn line(&mut self) {
        if self.out.ends_with('\n') {
            return;
        }
        self.out.truncate(self.out.trim_end_matches([' ', '\t']).len());
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Begins a new paragraph, unless one has just begun. In an item it is a new line of that.
    fn block(&mut self) {
        if self.is_preformatted || self.is_fresh() {
            return;
        }
        if self.in_row {
            self.letter(' ');
            return;
        }
        self.line();
        if !self.lists.is_empty() {
            self.out.push_str(&"   ".repeat(self.lists.len()));
        } else if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn page(mut self) -> Page {
        self.end_link();
        let text = match self.main {
            Some((start, end)) => self.out.get(start..end.unwrap_or(self.out.len())).unwrap_or_default(),
            None => &self.out,
        };
        let filled = |text: String| (!text.trim().is_empty()).then_some(text);
        Page {
            title: filled(self.heading).or_else(|| filled(self.title)),
            url: self.url,
            language: self.language,
            text: text.trim().to_owned(),
        }
    }
}
