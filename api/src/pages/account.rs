//! `/account/…`: where the links in letters lead to: joining, signing up, choosing a new password, and asking for that.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use frontoffice_domain::{locale::Locale, words};

use super::{Asset, escaped, page};
use crate::{caller, problem::Problem};

const PAGE: &str = include_str!("../../assets/account/account.html");
const STYLE: Asset = Asset { media: "text/css; charset=utf-8", text: include_str!("../../assets/account/account.css") };
const SCRIPT: Asset = Asset { media: "text/javascript; charset=utf-8", text: include_str!("../../assets/account/account.js") };

/// The page's kinds.
const KINDS: [&str; 4] = ["invitation", "signup", "reset", "forgot"];

/// What stands where the business is named, until the script knows it.
const BUSINESS: &str = "%business%";

/// The page, or what it is made of.
pub(crate) async fn show(name: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Result<Response, Problem> {
    let name = name.as_deref().map_or("?", String::as_str);
    match name {
        "account.css" => return Ok(STYLE.serve(&headers)),
        "account.js" => return Ok(SCRIPT.serve(&headers)),
        _ => {}
    }
    let Some(kind) = KINDS.iter().find(|kind| **kind == name) else {
        return Err(Problem::new("not_found", "There is nothing here."));
    };
    let locale = caller::locale(&headers).unwrap_or(Locale::En);
    let say = |name: &str| escaped(&words::account(locale, name, BUSINESS));
    let mut html = PAGE.replace("{lang}", locale.as_str()).replace("{kind}", kind);
    for (place, text) in [
        ("{title}", say(&format!("{kind}-title"))),
        ("{submit}", say(&format!("submit-{kind}"))),
        ("{done}", say(&format!("done-{kind}"))),
        ("{email}", say("email")),
        ("{name}", say("name")),
        ("{password}", say("password")),
        ("{hint}", say("password-hint")),
        ("{over}", say("link-over")),
        ("{failed}", say("failed")),
    ] {
        html = html.replace(place, &text);
    }
    Ok(page(html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_kind_says_everything_in_every_language() {
        for kind in KINDS {
            for locale in Locale::ALL {
                let mut headers = HeaderMap::new();
                headers.insert("accept-language", locale.as_str().parse().unwrap());
                let response = show(Ok(Path(kind.to_owned())), headers).await.unwrap();
                let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
                let html = String::from_utf8(bytes.to_vec()).unwrap();
                assert!(html.contains(&format!("lang=\"{locale}\"")), "{kind} {locale}");
                assert!(!html.contains('{') && !html.contains("Unknown"), "{kind} {locale}: {html}");
            }
        }
        assert!(show(Ok(Path("else".to_owned())), HeaderMap::new()).await.is_err());
    }
}
