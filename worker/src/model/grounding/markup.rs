//! What a page would do more with than show it as text.

/// Tags, entities and links to something else than a website, a mailbox or a telephone. Whether a website, mailbox or telephone is one of
/// the business is for the facts to say.
pub(super) fn suspicious(raw: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, sign) in raw.match_indices(['<', '&', ']']) {
        let rest = raw.get(at.saturating_add(sign.len())..).unwrap_or_default();
        let bad = match sign {
            "<" => opens_tag(rest),
            "&" => is_entity(rest),
            _ => leads_astray(rest),
        };
        if bad {
            found.push(raw.get(at..).unwrap_or_default().chars().take(40).collect());
        }
    }
    found
}

/// `<script`, `</a`, `<!--`; not `<https://…>` and `<a@b.example>`, which are links.
fn opens_tag(rest: &str) -> bool {
    let inside = rest.split(|c: char| c == '>' || c.is_whitespace()).next().unwrap_or_default();
    let is_link = is_address(inside) || inside.contains('@') && !inside.contains([':', '/', '=', '"']);
    let closed = rest.get(inside.len()..).is_some_and(|after| after.starts_with('>'));
    rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) && !(is_link && closed)
}

/// `&#105;`, `&lt;`: read as something else than what was checked.
fn is_entity(rest: &str) -> bool {
    let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '#').next().unwrap_or_default();
    !name.is_empty() && name.len() < 32 && rest.get(name.len()..).is_some_and(|after| after.starts_with(';'))
}

/// `](javascript:…)`, `](//evil)`, `]: data:…`.
fn leads_astray(rest: &str) -> bool {
    if let Some(target) = rest.strip_prefix('(') {
        return !is_address(target.trim_start().trim_start_matches('<'));
    }
    // A definition names its target later: `[shop]: //evil`.
    let Some(target) = rest.strip_prefix(':') else { return false };
    let target = target.trim_start().trim_start_matches('<').split_whitespace().next().unwrap_or_default();
    let scheme = target.split_once(':').is_some_and(|(scheme, _)| scheme.starts_with(|c: char| c.is_ascii_alphabetic()));
    (scheme || target.starts_with(['/', '\\', '&'])) && !is_address(target)
}

fn is_address(target: &str) -> bool {
    let scheme: String = target.chars().take(8).collect::<String>().to_ascii_lowercase();
    ["http://", "https://", "mailto:", "tel:"].iter().any(|known| scheme.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_would_run_or_load_is_seen() {
        for bad in [
            "<script>alert()</script>",
            "</a>",
            "<!-- x -->",
            "<javascript:alert(1)>",
            "<a@b onclick=\"x\">",
            "[shop](javascript:alert`x`)",
            "[shop]( JaVaScRiPt:alert(1))",
            "[1](//evil)",
            "[shop](/path)",
            "![x](data:image/png;base64,AA)",
            "[shop]: //evil",
            "I h&#97;ve",
        ] {
            assert!(!suspicious(bad).is_empty(), "{bad}");
        }
        for fair in [
            "See [the page](https://shop.example/returns) [1].",
            "[mail](mailto:a@shop.example) <https://shop.example> <a@shop.example>",
            "[call](tel:+31205550100)",
            "3 < 4 & 5 <3 [x] (so) [1]: 9:00 to 18:00",
            "Terms & conditions; more",
        ] {
            assert_eq!(suspicious(fair), Vec::<String>::new(), "{fair}");
        }
    }
}
