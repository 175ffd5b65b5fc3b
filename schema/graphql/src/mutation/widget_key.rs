//! Making and changing the widget's keys.

use std::{str::FromStr, time::Duration};

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    revision::Changed,
    widget::{
        self, AllowedOrigin, AppName,
        rules::{MOST_ORIGINS, app::MOST_APPS},
    },
};

use super::{Refusable, UserError, UserErrorCode, conflict, place, short, within};
use crate::{
    context::{asking, house},
    error::failed,
    global_id::GlobalId,
    object::widget_key::WidgetKey,
};

/// The most characters of a key's name.
const NAME: usize = 200;

/// What a key is to be.
#[derive(InputObject)]
pub(crate) struct WidgetKeyCreateInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// What the tenant calls it, 1 to 200 characters.
    name: String,
    /// The websites it is good on, at most 50: `https://HOST[:PORT]`, or `https://*.HOST` for all names below HOST. None: it is good nowhere.
    origins: Option<Vec<String>>,
    /// The apps that may show it, at most 20, as they call themselves in `X-Widget-App`: 1 to 100 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`.
    apps: Option<Vec<String>>,
}

/// The key that was made.
#[derive(Default, SimpleObject)]
pub(crate) struct WidgetKeyCreatePayload {
    /// The key; null if there is none.
    widget_key: Option<WidgetKey>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which key is to be another text, and for how long the one it is stays good.
#[derive(InputObject)]
pub(crate) struct WidgetKeyRotateInput {
    /// The key.
    widget_key: ID,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
    /// For how many days the text it is now stays good, 0 to 30; what the settings say (7) if nothing is said. 0 ends all it ever was.
    overlap_days: Option<i32>,
}

/// Whether it is another.
#[derive(Default, SimpleObject)]
pub(crate) struct WidgetKeyRotatePayload {
    /// The key as it is now, also where somebody else has changed it meanwhile; null if there is none.
    widget_key: Option<WidgetKey>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What is to be different. What is left out stays.
#[derive(InputObject)]
pub(crate) struct WidgetKeyUpdateInput {
    /// The key.
    widget_key: ID,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
    /// What the tenant calls it, 1 to 200 characters.
    name: Option<String>,
    /// All websites it is good on, at most 50: `https://HOST[:PORT]`, or `https://*.HOST` for all names below HOST. None: it is good
    /// nowhere.
    origins: Option<Vec<String>>,
    /// All apps that may show it, at most 20, as they call themselves in `X-Widget-App`: 1 to 100 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`.
    apps: Option<Vec<String>>,
    /// Whether it is good at all.
    enabled: Option<bool>,
}

/// Whether it was changed.
#[derive(Default, SimpleObject)]
pub(crate) struct WidgetKeyUpdatePayload {
    /// The key as it is now, also where somebody else has changed it meanwhile; null if there is none.
    widget_key: Option<WidgetKey>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Makes and changes the widget's keys.
#[derive(Default)]
pub(crate) struct WidgetKeys;

fn widget_key(id: GlobalId) -> Option<(uuid::Uuid, uuid::Uuid)> {
    if let GlobalId::WidgetKey(tenant, id) = id { Some((tenant, id)) } else { None }
}

/// Every text of a list as what it must be, or which of them is not.
fn each<T: FromStr<Err: std::fmt::Display>>(field: &str, texts: &[String], most: usize) -> Refusable<Vec<T>> {
    let invalid = |message: String| UserError::at(field, UserErrorCode::Invalid, message);
    if texts.len() > most {
        return Err(invalid(format!("There may be {most} of them.")));
    }
    let read = |(number, text): (usize, &String)| {
        let number = number.saturating_add(1);
        text.parse::<T>().map_err(|fault| invalid(format!("Number {number} of them {fault}.")))
    };
    texts.iter().enumerate().map(read).collect()
}

fn origins(texts: &[String]) -> Refusable<Vec<AllowedOrigin>> {
    each("origins", texts, MOST_ORIGINS)
}

fn apps(texts: &[String]) -> Refusable<Vec<AppName>> {
    each("apps", texts, MOST_APPS)
}

fn new(input: &WidgetKeyCreateInput) -> Refusable<widget::NewKey> {
    Ok(widget::NewKey {
        origins: origins(input.origins.as_deref().unwrap_or_default())?,
        apps: apps(input.apps.as_deref().unwrap_or_default())?,
        name: short("name", &input.name, NAME)?,
    })
}

fn change(input: &WidgetKeyUpdateInput) -> Refusable<widget::Change> {
    Ok(widget::Change {
        origins: input.origins.as_deref().map(origins).transpose()?,
        apps: input.apps.as_deref().map(apps).transpose()?,
        name: input.name.as_ref().map(|name| short("name", name, NAME)).transpose()?,
        enabled: input.enabled,
    })
}

/// Makes and changes the widget's keys.
#[Object]
impl WidgetKeys {
    /// Makes another key. Needs `widget.manage`.
    async fn widget_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the key is to be.")] input: WidgetKeyCreateInput,
    ) -> Result<Option<WidgetKeyCreatePayload>> {
        let refuse = |error| Some(WidgetKeyCreatePayload { user_errors: vec![error], ..Default::default() });
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return Ok(refuse(error)),
        };
        // Who may not make any is told that first.
        place.scope.require(Permission::WidgetManage).map_err(failed)?;
        let (new, now) = match new(&input) {
            Ok(new) => (new, asking(ctx)?.now),
            Err(error) => return Ok(refuse(error)),
        };
        let create = async move |mut conn, scope| widget::create(&mut conn, &scope, &new, now).await;
        let key = house(ctx)?.write(&place.scope, create).await?;
        Ok(Some(WidgetKeyCreatePayload { widget_key: Some(WidgetKey::new(&place, key)), user_errors: Vec::new() }))
    }

