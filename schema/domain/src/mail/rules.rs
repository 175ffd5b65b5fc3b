//! What letters say.

use std::time::Duration;

use fluent_templates::fluent_bundle::FluentValue;

use super::model::{Kind, Letter};
use crate::words::say_with;

/// A letter's subject and its text. `account` is where the pages that links lead to are, without a slash at its end.
#[must_use]
pub fn wording(letter: &Letter, account: &str) -> (String, String) {
    let link = match letter.kind {
        Kind::Invitation | Kind::Signup | Kind::Reset => format!("{account}/{}#token={}", letter.kind, letter.token),
        Kind::Known | Kind::Changed => format!("{account}/forgot"),
        // What only says something leads nowhere: where a portal is, we do not know.
        _ => String::new(),
    };
    let hours = letter.lasts.as_secs().div_ceil(3_600);
    let values: [(&'static str, FluentValue<'_>); 4] = [
        ("business", letter.business.as_str().into()),
        ("link", link.as_str().into()),
        ("hours", hours.into()),
        ("days", hours.div_ceil(24).into()),
    ];
    let kind = letter.kind.as_str().replace('_', "-");
    let part = |name: &str| say_with(letter.locale, &format!("mail-{kind}-{name}"), &values);
    // A subject is one line, whatever a business is called.
    let subject = part("subject").split_whitespace().collect::<Vec<_>>().join(" ");
    (subject, part("body"))
}

/// Whether a letter has somebody to be sent to: who asks for a new password without having an account gets none, though as much is done.
#[must_use]
pub fn is_sent(kind: Kind, has_user: bool) -> bool {
    has_user || matches!(kind, Kind::Invitation | Kind::Signup)
}

/// How long a letter is kept after its link has ended: for those who ask what became of it.
pub const KEPT: Duration = Duration::from_secs(7 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::MailId, locale::Locale};

    fn letter(kind: Kind, locale: Locale, hours: u64) -> Letter {
        Letter {
            id: MailId::new(),
            kind,
            email: "jane@example.com".into(),
            locale,
            business: "Fish &\nChips".into(),
            token: "fo_ln_secret".into(),
            lasts: Duration::from_secs(hours.saturating_mul(3_600)),
        }
    }

    #[test]
    fn every_letter_has_its_link_in_every_language() {
        for &kind in Kind::ALL {
            for &locale in Locale::ALL {
                let (subject, text) = wording(&letter(kind, locale, 48), "https://example.com/account");
                assert!(!subject.contains('\n') && !subject.is_empty(), "{locale} {kind}: {subject}");
                let path = match kind {
                    Kind::Known | Kind::Changed => "forgot".to_owned(),
                    _ => format!("{kind}#token=fo_ln_secret"),
                };
                let link = format!("https://example.com/account/{path}");
                assert_eq!(text.lines().any(|line| line.trim() == link), !kind.is_notice(), "{locale} {kind}: {text}");
                assert!(!kind.is_notice() || text.contains("Fish &"), "{locale} {kind}: {text}");
                assert!(!text.contains("fo_ln_secret") || !kind.is_notice(), "{locale} {kind}: {text}");
                assert!(!text.contains("Unknown") && !text.contains('{'), "{locale} {kind}: {text}");
            }
        }
    }

    #[test]
    fn hours_and_days_are_counted_as_the_language_does_it() {
        let text = |locale, hours| wording(&letter(Kind::Reset, locale, hours), "https://example.com/account").1;
        assert!(text(Locale::En, 1).contains("one hour") && text(Locale::En, 2).contains("2 hours"));
        let (few, many) = (text(Locale::Pl, 2), text(Locale::Pl, 5));
        assert_ne!(few.replace('2', "#"), many.replace('5', "#"), "two hours and five hours differ in Polish");
    }
}
