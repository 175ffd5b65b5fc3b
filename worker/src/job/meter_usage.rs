//! Meters what a turn took: charges it, and gives back the rest of what was held for it.

use frontoffice_domain::{
    credit::{self, MeterUsage, Metered},
    fault::Fault,
    job::{self, Lease},
};

use super::{Handle, bury};
use crate::{Context, failure::Failure};

impl Handle for MeterUsage {
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let (scope, now) = (job::scope(&lease), context.clock.now());
        let writer = scope.clone();
        let metering = async move |mut conn| credit::meter(&mut conn, &writer, &lease, self.turn_id, now).await;
        match context.db.repeatable().write(&scope, metering).await? {
            Metered::Charged | Metered::Nothing => Ok(()),
            Metered::Late => Err(Failure::lost()),
        }
    }

    /// What is held stays held, so that nobody is charged for what is not known, and an invariant shows it.
    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "a turn could not be metered").await
    }
}
