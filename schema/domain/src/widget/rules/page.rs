//! Whether the widget can work on a page, from what the page says: its script's tag, and what it lets scripts do (Content Security Policy
//! Level 3, as far as it matters here).

mod policy;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

use self::policy::Policy;
use crate::widget::model::{Finding, FindingCode};

/// A page that was loaded.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Where it was in the end.
    pub url: Url,
    /// What it says.
    pub html: String,
    /// The policies in its headers, one each.
    pub policies: Vec<String>,
}

/// What became of looking at a page.
#[derive(Clone, Debug)]
pub enum Looked {
    /// It was loaded.
    Page(Box<Fetched>),
    /// It was not, for a reason in a sentence.
    Nothing(FindingCode, String),
}

/// What a page is looked at for.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Where this program is reached, as browsers write an origin.
    pub host: Url,
    /// The UUID that stands in the tenant's script tag.
    pub business: String,
    /// The picture of its assistant.
    pub avatar: Option<Url>,
    /// Whether a key that is good may be shown on pages of the page's origin.
    pub is_allowed: bool,
}

/// A tag of the widget's script.
struct Tag {
    business: Option<String>,
    url: Url,
    nonce: Option<String>,
    integrity: Vec<String>,
}

/// What a page says that matters here.
#[derive(Default)]
struct Said {
    tags: Vec<Tag>,
    policies: Vec<Policy>,
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).trim().to_owned()).filter(|value| !value.is_empty())
}

/// Reads a page token by token: it costs no more than its length, however it nests.
fn read(page: &Fetched, host: &Url) -> Said {
    let mut said = Said { policies: page.policies.iter().map(|text| Policy::read(text)).collect(), ..Said::default() };
    let mut emitter = DefaultEmitter::<()>::default();
    emitter.naively_switch_states(true);
    let mut base = page.url.clone();
    for token in Tokenizer::new_with_emitter(&page.html, emitter) {
        let Ok(token) = token;
        let Token::StartTag(tag) = token else { continue };
        match &*String::from_utf8_lossy(&tag.name) {
            "base" => base = attribute(&tag, "href").and_then(|href| page.url.join(&href).ok()).unwrap_or(base),
            "script" => said.tags.extend(attribute(&tag, "src").and_then(|src| script(&tag, &base.join(&src).ok()?, host))),
            "meta" => {
                let is_policy =
                    attribute(&tag, "http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy"));
                said.policies.extend(attribute(&tag, "content").filter(|_| is_policy).map(|text| Policy::read(&text)));
            }
            _ => {}
        }
    }
    said
}

/// The tag, if it is of a widget of this host.
fn script(tag: &StartTag<()>, url: &Url, host: &Url) -> Option<Tag> {
    let mut parts = url.path_segments()?;
    let is_ours = url.origin() == host.origin() && parts.next() == Some("widget");
    let (business, file) = match (parts.next(), parts.next(), parts.next()) {
        (Some(file), None, _) => (None, file),
        (Some(business), Some(file), None) => (Some(business.to_ascii_lowercase()), file),
        _ => return None,
    };
    let is_script = if business.is_none() { file == "loader.js" } else { file.starts_with("widget.") && file.ends_with(".js") };
    let integrity = attribute(tag, "integrity").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    (is_ours && is_script).then(|| Tag { business, url: url.clone(), nonce: attribute(tag, "nonce"), integrity })
}

fn finding(code: FindingCode, is_problem: bool, message: impl Into<String>) -> Finding {
    Finding { code, is_problem, message: message.into() }
}

/// What is to be said about a page.
#[must_use]
pub fn findings(looked: &Looked, expected: &Expected) -> Vec<Finding> {
    let page = match looked {
        Looked::Page(page) => page,
        Looked::Nothing(code, why) => return vec![finding(*code, true, why.clone())],
    };
    let said = read(page, &expected.host);
    let mut all = about_tags(&said.tags, expected);
    let origin = page.url.origin().ascii_serialization();
    all.push(match expected.is_allowed {
        true => {
            finding(FindingCode::OriginAllowed, false, format!("A widget key that is switched on may be shown on `{origin}`."))
        }
        false => {
            let message = format!("No widget key that is switched on may be shown on `{origin}`: add it to a key's websites.");
            finding(FindingCode::OriginNotAllowed, true, message)
        }
    });
    all.extend(about_policies(&said, page, expected));
    all
}

