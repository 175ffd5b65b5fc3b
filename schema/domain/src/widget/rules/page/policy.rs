//! What a page lets be loaded and asked.

use url::Url;

/// A policy: each directive with what it allows. The first of a name counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy(Vec<(String, Vec<String>)>);

impl Policy {
    /// From a header or a tag. What cannot be read forbids nothing, as in browsers.
    pub(super) fn read(text: &str) -> Self {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next().map(str::to_ascii_lowercase) else { continue };
            if !all.iter().any(|(known, _)| *known == name) {
                all.push((name, words.map(str::to_owned).collect()));
            }
        }
        Self(all)
    }

    /// What the first of these directives that is there allows, or what holds for all that is not named; `None`: everything.
    fn sources(&self, names: &[&str]) -> Option<&[String]> {
        let named = |name: &str| self.0.iter().find(|(known, _)| known == name).map(|(_, sources)| sources.as_slice());
        names.iter().find_map(|name| named(name)).or_else(|| named("default-src"))
    }

    /// Whether a page lets this address be loaded or asked.
    pub(super) fn lets(&self, names: &[&str], address: &Url, page: &Url) -> bool {
        self.sources(names).is_none_or(|sources| sources.iter().any(|source| matches(source, address, page)))
    }

    /// The same for a script, which may show that it is meant, by a nonce or a hash of what it is.
    pub(super) fn lets_script(&self, address: &Url, nonce: Option<&str>, integrity: &[String], page: &Url) -> bool {
        const NAMES: &[&str] = &["script-src-elem", "script-src"];
        let Some(sources) = self.sources(NAMES) else { return true };
        let quoted = |text: &str| sources.iter().any(|source| source.trim_matches('\'') == text);
        if nonce.is_some_and(|nonce| quoted(&format!("nonce-{nonce}"))) {
            return true;
        }
        if !integrity.is_empty() && integrity.iter().all(|hash| quoted(hash)) {
            return true;
        }
        // Then only what shows that it is meant is loaded, wherever it comes from.
        let is_dynamic = sources.iter().any(|source| source.eq_ignore_ascii_case("'strict-dynamic'"));
        !is_dynamic && self.lets(NAMES, address, page)
    }

    /// Whether it forbids styles that stand in a page.
    pub(super) fn is_strict_about_styles(&self) -> bool {
        let inline = |source: &String| source.eq_ignore_ascii_case("'unsafe-inline'");
        self.sources(&["style-src-elem", "style-src"]).is_some_and(|sources| !sources.iter().any(inline))
    }
}

/// Whether an address is one of those a source stands for.
fn matches(source: &str, address: &Url, page: &Url) -> bool {
    let source = source.to_ascii_lowercase();
    if source == "'self'" {
        return address.origin() == page.origin();
    }
    if source == "*" {
        return matches!(address.scheme(), "http" | "https" | "ws" | "wss") || address.scheme() == page.scheme();
    }
    if let Some(scheme) = source.strip_suffix(':') {
        return is_scheme(scheme, address.scheme());
    }
    let (scheme, rest) = source.split_once("://").map_or((None, source.as_str()), |(scheme, rest)| (Some(scheme), rest));
    if !is_scheme(scheme.unwrap_or(page.scheme()), address.scheme()) {
        return false;
    }
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let has_host = address.host_str().is_some_and(|known| match host.strip_prefix("*.") {
        Some(below) => known.strip_suffix(below).is_some_and(|front| front.ends_with('.')),
        None => host == "*" || known == host,
    });
    let usual = match address.scheme() {
        "http" | "ws" => 80,
        _ => 443,
    };
    let has_port = match port {
        Some("*") => true,
        Some(port) => port.parse().ok() == address.port_or_known_default(),
        None => address.port_or_known_default() == Some(usual),
    };
    let has_path = match path {
        "" | "/" => true,
        folder if folder.ends_with('/') => address.path().to_ascii_lowercase().starts_with(folder),
        file => address.path().eq_ignore_ascii_case(file),
    };
    has_host && has_port && has_path
}

/// Whether a scheme is the one that is allowed, or the same encrypted.
fn is_scheme(allowed: &str, is: &str) -> bool {
    allowed == is
        || (allowed == "http" && is == "https")
        || (allowed == "ws" && matches!(is, "wss" | "http" | "https"))
        || (allowed == "wss" && is == "https")
}
