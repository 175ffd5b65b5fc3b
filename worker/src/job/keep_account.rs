//! Lets happen what is due in an account that nobody looks at.

use frontoffice_domain::{
    credit::{self, KeepAccount},
    fault::Fault,
    job::{self, Lease},
};

use super::{Handle, bury};
use crate::{Context, failure::Failure};

impl Handle for KeepAccount {
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let (scope, now) = (job::scope(&lease), context.clock.now());
        let writer = scope.clone();
        let keeping = async move |mut conn| credit::keep(&mut conn, &writer, &lease, now).await;
        if !context.db.write(&scope, keeping).await? {
            return Err(Failure::lost());
        }
        context.bus.tell(scope.tenant(), None);
        Ok(())
    }

    /// Whoever looks at the account later lets it happen.
    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "what was due in an account did not happen").await
    }
}
