//! From headers to a caller: where the request comes from, and which visitor or who of the staff it is.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use frontoffice_domain::{
    chat::{IdempotencyKey, SessionId},
    identity::{self, InstanceKey, SessionKind, SignedIn, VisitorKey},
    locale::Locale,
};
use ipnet::IpNet;

use crate::{Api, Config, origin::Origin, problem::Problem, signed_in};

pub(crate) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The cookie a public visitor is known by.
pub(crate) const VISITOR_COOKIE: &str = "fo_visitor";
/// How long a browser keeps it, in seconds: half a year.
const VISITOR_COOKIE_AGE: u32 = 15_552_000;

/// Refuses what a page of another site sent. Browsers say where a request comes from, and scripts cannot change what they say;
/// programs that are no browsers say nothing and carry no one else's cookie.
pub(crate) fn require_same_origin(headers: &HeaderMap, config: &Config) -> Result<(), Problem> {
    if headers.get_all(SEC_FETCH_SITE).iter().any(|site| site != "same-origin" && site != "none") {
        return Err(Problem::new("cross_site", "This route serves pages of this host only; this call came from another site."));
    }
    for value in headers.get_all(header::ORIGIN) {
        let origin = value.to_str().ok().and_then(|text| text.parse::<Origin>().ok());
        if !origin.as_ref().is_some_and(|origin| config.public_url.same(origin)) {
            let seen = origin.map_or_else(|| "an unreadable or opaque origin".to_owned(), |origin| format!("`{origin}`"));
            return Err(Problem::new(
                "cross_site",
                format!(
                    "This route serves pages of `{}` only (the public URL in the settings); this call came from {seen}.",
                    config.public_url
                ),
            ));
        }
    }
    Ok(())
}

/// The client's address: the connection's, or, if that is a trusted proxy's, the rightmost of `X-Forwarded-For` that is not one.
pub(crate) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut address = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let hops: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&address) {
            break;
        }
        match hop_address(hop.trim()) {
            Some(before) => address = before.to_canonical(),
            None => break,
        }
    }
    address
}

/// The address a proxy wrote down: some add the port, some write brackets around the newer kind.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// A public visitor.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) key: VisitorKey,
    /// The conversation the request names, or that was made for a visitor who came with nothing.
    pub(crate) session_id: Option<SessionId>,
    /// The token for a cookie, if none came.
    pub(crate) new_token: Option<String>,
}

/// Recognises the visitor by the cookie, or else by address and session id.
pub(crate) fn visitor(
    headers: &HeaderMap,
    instance: &InstanceKey,
    address: IpAddr,
    session_id: Option<SessionId>,
    key: Option<&IdempotencyKey>,
) -> Visitor {
    if let Some(known) = cookies(headers, VISITOR_COOKIE).find_map(|token| instance.visitor_of(token.trim_matches('"'))) {
        return Visitor { key: known, session_id, new_token: None };
    }
    let address = address.to_string();
    let session_id = session_id.unwrap_or_else(|| match key {
        Some(key) => SessionId::for_key(instance, &address, key),
        None => SessionId::issue(),
    });
    let (known, token) = instance.visitor_at(&address, session_id.as_str());
    Visitor { key: known, session_id: Some(session_id), new_token: Some(token) }
}

/// The header that sets the visitor cookie.
pub(crate) fn set_visitor_cookie(token: &str, config: &Config) -> Option<HeaderValue> {
    let secure = if config.public_url.is_https() { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{VISITOR_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={VISITOR_COOKIE_AGE}{secure}"
    ))
    .ok()
}

/// Who of the staff is calling. `state_change`: the request asks for more than to read.
pub(crate) async fn staff(headers: &HeaderMap, api: &Api, state_change: bool) -> Result<SignedIn, Problem> {
    staff_if_any(headers, api, state_change).await?.ok_or_else(|| {
        signed_in::not_signed_in(
            "This needs a staff session: `Authorization: Bearer …` with the token `POST /api/auth/login` gives.",
        )
    })
}

/// The same, where strangers are welcome too: `None` for who shows nothing. Who shows something that is not good is told so.
pub(crate) async fn staff_if_any(headers: &HeaderMap, api: &Api, state_change: bool) -> Result<Option<SignedIn>, Problem> {
    let Some((kind, token)) = signed_in::credential(headers, &api.config)? else { return Ok(None) };
    let found = identity::signed_in(&api.db, kind, token, api.config.sessions, api.clock.now()).await?;
    let Some(who) = found else {
        return Err(signed_in::not_signed_in(
            "This session is not good, or no longer: it ended, or was ended. Please sign in again.",
        ));
    };
    if state_change && kind == SessionKind::Cookie {
        signed_in::require_csrf(headers, api, &who)?;
    }
    Ok(Some(who))
}

/// The values of all cookies of a name: one of another path or domain may stand before ours.
pub(crate) fn cookies<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The language the client asks for.
pub(crate) fn locale(headers: &HeaderMap) -> Option<Locale> {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(Locale::of_accept_language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_rightmost_hop_that_is_not_trusted() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        for (peer, forwarded, expected) in [
            ("192.0.2.1", None, "192.0.2.1"),
            ("192.0.2.1", Some("203.0.113.9"), "192.0.2.1"),
            ("10.0.0.1", Some("203.0.113.9"), "203.0.113.9"),
            ("10.0.0.1", Some("203.0.113.66, 203.0.113.9, 10.0.0.2"), "203.0.113.9"),
            ("10.0.0.1", Some("nonsense"), "10.0.0.1"),
            ("10.0.0.1", Some("203.0.113.5:4711"), "203.0.113.5"),
            ("10.0.0.1", Some("[2001:db8::1]:443"), "2001:db8::1"),
            ("10.0.0.1", Some("[2001:db8::2]"), "2001:db8::2"),
            ("10.0.0.1", Some("203.0.113.9, nonsense, 10.0.0.7"), "10.0.0.7"),
            ("::ffff:10.0.0.1", Some("2001:db8::1"), "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(forwarded) = forwarded {
                headers.insert(FORWARDED_FOR, forwarded.parse().unwrap());
            }
            let found = address(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; fo_visitor=abc; xfo_visitor=no; fo_visitor=def".parse().unwrap());
        assert_eq!(cookies(&headers, "fo_visitor").collect::<Vec<_>>(), ["abc", "def"]);
        assert_eq!(cookies(&headers, "fo_visito").next(), None);
    }
}
