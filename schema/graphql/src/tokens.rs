//! A look at a document before it is parsed: how much there is to parse, and how deep it nests. Parsers recurse, so this one does not.

/// What a document is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lexed {
    /// Names, numbers, texts and punctuation.
    pub(crate) tokens: usize,
    /// `@`s.
    pub(crate) directives: usize,
    /// The most brackets open at once.
    pub(crate) nesting: usize,
}

/// Counts. What is no GraphQL is counted somehow; the parser will say so.
pub(crate) fn lex(document: &str) -> Lexed {
    let mut seen = Lexed::default();
    let mut open = 0_usize;
    let mut rest = document;
    while let Some(first) = rest.chars().next() {
        let step = match first {
            c if c.is_whitespace() || c == ',' || c == '\u{feff}' => {
                rest = after(rest, first.len_utf8());
                continue;
            }
            '#' => {
                rest = after(rest, rest.find(['\n', '\r']).unwrap_or(rest.len()));
                continue;
            }
            '"' => text(rest),
            c if c.is_ascii_digit() || c == '-' => length(rest, |c| is_word(c) || matches!(c, '.' | '-' | '+')),
            c if is_word(c) => length(rest, is_word),
            '.' if rest.starts_with("...") => 3,
            other => {
                match other {
                    '{' | '(' | '[' => open = open.saturating_add(1),
                    '}' | ')' | ']' => open = open.saturating_sub(1),
                    '@' => seen.directives = seen.directives.saturating_add(1),
                    _ => {}
                }
                other.len_utf8()
            }
        };
        seen.tokens = seen.tokens.saturating_add(1);
        seen.nesting = seen.nesting.max(open);
        rest = after(rest, step.max(1));
    }
    seen
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn after(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or_default()
}

/// The length of the text literal that begins here, with its quotes.
fn text(rest: &str) -> usize {
    let block = rest.starts_with("\"\"\"");
    let (quote, escape) = if block { ("\"\"\"", "\\\"\"\"") } else { ("\"", "\\") };
    let mut at = quote.len();
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with(quote) {
            return at.saturating_add(quote.len());
        }
        let mut step = here.chars().next().map_or(1, char::len_utf8);
        if here.starts_with(escape) {
            let escaped = if block { "" } else { here.get(1..).unwrap_or_default() };
            step = escape.len().saturating_add(escaped.chars().next().map_or(0, char::len_utf8));
        }
        at = at.saturating_add(step);
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(document: &str) -> (usize, usize, usize) {
        let Lexed { tokens, directives, nesting } = lex(document);
        (tokens, directives, nesting)
    }

    #[test]
    fn tokens_are_counted_as_the_specification_cuts_them() {
        for (document, expected) in [
            ("", (0, 0, 0)),
            ("{ a }", (3, 0, 1)),
            ("query Q($x: [Int!]! = [1, -2.5e+3]) { a(b: $x) @skip(if: true) }", (33, 1, 2)),
            ("# all { this\n{ a } # and } this", (3, 0, 1)),
            (r#"{ a(b: "x } \" { @") }"#, (8, 0, 2)),
            ("{ a(b: \"\"\"x } \" \\\"\"\" { @\"\"\") }", (8, 0, 2)),
            ("{ ...F ... on T { b } }", (10, 0, 2)),
            ("\"never closed { {", (1, 0, 0)),
            ("{...F...G a...H}", (9, 0, 1)),
            ("@@@", (3, 3, 0)),
            ("[[[[[", (5, 0, 5)),
        ] {
            assert_eq!(counts(document), expected, "{document}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_counted_to_its_end(document in "\\PC*|[{}()\\[\\]\"\\\\@.#\n a-z-]*") {
            let seen = lex(&document);
            prop_assert!(seen.tokens <= document.len() && seen.nesting <= document.len());
        }
    }
}
