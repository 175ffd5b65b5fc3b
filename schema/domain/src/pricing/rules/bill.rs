//! What a period costs.
//!
//! A period is billed in advance: what is in force when it begins is billed whole, and each change after that gives back the rest of
//! what was billed and charges the rest of what is new. Every segment brings its own price along, so nothing is looked up here and no
//! version can change what was agreed.

pub use crate::pricing::billing::{Bill, BillFault, Extra, Line, LineKind, Segment};
use crate::{clock::Instant, money::Money};

/// What the period `[from, to)` costs, by the segments of a subscription (in any order; of several at one instant the last in the slice
/// wins) and what came besides. What begins or happens at `to` or later belongs to a later period, and what happened besides before
/// `from` to an earlier one.
///
/// - The segment in force at `from` is billed whole. It is credited what is left of it when it changes or ends.
/// - What begins later is charged its part of the period, by the period's own length.
/// - A trial is a line of 0, so that it can be seen; a credit of 0 is no line.
/// - A segment that is as the one before it is no change, and gives no lines.
/// - Each line is rounded by itself, half a minor unit away from zero.
///
/// # Errors
/// If what is billed has several currencies, an amount cannot be written down, the period has no length, or there never was anything.
pub fn bill(segments: &[Segment], extras: &[Extra], from: Instant, to: Instant) -> Result<Bill, BillFault> {
    let period = Period { from, to };
    if to <= from {
        return Err(BillFault::NoPeriod);
    }
    let mut begun: Vec<&Segment> = segments.iter().filter(|segment| segment.from < to).collect();
    // Stable: what was said last of one instant stays last.
    begun.sort_by_key(|segment| segment.from);
    let mut lines = Vec::new();
    let mut current: Option<&Segment> = None;
    for (position, segment) in begun.iter().enumerate() {
        let next = begun.get(position.saturating_add(1));
        let start = segment.from.max(from);
        // What is replaced before it could begin in this period was never in force in it.
        if next.is_some_and(|next| next.from.max(from) == start) {
            continue;
        }
        let new = (!segment.ends).then_some(*segment);
        if same(current, new) {
            continue;
        }
        lines.extend(current.map(|old| period.credit(old, start)).transpose()?.flatten());
        lines.extend(new.map(|new| period.charge(new, start)).transpose()?);
        current = new;
    }
    let mut besides: Vec<&Extra> = extras.iter().filter(|extra| from <= extra.at && extra.at < to).collect();
    besides.sort_by_key(|extra| (extra.at, extra.kind.as_str(), extra.version, extra.quantity, extra.amount.minor));
    lines.extend(besides.into_iter().map(line));
    // The last segment tells in what currency nothing was billed.
    let known = lines.first().map(|line| line.amount).or(begun.last().map(|segment| segment.list_price));
    let soonest = segments.iter().min_by_key(|segment| segment.from).map(|segment| segment.list_price);
    let known = known.or(soonest).or(extras.iter().min_by_key(|extra| extra.at).map(|extra| extra.amount));
    let nothing = Money { minor: 0, currency: known.ok_or(BillFault::Nothing)?.currency };
    let total = lines.iter().try_fold(nothing, |sum, line| sum_of(sum, line.amount))?;
    Ok(Bill { lines, total })
}

/// Whether what is new would be billed as what was before.
fn same(old: Option<&Segment>, new: Option<&Segment>) -> bool {
    match (old, new) {
        (None, None) => true,
        (Some(old), Some(new)) => {
            old.plan == new.plan && old.version == new.version && old.list_price == new.list_price && old.trial == new.trial
        }
        _ => false,
    }
}

fn sum_of(sum: Money, amount: Money) -> Result<Money, BillFault> {
    if sum.currency != amount.currency {
        return Err(BillFault::MixedCurrencies);
    }
    sum.plus(amount).ok_or(BillFault::Amount)
}

fn line(extra: &Extra) -> Line {
    Line {
        kind: extra.kind,
        plan: None,
        version: Some(extra.version),
        from: extra.at,
        to: extra.at,
        amount: extra.amount,
        quantity: Some(extra.quantity),
    }
}

/// `[from, to)`, with a length.
#[derive(Clone, Copy)]
struct Period {
    from: Instant,
    to: Instant,
}

impl Period {
    /// What a segment costs from an instant of the period to its end.
    fn charge(self, segment: &Segment, from: Instant) -> Result<Line, BillFault> {
        let kind = if segment.trial || from == self.from { LineKind::Plan } else { LineKind::Proration };
        let minor = self.rest(segment, from)?;
        Ok(self.line(kind, segment, from, minor))
    }

    /// What is given back of a segment from an instant of the period; nothing if it would be of 0.
    fn credit(self, segment: &Segment, from: Instant) -> Result<Option<Line>, BillFault> {
        let minor = self.rest(segment, from)?.checked_neg().ok_or(BillFault::Amount)?;
        Ok((minor != 0).then(|| self.line(LineKind::Proration, segment, from, minor)))
    }

    fn line(self, kind: LineKind, segment: &Segment, from: Instant, minor: i64) -> Line {
        let amount = Money { minor, currency: segment.list_price.currency };
        let (plan, version) = (Some(segment.plan.clone()), Some(segment.version));
        Line { kind, plan, version, from, to: self.to, amount, quantity: None }
    }

    /// The part of a segment's price for what is left of the period, in minor units.
    ///
    /// Always of the whole price and never of an earlier part of it, so that what is charged and what is credited at one instant are the
    /// same to the last minor unit, and however often a customer changes, nothing is rounded twice.
    fn rest(self, segment: &Segment, from: Instant) -> Result<i64, BillFault> {
        if segment.trial {
            return Ok(0);
        }
        let part = || {
            let length = span(self.from, self.to)?;
            let whole = i128::from(segment.list_price.minor).checked_mul(span(from, self.to)?)?;
            let (cut, left) = (whole.checked_div(length)?, whole.checked_rem(length)?);
            let rounded = if left.checked_abs()?.checked_mul(2)? >= length { cut.checked_add(left.signum())? } else { cut };
            i64::try_from(rounded).ok()
        };
        part().ok_or(BillFault::Amount)
    }
}

/// In microseconds.
fn span(from: Instant, to: Instant) -> Option<i128> {
    i128::from(to.as_micros()).checked_sub(i128::from(from.as_micros()))
}

#[cfg(test)]
mod tests;
