//! The way out of the house: the one place where HTTP clients are made and letters are sent from, and what their answers say about coming back.
//!
//! Invariants: no client follows redirects by itself, no proxy is taken from the environment, no connection is tried for ever. TLS is rustls with
//! ring, and trusts whom this machine trusts.

pub(crate) mod events;
pub mod guarded;
pub mod post;

use std::{
    net::SocketAddr,
    str::FromStr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use frontoffice_domain::clock::Instant;
pub use reqwest::{Client, RequestBuilder};
use reqwest::{
    ClientBuilder, Url,
    header::{DATE, HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::Verifier;

/// How long one connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// The longest wait another side can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// No HTTP client can be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client(#[from] reqwest::Error),
}

/// A client for addresses the operator chose. One that a tenant chose needs more care than this.
///
/// # Errors
/// If TLS or the client cannot be set up.
pub fn client() -> Result<Client, ClientError> {
    Ok(builder()?.build()?)
}

/// A client that reaches a host at these addresses and nowhere else, whatever its name comes to meanwhile.
fn pinned(host: &str, addresses: &[SocketAddr]) -> Result<Client, ClientError> {
    Ok(builder()?.resolve_to_addrs(host, addresses).build()?)
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where HTTP clients come from")]
fn builder() -> Result<ClientBuilder, ClientError> {
    Ok(Client::builder()
        .user_agent(concat!("frontoffice/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT)
        .tls_backend_preconfigured(tls()?))
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    Ok(match Verifier::new(provider) {
        Ok(verifier) => versions.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth(),
        // A model next door is reached without TLS, so this is no reason not to start.
        Err(error) => {
            tracing::warn!(%error, "this machine trusts no certificate authority, so no https address can be reached; install ca-certificates");
            versions.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
        }
    })
}

/// Where a service the operator chose is: `http(s)://HOST[:PORT][/PATH]`. It may be a private address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Its host.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address of something below it.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        url
    }
}

impl FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const ALLOWED: &str = "http://HOST or https://HOST, with a port and a path if need be, and without a user, `?` and `#`";
        let url: Url = text.parse().map_err(|_| ALLOWED)?;
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if bare && url.has_host() && matches!(url.scheme(), "http" | "https") { Ok(Self(url)) } else { Err(ALLOWED) }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// How long the other side asks us to stay away: seconds, or a date, which counts from its own `Date` (clocks differ) or from
/// `now`. Ten minutes at most.
pub(crate) fn retry_after(headers: &HeaderMap, now: Instant) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let asked = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let theirs = headers.get(DATE).and_then(|value| date(value.to_str().ok()?));
            let ours = Duration::from_micros(u64::try_from(now.as_micros()).unwrap_or(0));
            let from = theirs.or_else(|| SystemTime::UNIX_EPOCH.checked_add(ours))?;
            // A date that has passed asks for nothing.
            date(text)?.duration_since(from).unwrap_or_default()
        }
    };
    Some(asked.min(LONGEST_ASKED))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn an_endpoint_is_an_address_without_secrets() {
        for (text, below) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1/models"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/models"),
            ("http://[::1]:8000/a/b/", "http://[::1]:8000/a/b/models"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.at("models").as_str(), below);
            assert_eq!(endpoint.to_string(), text.trim_end_matches('/'));
        }
        for text in [
            "",
            "api.openai.com",
            "ftp://x",
            "file:///x",
            "http://",
            "https://u:p@x",
            "https://u@x",
            "https://x?y",
            "https://x#y",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_is_read_in_both_ways_and_bounded() {
        // 2026-11-22T12:00:00Z
        let now = Instant::from_micros(1_795_348_800_000_000);
        let asked = |retry_after: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_static(date));
            }
            super::retry_after(&headers, now).map(|span| span.as_secs())
        };
        assert_eq!(asked("0", None), Some(0));
        assert_eq!(asked(" 17 ", None), Some(17));
        assert_eq!(asked("86400", None), Some(600));
        assert_eq!(asked("Sun, 22 Nov 2026 12:01:40 GMT", None), Some(100));
        assert_eq!(asked("Sun, 22 Nov 2026 12:01:40 GMT", Some("Sun, 22 Nov 2026 12:01:00 GMT")), Some(40));
        assert_eq!(asked("Sun, 22 Nov 2026 11:00:00 GMT", None), Some(0), "it has passed");
        assert_eq!(asked("Fri, 22 Nov 2030 12:00:00 GMT", None), Some(600));
        for nonsense in ["", "-1", "1.5", "soon", "99999999999999999999999"] {
            assert_eq!(asked(nonsense, None), None, "{nonsense}");
        }
        assert_eq!(super::retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_client_can_be_made() {
        client().unwrap();
    }
}
