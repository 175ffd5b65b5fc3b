//! Which origins a key is good for (RFC 6454, compared as parsed URLs), and how keys look.

pub mod app;
pub mod look;
pub mod page;
pub mod vouch;

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use url::{Host, Origin, Url};

/// The scannable beginning of a widget key.
pub const PREFIX: &str = "pk_live_";

/// The most origins a key may have.
pub const MOST_ORIGINS: usize = 50;

/// The longest origin: a host has 253 characters at most.
const LONGEST: usize = 300;

/// A new key: 192 random bits.
#[must_use]
pub fn new_key() -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>()))
}

/// Whether a text may be a key, so that nothing else is looked for.
#[must_use]
pub fn may_be_key(text: &str) -> bool {
    let rest = text.strip_prefix(PREFIX).unwrap_or("");
    (32..=56).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Where a key may be shown: one origin, or all below a name (`https://*.example.com`, at any depth, not the name itself).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AllowedOrigin(String);

/// Why a text is no origin that can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginFault {
    /// It is not `http://HOST[:PORT]` or `https://HOST[:PORT]`.
    #[error(
        "must be `https://HOST[:PORT]` or `http://HOST[:PORT]`, without a path, or `https://*.HOST` for all names below HOST"
    )]
    Form,
    /// A star in the wrong place, or over too much.
    #[error("may have a star only as the first label of a name of at least two others: `https://*.example.com`")]
    Star,
}

impl AllowedOrigin {
    /// As browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From the store, where it was written by this.
    pub(in crate::widget) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AllowedOrigin {
    type Err = OriginFault;

    fn from_str(text: &str) -> Result<Self, OriginFault> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(OriginFault::Form)?;
        let (is_below, host) = rest.strip_prefix("*.").map_or((false, rest), |host| (true, host));
        if host.contains('*') {
            return Err(OriginFault::Star);
        }
        let url: Url = format!("{scheme}://{host}").parse().map_err(|_| OriginFault::Form)?;
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && !host.contains(['@', '\\', '?', '#']);
        let origin = url.origin();
        let Origin::Tuple(scheme, of, _) = &origin else { return Err(OriginFault::Form) };
        if !is_bare || !matches!(scheme.as_str(), "http" | "https") {
            return Err(OriginFault::Form);
        }
        let mut written = origin.ascii_serialization();
        if is_below {
            match of {
                Host::Domain(name) if name.trim_end_matches('.').contains('.') => {}
                _ => return Err(OriginFault::Star),
            }
            written = written.replacen("://", "://*.", 1);
        }
        if written.len() > LONGEST {
            return Err(OriginFault::Form);
        }
        Ok(Self(written))
    }
}

/// Those of all origins that could be allowed which would let this one in; none if it is not written as browsers write an origin. They
/// write it in one way, so whatever looks like it and is written otherwise comes from no browser.
#[must_use]
pub fn letting_in(origin: &str) -> Vec<String> {
    if origin.len() > LONGEST || origin.contains('*') {
        return Vec::new();
    }
    let Ok(url) = origin.parse::<Url>() else { return Vec::new() };
    let parsed = url.origin();
    let Origin::Tuple(scheme, host, _) = &parsed else { return Vec::new() };
    if parsed.ascii_serialization() != origin || !matches!(scheme.as_str(), "http" | "https") {
        return Vec::new();
    }
    let mut found = vec![origin.to_owned()];
    if let Host::Domain(name) = host {
        let port = origin.rsplit_once(name).map_or("", |(_, port)| port);
        let mut below = name.as_str();
        while let Some((_, rest)) = below.split_once('.') {
            if !rest.contains('.') {
                break;
            }
            found.push(format!("{scheme}://*.{rest}{port}"));
            below = rest;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lets_in(allowed: &str, origin: &str) -> bool {
        letting_in(origin).contains(&allowed.parse::<AllowedOrigin>().unwrap().0)
    }

    #[test]
    fn an_origin_lets_in_itself_and_none_of_its_look_alikes() {
        let own = "https://shop.example.com";
        assert!(lets_in(own, "https://shop.example.com"));
        for other in [
            "null",
            "",
            "https://shop.example.com.evil.test",
            "https://evil-shop.example.com",
            "https://evilshop.example.com",
            "https://a.shop.example.com",
            "https://example.com",
            "https://shop.example.com:8443",
            "http://shop.example.com",
            "https://SHOP.example.com",
            "https://shop.example.com.",
            "https://shop.example.com@evil.test",
            "https://user@shop.example.com",
            "https://shop.example.com/",
            "https://shop.example.com:443",
            "https://xn--shp-example-com-0zd.test",
            "https://shop\u{2024}example.com",
            "https://shop.example.com\\@evil.test",
            "file:///shop.example.com",
            "https://shop.exаmple.com",
        ] {
            assert!(!lets_in(own, other), "{other}");
        }
    }

    #[test]
    fn a_star_lets_in_what_is_below_at_any_depth() {
        let below = "https://*.example.com";
        for inside in ["https://a.example.com", "https://a.b.example.com", "https://xn--mnchen-3ya.example.com"] {
            assert!(lets_in(below, inside), "{inside}");
        }
        for outside in [
            "https://example.com",
            "https://aexample.com",
            "https://a.example.com.evil.test",
            "https://a.example.com:8443",
            "http://a.example.com",
            "https://a.example.org",
            "https://*.example.com",
            "https://a.EXAMPLE.com",
        ] {
            assert!(!lets_in(below, outside), "{outside}");
        }
        assert!(lets_in("https://*.example.com:8443", "https://a.example.com:8443"));
    }

    #[test]
    fn what_people_write_is_written_as_browsers_write_it() {
        for (written, is) in [
            (" https://Shop.Example.com/ ", "https://shop.example.com"),
            ("https://shop.example.com:443", "https://shop.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://münchen.example", "https://xn--mnchen-3ya.example"),
            ("https://*.münchen.example", "https://*.xn--mnchen-3ya.example"),
            ("https://[::1]:8080", "https://[::1]:8080"),
        ] {
            assert_eq!(written.parse::<AllowedOrigin>().unwrap().as_str(), is);
        }
        for wrong in [
            "shop.example.com",
            "https://",
            "ftp://shop.example.com",
            "https://shop.example.com/chat",
            "https://shop.example.com?x",
            "https://shop.example.com#x",
            "https://me@shop.example.com",
            "null",
            "*",
            "https://*",
            "https://*.com",
            "https://*.127.0.0.1",
            "https://shop.*.com",
            "https://*shop.example.com",
            "https://*.*.example.com",
        ] {
            assert!(wrong.parse::<AllowedOrigin>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_look_like_keys() {
        let key = new_key();
        assert!(may_be_key(&key) && key != new_key());
        for wrong in ["", PREFIX, "pk_live_short", &format!("{key}ä"), &key.replace("pk_live_", "sk_live_"), &key.repeat(2)] {
            assert!(!may_be_key(wrong), "{wrong}");
        }
    }
}
