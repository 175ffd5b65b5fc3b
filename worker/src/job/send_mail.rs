//! Sends a letter.

use frontoffice_domain::{
    fault::Fault,
    job::{self, Lease},
    mail::{self, SendMail},
};

use super::{Handle, bury};
use crate::{Context, failure::Failure};

impl Handle for SendMail {
    /// A worker that dies between the server's word and ours sends the letter again, under the same number.
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let (scope, now, id) = (job::scope(&lease), context.clock.now(), self.mail_id);
        let (reader, key) = (scope.clone(), context.key.clone());
        let letter = context.db.read(&scope, async move |mut conn| mail::take(&mut conn, &reader, &key, id, now).await).await?;
        if let Some(letter) = &letter {
            context.post.send(letter).await?;
        }
        let (writer, was, now) = (scope.clone(), letter.is_some(), context.clock.now());
        let noted =
            context.db.write(&scope, async move |mut conn| mail::sent(&mut conn, &writer, &lease, id, was, now).await).await?;
        if noted { Ok(()) } else { Err(Failure::lost()) }
    }

    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "a letter could not be sent").await
    }
}
