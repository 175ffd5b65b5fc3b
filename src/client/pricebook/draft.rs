//! What is done with the draft: changed, submitted, reopened, thrown away, begun as an earlier version.

use serde_json::{Value, json};

use super::{
    Reach, Way, change,
    command::{Expect, Policy},
    revision, said, short, tell, text,
};

/// What is shown of a draft after each of these.
const AFTER: &str = "draft { revision status contentHash note policy }";

/// `the draft is at revision 3 now, DRAFT, hash 0123456789ab…`.
fn now(draft: &Value) -> String {
    now_with(draft, &short(text(draft, "/contentHash")))
}

fn now_with(draft: &Value, hash: &str) -> String {
    let (revision, status) = (said(draft, "/revision"), text(draft, "/status"));
    format!("the draft is at revision {revision} now, {status}, hash {hash}")
}

pub(super) async fn edit(
    way: &Way,
    reach: &Reach,
    note: Option<&str>,
    policy: Option<Policy>,
    expect: &Expect,
) -> anyhow::Result<()> {
    let mut input = json!({"expectedRevision": revision(way, expect).await?});
    if let Some(fields) = input.as_object_mut() {
        // What is not said stays.
        fields.extend(note.map(|note| ("note".to_owned(), json!(note))));
        fields.extend(policy.map(|policy| ("policy".to_owned(), json!(policy.word()))));
    }
    let made = change(way, "pricebookDraftUpdate", AFTER, input).await?;
    let draft = made.get("draft").unwrap_or(&Value::Null);
    tell(draft, &format!("Changed: {}.", now(draft)), reach.json)
}

pub(super) async fn submit(way: &Way, reach: &Reach, expect: &Expect) -> anyhow::Result<()> {
    let input = json!({"expectedRevision": revision(way, expect).await?});
    let made = change(way, "pricebookDraftSubmit", AFTER, input).await?;
    let draft = made.get("draft").unwrap_or(&Value::Null);
    let hash = text(draft, "/contentHash");
    let policy = text(draft, "/policy").to_ascii_lowercase().replace('_', "-");
    let next =
        format!("Now somebody approves it: `frontoffice pricebook approve --hash {hash} --policy {policy} --effective now`.");
    tell(draft, &format!("Submitted: {}.\n{next}", now_with(draft, hash)), reach.json)
}

pub(super) async fn reopen(way: &Way, reach: &Reach, comment: Option<&str>, expect: &Expect) -> anyhow::Result<()> {
    let input = json!({"expectedRevision": revision(way, expect).await?, "comment": comment});
    let made = change(way, "pricebookDraftReopen", AFTER, input).await?;
    let draft = made.get("draft").unwrap_or(&Value::Null);
    tell(draft, &format!("Reopened: {}. An approval it had is void.", now(draft)), reach.json)
}

pub(super) async fn discard(way: &Way, reach: &Reach, expect: &Expect) -> anyhow::Result<()> {
    let input = json!({"expectedRevision": revision(way, expect).await?});
    let made = change(way, "pricebookDraftDiscard", AFTER, input).await?;
    tell(&made, "Thrown away; what was done with it stays in the history.", reach.json)
}

pub(super) async fn roll_back(way: &Way, reach: &Reach, number: i32) -> anyhow::Result<()> {
    let made = change(way, "pricebookDraftCreate", AFTER, json!({"restore": number})).await?;
    let draft = made.get("draft").unwrap_or(&Value::Null);
    let sentence = format!(
        "Begun as version {number}: {}.\nNothing is published yet. Look at it with `frontoffice pricebook diff` and `impact`, then `frontoffice pricebook submit`; it is approved and published as any other.",
        now(draft)
    );
    tell(draft, &sentence, reach.json)
}
