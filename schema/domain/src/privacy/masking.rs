//! Taking out of a text by what somebody could be written to, called, or paid from.
//!
//! Read once, from the left. Whether something begins at a place depends on what stands before it as it is shown, and on no more of what
//! follows than it would take; so what was masked once is not masked further, and the work is linear in the text.

use std::borrow::Cow;

/// A text with `[e-mail]`, `[phone]`, `[card]` and `[IBAN]` where these stood: e-mail addresses, phone numbers, numbers of payment cards
/// (13 to 19 digits whose check digit fits) and IBANs (whose check digits fit). Dates, prices, amounts and numbers of orders stay.
#[must_use]
pub fn mask(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c == '@' || digit(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = text.chars().collect();
    let (mut shown, mut at, mut any) = (String::with_capacity(text.len()), 0_usize, false);
    while let Some(c) = chars.get(at).copied() {
        at = match find(&chars, at, c, &shown) {
            Some(Found::Hidden(label, end)) => {
                shown.push_str(label);
                any = true;
                end
            }
            Some(Found::Kept(end)) => {
                shown.extend(chars.get(at..end).unwrap_or_default());
                end
            }
            None => {
                shown.push(c);
                at.saturating_add(1)
            }
        };
    }
    if any { Cow::Owned(shown) } else { Cow::Borrowed(text) }
}

/// What begins at a place, and where it ends: always behind it.
enum Found {
    /// Something to be masked, and by what.
    Hidden(&'static str, usize),
    /// A date, of which no part is a number of anything.
    Kept(usize),
}

fn find(chars: &[char], at: usize, c: char, shown: &str) -> Option<Found> {
    let hidden = |label: &'static str| move |end: usize| Found::Hidden(label, end);
    if is_local(c) && !shown.chars().next_back().is_some_and(is_local) {
        let found = email(chars, at).map(hidden("[e-mail]"));
        if found.is_some() {
            return found;
        }
    }
    if is_part(shown) {
        return None;
    }
    if c.is_ascii_alphabetic() {
        return iban(chars, at).map(hidden("[IBAN]"));
    }
    if matches!(c, '+' | '(') {
        let first = at.saturating_add(1);
        chars.get(first).copied().and_then(digit)?;
        return phone(chars, &groups(chars, first), Some(c)).map(hidden("[phone]"));
    }
    digit(c)?;
    let groups = groups(chars, at);
    if let Some(end) = date(&groups) {
        return Some(Found::Kept(end));
    }
    let card = card(chars, &groups).map(hidden("[card]"));
    card.or_else(|| phone(chars, &groups, None).map(hidden("[phone]")))
}

/// A digit, or a letter of the scripts in which addresses are written. Japanese has no spaces, so what stands beside it there is no part of
/// it.
fn is_word(c: char) -> bool {
    (c.is_alphanumeric() && c < '\u{2e80}') || digit(c).is_some()
}

/// What may stand before the `@` of an address.
fn is_local(c: char) -> bool {
    is_word(c) || "._%+-&~=".contains(c)
}

/// Whether a number that comes next is a part of something else: of a word, a name, an address, an amount, the number of an order. Behind
/// the full stop of a word (`Tel.`) it is not.
fn is_part(shown: &str) -> bool {
    let mut back = shown.chars().rev();
    match (back.next(), back.next()) {
        (Some('.'), Some(earlier)) => !earlier.is_alphabetic(),
        (Some(before), _) => is_local(before) || "@#/\\$€£¥".contains(before),
        (None, _) => false,
    }
}

/// The value of a digit, also of a wide one, as Japanese keyboards write them.
fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| u32::from(c).checked_sub(0xff10).filter(|value| *value < 10))
}

/// Whether a number may end before this place.
fn may_end(chars: &[char], at: usize) -> bool {
    chars.get(at).is_none_or(|c| !is_word(*c) && !matches!(c, '@' | '_'))
}

