//! `/demo/shop`, `/demo/strict`, `/demo/spa`: websites with the widget of the platform's own tenant on them, as a customer's would have it.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use frontoffice_domain::tenancy::{self, Platform, Tenant};

use super::{Asset, demo::require_demo, escaped, page_with};
use crate::{
    Api, Origin,
    http::{chat::business_unknown, widget::code::tag},
    problem::Problem,
};

const SHOP: &str = include_str!("../../assets/websites/shop.html");
const STRICT: &str = include_str!("../../assets/websites/strict.html");
const APP: &str = include_str!("../../assets/websites/spa.html");
const STYLE: Asset = Asset { media: "text/css; charset=utf-8", text: include_str!("../../assets/websites/shop.css") };
const SCRIPT: Asset = Asset { media: "text/javascript; charset=utf-8", text: include_str!("../../assets/websites/spa.js") };

/// The platform's own tenant.
pub(super) async fn platform(api: &Api) -> Result<Tenant, Problem> {
    let read = async |mut conn| tenancy::platform_tenant(&mut conn).await;
    api.db.platform_read(&Platform::of_this_process(), read).await?.ok_or_else(business_unknown)
}

/// Where else these pages are, so that the script comes from another origin than the page; none if this host has one name only.
pub(super) fn elsewhere(host: &Origin) -> Option<Origin> {
    host.on_this_machine()?.into_iter().find(|other| other != host)
}

/// What a page may load: of its own, and the widget.
fn policy(host: &Origin) -> String {
    format!(
        "default-src 'none'; script-src 'self' {host}; style-src 'self'; connect-src {host}; img-src 'self' data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// `/demo/shop`.
pub(crate) async fn shop(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    require_demo(&api)?;
    let (host, tenant) = (&api.config.public_url, platform(&api).await?);
    let scheme = if host.is_https() { "https" } else { "http" };
    let named = headers.get(header::HOST).and_then(|named| named.to_str().ok()).unwrap_or_default();
    let own = format!("{scheme}://{named}");
    let (apart, link) = match elsewhere(host).filter(|_| own == host.to_string()) {
        Some(other) => (
            "They are the same origin, which a customer's website never is.",
            format!("The same page <a href=\"{other}/demo/shop\">under another origin</a> is what a customer's visitors see. "),
        ),
        None => ("For browsers these are two websites, as a customer's would be.", String::new()),
    };
    let code = tag(host, &tenant);
    let html = SHOP
        .replace("{tag}", &code)
        .replace("{code}", &escaped(&code))
        .replace("{host}", &escaped(&host.to_string()))
        .replace("{origin}", &escaped(&own))
        .replace("{apart}", apart)
        .replace("{elsewhere}", &link);
    Ok(page_with(html, &policy(host)))
}

/// `/demo/strict`.
pub(crate) async fn strict(State(api): State<Api>) -> Result<Response, Problem> {
    require_demo(&api)?;
    let host = &api.config.public_url;
    let policy = format!(
        "default-src 'none'; script-src {host}; connect-src {host}; style-src 'none'; require-trusted-types-for 'script'"
    );
    let html = STRICT.replace("{tag}", &tag(host, &platform(&api).await?)).replace("{policy}", &escaped(&policy));
    Ok(page_with(html, &policy))
}

/// `/demo/spa`.
pub(crate) async fn app(State(api): State<Api>) -> Result<Response, Problem> {
    require_demo(&api)?;
    let host = &api.config.public_url;
    Ok(page_with(APP.replace("{tag}", &tag(host, &platform(&api).await?)), &policy(host)))
}

/// The pages' style.
pub(crate) async fn style(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    require_demo(&api)?;
    Ok(STYLE.serve(&headers))
}

/// What swaps a page's body.
pub(crate) async fn script(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    require_demo(&api)?;
    Ok(SCRIPT.serve(&headers))
}
