//! What a slug may look like and which one a business gets; what a change changes; who may close a tenant.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::model::{Change, Profile, Tenant};
use crate::{
    identity::{Caller, MemberRole, Principal},
    locale::Locale,
    words,
};

/// Whether somebody may close their tenant: its owners, and who works for the platform. That they may change tenants at all is asked
/// besides.
#[must_use]
pub fn may_close(caller: &Caller) -> bool {
    match caller {
        Caller::SignedIn(Principal::Staff(_)) => true,
        Caller::SignedIn(Principal::Member(member)) => member.role() == MemberRole::Owner,
        Caller::SignedIn(Principal::Key(_))
        | Caller::PublicVisitor(_)
        | Caller::WidgetVisitor(_)
        | Caller::Operator(_)
        | Caller::Job
        | Caller::Platform => false,
    }
}

/// Takes over what is wanted where it is different, and notes its name.
fn set<T: Clone + PartialEq>(fields: &mut Vec<&'static str>, name: &'static str, value: &mut T, wanted: Option<&T>) {
    if let Some(wanted) = wanted.filter(|wanted| *wanted != value) {
        fields.push(name);
        *value = wanted.clone();
    }
}

/// What a change makes of a tenant with this profile, one revision on, and the names of the fields that are different.
#[must_use]
pub fn changed(before: &Tenant, mut profile: Profile, change: &Change) -> (Tenant, Vec<&'static str>) {
    let (mut fields, mut after) = (Vec::new(), before.clone());
    set(&mut fields, "name", &mut after.name, change.name.as_ref());
    set(&mut fields, "default_locale", &mut after.default_locale, change.default_locale.as_ref());
    set(&mut fields, "public_chat", &mut after.public_chat, change.public_chat.as_ref());
    set(&mut fields, "about", &mut profile.about, change.about.as_ref());
    set(&mut fields, "website", &mut profile.website, change.website.as_ref());
    set(&mut fields, "contact_email", &mut profile.contact_email, change.contact_email.as_ref());
    set(&mut fields, "phone", &mut profile.phone, change.phone.as_ref());
    set(&mut fields, "postal_address", &mut profile.postal_address, change.postal_address.as_ref());
    set(&mut fields, "away_text", &mut after.away_text, change.away_text.as_ref());
    set(&mut fields, "office_hours", &mut after.office_hours, change.office_hours.as_ref());
    set(&mut fields, "wait_seconds", &mut after.wait_seconds, change.wait_seconds.as_ref());
    set(&mut fields, "ai_notice", &mut after.ai_notice, change.ai_notice.as_ref());
    set(&mut fields, "mask_prompts", &mut after.mask_prompts, change.mask_prompts.as_ref());
    if !fields.is_empty() {
        after.profile = profile.written();
        after.revision = after.revision.saturating_add(1);
    }
    (after, fields)
}

/// Whether a text says, in one of our languages, that it is about an AI, and denies nothing: whoever words the notice cannot word it away. A
/// text that denies something else is refused with those that deny this.
#[must_use]
pub fn says_ai(text: &str) -> bool {
    const DENIALS: [&str; 27] = [
        "not", "no", "never", "none", "isn't", "aren't", "ain't", "nicht", "kein", "keine", "keiner", "nie", "niemals", "niet",
        "geen", "nooit", "non", "mai", "pas", "aucun", "jamais", "nunca", "ni", "sin", "não", "nem", "nessun",
    ];
    const JAPANESE_DENIALS: [&str; 3] = ["ない", "ありません", "ません"];
    const WORDS: [&str; 5] = ["ai", "a.i", "ki", "k.i", "ia"];
    const STEMS: [&str; 7] = ["artific", "künstlich", "kunstmatig", "sztuczn", "chatbot", "bot", "robot"];
    let lower = text.nfkc().flat_map(char::to_lowercase).collect::<String>();
    let mut words = lower.split(|c: char| !c.is_alphanumeric() && c != '.').map(|word| word.trim_matches('.'));
    let denies = lower.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|word| DENIALS.contains(&word.trim_matches('\'')))
        || lower.contains("n't ")
        || lower.contains("n\u{2019}t ")
        || JAPANESE_DENIALS.iter().any(|ending| lower.contains(ending));
    if denies {
        return false;
    }
    lower.contains("人工知能")
        || lower.contains("ボット")
        || words.any(|word| {
            // Japanese writes it without a space before what follows.
            let latin = word.trim_matches(|c: char| !c.is_ascii());
            WORDS.contains(&word) || WORDS.contains(&latin) || STEMS.iter().any(|stem| word.starts_with(stem))
        })
}

/// How a visitor is told that `persona` is an AI: in the tenant's own words, or in ours.
#[must_use]
pub fn ai_notice(own: Option<&str>, locale: Locale, persona: &str) -> String {
    own.map_or_else(|| words::ai_notice(locale, persona), |own| own.replace("{persona}", persona))
}

/// Whether a tenant may be called this in addresses: 2 to 63 of `a-z`, `0-9` and hyphens, none of them first or last.
#[must_use]
pub fn slug_allowed(slug: &str) -> bool {
    (2..=63).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
}

/// The longest slug made of a name: room for what tells it from others.
const MADE: usize = 40;

/// The slug a business of this name would like: its letters without their marks, in lower case, with hyphens between words.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if slug.len() >= MADE {
            break;
        }
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug_allowed(slug) { slug.to_owned() } else { "business".to_owned() }
}

/// What tells a slug from another that is taken.
#[must_use]
pub fn suffix(id: uuid::Uuid) -> String {
    id.simple().to_string().chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::{says_ai, slug_allowed, slug_of};
    use crate::{locale::Locale, words};

    #[test]
    fn a_notice_says_what_it_is_about() {
        for locale in Locale::ALL {
            assert!(says_ai(&words::ai_notice(*locale, "Bob")), "{locale:?}");
        }
        for fine in [
            "You chat with our AI.",
            "Das ist eine KI",
            "Esto es una IA.",
            "これはAIです",
            "Ik ben een chatbot",
            "An A.I. answers",
        ] {
            assert!(says_ai(fine), "{fine}");
        }
        for wrong in [
            "Hello!",
            "Maria is glad to help",
            "Said by our team",
            "Kia ora",
            "aim high",
            "I am not a bot, I am Maria",
            "This is no AI",
            "Keine KI",
            "Geen AI",
            "これはAIではありません",
            "Nie jestem botem",
            "It isn't an AI",
        ] {
            assert!(!says_ai(wrong), "{wrong}");
        }
    }

    #[test]
    fn names_become_slugs() {
        for (name, slug) in [
            ("Bäckerei Müller & Söhne", "backerei-muller-sohne"),
            ("  Fish, Chips  ", "fish-chips"),
            ("株式会社", "business"),
            ("!", "business"),
            (&"long name ".repeat(20), "long-name-long-name-long-name-long-name"),
        ] {
            assert_eq!(slug_of(name), slug);
            assert!(slug_allowed(&slug_of(name)));
        }
    }

    #[test]
    fn slugs() {
        for good in ["ab", "office16852-platform", "0a", &"a".repeat(63)] {
            assert!(slug_allowed(good), "{good}");
        }
        for bad in ["", "a", "-a", "a-", "A1", "a_b", "ä1", "a b", &"a".repeat(64)] {
            assert!(!slug_allowed(bad), "{bad}");
        }
    }
}
