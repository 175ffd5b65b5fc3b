//! What the rules of credits say, in plain numbers.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};
use frontoffice_domain::{
    credit::{SwitchRefusal, When},
    id::TurnId,
};

use crate::beyond::CREDIT;

pub(super) const DAY: i64 = 86_400_000_000;
/// What is set aside for each answer.
pub(super) const HOLD: i64 = 6 * CREDIT;
/// The plans: one sells beyond its credits and carries some over, the other does neither.
pub(super) const PLANS: [(&str, i64); 2] = [("starter", 10 * CREDIT), ("pro", 30 * CREDIT)];
/// What the first sells beyond its credits in a period, and the most and the least that it carries over.
pub(super) const OVERAGE: i64 = 20 * CREDIT;
pub(super) const CARRIED: (i64, i64) = (3 * CREDIT, CREDIT);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    pub(super) kind: &'static str,
    pub(super) amount: i64,
    pub(super) remaining: i64,
    pub(super) held: i64,
    pub(super) priority: i16,
    pub(super) from: i64,
    pub(super) to: Option<i64>,
}

impl Block {
    pub(super) fn free(&self) -> i64 {
        self.remaining - self.held
    }

    pub(super) fn is_over(&self, now: i64) -> bool {
        self.to.is_some_and(|to| to <= now)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) id: TurnId,
    pub(super) draws: Vec<(usize, i64)>,
    /// What it is rated at once it has ended, and whether it failed.
    pub(super) ended: Option<(i64, bool)>,
    /// The how manieth that ended.
    pub(super) place: usize,
    /// Whether somebody tried to meter it in vain.
    pub(super) tried: bool,
    /// What it was charged, of which blocks, and when.
    pub(super) charged: Option<(Vec<(usize, i64)>, i64)>,
    pub(super) given_back: bool,
}

/// What the rules say, in plain numbers.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) blocks: Vec<Block>,
    pub(super) entries: Vec<(&'static str, i64)>,
    pub(super) plan: usize,
    pub(super) next: Option<usize>,
    pub(super) trial: bool,
    pub(super) over: bool,
    pub(super) ends: Option<i64>,
    /// Periods are counted from the day on which the first began.
    pub(super) anchor: NaiveDate,
    pub(super) count: u32,
    pub(super) period: (i64, i64),
    /// The period whose overage has begun.
    pub(super) overage: Option<i64>,
    pub(super) turns: Vec<Turn>,
}

pub(super) fn date(at: i64) -> NaiveDate {
    DateTime::from_timestamp_micros(at).unwrap().date_naive()
}

impl Model {
    pub(super) fn new(now: i64) -> Self {
        let to = now + 14 * DAY;
        let mut model = Self {
            blocks: Vec::new(),
            entries: Vec::new(),
            plan: 0,
            next: None,
            trial: true,
            over: false,
            ends: Some(to),
            anchor: date(now),
            count: 0,
            period: (now, to),
            overage: None,
            turns: Vec::new(),
        };
        model.grant("trial", 12 * CREDIT, 0, now, Some(to));
        model
    }

    pub(super) fn grant(&mut self, kind: &'static str, amount: i64, priority: i16, from: i64, to: Option<i64>) {
        self.blocks.push(Block { kind, amount, remaining: amount, held: 0, priority, from, to });
        self.entries.push(("grant", amount));
    }

    pub(super) fn take(&mut self, index: usize, kind: &'static str, amount: i64) {
        self.blocks[index].remaining -= amount;
        self.entries.push((kind, amount));
    }

    pub(super) fn period_after(&self) -> i64 {
        let month = self.anchor.with_day(1).unwrap() + Months::new(self.count + 1);
        let last = (month + Months::new(1) - Days::new(1)).day();
        month.with_day(self.anchor.day().min(last)).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_micros()
    }

