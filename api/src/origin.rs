//! Web origins (RFC 6454): scheme, host and port, compared as parsed, never as text.

use std::str::FromStr;

use axum::http::Uri;

/// A web origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// Whether pages of this origin come encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// Whether a page of `other` is of this origin. The names of the machine itself are one: people type `localhost` where the
    /// settings say `127.0.0.1`, and neither can be anybody else's.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self == other || (self.scheme == other.scheme && self.port == other.port && self.is_loopback() && other.is_loopback())
    }

    /// The same place under the two names of the machine itself, which are two origins for browsers; none if it is somewhere else.
    #[must_use]
    pub fn on_this_machine(&self) -> Option<[Self; 2]> {
        let named = |host: &str| Self { host: host.to_owned(), ..self.clone() };
        self.is_loopback().then(|| ["127.0.0.1", "localhost"].map(named))
    }

    fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
    }
}

/// As browsers write it: without the scheme's own port.
impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        if (self.scheme.as_str(), self.port) == ("http", 80) || (self.scheme.as_str(), self.port) == ("https", 443) {
            return Ok(());
        }
        write!(f, ":{}", self.port)
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const ALLOWED: &str = "`http://HOST[:PORT]` or `https://HOST[:PORT]`, without a path";
        let uri: Uri = text.parse().map_err(|_| ALLOWED)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(ALLOWED) };
        let port = match (scheme, authority.port_u16()) {
            ("http", None) => 80,
            ("https", None) => 443,
            ("http" | "https", Some(port)) => port,
            _ => return Err(ALLOWED),
        };
        let plain = authority.as_str().len()
            == authority.host().len().saturating_add(authority.port().map_or(0, |port| port.as_str().len().saturating_add(1)));
        if !plain || uri.query().is_some() || !matches!(uri.path(), "" | "/") || authority.host().is_empty() {
            return Err(ALLOWED);
        }
        Ok(Self { scheme: scheme.to_owned(), host: authority.host().to_ascii_lowercase(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    #[test]
    fn look_alikes_are_others() {
        let own = origin("https://chat.example.com");
        for same in ["https://chat.example.com:443", "https://CHAT.example.com", "https://chat.example.com/"] {
            assert!(own.same(&origin(same)), "{same}");
        }
        for other in [
            "http://chat.example.com",
            "https://chat.example.com:444",
            "https://example.com",
            "https://chat.example.com.evil.test",
            "https://evilchat.example.com",
            "https://chat.example.com.",
        ] {
            assert!(!own.same(&origin(other)), "{other}");
        }
        for nothing in
            ["null", "", "chat.example.com", "file:///x", "https://a@chat.example.com", "https://chat.example.com/x", "https://"]
        {
            assert!(nothing.parse::<Origin>().is_err(), "{nothing}");
        }
    }

    #[test]
    fn the_machine_itself_has_several_names() {
        assert!(origin("http://127.0.0.1:8080").same(&origin("http://localhost:8080")));
        assert!(!origin("http://127.0.0.1:8080").same(&origin("http://localhost:8081")));
        assert_eq!(origin("http://127.0.0.1:80").to_string(), "http://127.0.0.1");
    }
}
