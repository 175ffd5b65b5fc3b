//! Changing how the widget looks and how websites tell who their visitors are, and asking whether it can work on a page.

use async_graphql::{Context, ErrorExtensions, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    revision::Changed,
    widget::{self, CheckAsked, Color, LookChange, Required, rules::look::is_picture},
};

use super::{Refusable, UserError, UserErrorCode, conflict, optional, place};
use crate::{
    context::{asking, house},
    error::{self, failed},
    kind::{WidgetConsent, WidgetLauncher, WidgetPosition},
    object::widget::{WidgetCheck, WidgetIdentity, WidgetLook},
};

/// What of the look is to be different. What is left out stays; null takes away what may be missing.
#[derive(InputObject)]
pub(crate) struct WidgetLookUpdateInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
    /// What the launcher and the tenant's own words stand on: `#rrggbb`. Words on it are black or white, whichever can be read better.
    color: Option<String>,
    /// At which end of the line it stands.
    position: Option<WidgetPosition>,
    /// What opens it.
    launcher: Option<WidgetLauncher>,
    /// What stands on that, at most 60 characters on one line; null: words of ours, in the visitor's language.
    label: MaybeUndefined<String>,
    /// What the assistant is introduced with, at most 500 characters; null: nothing.
    greeting: MaybeUndefined<String>,
    /// A picture of the assistant: an `https` address of at most 500 characters; null: none.
    avatar_url: MaybeUndefined<String>,
    /// What is shown while there is no connection, at most 500 characters; null: words of ours, in the visitor's language.
    offline_text: MaybeUndefined<String>,
    /// What may be kept in visitors' browsers, unless a page allows less.
    consent: Option<WidgetConsent>,
}

/// Whether it was changed.
#[derive(Default, SimpleObject)]
pub(crate) struct WidgetLookUpdatePayload {
    /// The look as it is now, also where somebody else has changed it meanwhile; null if nothing was done.
    widget_look: Option<WidgetLook>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Whether websites have to say who their visitors are.
#[derive(InputObject)]
pub(crate) struct WidgetIdentityUpdateInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
    /// Whether nobody may write whose website does not say who they are.
    required: bool,
}

/// Whether it is so.
#[derive(Default, SimpleObject)]
pub(crate) struct WidgetIdentityUpdatePayload {
    /// How it is now, also where somebody else has changed it meanwhile; null if nothing was done.
    widget_identity: Option<WidgetIdentity>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Whose secret is to be made anew.
#[derive(InputObject)]
pub(crate) struct WidgetIdentitySecretRotateInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
}

/// The secret that was made.
#[derive(Default, SimpleObject)]
pub(crate) struct WidgetIdentitySecretRotatePayload {
    /// How it is now; null if nothing was done.
    widget_identity: Option<WidgetIdentity>,
    /// What the tenant's server signs with, `fo_ids_…`: the whole text, as it stands. It is told this once.
    secret: Option<String>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which page is to be looked at.
#[derive(InputObject)]
pub(crate) struct WidgetCheckRequestInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// The page's address: `https`, of a website that everybody can reach, at most 2,000 characters.
    url: String,
}

/// Whether it will be looked at.
#[derive(Default, SimpleObject)]
pub(crate) struct WidgetCheckRequestPayload {
    /// The look; what was found is there in a moment. Null if nothing was done.
    widget_check: Option<WidgetCheck>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes the widget.
#[derive(Default)]
pub(crate) struct Widgets;

fn invalid(field: &str, message: impl Into<String>) -> UserError {
    UserError::at(field, UserErrorCode::Invalid, message)
}

/// A text that may be taken away.
fn text(field: &str, value: MaybeUndefined<String>, longest: usize) -> Refusable<Option<Option<String>>> {
    Ok(match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(text) => Some(optional(field, &text, longest)?),
    })
}

fn change(input: WidgetLookUpdateInput) -> Refusable<LookChange> {
    let color = input.color.map(|color| color.parse::<Color>().map_err(|fault| invalid("color", format!("It {fault}."))));
    let label = text("label", input.label, 60)?;
    if label.iter().flatten().any(|label| label.chars().any(char::is_control)) {
        return Err(invalid("label", "It must stand on one line."));
    }
    let avatar_url = text("avatarUrl", input.avatar_url, 500)?;
    if avatar_url.iter().flatten().any(|url| !is_picture(url)) {
        return Err(invalid("avatarUrl", "It must be an `https` address of at most 500 characters."));
    }
    Ok(LookChange {
        color: color.transpose()?,
        position: input.position.map(Into::into),
        launcher: input.launcher.map(Into::into),
        label,
        greeting: text("greeting", input.greeting, 500)?,
        avatar_url,
        offline_text: text("offlineText", input.offline_text, 500)?,
        consent: input.consent.map(Into::into),
    })
}

