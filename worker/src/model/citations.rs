//! Citations in an answer, while it is being written: `[2]` names the second passage the model was given.
//!
//! Invariants: what comes out does not depend on how the text was cut; every `[n]` in it names one of [`Citations::sources`], which
//! stand in the order in which they were first named.

use frontoffice_domain::{
    chat::Source,
    id::KnowledgeEntryId,
    knowledge::{Found, Passage},
};

/// Longer than this, a bracket is none of a citation.
const LONGEST: usize = 32;

/// Lets the text of an answer through and numbers its citations anew. What names no passage that was given is left out, and with it
/// the spaces before it. Passages of one entry are one source.
#[derive(Debug, Default)]
pub(crate) struct Citations {
    given: Vec<(KnowledgeEntryId, Source)>,
    cited: Vec<KnowledgeEntryId>,
    sources: Vec<Source>,
    /// Spaces that are let through once it is known that no citation without a passage follows.
    spaces: String,
    /// A bracket that may become a citation: `[`, `[1`, `[1, 2`.
    bracket: String,
    /// The text so far ends with a bracket that became none and that a `]` would make look like a citation nobody made.
    open: bool,
    /// The text so far ends with this citation.
    last: Option<usize>,
}

impl Citations {
    /// For an answer to which these passages were given, the first as `[1]`.
    pub(crate) fn of(given: &[Found]) -> Self {
        let source = |Passage { entry_id, title, source_url, .. }: &Passage| {
            (*entry_id, Source { title: title.clone(), url: source_url.clone() })
        };
        Self { given: given.iter().map(|found| source(&found.passage)).collect(), ..Self::default() }
    }

    /// Takes more of the text in; what of it can be shown.
    pub(crate) fn take(&mut self, text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                '[' => {
                    self.give_up_bracket(&mut out);
                    self.bracket.push(c);
                }
                ']' if !self.bracket.is_empty() => self.close_bracket(&mut out),
                '0'..='9' | ',' | ' ' if !self.bracket.is_empty() && self.bracket.len() < LONGEST => self.bracket.push(c),
                _ => {
                    self.give_up_bracket(&mut out);
                    if c == ' ' {
                        self.spaces.push(c);
                    } else {
                        self.let_through(c, &mut out);
                    }
                }
            }
        }
        out
    }

    /// The rest, once there is no more text.
    pub(crate) fn end(&mut self) -> String {
        let mut out = String::new();
        self.give_up_bracket(&mut out);
        out.push_str(&std::mem::take(&mut self.spaces));
        out
    }

    /// Where the answer comes from, so far.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn let_through(&mut self, c: char, out: &mut String) {
        if self.open && c == ']' {
            self.spaces.push(' ');
        }
        out.push_str(&std::mem::take(&mut self.spaces));
        out.push(c);
        (self.open, self.last) = (self.open && matches!(c, '0'..='9' | ',' | ' '), None);
    }

    /// The bracket is none of a citation.
    fn give_up_bracket(&mut self, out: &mut String) {
        let bracket = std::mem::take(&mut self.bracket);
        if !bracket.is_empty() {
            out.push_str(&std::mem::take(&mut self.spaces));
            out.push_str(&bracket);
            (self.open, self.last) = (true, None);
        }
    }

    fn close_bracket(&mut self, out: &mut String) {
        let Some(numbers) = numbers(&self.bracket) else {
            self.give_up_bracket(out);
            self.open = false;
            return self.let_through(']', out);
        };
        self.bracket.clear();
        let named: Vec<usize> = numbers.into_iter().filter_map(|number| self.name(number?)).collect();
        for number in named {
            if self.last != Some(number) {
                out.push_str(&std::mem::take(&mut self.spaces));
                out.push_str(&format!("[{number}]"));
            }
            (self.open, self.last) = (false, Some(number));
        }
        self.spaces.clear();
    }

    /// The number under which the reader finds the source of a passage; none if no such passage was given.
    fn name(&mut self, passage: usize) -> Option<usize> {
        let (entry, source) = self.given.get(passage.checked_sub(1)?)?;
        if let Some(place) = self.cited.iter().position(|cited| cited == entry) {
            return place.checked_add(1);
        }
        self.cited.push(*entry);
        self.sources.push(source.clone());
        Some(self.cited.len())
    }
}

