//! The widget's script: `GET /widget/{tenant_uuid}/widget.js`, with the look of the tenant's launcher before it; the same file under an address
//! that changes with it, for pages that check its hash; and `GET /widget/loader.js`, as pages of an older kind ask for it.

use std::sync::LazyLock;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use frontoffice_domain::{
    clock::Instant,
    db::Db,
    fault::Fault,
    locale::Locale,
    pricing::rules::hex,
    widget::{self, Look, Shown},
    words,
};
use serde::Serialize;
use sha2::{Digest, Sha256, Sha384};

use super::{business_in_path, no_such_widget};
use crate::{Api, problem::Problem, revalidate::revalidated};

/// The built file.
const FILE: &str = include_str!("../../../widget/dist/widget.js");

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// How much of its SHA-256 tells one built file from others, in hexadecimal digits.
const VERSION: usize = 16;

/// What is made of the built file once.
struct Built {
    version: String,
    integrity: String,
}

static BUILT: LazyLock<Built> = LazyLock::new(|| Built {
    version: hex(&Sha256::digest(FILE)).chars().take(VERSION).collect(),
    integrity: format!("sha384-{}", STANDARD.encode(Sha384::digest(FILE))),
});

/// What the file is called where its address changes with it.
pub(crate) fn versioned_name() -> String {
    format!("widget.{}.js", BUILT.version)
}

/// The version in such a name.
fn version_in(name: &str) -> Option<&str> {
    let version = name.strip_prefix("widget.")?.strip_suffix(".js")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    (version.len() == VERSION && version.bytes().all(is_digit)).then_some(version)
}

/// Keeps this program's built file in the store, before anybody is told of its address: tags that name it stay good when the program has
/// become another, and while others beside it have not yet.
///
/// # Errors
/// If the store fails.
pub async fn keep(db: &Db, now: Instant) -> Result<(), Fault> {
    widget::keep_script(db, &BUILT.version, FILE, now).await
}

/// What browsers check the file against (Subresource Integrity).
pub(crate) fn integrity() -> &'static str {
    &BUILT.integrity
}

/// What the launcher shows before it was opened.
#[derive(Serialize)]
struct Launcher<'a> {
    color: String,
    text_color: String,
    position: &'a str,
    launcher: &'a str,
    label: String,
}

/// The line that hangs the look on the script's element.
fn line(look: Look, locale: Locale) -> String {
    let launcher = Launcher {
        color: look.color.to_string(),
        text_color: look.color.of_text().to_string(),
        position: look.position.as_str(),
        launcher: look.launcher.as_str(),
        label: look.label.unwrap_or_else(|| words::launcher_label(locale)),
    };
    let json = serde_json::json!(launcher).to_string();
    // In scripts these two end a line for older browsers.
    let json = json.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    format!("if(document.currentScript)document.currentScript.frontoffice={json};\n")
}

/// `GET /widget/{tenant_uuid}/widget.js`.
pub(crate) async fn of_tenant(
    State(api): State<Api>,
    business: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(business) = business.map_err(|_| no_such_widget())?;
    let business = business_in_path(&business).ok_or_else(no_such_widget)?;
    let script = match widget::shown(&api.db, business).await? {
        Shown::Look(look, locale) => line(*look, locale) + FILE,
        Shown::Nothing(why) => format!("console.warn(\"Frontoffice: the widget is not shown, because {why}.\");\n"),
    };
    Ok(served(&headers, script, "public, max-age=300"))
}

/// `GET /widget/{tenant_uuid}/widget.{hash}.js`: the file that has this hash, whether it is this program's or one that another has kept.
pub(crate) async fn versioned(
    State(api): State<Api>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((business, file)) = path.map_err(|_| no_such_widget())?;
    business_in_path(&business).ok_or_else(no_such_widget)?;
    let script = match version_in(&file) {
        Some(version) if version == BUILT.version => Some(FILE.to_owned()),
        Some(version) => widget::kept_script(&api.db, version.to_owned()).await?,
        None => None,
    };
    let script = script.ok_or_else(|| {
        Problem::new("not_found", "There is no such version of the widget: the tag that names the present one is in the portal.")
    })?;
    Ok(served(&headers, script, "public, max-age=31536000, immutable"))
}

/// `GET /widget/loader.js`.
pub(crate) async fn loader(headers: HeaderMap) -> Response {
    served(&headers, FILE.to_owned(), "public, max-age=300")
}

fn served(headers: &HeaderMap, script: String, kept: &'static str) -> Response {
    let tag = hex(&Sha256::digest(&script));
    let mut response = revalidated(headers, &tag, || script.into_response());
    let fields = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, kept),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Any page may load it, and check it against a hash: there is nothing in it that is not for everybody.
        (CORP, "cross-origin"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    for (name, value) in fields {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
