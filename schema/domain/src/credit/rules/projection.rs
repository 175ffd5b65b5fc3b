//! When credits run out at the present pace, and how sure that is.

use super::DAY;
use crate::{clock::Instant, money::Credits};

/// So many whole days are looked at.
pub const DAYS: usize = 14;

/// When credits run out if things go on as they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Projection {
    /// What was used on a day, on average.
    pub per_day: Credits,
    /// How many days that is the average of.
    pub days: usize,
    /// When the credits there are will be used up at that pace; `None` if that is after the period has ended, or nothing was used.
    pub runs_out_at: Option<Instant>,
    /// The same at the fastest pace that nine of ten such fortnights stay under.
    pub earliest: Option<Instant>,
    /// The same at the slowest pace that nine of ten stay over.
    pub latest: Option<Instant>,
}

/// From what was used on each of the last days, the earliest first, of days since the tenant began only; what may be set aside now; and when the
/// period ends. `None` where there is not one whole day to judge by. The bounds are the mean plus and minus 1.645 times its standard error: days
/// that differ much make them wide.
#[must_use]
pub fn project(used: &[Credits], available: Credits, period_end: Instant, now: Instant) -> Option<Projection> {
    let days = i128::try_from(used.len()).ok().filter(|days| *days > 0)?;
    let sum: i128 = used.iter().map(|day| i128::from(day.micro().max(0))).sum();
    let mean = sum.checked_div(days)?;
    let spread: i128 =
        used.iter().map(|day| square(i128::from(day.micro().max(0)).saturating_sub(mean))).fold(0, i128::saturating_add);
    // The standard error of a mean of one day is unknown: as large as the mean itself.
    let error = if days > 1 { isqrt(spread.checked_div(days.saturating_mul(days.saturating_sub(1)))?) } else { mean };
    let margin = error.saturating_mul(1_645).checked_div(1_000)?;
    let at = |pace: i128| runs_out(pace, available, now).filter(|at| *at < period_end);
    Some(Projection {
        per_day: Credits::from_micro(i64::try_from(mean).unwrap_or(i64::MAX)),
        days: used.len(),
        runs_out_at: at(mean),
        earliest: at(mean.saturating_add(margin)),
        latest: at(mean.saturating_sub(margin)),
    })
}

fn square(number: i128) -> i128 {
    number.saturating_mul(number)
}

fn isqrt(number: i128) -> i128 {
    number.max(0).isqrt()
}

/// When so much is used up at so much a day.
fn runs_out(pace: i128, available: Credits, now: Instant) -> Option<Instant> {
    if pace <= 0 {
        return None;
    }
    let day = i128::try_from(DAY.as_micros()).ok()?;
    let lasts = i128::from(available.micro().max(0)).checked_mul(day)?.checked_div(pace)?;
    Some(Instant::from_micros(now.as_micros().saturating_add(i64::try_from(lasts).unwrap_or(i64::MAX))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn credits(some: &[i64]) -> Vec<Credits> {
        some.iter().map(|micro| Credits::from_micro(*micro)).collect()
    }

    fn noon() -> Instant {
        Instant::from_micros(1_800_000_000_000_000)
    }

    #[test]
    fn a_steady_pace_is_sure_and_an_unsteady_one_is_not() {
        let end = noon().after(DAY.saturating_mul(30));
        let steady = project(&credits(&[10; 14]), Credits::from_micro(50), end, noon()).unwrap();
        let at = Some(noon().after(DAY.saturating_mul(5)));
        assert_eq!((steady.runs_out_at, steady.earliest, steady.latest), (at, at, at));
        let unsteady = project(&credits(&[0, 20, 0, 20]), Credits::from_micro(50), end, noon()).unwrap();
        assert!(
            unsteady.earliest < unsteady.runs_out_at
                && unsteady.runs_out_at == at
                && unsteady.latest.is_none_or(|late| Some(late) > at)
        );
    }

    #[test]
    fn what_is_enough_for_the_period_does_not_run_out() {
        let end = noon().after(DAY);
        let enough = project(&credits(&[10, 10]), Credits::from_micro(50), end, noon()).unwrap();
        assert_eq!((enough.runs_out_at, enough.earliest), (None, None));
        assert_eq!(project(&[], Credits::from_micro(50), end, noon()), None);
        assert_eq!(project(&credits(&[0, 0]), Credits::from_micro(50), end, noon()).unwrap().runs_out_at, None);
        let gone = project(&credits(&[7]), Credits::ZERO, end, noon()).unwrap();
        assert_eq!(gone.runs_out_at, Some(noon()));
    }

    proptest! {
        #[test]
        fn the_bounds_are_on_both_sides(used in prop::collection::vec(0_i64..1_000_000_000, 1..15), available in 0_i64..1_000_000_000_000) {
            let end = noon().after(DAY.saturating_mul(10_000));
            let its = project(&credits(&used), Credits::from_micro(available), end, noon()).unwrap();
            let far = Instant::from_micros(i64::MAX);
            let order = [its.earliest, its.runs_out_at, its.latest].map(|at| at.unwrap_or(far));
            prop_assert!(order[0] <= order[1] && order[1] <= order[2]);
        }
    }
}
