//! The languages the assistant speaks.

use crate::text_enum::text_enum;

text_enum! {
    /// A language, by its BCP 47 tag.
    Locale {
        /// English.
        En = "en",
        /// Dutch.
        Nl = "nl",
        /// German.
        De = "de",
        /// Spanish.
        Es = "es",
        /// Italian.
        It = "it",
        /// Polish.
        Pl = "pl",
        /// Brazilian Portuguese.
        PtBr = "pt-BR",
        /// Japanese.
        Ja = "ja",
        /// French.
        Fr = "fr",
    }
}

impl<'de> serde::Deserialize<'de> for Locale {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Locale {
    /// The locale that serves a language tag such as `de-AT` or `PT`; `None` if none does.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next()?.trim();
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.as_str().split('-').next().is_some_and(|own| own.eq_ignore_ascii_case(language)))
    }

    /// The first locale an `Accept-Language` header (RFC 9110 §12.5.4) asks for that there is; `None` if there is none.
    #[must_use]
    pub fn of_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in header.split(',') {
            let mut parts = range.split(';');
            let Some(locale) = parts.next().and_then(Self::of_tag) else { continue };
            let quality = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
            if quality > 0 && best.is_none_or(|(so_far, _)| quality > so_far) {
                best = Some((quality, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

/// A quality value `0` … `1`, with up to three decimals, in thousandths; what cannot be read counts as nothing.
fn thousandths(quality: &str) -> u16 {
    let (whole, fraction) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    if whole == "1" {
        return 1000;
    }
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Locale;

    #[test]
    fn the_header_is_ranked_by_quality() {
        for (header, expected) in [
            ("nl", Some(Locale::Nl)),
            ("pt-PT,pt;q=0.9", Some(Locale::PtBr)),
            ("sv, fi;q=0.9, de;q=0.3, fr;q=0.4", Some(Locale::Fr)),
            ("de;q=0, ja;q=0.1", Some(Locale::Ja)),
            ("sv", None),
            ("*", None),
            ("", None),
            ("de;q=banana", None),
        ] {
            assert_eq!(Locale::of_accept_language(header), expected, "{header}");
        }
    }
}
