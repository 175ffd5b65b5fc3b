//! What a slug may look like.

/// Whether a tenant may be called this in addresses: 2 to 63 of `a-z`, `0-9` and hyphens, none of them first or last.
#[must_use]
pub fn slug_allowed(slug: &str) -> bool {
    (2..=63).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::slug_allowed;

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
