//! Erases what a tenant keeps longer than its plan does, and all that is a closed one's.

use frontoffice_domain::{
    fault::Fault,
    job::{self, Lease},
    privacy::{self, ApplyRetention, Retained},
};

use super::{Handle, bury};
use crate::{Context, failure::Failure};

impl Handle for ApplyRetention {
    /// Step by step; whoever does it after a worker that died goes on behind the last step that was committed.
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let scope = job::scope(&lease);
        let mut job = self;
        loop {
            let (writer, lease, asked, now) = (scope.clone(), lease.clone(), job, context.clock.now());
            let step = async move |mut conn| privacy::retain(&mut conn, &writer, &lease, &asked, now).await;
            match context.db.write(&scope, step).await? {
                Retained::More(so_far) => job = so_far,
                Retained::Done(false) => return Ok(()),
                Retained::Done(true) => {
                    // Who looks at what was erased is to see that it was.
                    context.bus.tell(scope.tenant(), None);
                    return Ok(());
                }
                Retained::Late => return Err(Failure::lost()),
            }
        }
    }

    /// The next day's job erases what this one did not.
    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "what was kept long enough could not be erased").await
    }
}
