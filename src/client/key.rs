//! `frontoffice key`: what a tenant's servers show.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{Reach, show, way::Way};

/// The tenant that is meant, by its id among all objects: the one that is named, one's own, or the platform's.
async fn tenant(way: &Way, reach: &Reach) -> anyhow::Result<Option<Value>> {
    let Some(slug) = &reach.tenant else {
        let data = way.ask("{ viewer { tenant { id } } }", json!({})).await?;
        let Some(id) = data.pointer("/viewer/tenant/id") else {
            bail!("say whose key is meant: `--tenant SLUG`");
        };
        return Ok(Some(id.clone()));
    };
    let data = way.ask("query($slug: String!) { tenant(slug: $slug) { id } }", json!({"slug": slug})).await?;
    match data.pointer("/tenant/id") {
        Some(id) => Ok(Some(id.clone())),
        None => bail!("there is no tenant `{slug}` that you may know of"),
    }
}

pub(super) async fn list(way: &Way, reach: &Reach) -> anyhow::Result<()> {
    let (id, mut after, mut keys) = (tenant(way, reach).await?, Value::Null, Vec::new());
    let query = "query($id: ID!, $after: String) { node(id: $id) { ... on Tenant { apiKeys(first: 100, after: $after) { \
        nodes { id name hint permissions expiresAt usedAt revokedAt } pageInfo { hasNextPage endCursor } } } } }";
    loop {
        let data = way.ask(query, json!({"id": id, "after": after})).await?;
        let page = data.pointer("/node/apiKeys").context("the answer cannot be read")?;
        keys.extend(page.pointer("/nodes").and_then(Value::as_array).cloned().unwrap_or_default());
        if page.pointer("/pageInfo/hasNextPage") != Some(&Value::Bool(true)) {
            break;
        }
        after = page.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
    }
    show(&keys, &["id", "name", "hint", "permissions", "expiresAt", "usedAt", "revokedAt"], reach.json)
}

pub(super) async fn create(
    way: &Way,
    reach: &Reach,
    name: &str,
    permissions: &[String],
    expires: Option<&str>,
) -> anyhow::Result<()> {
    let input = json!({"tenant": tenant(way, reach).await?, "name": name, "permissions": permissions, "expiresAt": expires});
    let made = way.change("apiKeyCreate", "secret apiKey { id name permissions expiresAt }", input).await?;
    if reach.json {
        crate::print(&serde_json::to_string_pretty(&made)?);
    } else {
        // The key alone, so that it can be piped on.
        crate::print(made.get("secret").and_then(Value::as_str).context("the answer cannot be read")?);
    }
    Ok(())
}

pub(super) async fn revoke(way: &Way, reach: &Reach, id: &str) -> anyhow::Result<()> {
    let revoked = way.change("apiKeyRevoke", "apiKey { id name revokedAt }", json!({"apiKey": id})).await?;
    if reach.json {
        crate::print(&serde_json::to_string_pretty(&revoked)?);
    } else {
        crate::print("Revoked.");
    }
    Ok(())
}
