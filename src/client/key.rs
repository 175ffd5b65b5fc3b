//! `frontoffice key`: what a tenant's servers show.

use anyhow::Context;
use serde_json::{Value, json};

use super::{Reach, show, way::Way};

/// The tenant whose keys are meant.
async fn tenant(way: &Way, reach: &Reach) -> anyhow::Result<Value> {
    way.tenant(reach.tenant.as_deref()).await?.context("say whose key is meant: `--tenant SLUG`")
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