    pub(super) fn catch_up(&mut self, now: i64) {
        loop {
            let ends = self.blocks.iter().filter(|block| block.free() > 0).filter_map(|block| block.to);
            let Some(due) = ends.chain((!self.over).then_some(self.period.1)).min().filter(|due| *due <= now) else { return };
            let of_period = |block: &&Block| matches!(block.kind, "allowance" | "rollover") && block.to == Some(self.period.1);
            let left: i64 = self.blocks.iter().filter(of_period).map(Block::free).sum();
            for index in 0..self.blocks.len() {
                if self.blocks[index].is_over(due) && self.blocks[index].free() > 0 {
                    self.take(index, "expire", self.blocks[index].free());
                }
            }
            if self.over || due < self.period.1 {
                continue;
            }
            self.over = self.ends == Some(due);
            if !self.over {
                let before = self.plan;
                self.plan = self.next.take().unwrap_or(before);
                self.count += 1;
                self.period = (due, self.period_after());
                self.grant("allowance", PLANS[self.plan].1, 0, due, Some(self.period.1));
                if before == self.plan && self.plan == 0 {
                    self.grant("rollover", left.clamp(CARRIED.1, CARRIED.0), 0, due, Some(self.period.1));
                }
            }
        }
    }

    /// What is used up first: priority, earliest end, given before paid for, earliest beginning, oldest.
    pub(super) fn draw(&self, amount: i64, now: i64, own: bool) -> Option<Vec<(usize, i64)>> {
        let over = |index: &usize| self.blocks[*index].is_over(now) || own && self.blocks[*index].kind == "overage";
        let usable = |index: &usize| !over(index);
        let mut order: Vec<usize> = (0..self.blocks.len()).filter(usable).collect();
        order.sort_by_key(|index| {
            let block = &self.blocks[*index];
            (block.priority, block.to.unwrap_or(i64::MAX), block.kind == "top_up", block.from, *index)
        });
        let (mut left, mut draws) = (amount, Vec::new());
        for index in order {
            let part = self.blocks[index].free().min(left);
            if part > 0 {
                draws.push((index, part));
                left -= part;
            }
        }
        (left == 0).then_some(draws)
    }

    pub(super) fn begin_overage(&mut self, now: i64) -> bool {
        let begins = !self.over && !self.trial && self.plan == 0 && self.overage != Some(self.period.0);
        if begins {
            self.overage = Some(self.period.0);
            self.grant("overage", OVERAGE, i16::MAX, now, Some(self.period.1));
        }
        begins
    }

    pub(super) fn hold(&mut self, now: i64) -> Option<Vec<(usize, i64)>> {
        self.catch_up(now);
        let draws =
            self.draw(HOLD, now, false).or_else(|| if self.begin_overage(now) { self.draw(HOLD, now, false) } else { None })?;
        for (index, part) in &draws {
            self.blocks[*index].held += part;
            self.entries.push(("hold", *part));
        }
        Some(draws)
    }

    pub(super) fn meter(&mut self, turn: usize, now: i64) {
        self.catch_up(now);
        let Turn { draws, ended, .. } = self.turns[turn].clone();
        let (mut left, failed) = ended.unwrap();
        let mut taken = Vec::new();
        for (index, held) in draws {
            let part = held.min(left);
            left -= part;
            self.blocks[index].held -= held;
            if part > 0 {
                self.take(index, "capture", part);
                taken.push((index, part));
            }
            if held > part {
                self.entries.push(("release", held - part));
                if self.blocks[index].is_over(now) {
                    self.take(index, "expire", held - part);
                }
            }
        }
        if left > 0 {
            let usable = |model: &Self| {
                model.blocks.iter().position(|block| block.kind == "overage" && !block.is_over(now) && block.free() > 0)
            };
            let block = usable(self).or_else(|| if self.begin_overage(now) { usable(self) } else { None });
            if let Some(index) = block {
                let part = left.min(self.blocks[index].free());
                self.take(index, "overage", part);
                taken.push((index, part));
            }
        }
        self.turns[turn].charged = Some((taken, now));
        if failed {
            self.give_back(turn, 50, now);
        }
    }