/// Where an e-mail address ends that begins here: a name, `@`, and names of hosts up to one that could be a top level.
fn email(chars: &[char], at: usize) -> Option<usize> {
    let name = chars.get(at..)?.iter().take_while(|c| is_local(**c)).count();
    let sign = at.saturating_add(name);
    if chars.get(sign) != Some(&'@') {
        return None;
    }
    let first = sign.saturating_add(1);
    let host = chars.get(first..)?;
    let host = host.get(..host.iter().take_while(|c| is_word(**c) || matches!(c, '.' | '-')).count())?;
    let (mut end, mut label_at) = (None, first);
    for (place, label) in host.split(|c| *c == '.').enumerate() {
        if label.is_empty() {
            break;
        }
        // A dash behind an address is no part of it.
        let letters = label.iter().take_while(|c| c.is_alphabetic()).count();
        let is_word = letters >= 2 && label.iter().skip(letters).all(|c| *c == '-');
        let is_top = is_word || label.starts_with(&['x', 'n', '-', '-']);
        if place > 0 && is_top {
            end = Some(label_at.saturating_add(if is_word { letters } else { label.len() }));
        }
        label_at = label_at.saturating_add(label.len()).saturating_add(1);
    }
    end
}

/// How long an IBAN is, by country (ISO 13616).
const IBANS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 \
    FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 \
    LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 \
    SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// Where an IBAN ends that begins here, with or without spaces.
fn iban(chars: &[char], at: usize) -> Option<usize> {
    let [first, second, checks @ ..] = chars.get(at..at.saturating_add(4))? else { return None };
    if !first.is_ascii_alphabetic() || !second.is_ascii_alphabetic() || !checks.iter().all(char::is_ascii_digit) {
        return None;
    }
    let country: String = [first, second].into_iter().map(char::to_ascii_uppercase).collect();
    let length: usize = IBANS.split(' ').find_map(|known| known.strip_prefix(country.as_str()))?.parse().ok()?;
    let (mut kept, mut end) = (Vec::with_capacity(length), at);
    while kept.len() < length {
        match chars.get(end)? {
            c if c.is_ascii_alphanumeric() => kept.push(*c),
            ' ' | '\u{a0}' | '-' if chars.get(end.saturating_sub(1)).is_some_and(char::is_ascii_alphanumeric) => {}
            _ => return None,
        }
        end = end.saturating_add(1);
    }
    let moved = kept.iter().skip(4).chain(kept.iter().take(4)).filter_map(|c| c.to_digit(36));
    let rest = moved.fold(0_u32, |rest, value| {
        let shift = if value < 10 { 10 } else { 100 };
        rest.saturating_mul(shift).saturating_add(value) % 97
    });
    (rest == 1 && may_end(chars, end)).then_some(end)
}

/// Digits that stand together.
struct Group {
    digits: Vec<u32>,
    /// What stands between them and those before.
    marks: Vec<char>,
    end: usize,
}

impl Group {
    fn len(&self) -> usize {
        self.digits.len()
    }

    fn number(&self) -> u32 {
        self.digits.iter().fold(0, |number, digit| number.saturating_mul(10).saturating_add(*digit))
    }

    /// What stands before them, if it is one mark.
    fn mark(&self) -> Option<char> {
        match self.marks.as_slice() {
            [mark] => Some(*mark),
            _ => None,
        }
    }
}

/// No number that is looked for has more digits.
const MOST_DIGITS: usize = 19;
/// So many marks may stand between two groups of a number: ` (0) `.
const MOST_MARKS: usize = 3;

fn is_mark(c: char) -> bool {
    " -./()\u{a0}\u{202f}\u{3000}\u{2010}\u{2011}\u{2013}\u{ff0d}".contains(c)
}

/// The groups of digits from here on that could be one number.
fn groups(chars: &[char], at: usize) -> Vec<Group> {
    let (mut all, mut count, mut from): (Vec<Group>, usize, usize) = (Vec::new(), 0, at);
    loop {
        let marks: Vec<char> = chars.iter().skip(from).copied().take_while(|c| is_mark(*c)).take(MOST_MARKS).collect();
        let first = from.saturating_add(marks.len());
        // One more than there may be shows that there are too many.
        let room = MOST_DIGITS.saturating_sub(count).saturating_add(1);
        let digits: Vec<u32> = chars.iter().skip(first).map_while(|c| digit(*c)).take(room).collect();
        count = count.saturating_add(digits.len());
        if digits.is_empty() || count > MOST_DIGITS {
            return all;
        }
        from = first.saturating_add(digits.len());
        all.push(Group { digits, marks, end: from });
    }
}

