//! Loading what a tenant chose: https, and public addresses only. A name is resolved once, each of its addresses is looked at, and the
//! connection goes to those and nowhere else. A redirect is another address, and looked at like the first.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use reqwest::{
    Response, Url,
    header::{ACCEPT, LOCATION},
};
use tokio::net::lookup_host;

use super::pinned;

/// How often another address may be named.
const REDIRECTS: usize = 3;
/// So many addresses of a name are tried.
const ADDRESSES: usize = 16;

/// What was loaded.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Where it was in the end.
    pub(crate) url: Url,
    pub(crate) response: Response,
}

/// Why nothing was loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It is not where it may be loaded from.
    #[error("{0}")]
    NotPublic(&'static str),
    /// It cannot be reached, or says nothing that can be used.
    #[error("{0}")]
    Unreachable(&'static str),
}

/// A host of one's own network that may be loaded from, also without https: `HOST` or `HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateHost {
    host: String,
    port: Option<u16>,
}

impl PrivateHost {
    fn is(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(&self.host))
            && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

impl FromStr for PrivateHost {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const ALLOWED: &str = "HOST or HOST:PORT, without a scheme and a path";
        let url: Url = format!("http://{text}").parse().map_err(|_| ALLOWED)?;
        let bare = url.username().is_empty() && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|_| bare && !text.ends_with('/')).ok_or(ALLOWED)?;
        // The usual port may have been said too, and is not told from nothing then: it is what an address without one means.
        let port = text.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        Ok(Self { host: host.to_owned(), port })
    }
}

/// Loads an address, with redirects, within the time.
pub(crate) async fn get(url: Url, accept: &str, private: &[PrivateHost], time: Duration) -> Result<Loaded, Refused> {
    let load = async {
        let mut url = url;
        for _ in 0..=REDIRECTS {
            let response = one(&url, accept, private).await?;
            if !response.status().is_redirection() {
                return Ok(Loaded { url, response });
            }
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            url = to
                .and_then(|to| url.join(to).ok())
                .ok_or(Refused::Unreachable("It sends its visitors elsewhere without saying where."))?;
        }
        Err(Refused::Unreachable("It sends its visitors elsewhere more than three times."))
    };
    tokio::time::timeout(time, load).await.unwrap_or(Err(Refused::Unreachable("It does not answer in time.")))
}

async fn one(url: &Url, accept: &str, private: &[PrivateHost]) -> Result<Response, Refused> {
    let is_private = private.iter().any(|host| host.is(url));
    if url.scheme() != "https" && !(is_private && url.scheme() == "http") {
        return Err(Refused::NotPublic("Only `https` addresses are looked at."));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::NotPublic("Addresses with a name and a password are not looked at."));
    }
    let unknown = Refused::Unreachable("Its host has no address.");
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Err(unknown) };
    // An IPv6 address stands in brackets in an address, and without them for who looks it up.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = lookup_host((bare, port)).await.map_err(|_| unknown)?.take(ADDRESSES).collect();
    if found.is_empty() {
        return Err(Refused::Unreachable("Its host has no address."));
    }
    // One that is not public among others is enough: who names it means it.
    if !is_private && !found.iter().all(|address| is_public(address.ip())) {
        return Err(Refused::NotPublic("Its host is not in the public internet."));
    }
    let client = pinned(host, &found).map_err(|_| Refused::Unreachable("No connection can be made from here."))?;
    let asked = client.get(url.clone()).header(ACCEPT, accept).send().await;
    asked.map_err(|error| {
        Refused::Unreachable(if error.is_timeout() {
            "It does not answer in time."
        } else {
            "It cannot be reached, or its certificate is not good."
        })
    })
}

/// Reads a body up to its limit; what comes beyond that is left.
pub(crate) async fn text(mut response: Response, limit: usize, time: Duration) -> Result<String, Refused> {
    let read = async {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Refused::Unreachable("It ends before it is complete."))? {
            let room = limit.saturating_sub(bytes.len());
            bytes.extend(chunk.iter().take(room));
            if bytes.len() >= limit {
                break;
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    tokio::time::timeout(time, read).await.unwrap_or(Err(Refused::Unreachable("It does not come in time.")))
}

/// Whether an address is somebody's in the public internet, by the registries of special addresses (IANA).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = a == 0                              // this network
        || a == 10
        || a == 127
        || (a == 100 && (64..=127).contains(&b))          // shared behind carriers
        || (a == 169 && b == 254)                         // this link, and what clouds tell their machines
        || (a == 172 && (16..=31).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))     // protocols, documentation
        || (a == 192 && b == 88 && c == 99)               // relays to the newer kind
        || (a == 192 && b == 168)
        || (a == 198 && (b == 18 || b == 19))             // benchmarks
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224; // to many, reserved, to all
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Of the newer kind only one eighth is given out to anybody.
    let [first, second, third, ..] = address.segments();
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    // What is translated to an older address is that.
    if (first, second) == (0x64, 0xff9b) {
        let [.., a, b, c, d] = address.octets();
        return third == 0 && is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let is_given_out = first & 0xe000 == 0x2000;
    let is_special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) // protocols, among them Teredo; documentation
        || first == 0x2002                                   // relays from the older kind
        || (first == 0x3fff && second < 0x1000); // documentation
    is_given_out && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_public_is_public() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "93.184.216.34",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "127.9.9.9",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "::7f00:1",
            "100::1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn a_private_host_is_named_exactly() {
        let host: PrivateHost = "shop.test:8443".parse().unwrap();
        for (url, is) in [
            ("https://shop.test:8443/a", true),
            ("http://SHOP.test:8443", true),
            ("https://shop.test", false),
            ("https://a.shop.test:8443", false),
        ] {
            assert_eq!(host.is(&url.parse().unwrap()), is, "{url}");
        }
        assert!("127.0.0.1".parse::<PrivateHost>().unwrap().is(&"http://127.0.0.1:3000/".parse().unwrap()));
        assert!("[::1]:80".parse::<PrivateHost>().unwrap().is(&"http://[::1]/".parse().unwrap()));
        for wrong in ["", "https://shop.test", "shop.test/", "shop.test/a", "a@shop.test", "shop.test?x"] {
            assert!(wrong.parse::<PrivateHost>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn what_is_not_public_is_not_asked_for() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let refused = async |url: String, private: &[PrivateHost]| {
            let loaded = get(url.parse().unwrap(), "text/html", private, Duration::from_secs(5)).await;
            matches!(loaded, Err(Refused::NotPublic(_)))
        };
        for url in [
            format!("http://127.0.0.1:{port}/"),
            format!("https://127.0.0.1:{port}/"),
            format!("https://localhost:{port}/"),
            format!("https://[::1]:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            format!("https://2130706433:{port}/"),
            format!("https://0x7f.1:{port}/"),
            "https://169.254.169.254/latest/meta-data".to_owned(),
            "https://me:secret@example.com/".to_owned(),
            "ftp://example.com/".to_owned(),
            "file:///etc/passwd".to_owned(),
        ] {
            assert!(refused(url.clone(), &["shop.test".parse().unwrap()]).await, "{url}");
        }
        let asked = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(asked.is_err(), "somebody was asked");
    }
}
