//! Making and revoking API keys.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::identity::{self, KeyMade, NewApiKey, Permission};

use super::{Refusable, UserError, UserErrorCode, place, short, within};
use crate::{
    context::{asking, house},
    error::failed,
    global_id::GlobalId,
    object::api_key::ApiKey,
    scalar::DateTime,
};

/// The most characters of a key's name.
const NAME: usize = 200;

/// What a key is to be.
#[derive(InputObject)]
pub(crate) struct ApiKeyCreateInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// What its owner calls it, 1 to 200 characters.
    name: String,
    /// What it is to be allowed, in the words that errors use: `chat.read`. Nobody can give more than they have.
    permissions: Vec<String>,
    /// When it ends by itself; never if nothing is said.
    expires_at: Option<DateTime>,
}

/// The key that was made.
#[derive(Default, SimpleObject)]
pub(crate) struct ApiKeyCreatePayload {
    /// The key; null if there is none.
    api_key: Option<ApiKey>,
    /// What the server shows in `Authorization: Bearer …`. It is told this once.
    secret: Option<String>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which key.
#[derive(InputObject)]
pub(crate) struct ApiKeyRevokeInput {
    /// The key.
    api_key: ID,
}

/// The key that was revoked.
#[derive(Default, SimpleObject)]
pub(crate) struct ApiKeyRevokePayload {
    /// The key as it is now; null if nothing was done.
    api_key: Option<ApiKey>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Makes and revokes API keys.
#[derive(Default)]
pub(crate) struct ApiKeys;

fn api_key(id: GlobalId) -> Option<(uuid::Uuid, uuid::Uuid)> {
    if let GlobalId::ApiKey(tenant, id) = id { Some((tenant, id)) } else { None }
}

fn checked(input: &ApiKeyCreateInput, now: frontoffice_domain::clock::Instant) -> Refusable<NewApiKey> {
    let name = short("name", &input.name, NAME)?;
    let known = identity::rules::OF_TENANTS;
    let allowed = || known.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(" ");
    let read = |word: &String| known.iter().copied().find(|permission| permission.as_str() == word);
    let permissions: Option<Vec<Permission>> = input.permissions.iter().map(read).collect();
    let permissions = permissions.filter(|chosen| !chosen.is_empty()).ok_or_else(|| {
        let message = format!("A key has one or several of these permissions: {}.", allowed());
        UserError::at("permissions", UserErrorCode::Invalid, message)
    })?;
    let expires_at = input.expires_at.as_ref().map(|at| at.0);
    if expires_at.is_some_and(|at| at <= now) {
        return Err(UserError::at("expiresAt", UserErrorCode::Invalid, "It must be in the future."));
    }
    Ok(NewApiKey { name, permissions, expires_at })
}

/// Makes and revokes API keys.
#[Object]
impl ApiKeys {
    /// Makes a key for a tenant's server. Needs `apikey.manage`.
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the key is to be.")] input: ApiKeyCreateInput,
    ) -> Result<Option<ApiKeyCreatePayload>> {
        let refuse = |error| Some(ApiKeyCreatePayload { user_errors: vec![error], ..Default::default() });
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return Ok(refuse(error)),
        };
        let now = asking(ctx)?.now;
        let new = match checked(&input, now) {
            Ok(new) => new,
            Err(error) => {
                // Who may not make any is told that first.
                place.scope.require(Permission::ApiKeyManage).map_err(failed)?;
                return Ok(refuse(error));
            }
        };
        let made = house(ctx)?
            .write(&place.scope, async move |mut conn, scope| identity::create_key(&mut conn, &scope, &new, now).await)
            .await?;
        Ok(match made {
            KeyMade::Made(key, token) => Some(ApiKeyCreatePayload {
                api_key: Some(ApiKey::new(&place, key)),
                secret: Some(token.reveal().to_owned()),
                user_errors: Vec::new(),
            }),
            KeyMade::TooLong(end) => {
                let message = format!("A key that ends makes none that goes on: it must end at {end} at the latest.");
                refuse(UserError::at("expiresAt", UserErrorCode::Invalid, message))
            }
            KeyMade::TooMuch(permissions) => {
                let words = permissions.iter().map(|permission| format!("`{permission}`")).collect::<Vec<_>>().join(", ");
                let message = format!("You lack {words}, and nobody can give more than they have.");
                refuse(UserError::at("permissions", UserErrorCode::PermissionNotYours, message))
            }
        })
    }

    /// Revokes a key: the next request with it is refused. Needs `apikey.manage`.
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: ApiKeyRevokeInput,
    ) -> Result<Option<ApiKeyRevokePayload>> {
        let refuse = |error| Some(ApiKeyRevokePayload { user_errors: vec![error], ..Default::default() });
        let (place, id) = match within(ctx, "apiKey", &input.api_key, api_key).await? {
            Ok(found) => found,
            Err(error) => return Ok(refuse(error)),
        };
        let now = asking(ctx)?.now;
        let revoked = house(ctx)?
            .write(&place.scope, async move |mut conn, scope| identity::revoke_key(&mut conn, &scope, id.into(), now).await)
            .await?;
        Ok(match revoked {
            Some(key) => Some(ApiKeyRevokePayload { api_key: Some(ApiKey::new(&place, key)), user_errors: Vec::new() }),
            None => refuse(UserError::not_found("apiKey")),
        })
    }
}
