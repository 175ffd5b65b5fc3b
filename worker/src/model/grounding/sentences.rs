//! Cuts a text into sentences while it is being written. Citations behind a sentence's end belong to it.
//!
//! Invariants: nothing of the text is lost; it does not matter in which pieces it comes. When in doubt two sentences are one: what is
//! checked together may at most be withheld together.

/// Words before a full stop that end no sentence.
const ABBREVIATIONS: [&str; 38] = [
    "dr", "mr", "mrs", "ms", "st", "nr", "no", "bzw", "ca", "usw", "etc", "approx", "incl", "excl", "zzgl", "inkl", "exkl",
    "art", "tel", "np", "tzw", "ul", "sr", "sra", "srta", "dott", "sig", "ing", "vs", "max", "min", "abs", "str", "evtl", "ggf",
    "resp", "ext", "pág",
];

/// What was not yet cut.
#[derive(Debug, Default)]
pub(super) struct Sentences {
    rest: String,
}

impl Sentences {
    /// Takes more of the text in; the sentences that are whole now, with the white space behind them.
    pub(super) fn take(&mut self, text: &str) -> Vec<String> {
        self.rest.push_str(text);
        let mut whole = Vec::new();
        while let Some(end) = end_of_first(&self.rest) {
            let rest = self.rest.split_off(end);
            whole.push(std::mem::replace(&mut self.rest, rest));
        }
        whole
    }

    /// The rest, once there is no more text.
    pub(super) fn end(&mut self) -> String {
        std::mem::take(&mut self.rest)
    }
}

/// Where the first sentence ends, once it is known: something of the next one must be there.
fn end_of_first(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    let mut begun = false;
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let before = text.get(..at).unwrap_or_default();
        let is_end = match c {
            '。' | '！' | '？' => true,
            // Of `3.50`, `example.com`, `?!` and `...` only what white space, a citation or a closing sign follows is an end.
            '.' => closes(next?) && !is_abbreviated(before),
            '!' | '?' | '…' => closes(next?),
            '\n' => begun,
            _ => false,
        };
        begun |= !c.is_whitespace();
        if !is_end {
            continue;
        }
        let behind = at.saturating_add(c.len_utf8());
        let end = behind_citations(text, behind)?;
        let following = text.get(end..).and_then(|rest| rest.chars().next())?;
        // `approx. five`, `usw. in`: no sentence begins with a small letter.
        if c == '.' && (following.is_lowercase() || following.is_ascii_digit() && before.ends_with(|c: char| c.is_ascii_digit()))
        {
            continue;
        }
        return Some(end);
    }
    None
}

fn closes(next: char) -> bool {
    next.is_whitespace() || matches!(next, '[' | '"' | '”' | '“' | '»' | '«' | '’' | '\'' | ')' | ']' | '*' | '_' | '|' | '<')
}

/// Whether a full stop after this ends no sentence: after a number (`3. Mai`, `1. First`), a letter (`z. B.`) or an abbreviation.
fn is_abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let mut chars = word.chars();
    // No day and no list has a number like `2019`, `9:30` or `4.90`.
    let rest = before.get(..before.len().saturating_sub(word.len())).unwrap_or_default();
    // `14 h` is an hour.
    let hour = word == "h" && rest.trim_end().ends_with(|c: char| c.is_ascii_digit());
    let single = chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none() && !hour;
    let goes_on = rest.strip_suffix([':', '.', ',']).is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()));
    let number = (1..3).contains(&word.len()) && word.chars().all(|c| c.is_ascii_digit()) && !goes_on;
    single || number || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// The place behind closing signs, white space and citations; `None` if more of them may follow.
fn behind_citations(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let closed = rest.trim_start_matches(['"', '”', '“', '»', '’', '\'', ')', '*', '_', '.', '!', '?', '。', '！', '？']);
        let spaced = closed.trim_start();
        let begin = text.len().saturating_sub(spaced.len());
        if spaced.is_empty() {
            return None;
        }
        let Some(bracket) = spaced.strip_prefix('[') else { return Some(begin) };
        let inside = bracket.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',' || c == ' ');
        match inside.chars().next() {
            None => return None,
            Some(']') => at = text.len().saturating_sub(inside.len()).saturating_add(1),
            Some(_) => return Some(begin),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(pieces: &[&str]) -> Vec<String> {
        let mut sentences = Sentences::default();
        let mut all: Vec<String> = pieces.iter().flat_map(|piece| sentences.take(piece)).collect();
        all.extend(Some(sentences.end()).filter(|rest| !rest.is_empty()));
        all
    }

    #[test]
    fn a_text_is_cut_where_its_sentences_end() {
        for (text, sentences) in [
            ("We open at nine [1]. Call us [2].", vec!["We open at nine [1]. ", "Call us [2]."]),
            ("We open. [1] [2, 3] Call us!", vec!["We open. [1] [2, 3] ", "Call us!"]),
            ("It is \"open.\" [1]\nYes? No.", vec!["It is \"open.\" [1]\n", "Yes? ", "No."]),
            ("It costs 3.50 at example.com. Fine.", vec!["It costs 3.50 at example.com. ", "Fine."]),
            ("Am 3. Mai z. B. bei Dr. Ott. Ja.", vec!["Am 3. Mai z. B. bei Dr. Ott. ", "Ja."]),
            (
                "Until 14:00. It is. For 4.90. In 2019. Am 3.5. 2026 war",
                vec!["Until 14:00. ", "It is. ", "For 4.90. ", "In 2019. ", "Am 3.5. 2026 war"],
            ),
            ("Etwa usw. in der Nähe. Gut.", vec!["Etwa usw. in der Nähe. ", "Gut."]),
            ("- one [1]\n- two [2]\n\nEnd", vec!["- one [1]\n", "- two [2]\n\n", "End"]),
            ("開店は九時です[1]。はい。", vec!["開店は九時です[1]。", "はい。"]),
            ("See [the list](x). Or [a]. b", vec!["See [the list](x). ", "Or [a]. b"]),
            ("", vec![]),
        ] {
            assert_eq!(cut(&[text]), sentences, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_it_does_not_matter_how_it_is_cut(text in "[ab1.!?。\\[\\] \n\"]{0,60}", cuts in prop::collection::vec(0_usize..80, 0..8)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| text.floor_char_boundary(cut)).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&str> = cuts.windows(2).map(|pair| text.get(pair[0]..pair[1]).unwrap()).collect();
            let whole = cut(&[&text]);
            prop_assert_eq!(whole.concat(), text.clone());
            prop_assert_eq!(cut(&pieces), whole);
        }
    }
}
