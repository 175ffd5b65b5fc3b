//! Looks at whether the widget can work on a page of a tenant's website.

use std::time::Duration;

use frontoffice_domain::{
    fault::Fault,
    job::{self, Lease},
    widget::{self, CheckPage, Fetched, FindingCode, Looked},
};
use reqwest::{
    Url,
    header::{CONTENT_TYPE, HeaderMap},
};

use super::Handle;
use crate::{
    Context,
    failure::Failure,
    net::guarded::{self, Loaded, Refused},
};

/// How long the page may take to begin, and as long again to come.
const TIME: Duration = Duration::from_secs(10);

/// So much of it is read: what the widget needs stands further up.
const MOST: usize = 1024 * 1024;

impl Handle for CheckPage {
    /// A page that cannot be loaded is a finding like any other, so nothing is tried again for its sake.
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let (scope, id) = (job::scope(&lease), self.check_id);
        let host: Url = context.host.parse().map_err(|_| Failure::never("the public URL is no address"))?;
        let reader = scope.clone();
        let page = context.db.read(&scope, async move |mut conn| widget::check_page(&mut conn, &reader, id).await).await?;
        let looked = match page.as_deref().map(str::parse::<Url>) {
            Some(Ok(url)) => Some(look(&context, url).await),
            Some(Err(_)) => Some(Looked::Nothing(FindingCode::PageUnreachable, "It is no address.".to_owned())),
            None => None,
        };
        let (writer, now) = (scope.clone(), context.clock.now());
        let end = async move |mut conn| widget::end_check(&mut conn, &writer, &lease, id, looked.as_ref(), &host, now).await;
        if context.db.write(&scope, end).await? { Ok(()) } else { Err(Failure::lost()) }
    }

    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        let (scope, now, id) = (job::scope(&lease), context.clock.now(), lease.id());
        let writer = scope.clone();
        let give_up = async move |mut conn| widget::give_up_check(&mut conn, &writer, &lease, &error, now).await;
        context.db.write(&scope, give_up).await?;
        tracing::error!(job = %id, "dead; a page of a tenant's website could not be looked at");
        Ok(())
    }
}

async fn look(context: &Context, url: Url) -> Looked {
    match load(context, url).await {
        Ok(looked) => looked,
        Err(refused) => {
            let code = match refused {
                Refused::NotPublic(_) => FindingCode::PageNotPublic,
                Refused::Unreachable(_) => FindingCode::PageUnreachable,
            };
            Looked::Nothing(code, format!("The page could not be loaded. {refused}"))
        }
    }
}

async fn load(context: &Context, url: Url) -> Result<Looked, Refused> {
    let Loaded { url, response } = guarded::get(url, "text/html", &context.private_hosts, TIME).await?;
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        let why = format!("The page could not be loaded. It answers with {}.", status.as_u16());
        return Ok(Looked::Nothing(FindingCode::PageUnreachable, why));
    }
    if !is_html(&headers) {
        return Ok(Looked::Nothing(FindingCode::PageNotHtml, "What is there is no page (`text/html`).".to_owned()));
    }
    let html = guarded::text(response, MOST, TIME).await?;
    let policies = headers.get_all("content-security-policy").iter().filter_map(|policy| policy.to_str().ok());
    // Several in one header are several.
    let policies = policies.flat_map(|policy| policy.split(',')).map(|policy| policy.trim().to_owned()).collect();
    Ok(Looked::Page(Box::new(Fetched { url, html, policies })))
}

fn is_html(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("text/html") || media.eq_ignore_ascii_case("application/xhtml+xml")
}