    /// What was taken last comes back first; for what has ended since, there is something new.
    pub(super) fn give_back(&mut self, turn: usize, percent: i64, now: i64) {
        let (taken, _) = self.turns[turn].charged.clone().unwrap();
        let mut left = (taken.iter().map(|(_, part)| part).sum::<i64>() * percent + 99) / 100;
        self.turns[turn].given_back = left > 0;
        let mut lost = 0;
        for (index, part) in taken.into_iter().rev() {
            let back = part.min(left);
            left -= back;
            if self.blocks[index].is_over(now) {
                lost += back;
            } else if back > 0 {
                self.blocks[index].remaining += back;
                self.entries.push(("refund", back));
            }
        }
        if lost > 0 {
            self.grant("correction", lost, 0, now, None);
            self.entries.last_mut().unwrap().0 = "refund";
        }
    }

    pub(super) fn refund(&mut self, turn: usize, now: i64) -> &'static str {
        self.catch_up(now);
        let Turn { charged, given_back, .. } = &self.turns[turn];
        match charged {
            None => "not charged",
            Some(_) if *given_back => "before",
            Some((_, at)) if now >= at + 7 * DAY => "too late",
            Some((taken, _)) if taken.is_empty() => "not charged",
            Some(_) => {
                self.give_back(turn, 100, now);
                "now"
            }
        }
    }

    pub(super) fn adjust(&mut self, amount: i64, now: i64) -> bool {
        self.catch_up(now);
        if amount > 0 {
            self.grant("correction", amount, 0, now, None);
            self.entries.last_mut().unwrap().0 = "adjust";
            return true;
        }
        let Some(draws) = self.draw(-amount, now, true) else { return false };
        for (index, part) in draws {
            self.blocks[index].remaining -= part;
            self.entries.push(("adjust", -part));
        }
        true
    }

    pub(super) fn switch(&mut self, plan: usize, when: When, now: i64) -> Option<SwitchRefusal> {
        self.catch_up(now);
        match (self.trial || self.over, when) {
            (true, When::AtRenewal) => return Some(SwitchRefusal::OnlyNow),
            (false, _) if self.ends.is_some() => return Some(SwitchRefusal::Cancelled),
            (false, When::Now) if self.plan == plan => return Some(SwitchRefusal::OnItAlready),
            (false, When::Now) if plan == 0 => return Some(SwitchRefusal::OnlyAtRenewal),
            (false, When::AtRenewal) => self.next = (self.plan != plan).then_some(plan),
            (true, When::Now) => {
                (self.plan, self.next, self.trial, self.over, self.ends, self.anchor, self.count) =
                    (plan, None, false, false, None, date(now), 0);
                self.period = (now, self.period_after());
                self.grant("allowance", PLANS[plan].1, 0, now, Some(self.period.1));
            }
            (false, When::Now) => {
                let (from, to) = self.period;
                let more = i128::from(PLANS[plan].1 - PLANS[self.plan].1) * i128::from(to - now) / i128::from(to - from);
                (self.plan, self.next) = (plan, None);
                if more > 0 {
                    self.grant("allowance", i64::try_from(more).unwrap(), 0, now, Some(to));
                }
            }
        }
        None
    }

    pub(super) fn set_end(&mut self, ends: bool, now: i64) -> Option<SwitchRefusal> {
        self.catch_up(now);
        match (self.trial || self.over, self.ends, ends) {
            (true, _, true) => Some(SwitchRefusal::EndsAnyway),
            (true, _, false) | (_, None, false) => Some(SwitchRefusal::NotCancelled),
            (_, Some(_), true) => None,
            _ => {
                (self.ends, self.next) = (ends.then_some(self.period.1), None);
                None
            }
        }
    }
}
