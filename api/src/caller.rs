//! From headers to a caller: where the request comes from, and which visitor it is or whose credential it shows.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
};
use frontoffice_domain::{
    audit::Trace,
    chat::{IdempotencyKey, SessionId},
    id::RequestId,
    identity::{self, InstanceKey, SessionKind, SignedIn, VisitorKey},
    locale::Locale,
};
use ipnet::IpNet;

use crate::{
    Api, Config,
    origin::Origin,
    problem::Problem,
    rates::{self, Standings},
    signed_in,
};

pub(crate) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The cookie a public visitor is known by.
pub(crate) const VISITOR_COOKIE: &str = "fo_visitor";
/// How long a browser keeps it, in seconds: half a year.
const VISITOR_COOKIE_AGE: u32 = 15_552_000;

/// Why somebody looks who may only for a reason.
pub(crate) const ACCESS_REASON: HeaderName = HeaderName::from_static("x-access-reason");

/// Whether a request comes from a portal on another host that may call: with a bearer token, and never with a cookie.
pub(crate) fn is_of_portal(headers: &HeaderMap, config: &Config) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next().and_then(|value| value.to_str().ok()?.parse::<Origin>().ok()), origins.next()) {
        (Some(origin), None) => config.portal_origins.contains(&origin),
        _ => false,
    }
}

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

/// A visitor.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) key: VisitorKey,
    /// The conversation the request names, or that was made for a visitor who came with nothing.
    pub(crate) session_id: Option<SessionId>,
    /// The token they are known by from now on, if they showed none.
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
    match cookies(headers, VISITOR_COOKIE).find_map(|token| instance.visitor_of(token.trim_matches('"'))) {
        Some(known) => Visitor { key: known, session_id, new_token: None },
        None => unknown_visitor(instance, address, session_id, key),
    }
}

/// Recognises a visitor who shows nothing by address and session id.
pub(crate) fn unknown_visitor(
    instance: &InstanceKey,
    address: IpAddr,
    session_id: Option<SessionId>,
    key: Option<&IdempotencyKey>,
) -> Visitor {
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

/// A request, as far as it tells who sends it.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) headers: HeaderMap,
    pub(crate) address: IpAddr,
    pub(crate) request: RequestId,
    pub(crate) standings: Standings,
}

impl<S: Send + Sync> FromRequestParts<S> for Incoming
where
    Api: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let api = Api::from_ref(state);
        let numbered = parts.extensions.get::<RequestId>().copied().zip(parts.extensions.get::<Standings>().cloned());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let (Some((request, standings)), Some(ConnectInfo(peer))) = (numbered, peer) else {
            tracing::error!("a request came in without its number or its address");
            return Err(Problem::new("internal", "The request failed for a reason that lies with us."));
        };
        let address = address(peer.ip(), &parts.headers, &api.config.trusted_proxies);
        Ok(Self { headers: parts.headers.clone(), address, request, standings })
    }
}

impl Incoming {
    /// As the audit log notes it.
    pub(crate) fn trace(&self, api: &Api) -> Result<Trace, Problem> {
        let reason = match self.headers.get(ACCESS_REASON) {
            None => None,
            Some(value) => Some(reason(value).ok_or_else(|| {
                Problem::new("header_invalid", "`X-Access-Reason` must be 1 to 500 characters of UTF-8 that say why.")
            })?),
        };
        Ok(Trace { address: Some(api.key.address_noted(self.address)), request: Some(self.request), reason })
    }

    /// The language the client asks for.
    pub(crate) fn locale(&self) -> Locale {
        locale(&self.headers).unwrap_or(Locale::En)
    }
}

fn reason(value: &HeaderValue) -> Option<String> {
    let text = std::str::from_utf8(value.as_bytes()).ok()?.trim();
    ((1..=500).contains(&text.chars().count()) && !text.contains('\0')).then(|| text.to_owned())
}

/// Who is calling. `state_change`: the request asks for more than to read.
pub(crate) async fn signed_in(incoming: &Incoming, api: &Api, state_change: bool) -> Result<SignedIn, Problem> {
    signed_in_if_any(incoming, api, state_change).await?.ok_or_else(|| {
        signed_in::not_signed_in(
            "This needs a session or an API key: `Authorization: Bearer …` with the token that `POST /api/auth/login` or `POST /api/customers/auth/login` gives, or with a key.",
        )
    })
}

/// The same, where strangers are welcome too: `None` for who shows nothing. Who shows something that is not good is told so.
pub(crate) async fn signed_in_if_any(incoming: &Incoming, api: &Api, state_change: bool) -> Result<Option<SignedIn>, Problem> {
    let headers = &incoming.headers;
    let shown = signed_in::credentials(headers, &api.config)?;
    if shown.is_empty() {
        return Ok(None);
    }
    let (trace, now) = (incoming.trace(api)?, api.clock.now());
    let mut found: Option<SignedIn> = None;
    for credential in shown {
        let Some(who) = identity::signed_in(&api.db, credential, api.config.sessions, trace.clone(), now).await? else {
            continue;
        };
        // A browser may be signed in twice here, as staff and as a member: the CSRF token says which of them is meant.
        let is_meant = who.session.as_ref().is_some_and(|session| signed_in::shows_csrf(headers, api, session));
        if is_meant || found.is_none() {
            found = Some(who);
        }
    }
    let Some(who) = found else {
        return Err(signed_in::not_signed_in(
            "This session or key is not good, or no longer: it ended, or was ended. Please sign in again.",
        ));
    };
    if let Some(session) = who.session.as_ref().filter(|session| state_change && session.kind == SessionKind::Cookie) {
        signed_in::require_csrf(headers, api, session)?;
    }
    rates::count(incoming, api, &who.principal).await?;
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