/// The address of a page. Whether everybody can reach it is found out when it is loaded.
fn page(text: &str) -> Refusable<url::Url> {
    let text = text.trim();
    let read = text.parse::<url::Url>().ok().filter(|url| {
        let is_bare = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare && url.as_str().len() <= 2_000
    });
    read.ok_or_else(|| invalid("url", "It must be an `https` address of at most 2,000 characters."))
}

/// Changes the widget.
#[Object]
impl Widgets {
    /// Changes how the widget looks on a tenant's websites. Needs `widget.manage`.
    async fn widget_look_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be different.")] input: WidgetLookUpdateInput,
    ) -> Result<Option<WidgetLookUpdatePayload>> {
        let refuse = |error| Some(WidgetLookUpdatePayload { user_errors: vec![error], ..Default::default() });
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return Ok(refuse(error)),
        };
        // Who may not change it is told that first.
        place.scope.require(Permission::WidgetManage).map_err(failed)?;
        let (expected, now) = (input.expected_revision, asking(ctx)?.now);
        let change = match change(input) {
            Ok(change) => change,
            Err(error) => return Ok(refuse(error)),
        };
        let update = async move |mut conn, scope| widget::update_look(&mut conn, &scope, &change, expected, now).await;
        Ok(match house(ctx)?.write(&place.scope, update).await? {
            Changed::Done(look) => Some(WidgetLookUpdatePayload { widget_look: Some(look.into()), user_errors: Vec::new() }),
            Changed::Stale(look) => {
                Some(WidgetLookUpdatePayload { widget_look: Some(look.into()), user_errors: vec![conflict()] })
            }
            Changed::Unknown => refuse(UserError::not_found("tenant")),
        })
    }

    /// Lets only those visitors write whose website says who they are, or everybody. Needs `widget.manage`.
    async fn widget_identity_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether they have to be known.")] input: WidgetIdentityUpdateInput,
    ) -> Result<Option<WidgetIdentityUpdatePayload>> {
        let refuse = |error| Some(WidgetIdentityUpdatePayload { user_errors: vec![error], ..Default::default() });
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return Ok(refuse(error)),
        };
        let (required, expected, now) = (input.required, input.expected_revision, asking(ctx)?.now);
        let update = async move |mut conn, scope| widget::require_identity(&mut conn, &scope, required, expected, now).await;
        let told = |identity, user_errors| {
            let widget_identity = Some(WidgetIdentity::new(identity, now));
            Some(WidgetIdentityUpdatePayload { widget_identity, user_errors })
        };
        Ok(match house(ctx)?.write(&place.scope, update).await? {
            Required::Done(identity) => told(identity, Vec::new()),
            Required::Stale(identity) => told(identity, vec![conflict()]),
            Required::NoSecret => {
                let message = "There is no secret yet by which it could be said who they are (`widgetIdentitySecretRotate`), so nobody could write.";
                refuse(invalid("required", message))
            }
        })
    }

    /// Makes the secret anew with which a tenant's server signs who its visitors are. The one before stays good for 24 hours. Needs
    /// `widget.manage`.
    async fn widget_identity_secret_rotate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: WidgetIdentitySecretRotateInput,
    ) -> Result<Option<WidgetIdentitySecretRotatePayload>> {
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => {
                return Ok(Some(WidgetIdentitySecretRotatePayload { user_errors: vec![error], ..Default::default() }));
            }
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let key = house.key.clone();
        let rotate = async move |mut conn, scope| widget::rotate_secret(&mut conn, &scope, &key, now).await;
        let made = house.write(&place.scope, rotate).await?;
        Ok(Some(WidgetIdentitySecretRotatePayload {
            widget_identity: Some(WidgetIdentity::new(made.identity, now)),
            secret: Some(made.secret.reveal().to_owned()),
            user_errors: Vec::new(),
        }))
    }

    /// Has a page looked at, to see whether the widget can work there: at most 20 in an hour. Needs `widget.manage`.
    async fn widget_check_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which page.")] input: WidgetCheckRequestInput,
    ) -> Result<Option<WidgetCheckRequestPayload>> {
        let refuse = |error| Some(WidgetCheckRequestPayload { user_errors: vec![error], ..Default::default() });
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return Ok(refuse(error)),
        };
        place.scope.require(Permission::WidgetManage).map_err(failed)?;
        let url = match page(&input.url) {
            Ok(url) => url,
            Err(error) => return Ok(refuse(error)),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let request = async move |mut conn, scope| widget::request_check(&mut conn, &scope, &url, now).await;
        match house.write(&place.scope, request).await? {
            CheckAsked::Now(check) => {
                // Commit came first; now the workers may know.
                house.bus.ring();
                Ok(Some(WidgetCheckRequestPayload { widget_check: Some(check.into()), user_errors: Vec::new() }))
            }
            CheckAsked::TooOften(until) => {
                let seconds = until.since(now).as_secs().max(1);
                let message = format!("20 pages were looked at in the last hour. Please try again in {seconds} seconds.");
                let refused = error::refuse("RATE_LIMITED", message);
                Err(refused.extend_with(|_, extensions| extensions.set("retryAfter", seconds)))
            }
        }
    }
}
