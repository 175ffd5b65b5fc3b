//! How often somebody may try to sign in. Every guess is counted before the password is looked at: by the e-mail's text, whether
//! anybody has it or not, and by the address. What is over the allowance has to wait, each time twice as long.
//!
//! A device that somebody has signed in from is counted by itself and not by e-mail or address, so that whoever guesses elsewhere
//! cannot lock the owner out. All known devices of a person have one allowance together besides their own, so that
//! [`STRANGER`] and [`DEVICES`] bound what reaches the hash of one account: in any minute at most ten guesses.

use std::{net::IpAddr, time::Duration};

use crate::clock::Instant;

/// So many guesses are free, then each has to wait for the next, twice as long every time up to the longest.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    free: i32,
    first: Duration,
    longest: Duration,
    /// After so long without a counted guess one is forgotten, after twice as long two.
    forgive: Duration,
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// By e-mail, for whoever comes from no known device: four in the first minute.
pub const STRANGER: Allowance = Allowance { free: 3, first: seconds(20), longest: seconds(900), forgive: seconds(3_600) };
/// By address, for the same. An office may share one.
pub const ADDRESS: Allowance = Allowance { free: 20, first: seconds(5), longest: seconds(900), forgive: seconds(300) };
/// A known device alone.
pub const DEVICE: Allowance = Allowance { free: 4, first: seconds(20), longest: seconds(900), forgive: seconds(3_600) };
/// All known devices of a person: six in the first minute, then three a minute.
pub const DEVICES: Allowance = Allowance { free: 4, first: seconds(20), longest: seconds(20), forgive: seconds(60) };
/// Letters to one e-mail, whoever asks for them: two at once, then ever more rarely, so that nobody's mailbox is filled.
pub const LETTERS_TO: Allowance = Allowance { free: 2, first: seconds(60), longest: seconds(3_600), forgive: seconds(3_600) };
/// Invitations to one tenant's team, whoever is asked: a team is asked at once, a crowd is not.
pub const INVITATIONS_OF: Allowance = Allowance { free: 30, first: seconds(10), longest: seconds(900), forgive: seconds(300) };
/// Letters asked for from one address.
pub const LETTERS_FROM: Allowance = Allowance { free: 20, first: seconds(10), longest: seconds(900), forgive: seconds(300) };

/// What has been counted under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Guesses that are not forgotten.
    pub count: i32,
    /// When the newest was counted.
    pub counted_at: Instant,
    /// When the next is let in.
    pub open_at: Instant,
}

impl Tally {
    /// Nothing so far.
    #[must_use]
    pub fn none(now: Instant) -> Self {
        Self { count: 0, counted_at: now, open_at: now }
    }

    /// How long the next guess has to wait; `None` if it is let in.
    #[must_use]
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        (self.open_at > now).then(|| self.open_at.since(now))
    }

    /// With one guess more.
    #[must_use]
    pub fn counted(&self, allowance: &Allowance, now: Instant) -> Self {
        let quiet = now.since(self.counted_at).as_secs();
        let forgotten = quiet.checked_div(allowance.forgive.as_secs()).unwrap_or(0);
        let count = self.count.saturating_sub(i32::try_from(forgotten).unwrap_or(i32::MAX)).max(0).saturating_add(1);
        Self { count, counted_at: now, open_at: now.after(delay(allowance, count)) }
    }

    /// Without the guess that turned out to be none.
    #[must_use]
    pub fn refunded(&self, allowance: &Allowance, now: Instant) -> Self {
        let count = self.count.saturating_sub(1).max(0);
        let open_at = if count < allowance.free { now } else { self.open_at };
        Self { count, open_at, ..*self }
    }
}

/// How long it takes after this many guesses until the next is let in.
fn delay(allowance: &Allowance, count: i32) -> Duration {
    let Ok(doublings) = u32::try_from(count.saturating_sub(allowance.free)) else { return Duration::ZERO };
    allowance.first.saturating_mul(2_u32.saturating_pow(doublings)).min(allowance.longest)
}

/// What an address counts as: an IPv4 address alone; of IPv6 the network a single customer is given.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let bits = u128::from(address) & !u128::from(u64::MAX);
            format!("{}/64", std::net::Ipv6Addr::from(bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Instant = Instant::from_micros(1_795_348_800_000_000);

    /// When somebody who tries every second is let in, over so many seconds.
    fn let_in(allowance: &Allowance, over: u64) -> Vec<u64> {
        let mut tally = Tally::none(NOON);
        let mut times = Vec::new();
        for second in 0..over {
            let now = NOON.after(seconds(second));
            while tally.wait(now).is_none() && times.iter().filter(|time| **time == second).count() < 100 {
                tally = tally.counted(allowance, now);
                times.push(second);
            }
        }
        times
    }

    #[test]
    fn an_account_is_guessed_at_most_ten_times_in_any_minute() {
        let (strangers, devices) = (let_in(&STRANGER, 20_000), let_in(&DEVICES, 20_000));
        for from in 0..19_940 {
            let within = |times: &[u64]| times.iter().filter(|time| (from..from + 60).contains(*time)).count();
            assert!(within(&strangers) + within(&devices) <= 10, "from second {from}");
        }
        assert_eq!(strangers[..6], [0, 0, 0, 20, 60, 140], "each time twice as long");
        assert!(strangers.windows(2).all(|pair| pair[1] - pair[0] <= 900), "but never longer than a quarter of an hour");
    }

    #[test]
    fn quiet_is_rewarded_slowly() {
        let mut tally = Tally::none(NOON);
        for _ in 0..8 {
            tally = tally.counted(&STRANGER, NOON);
        }
        assert_eq!(tally.counted(&STRANGER, NOON.after(seconds(3_599))).count, 9);
        assert_eq!(tally.counted(&STRANGER, NOON.after(seconds(3_600))).count, 8);
        assert_eq!(tally.counted(&STRANGER, NOON.after(seconds(86_400))).count, 1);
        assert_eq!(tally.counted(&STRANGER, NOON.after(seconds(86_400))).wait(NOON.after(seconds(86_400))), None);
    }

    #[test]
    fn who_signs_in_has_guessed_nothing() {
        let mut tally = Tally::none(NOON);
        for _ in 0..100 {
            assert_eq!(tally.wait(NOON), None);
            tally = tally.counted(&ADDRESS, NOON).refunded(&ADDRESS, NOON);
        }
    }

    #[test]
    fn a_network_is_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
