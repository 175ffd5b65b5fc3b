//! `GET /api/customer-portal/widget-code`: what a tenant puts on its website.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    locale::Locale,
    page::Page,
    tenancy::{self, Tenant},
    widget::{self, AllowedOrigin, AppName, Look, WidgetKey},
    words,
};
use serde::{Deserialize, Serialize};

use super::script;
use crate::{
    Api, Origin,
    caller::{self, Incoming},
    http::chat::business_unknown,
    pages::escaped,
    problem::Problem,
};

/// So many keys are told.
const KEYS: u16 = 100;

/// Of which tenant; without one the caller's own.
#[derive(Deserialize)]
pub(crate) struct Asked {
    business_id: Option<String>,
}

#[derive(Serialize)]
struct Code {
    tenant_uuid: String,
    url: String,
    html: String,
    versioned_url: String,
    integrity: &'static str,
    html_with_integrity: String,
    csp: String,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    name: String,
    key: String,
    origins: Vec<String>,
    apps: Vec<String>,
    enabled: bool,
    last_used_at: Option<String>,
}

impl From<WidgetKey> for Key {
    fn from(key: WidgetKey) -> Self {
        Self {
            origins: key.origins.iter().map(AllowedOrigin::to_string).collect(),
            apps: key.apps.iter().map(AppName::to_string).collect(),
            enabled: key.disabled_at.is_none(),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
            name: key.name,
            key: key.key,
        }
    }
}

/// The tag that puts a tenant's widget on a website, and stays the same whatever becomes of the script.
#[must_use]
pub fn tag(host: &Origin, tenant: &Tenant) -> String {
    format!("<script src=\"{host}/widget/{}/widget.js\" async></script>", tenant.public_id)
}

/// The tag that loads this very file and no other. The look stands in it, because the file is the same for every tenant.
fn tag_with_integrity(url: &str, look: &Look, locale: Locale) -> String {
    let label = look.label.clone().unwrap_or_else(|| words::launcher_label(locale));
    format!(
        "<script src=\"{url}\" integrity=\"{}\" crossorigin=\"anonymous\" data-color=\"{}\" data-position=\"{}\" data-launcher=\"{}\" data-label=\"{}\" async></script>",
        script::integrity(),
        look.color,
        look.position,
        look.launcher,
        escaped(&label)
    )
}

/// What a page with a Content-Security-Policy has to allow.
fn policy(host: &Origin, look: &Look) -> String {
    let picture =
        look.avatar_url.as_deref().and_then(|url| url.split('/').nth(2)).map(|from| format!("; img-src https://{from}"));
    format!("script-src {host}; connect-src {host}{}", picture.unwrap_or_default())
}

/// Handles the route.
pub(crate) async fn show(
    State(api): State<Api>,
    asked: Result<Query<Asked>, QueryRejection>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let who = caller::signed_in(&incoming, &api, false).await?;
    let Query(asked) = asked.map_err(Problem::query)?;
    let entered = tenancy::enter_named(&api.db, &who, asked.business_id, api.clock.now()).await?;
    let (tenant, scope) = entered.ok_or_else(business_unknown)?;
    let reader = scope.clone();
    let read = async move |mut conn| {
        let keys = widget::list(&mut conn, &reader, Page::first(KEYS)).await?;
        Ok((keys, widget::look(&mut conn, &reader).await?))
    };
    let (keys, look) = api.db.read(&scope, read).await?;
    let host = &api.config.public_url;
    let versioned_url = format!("{host}/widget/{}/{}", tenant.public_id, script::versioned_name());
    let code = Code {
        tenant_uuid: tenant.public_id.to_string(),
        url: format!("{host}/widget/{}/widget.js", tenant.public_id),
        html: tag(host, &tenant),
        html_with_integrity: tag_with_integrity(&versioned_url, &look, tenant.default_locale),
        versioned_url,
        integrity: script::integrity(),
        csp: policy(host, &look),
        keys: keys.items.into_iter().map(Key::from).collect(),
    };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(code)).into_response())
}
