//! Looks after a visitor who waits for a person longer than the tenant wants anybody to.

use frontoffice_domain::{
    chat::{self, RemindWaiting, Reminded},
    fault::Fault,
    job::{self, Lease},
};

use super::{Handle, bury};
use crate::{Context, failure::Failure};

impl Handle for RemindWaiting {
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let (scope, now, conversation) = (job::scope(&lease), context.clock.now(), self.conversation_id);
        let writer = scope.clone();
        let remind = async move |mut conn| chat::remind(&mut conn, &writer, &lease, &self, now).await;
        match context.db.write(&scope, remind).await? {
            Reminded::Told => context.bus.tell(scope.tenant(), Some(conversation)),
            Reminded::InVain => {}
            Reminded::Late => return Err(Failure::lost()),
        }
        Ok(())
    }

    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "a visitor who waits could not be told so").await
    }
}
