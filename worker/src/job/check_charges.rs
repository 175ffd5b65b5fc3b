//! Reckons the charges of a day once more.

use frontoffice_domain::{
    credit::{self, CheckCharges, Checked},
    fault::Fault,
    job::Lease,
    tenancy::Platform,
};

use super::{Handle, bury};
use crate::{Context, failure::Failure};

impl Handle for CheckCharges {
    /// Step by step; whoever does it after a worker that died goes on behind the last step that was committed.
    async fn run(self, context: Context, lease: Lease) -> Result<(), Failure> {
        let (platform, mut job) = (Platform::of_this_process(), self);
        loop {
            let (this, lease, asked, now) = (platform.clone(), lease.clone(), job, context.clock.now());
            let step = async move |mut conn| credit::check(&mut conn, &this, &lease, &asked, now).await;
            match context.db.platform(&platform, step).await? {
                Checked::More(so_far) => job = so_far,
                Checked::Done(done) if done.differing > 0 => {
                    let (day, CheckCharges { checked, differing, .. }) = (done.began(), done);
                    tracing::error!(%day, checked, differing, "charges that were reckoned once more come out differently");
                    return Ok(());
                }
                Checked::Done(_) => return Ok(()),
                Checked::Late => return Err(Failure::lost()),
            }
        }
    }

    async fn give_up(context: Context, lease: Lease, error: String) -> Result<(), Fault> {
        bury(context, lease, error, "the charges of a day could not be reckoned once more").await
    }
}