/// The numbers in `[1, 2`, each `None` if it is beyond all counting; `None` if it is something else.
fn numbers(bracket: &str) -> Option<Vec<Option<usize>>> {
    let parts = bracket.strip_prefix('[')?.split(',').map(str::trim);
    parts.map(|part| (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())).collect()
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the texts cut are ASCII")]
mod tests {
    use frontoffice_domain::locale::Locale;
    use proptest::prelude::*;

    use super::*;

    /// Passages of these entries, in this order.
    fn given(entries: &[usize]) -> Vec<Found> {
        let ids: Vec<KnowledgeEntryId> = (0..10).map(|_| KnowledgeEntryId::new()).collect();
        let found = |&entry: &usize| Found {
            passage: Passage {
                entry_id: ids[entry],
                title: format!("entry {entry}"),
                source_url: None,
                locale: Locale::En,
                text: String::new(),
                terms: String::new(),
            },
            score: 0,
            quotation: String::new(),
        };
        entries.iter().map(found).collect()
    }

    fn read(given: &[Found], pieces: &[&str]) -> (String, Vec<String>) {
        let mut citations = Citations::of(given);
        let mut text: String = pieces.iter().map(|piece| citations.take(piece)).collect();
        text.push_str(&citations.end());
        (text, citations.sources().iter().map(|source| source.title.clone()).collect())
    }

    #[test]
    fn citations_are_numbered_by_their_first_appearance() {
        // Passages 1 and 3 are of one entry.
        let given = given(&[0, 1, 0, 2]);
        for (text, shown, sources) in [
            ("Yes [2]. No [1].", "Yes [1]. No [2].", vec!["entry 1", "entry 0"]),
            ("Yes [1][3]. No [3] [1], [2].", "Yes [1]. No [1], [2].", vec!["entry 0", "entry 1"]),
            ("Yes [4, 2,4].", "Yes [1][2][1].", vec!["entry 2", "entry 1"]),
            ("Yes [9]. No [0] [5,2] [99999999999999999999999].", "Yes. No [1].", vec!["entry 1"]),
            ("An array[7] and a [link](x), [ ], [], [,], [1", "An array and a [link](x), [ ], [], [,], [1", vec![]),
            ("[[9]1] [1[9]2] [[2]]", "[1 ] [12 ] [[1]]", vec!["entry 1"]),
            ("two  spaces [1]  and a line\n[1]\n", "two  spaces [1]  and a line\n[1]\n", vec!["entry 0"]),
            ("", "", vec![]),
        ] {
            let expected = (shown.to_owned(), sources.into_iter().map(str::to_owned).collect());
            assert_eq!(read(&given, &[text]), expected, "{text}");
        }
    }

    /// The numbers of all `[n]` in a text.
    fn shown(text: &str) -> Vec<usize> {
        let ends = |rest: &str| rest.split_once(']').and_then(|(number, _)| number.parse().ok());
        text.split('[').skip(1).filter_map(ends).collect()
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_text_is_cut(text in "[\\[\\]0-3, a\n]{0,60}", cuts in prop::collection::vec(0_usize..60, 0..8)) {
            let given = given(&[0, 1, 0]);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&str> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            prop_assert_eq!(read(&given, &pieces), read(&given, &[&text]));
        }

        #[test]
        fn every_number_shown_names_a_source_and_every_source_is_shown(text in "[\\[\\]0-3, a]{0,90}") {
            let (text, sources) = read(&given(&[0, 1, 0, 2, 3]), &[&text]);
            let shown = shown(&text);
            let mut first = Vec::new();
            for number in &shown {
                prop_assert!((1..=sources.len()).contains(number), "[{}] in {}", number, text);
                if !first.contains(number) {
                    first.push(*number);
                }
            }
            prop_assert_eq!(first, (1..=sources.len()).collect::<Vec<_>>(), "{}", text);
        }

        #[test]
        fn text_without_brackets_is_left_alone(text in "[^\\[]{0,60}") {
            prop_assert_eq!(read(&given(&[0]), &[&text]).0, text);
        }
    }
}