/// Where a date ends that begins with the first group: `2026-11-30`, `30.11.2026`, `11/30/26`.
fn date(groups: &[Group]) -> Option<usize> {
    let [a, b, c, rest @ ..] = groups else { return None };
    let mark = b.mark().filter(|mark| matches!(mark, '.' | '/' | '-') && c.mark() == Some(*mark))?;
    // With one more it is something else.
    if rest.first().is_some_and(|next| next.mark() == Some(mark)) {
        return None;
    }
    let is_day = |one: &Group, other: &Group| {
        let (one, other) = (one.number(), other.number());
        (1..=31).contains(&one) && (1..=31).contains(&other) && one.min(other) <= 12
    };
    let is_year = |year: &Group| (1900..=2099).contains(&year.number());
    let is_date = match (a.len(), b.len(), c.len()) {
        (1..=2, 1..=2, 2) => is_day(a, b),
        (1..=2, 1..=2, 4) => is_day(a, b) && is_year(c),
        (4, 1..=2, 1..=2) => is_day(b, c) && is_year(a),
        _ => false,
    };
    is_date.then_some(c.end)
}

/// Where the number of a payment card ends that begins with the first group: in one, or in the groups that are printed on cards.
fn card(chars: &[char], groups: &[Group]) -> Option<usize> {
    let (mut lengths, mut digits, mut end): (Vec<usize>, Vec<u32>, Option<usize>) = (Vec::new(), Vec::new(), None);
    let mark = groups.get(1).and_then(Group::mark);
    for (place, group) in groups.iter().enumerate() {
        if place > 0 && (group.mark() != mark || matches!(mark, None | Some('/' | '(' | ')'))) {
            break;
        }
        lengths.push(group.len());
        digits.extend(&group.digits);
        let is_printed = match lengths.as_slice() {
            // The numbers of books and goods have a check digit of another kind.
            [13] => !digits.starts_with(&[9, 7, 8]) && !digits.starts_with(&[9, 7, 9]),
            [14..=19] | [4, 6, 4..=5] | [4, 4, 4, 1..=4] | [4, 4, 4, 4, 1..=3] => true,
            _ => false,
        };
        if is_printed && checks(&digits) && may_end(chars, group.end) {
            end = Some(group.end);
        }
    }
    end
}

/// Whether the last of the digits fits the others (Luhn). No card's number begins with a zero.
fn checks(digits: &[u32]) -> bool {
    let sum = digits.iter().rev().enumerate().fold(0_u32, |sum, (place, digit)| {
        let value = if place.is_multiple_of(2) { *digit } else { digit.saturating_mul(2) };
        sum.saturating_add(if value > 9 { value.saturating_sub(9) } else { value })
    });
    digits.first() != Some(&0) && sum.is_multiple_of(10)
}

/// Where a phone number ends that begins with the first group: behind a `+`, with its area in brackets, with a zero or two in front, or in
/// three groups as in North America. Other numbers are numbers of something else.
fn phone(chars: &[char], groups: &[Group], opener: Option<char>) -> Option<usize> {
    let first = groups.first()?;
    let (fewest, most) = match (opener, first.digits.as_slice()) {
        (Some('+'), _) => (8, 15),
        (Some(_), area) if area.len() <= 5 && chars.get(first.end) == Some(&')') => (9, 12),
        (None, [0, 0, country, ..]) if *country > 0 => (11, 17),
        (None, [0, area, ..]) if *area > 0 => (9, 12),
        (None, _) => return american(chars, groups),
        (Some(_), _) => return None,
    };
    let (mut count, mut end) = (0_usize, None);
    for (place, group) in groups.iter().enumerate() {
        count = count.saturating_add(group.len());
        if count > most || (place > 0 && date(groups.get(place..).unwrap_or_default()).is_some()) {
            break;
        }
        if count >= fewest && may_end(chars, group.end) {
            end = Some(group.end);
        }
        // What follows a number that is whole is another.
        if count >= fewest.max(9) && group.len() >= 4 {
            break;
        }
    }
    end
}