    /// Makes a key another text, as after it was misused. What it was stays good for some days, so that pages that still show it go on
    /// working. Needs `widget.manage`.
    async fn widget_key_rotate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key, and for how long what it is stays good.")] input: WidgetKeyRotateInput,
    ) -> Result<Option<WidgetKeyRotatePayload>> {
        let refuse = |error| Some(WidgetKeyRotatePayload { user_errors: vec![error], ..Default::default() });
        let (place, id) = match within(ctx, "widgetKey", &input.widget_key, widget_key).await? {
            Ok(found) => found,
            Err(error) => return Ok(refuse(error)),
        };
        place.scope.require(Permission::WidgetManage).map_err(failed)?;
        let (house, now, expected) = (house(ctx)?, asking(ctx)?.now, input.expected_revision);
        let overlap = match input.overlap_days.map(u64::try_from) {
            None => house.key_overlap,
            Some(Ok(days @ 0..=30)) => Duration::from_secs(days.saturating_mul(86_400)),
            Some(_) => return Ok(refuse(UserError::at("overlapDays", UserErrorCode::Invalid, "It must be 0 to 30."))),
        };
        let rotate = async move |mut conn, scope| widget::rotate(&mut conn, &scope, id.into(), overlap, expected, now).await;
        Ok(match house.write(&place.scope, rotate).await? {
            Changed::Done(key) => {
                Some(WidgetKeyRotatePayload { widget_key: Some(WidgetKey::new(&place, key)), user_errors: Vec::new() })
            }
            Changed::Stale(key) => {
                Some(WidgetKeyRotatePayload { widget_key: Some(WidgetKey::new(&place, key)), user_errors: vec![conflict()] })
            }
            Changed::Unknown => refuse(UserError::not_found("widgetKey")),
        })
    }

    /// Says on which websites a key is good and which apps may show it, what it is called, and whether it is good at all. Needs
    /// `widget.manage`.
    async fn widget_key_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key, and what is to be different.")] input: WidgetKeyUpdateInput,
    ) -> Result<Option<WidgetKeyUpdatePayload>> {
        let refuse = |error| Some(WidgetKeyUpdatePayload { user_errors: vec![error], ..Default::default() });
        let (place, id) = match within(ctx, "widgetKey", &input.widget_key, widget_key).await? {
            Ok(found) => found,
            Err(error) => return Ok(refuse(error)),
        };
        // Who may not change any is told that first.
        place.scope.require(Permission::WidgetManage).map_err(failed)?;
        let (change, expected, now) = match change(&input) {
            Ok(change) => (change, input.expected_revision, asking(ctx)?.now),
            Err(error) => return Ok(refuse(error)),
        };
        let update = async move |mut conn, scope| widget::update(&mut conn, &scope, id.into(), &change, expected, now).await;
        Ok(match house(ctx)?.write(&place.scope, update).await? {
            Changed::Done(key) => {
                Some(WidgetKeyUpdatePayload { widget_key: Some(WidgetKey::new(&place, key)), user_errors: Vec::new() })
            }
            Changed::Stale(key) => {
                Some(WidgetKeyUpdatePayload { widget_key: Some(WidgetKey::new(&place, key)), user_errors: vec![conflict()] })
            }
            Changed::Unknown => refuse(UserError::not_found("widgetKey")),
        })
    }
}
