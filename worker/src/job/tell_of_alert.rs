//! Writes the letters that tell of an alert.

use frontoffice_domain::{
    alert::{self, TellOfAlert},
    fault::Fault,
    job::{self, Lease},
};

use super::{Handle, bury};
use crate::{Context, failure::Failure};

impl Handle for TellOfAlert {
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let (scope, now, id) = (job::scope(&lease), context.clock.now(), self.alert_id);
        let (writer, key) = (scope.clone(), context.key.clone());
        let telling = async move |mut conn| alert::tell(&mut conn, &writer, &key, &lease, id, now).await;
        if context.db.write(&scope, telling).await? { Ok(()) } else { Err(Failure::lost()) }
    }

    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "who had to know of something could not be told").await
    }
}
