//! Writes down for customers that they are on a version of the pricebook, once that takes effect.

use frontoffice_domain::{
    fault::Fault,
    job::{self, Lease},
    pricing::{self, Advanced, PublishPricebook},
    tenancy::Platform,
};

use super::{Handle, bury};
use crate::{Context, failure::Failure};

impl Handle for PublishPricebook {
    /// Step by step; whoever does it after a worker that died goes on behind the last step that was committed.
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let (platform, scope) = (Platform::of_this_process(), job::scope(&lease));
        loop {
            let (this, lease, asked, now) = (platform.clone(), lease.clone(), self.clone(), context.clock.now());
            let step = async move |mut conn| pricing::advance(&mut conn, &this, &lease, &asked, now).await;
            let advanced = context.db.platform(&platform, step).await?;
            // Whoever watches how far it is looks again.
            context.bus.tell(scope.tenant(), None);
            match advanced {
                Advanced::More(_) => {}
                Advanced::Done(_) => return Ok(()),
                Advanced::Late => return Err(Failure::lost()),
            }
        }
    }

    /// Nobody's price waits for it: what holds is decided by the moment.
    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "customers could not be written down to be on a version of the pricebook").await
    }
}