fn american(chars: &[char], groups: &[Group]) -> Option<usize> {
    let groups = match groups {
        [country, rest @ ..] if country.digits == [1] => rest,
        all => all,
    };
    let [area, exchange, line, ..] = groups else { return None };
    let parts = [area, exchange, line].map(Group::len);
    let mark = line.mark().filter(|mark| exchange.mark() == Some(*mark) && !matches!(mark, '/' | '(' | ')'));
    let is_one = parts == [3, 3, 4] && mark.is_some() && area.digits.first().is_some_and(|first| *first > 1);
    (is_one && may_end(chars, line.end)).then_some(line.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_names_or_reaches_somebody_is_masked() {
        for (text, masked) in [
            ("Write to vera.smith+shop@mail.example.co.uk, please.", "Write to [e-mail], please."),
            ("<ann@bücher.example> or bob@xn--bcher-kva.example", "<[e-mail]> or [e-mail]"),
            ("連絡はtaro@example.jpまで", "連絡は[e-mail]まで"),
            ("a@b.example-", "[e-mail]-"),
            ("Call +31 20 123 45 67 or +31612345678.", "Call [phone] or [phone]."),
            ("+49 (0)30 901820, (020) 123 4567; 06-12345678", "[phone], [phone]; [phone]"),
            ("0031 20 123 4567 / 01 23 45 67 89", "[phone] / [phone]"),
            ("(212) 555-0123, 212-555-0123, 1-800-555-0199", "[phone], [phone], [phone]"),
            ("Tel.06-12345678, e.g. 0612345678", "Tel.[phone], e.g. [phone]"),
            ("電話は03-1234-5678です。０９０１２３４５６７８も", "電話は[phone]です。[phone]も"),
            ("0612345678 on 30.11.2026", "[phone] on 30.11.2026"),
            ("0612345678 2026-11-30", "[phone] 2026-11-30"),
            ("My card is 4111 1111 1111 1111, valid 12/27.", "My card is [card], valid 12/27."),
            ("3782-822463-10005 and 5555555555554444", "[card] and [card]"),
            ("2 pieces, 12 4111111111111111", "2 pieces, 12 [card]"),
            ("NL91 ABNA 0417 1643 00 is mine", "[IBAN] is mine"),
            ("de89370400440532013000;GB82WEST12345698765432", "[IBAN];[IBAN]"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn what_is_a_number_of_something_else_stays() {
        for text in [
            "No numbers at all @ nine.",
            "On 2026-11-30 at 10:30, or 30.11.2026 10 to 12, or 01/02/2026",
            "€ 1.234.567,89 or 1 234 567 890 or $1,234,567,890.12",
            "Order 10045678, order #0123456789, ORD-0612345678, 2026-000123456",
            "IP 192.168.100.200, version 0.12.3456.78901, 3.14159265358979",
            "ISBN 9783161484100, card 4111 1111 1111 1112",
            "DE89370400440532013001 is no IBAN, XX12345678901234 neither",
            "ann@localhost, @handle, a@b.c1, 5@9",
            "0.5 0.25 0.125 0.0625",
            "Room 0123, 08:00-18:00, 50 %",
        ] {
            assert_eq!(mask(text), text);
            assert!(matches!(mask(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_long_text_takes_no_longer_than_it_is_long() {
        for part in ["a@", "1", "0 ", "+1-", "(1) ", "NL91 ", "a.b-", "4111 ", "01.02."] {
            let _ = mask(&part.repeat(50_000));
        }
    }

    proptest! {
        #[test]
        fn what_is_masked_stays_as_it_is(text in "([+(]{0,2}[0-9]{1,6}[ ./()-]{0,3}|[a-z]{1,2}@[a-z.-]{1,6}|NL91ABNA0417164300|4111 1111 1111 1111|[@_,#A-Z]|\\PC){0,24}") {
            let once = mask(&text).into_owned();
            prop_assert_eq!(mask(&once), once.as_str());
        }

        #[test]
        fn whatever_comes_is_read_to_its_end(text in "\\PC*") {
            let once = mask(&text).into_owned();
            prop_assert_eq!(mask(&once), once.as_str());
        }

        #[test]
        fn no_phone_number_is_left_whole(country in 1_u32..99, number in 1_000_000_u64..9_999_999_999) {
            let text = format!("call +{country}{number} now");
            prop_assert_eq!(mask(&text), "call [phone] now");
        }
    }
}
