//! Meters what a turn took: charges it, and gives back the rest of what was held for it.

use frontoffice_domain::{
    credit::{self, MeterUsage, Metered},
    db::with_causes,
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
        let metered = context.db.repeatable().write(&scope, metering).await;
        // Nobody else would give back what is held, and what cannot be read may be of a turn that was taken along: it is tried again, alone.
        let again = |fault: Fault| Failure::again(with_causes(&fault), None);
        match metered.map_err(again)? {
            Metered::Charged { news: true } => {
                context.bus.tell(scope.tenant(), None);
                Ok(())
            }
            Metered::Charged { news: false } | Metered::Nothing => Ok(()),
            Metered::Late => Err(Failure::lost()),
        }
    }

    /// What is held stays held, so that nobody is charged for what is not known, and an invariant shows it.
    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "a turn could not be metered").await
    }
}
