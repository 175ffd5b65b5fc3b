//! Prices that are looked at: the draft's or a version's, and what they would have done.

use super::{draft, version};
use crate::{
    clock::Instant,
    credit,
    db::Conn,
    fault::Fault,
    pricing::{
        model::Sight,
        subject::{Foreseen, Of, Subject},
    },
    tenancy::Platform,
};

/// The draft's prices, or a version's; `None` if there is no such thing.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn subject(conn: &mut Conn, platform: &Platform, of: Of, now: Instant) -> Result<Option<Subject>, Fault> {
    match of {
        Of::Draft => Ok(draft::draft(conn, platform).await?.map(|draft| Subject {
            number: None,
            revision: Some(draft.revision),
            status: draft.status(),
            content_hash: draft.content_hash,
            effective_from: draft.approval.and_then(|approval| approval.effective.named()),
            note: draft.note,
            policy: draft.policy,
            pricebook: draft.pricebook,
        })),
        Of::Version(number) => {
            let found = version(conn, &Sight::Inside(platform.clone()), number, now).await?;
            // Whoever may read drafts sees what is inside of every version.
            let Some((version, inside)) = found.and_then(|mut version| version.inside.take().map(|inside| (version, inside)))
            else {
                return Ok(None);
            };
            Ok(Some(Subject {
                number: Some(number),
                revision: None,
                status: version.status,
                content_hash: version.content_hash,
                effective_from: Some(version.effective_from),
                note: inside.note,
                policy: inside.policy,
                pricebook: version.pricebook,
            }))
        }
    }
}

/// The same, with what these prices would have done to what all customers used lately.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn foresee(conn: &mut Conn, platform: &Platform, of: Of, now: Instant) -> Result<Option<Foreseen>, Fault> {
    let Some(subject) = subject(conn, platform, of, now).await? else { return Ok(None) };
    let summary = credit::impact(conn, platform, &subject.pricebook, now).await?;
    Ok(Some(Foreseen { subject, summary }))
}
