//! Changing the widget's keys.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    revision::Changed,
    widget::{self, AllowedOrigin, rules::MOST_ORIGINS},
};

use super::{Refusable, UserError, UserErrorCode, conflict, short, within};
use crate::{
    context::{asking, house},
    error::failed,
    global_id::GlobalId,
    object::widget_key::WidgetKey,
};

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

/// Changes the widget's keys.
#[derive(Default)]
pub(crate) struct WidgetKeys;

fn widget_key(id: GlobalId) -> Option<(uuid::Uuid, uuid::Uuid)> {
    if let GlobalId::WidgetKey(tenant, id) = id { Some((tenant, id)) } else { None }
}

fn change(input: &WidgetKeyUpdateInput) -> Refusable<widget::Change> {
    let invalid = |message: String| UserError::at("origins", UserErrorCode::Invalid, message);
    let origins = match &input.origins {
        Some(origins) if origins.len() > MOST_ORIGINS => {
            return Err(invalid(format!("There may be {MOST_ORIGINS} of them.")));
        }
        Some(origins) => {
            let read = |(number, text): (usize, &String)| {
                let number = number.saturating_add(1);
                text.parse::<AllowedOrigin>().map_err(|fault| invalid(format!("Number {number} of them {fault}.")))
            };
            Some(origins.iter().enumerate().map(read).collect::<Refusable<Vec<_>>>()?)
        }
        None => None,
    };
    let name = input.name.as_ref().map(|name| short("name", name, 200)).transpose()?;
    Ok(widget::Change { name, origins, enabled: input.enabled })
}

/// Changes the widget's keys.
#[Object]
impl WidgetKeys {
    /// Says on which websites a key is good, what it is called, and whether it is good at all. Needs `widget.manage`.
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
