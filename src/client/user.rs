//! `frontoffice user`: who is on a team, or works for the platform.

use anyhow::Context;
use serde_json::{Value, json};

use super::{Reach, show, way::Way};

/// Whose people are meant.
enum Whose {
    /// A tenant's, by its id among all objects.
    Tenant(Value),
    /// The platform's own.
    Platform,
}

async fn whose(way: &Way, reach: &Reach) -> anyhow::Result<Whose> {
    Ok(way.tenant(reach.tenant.as_deref()).await?.map_or(Whose::Platform, Whose::Tenant))
}

/// Everybody who is there (`id`, `email`, `name`, `role`) or asked to come (`expires`).
async fn everybody(way: &Way, whose: &Whose) -> anyhow::Result<Vec<Value>> {
    let (mut people, mut lists) = (Vec::new(), [(true, Value::Null), (false, Value::Null)]);
    for (there, after) in &mut lists {
        loop {
            let fields = if *there { "id email name role" } else { "id email role expiresAt" };
            let page = format!("(first: 100, after: $after) {{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }}");
            let (query, variables, at) = match whose {
                Whose::Tenant(id) => {
                    let list = if *there { "members" } else { "invitations" };
                    let query =
                        format!("query($id: ID!, $after: String) {{ node(id: $id) {{ ... on Tenant {{ {list}{page} }} }} }}");
                    (query, json!({"id": id, "after": after}), format!("/node/{list}"))
                }
                Whose::Platform => {
                    let list = if *there { "staff" } else { "staffInvitations" };
                    (format!("query($after: String) {{ {list}{page} }}"), json!({"after": after}), format!("/{list}"))
                }
            };
            let data = way.ask(&query, variables).await?;
            let found = data.pointer(&at).context("the answer cannot be read")?;
            for node in found.pointer("/nodes").and_then(Value::as_array).into_iter().flatten() {
                let text = |name: &str| node.get(name).and_then(Value::as_str).unwrap_or_default();
                people.push(json!({
                    "id": text("id"),
                    "email": text("email"),
                    "name": text("name"),
                    "role": text("role").to_lowercase(),
                    "state": if *there { "there" } else { "asked" },
                    "expires": node.get("expiresAt"),
                }));
            }
            if found.pointer("/pageInfo/hasNextPage") != Some(&Value::Bool(true)) {
                break;
            }
            *after = found.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
        }
    }
    Ok(people)
}

/// Who has this e-mail.
async fn find(way: &Way, whose: &Whose, email: &str) -> anyhow::Result<Value> {
    let email = email.trim().to_lowercase();
    let people = everybody(way, whose).await?;
    let found = people.into_iter().find(|one| one.get("email").and_then(Value::as_str) == Some(email.as_str()));
    found.with_context(|| format!("nobody here has the e-mail {email}; `frontoffice user list` shows who there is"))
}

const COLUMNS: [&str; 5] = ["email", "name", "role", "state", "expires"];

pub(super) async fn list(way: &Way, reach: &Reach) -> anyhow::Result<()> {
    let people = everybody(way, &whose(way, reach).await?).await?;
    show(&people, &COLUMNS, reach.json)
}

pub(super) async fn invite(way: &Way, reach: &Reach, email: &str, role: &str) -> anyhow::Result<()> {
    let role = role.to_uppercase();
    let wanted = "invitation { id email role expiresAt }";
    let asked = match whose(way, reach).await? {
        Whose::Tenant(id) => way.change("memberInvite", wanted, json!({"tenant": id, "email": email, "role": role})).await?,
        Whose::Platform => way.change("staffInvite", wanted, json!({"email": email, "role": role})).await?,
    };
    done(reach, asked.get("invitation"), &format!("{email} is asked to join; a letter is on its way."))
}

pub(super) async fn role(way: &Way, reach: &Reach, email: &str, role: &str) -> anyhow::Result<()> {
    let whose = whose(way, reach).await?;
    let one = find(way, &whose, email).await?;
    let (id, new) = (one.get("id"), role.to_uppercase());
    let changed = match whose {
        Whose::Tenant(_) => way.change("memberUpdate", "member { id email role }", json!({"member": id, "role": new})).await?,
        Whose::Platform => {
            way.change("staffUpdate", "staffMember { id email role }", json!({"staffMember": id, "role": new})).await?
        }
    };
    let changed = changed.get("member").or_else(|| changed.get("staffMember"));
    done(reach, changed, &format!("{email} is {} now.", role.to_lowercase()))
}

pub(super) async fn remove(way: &Way, reach: &Reach, email: &str) -> anyhow::Result<()> {
    let whose = whose(way, reach).await?;
    let one = find(way, &whose, email).await?;
    let (id, is_there) = (one.get("id"), one.get("state").and_then(Value::as_str) == Some("there"));
    match (whose, is_there) {
        (Whose::Tenant(_), true) => way.change("memberRemove", "member { id }", json!({"member": id})).await?,
        (Whose::Tenant(_), false) => way.change("invitationRevoke", "invitation { id }", json!({"invitation": id})).await?,
        (Whose::Platform, true) => way.change("staffRemove", "staffMember { id }", json!({"staffMember": id})).await?,
        (Whose::Platform, false) => way.change("staffInvitationRevoke", "invitation { id }", json!({"invitation": id})).await?,
    };
    let said = if is_there { "is gone." } else { "is no longer asked." };
    done(reach, Some(&one), &format!("{email} {said}"))
}

fn done(reach: &Reach, value: Option<&Value>, said: &str) -> anyhow::Result<()> {
    if reach.json {
        crate::print(&serde_json::to_string_pretty(&value)?);
    } else {
        crate::print(said);
    }
    Ok(())
}