fn about_tags(tags: &[Tag], expected: &Expected) -> Vec<Finding> {
    let wanted = format!("{}widget/{}/widget.js", expected.host, expected.business);
    let own = tags.iter().filter(|tag| tag.business.as_deref() == Some(expected.business.as_str())).count();
    if tags.is_empty() {
        let message = format!(
            "The page has no script tag of the widget: put `<script src=\"{wanted}\" async></script>` on it. A tag that another script adds \
             is not seen here."
        );
        return vec![finding(FindingCode::ScriptMissing, true, message)];
    }
    let mut all = Vec::new();
    if own > 0 {
        all.push(finding(FindingCode::ScriptFound, false, "The page has the widget's script tag for this business."));
    }
    if tags.iter().any(|tag| tag.business.is_none()) {
        let message =
            "The page has the tag of an older kind, `loader.js`, which shows a key: whose it is, is not looked at here.";
        all.push(finding(FindingCode::ScriptFound, false, message));
    } else if own < tags.len() {
        let message = format!("The page has a script tag for another business; this one's is `{wanted}`.");
        all.push(finding(FindingCode::ScriptOfAnother, own == 0, message));
    }
    if own > 1 {
        all.push(finding(FindingCode::ScriptTwice, false, "The page has the script tag more than once; once is enough."));
    }
    all
}

fn about_policies(said: &Said, page: &Fetched, expected: &Expected) -> Vec<Finding> {
    let host = expected.host.origin().ascii_serialization();
    let Ok(usual) = expected.host.join(&format!("widget/{}/widget.js", expected.business)) else { return Vec::new() };
    let own = said.tags.iter().find(|tag| tag.business.as_deref() == Some(expected.business.as_str()));
    let script = own.map_or(&usual, |tag| &tag.url);
    let (nonce, integrity) = own.map_or((None, &[][..]), |tag| (tag.nonce.as_deref(), &tag.integrity));
    let mut all = Vec::new();
    if !said.policies.iter().all(|policy| policy.lets_script(script, nonce, integrity, &page.url)) {
        let message =
            format!("The page's Content-Security-Policy keeps the script from being loaded: add `{host}` to `script-src`.");
        all.push(finding(FindingCode::CspBlocksScript, true, message));
    }
    if !said.policies.iter().all(|policy| policy.lets(&["connect-src"], &expected.host, &page.url)) {
        let message =
            format!("The page's Content-Security-Policy keeps the widget from asking anything: add `{host}` to `connect-src`.");
        all.push(finding(FindingCode::CspBlocksConnect, true, message));
    }
    if let Some(avatar) = &expected.avatar
        && !said.policies.iter().all(|policy| policy.lets(&["img-src"], avatar, &page.url))
    {
        let from = avatar.origin().ascii_serialization();
        let message = format!(
            "The page's Content-Security-Policy keeps the assistant's picture from being shown: add `{from}` to `img-src`."
        );
        all.push(finding(FindingCode::CspBlocksImages, true, message));
    }
    if all.is_empty() {
        let message = if said.policies.is_empty() {
            "The page has no Content-Security-Policy."
        } else {
            "The page's Content-Security-Policy lets the widget work."
        };
        all.push(finding(FindingCode::CspFine, false, message));
    }
    if said.policies.iter().any(Policy::is_strict_about_styles) {
        let message = "The page's Content-Security-Policy is strict about styles; the widget needs nothing there, because its style sheet is made by its script.";
        all.push(finding(FindingCode::CspStrictStyle, false, message));
    }
    all
}

#[cfg(test)]
mod tests;
