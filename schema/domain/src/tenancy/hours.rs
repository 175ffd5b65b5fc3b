//! When people are there to talk to a tenant's visitors: hours of the week in a time zone.

use chrono::{Datelike, Days, NaiveTime, TimeDelta, TimeZone, Timelike};
use serde::{Deserialize, Serialize};

use crate::{clock::Instant, text_enum::text_enum};

/// At most so many stretches in a week.
const STRETCHES: usize = 21;

text_enum! {
    /// A day of the week.
    Day {
        /// The first.
        Monday = "monday",
        /// The second.
        Tuesday = "tuesday",
        /// The third.
        Wednesday = "wednesday",
        /// The fourth.
        Thursday = "thursday",
        /// The fifth.
        Friday = "friday",
        /// The sixth.
        Saturday = "saturday",
        /// The seventh.
        Sunday = "sunday",
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A stretch of a day, from a minute on and before another, both counted from midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The day.
    pub day: Day,
    /// The first minute.
    pub from: u16,
    /// The minute after the last; 1,440 is midnight.
    pub to: u16,
}

/// The hours of a week. Their JSON is what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeHours {
    /// An IANA time zone, such as `Europe/Amsterdam`.
    pub time_zone: String,
    /// In the order of the week.
    pub week: Vec<Stretch>,
}

/// Why hours are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursFault {
    /// There is no time zone of this name.
    #[error("there is no time zone of this name; it must be one such as `Europe/Amsterdam`")]
    TimeZone,
    /// A stretch ends before it begins, or after the day.
    #[error("each stretch must end after it begins, and at 24:00 at the latest")]
    Backwards,
    /// Two stretches of a day have minutes in common.
    #[error("the stretches of a day must not overlap")]
    Overlap,
    /// More than a week can use.
    #[error("at most 21 stretches are allowed")]
    TooMany,
}

/// The minute of the day that a text such as `09:30` names; 1,440 for `24:00`.
#[must_use]
pub fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u16>().ok())?;
    let minute = two(hours)?.checked_mul(60)?.checked_add(two(minutes).filter(|minutes| *minutes < 60)?)?;
    (minute <= 1_440).then_some(minute)
}

/// A minute of the day as people write it.
#[must_use]
pub fn clock_time(minute: u16) -> String {
    format!("{:02}:{:02}", minute.checked_div(60).unwrap_or(0), minute.checked_rem(60).unwrap_or(0))
}

impl OfficeHours {
    /// Takes hours if they can be; they come back in the order of the week.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(time_zone: &str, mut week: Vec<Stretch>) -> Result<Self, HoursFault> {
        let zone: chrono_tz::Tz = time_zone.parse().map_err(|_| HoursFault::TimeZone)?;
        if week.len() > STRETCHES {
            return Err(HoursFault::TooMany);
        }
        if week.iter().any(|stretch| stretch.from >= stretch.to || stretch.to > 1_440) {
            return Err(HoursFault::Backwards);
        }
        week.sort_by_key(|stretch| (position(stretch.day), stretch.from));
        let overlap = |pair: &[Stretch]| matches!(pair, [one, two] if one.day == two.day && two.from < one.to);
        if week.windows(2).any(overlap) {
            return Err(HoursFault::Overlap);
        }
        Ok(Self { time_zone: zone.name().to_owned(), week })
    }

    /// As they are stored.
    #[must_use]
    pub fn written(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// From how they are stored.
    ///
    /// # Errors
    /// If they were never written by this.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Whether people are there at an instant.
    #[must_use]
    pub fn are_open(&self, at: Instant) -> bool {
        let Ok(zone) = self.time_zone.parse::<chrono_tz::Tz>() else { return false };
        let Some(utc) = chrono::DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::microseconds(at.as_micros())) else {
            return false;
        };
        let local = utc.with_timezone(&zone);
        let day = usize::try_from(local.weekday().num_days_from_monday()).ok().and_then(|day| Day::ALL.get(day));
        let minute = local.hour().saturating_mul(60).saturating_add(local.minute());
        let within =
            |stretch: &Stretch| Some(&stretch.day) == day && (u32::from(stretch.from)..u32::from(stretch.to)).contains(&minute);
        self.week.iter().any(within)
    }

    /// When people are there next: at once if they are; `None` if they never are.
    #[must_use]
    pub fn open_from(&self, at: Instant) -> Option<Instant> {
        if self.are_open(at) {
            return Some(at);
        }
        let zone: chrono_tz::Tz = self.time_zone.parse().ok()?;
        let utc = chrono::DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::microseconds(at.as_micros()))?;
        let today = utc.with_timezone(&zone).date_naive();
        // The same day of the next week is the last that can be the first.
        let openings = (0..=7_u64).filter_map(|ahead| today.checked_add_days(Days::new(ahead))).flat_map(|date| {
            let day = usize::try_from(date.weekday().num_days_from_monday()).ok().and_then(|day| Day::ALL.get(day));
            let of_day = self.week.iter().filter(move |stretch| Some(&stretch.day) == day);
            of_day.filter_map(move |stretch| {
                let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::from(stretch.from).saturating_mul(60), 0)?;
                // What would begin in the hour that the clocks leave out begins after it.
                let begins = (0..=120).find_map(|later| {
                    zone.from_local_datetime(&date.and_time(time).checked_add_signed(TimeDelta::minutes(later))?).earliest()
                })?;
                Some(Instant::from_micros(begins.timestamp_micros()))
            })
        });
        openings.filter(|opening| *opening > at).min()
    }
}

fn position(day: Day) -> Option<usize> {
    Day::ALL.iter().position(|known| *known == day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(day: Day, from: &str, to: &str) -> Stretch {
        Stretch { day, from: minute(from).unwrap(), to: minute(to).unwrap() }
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_written_with_four_digits() {
        for text in ["00:00", "09:30", "23:59", "24:00"] {
            assert_eq!(clock_time(minute(text).unwrap()), text);
        }
        for text in ["", "9:30", "24:01", "10:60", "1030", "+1:00", "10:3", "99:00"] {
            assert_eq!(minute(text), None, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        use Day::{Monday, Tuesday};
        let zone = "Europe/Amsterdam";
        assert_eq!(OfficeHours::new("Europe/Atlantis", vec![]), Err(HoursFault::TimeZone));
        assert_eq!(OfficeHours::new(zone, vec![hours(Monday, "10:00", "10:00")]), Err(HoursFault::Backwards));
        let two = vec![hours(Monday, "13:00", "17:00"), hours(Monday, "09:00", "13:01")];
        assert_eq!(OfficeHours::new(zone, two), Err(HoursFault::Overlap));
        assert_eq!(OfficeHours::new(zone, vec![hours(Monday, "01:00", "02:00"); 22]), Err(HoursFault::TooMany));
        let good = OfficeHours::new(zone, vec![hours(Tuesday, "09:00", "17:00"), hours(Monday, "09:00", "17:00")]).unwrap();
        assert_eq!(good.week[0].day, Monday);
        assert_eq!(OfficeHours::read(&good.written()).unwrap(), good);
    }

    #[test]
    fn the_clock_on_the_wall_counts_also_when_it_is_put_forward() {
        let office = OfficeHours::new("Europe/Amsterdam", vec![hours(Day::Monday, "09:00", "17:00")]).unwrap();
        // In winter nine o'clock there is eight in UTC, in summer seven.
        for (instant, open) in [
            ("2026-11-23T07:59:59Z", false),
            ("2026-11-23T08:00:00Z", true),
            ("2026-11-23T15:59:59Z", true),
            ("2026-11-23T16:00:00Z", false),
            ("2026-07-06T07:00:00Z", true),
            ("2026-07-06T15:00:00Z", false),
            ("2026-11-24T09:00:00Z", false),
        ] {
            assert_eq!(office.are_open(at(instant)), open, "{instant}");
        }
    }

    #[test]
    fn the_next_opening_is_when_people_come_back() {
        let office = OfficeHours::new(
            "Europe/Amsterdam",
            vec![hours(Day::Monday, "09:00", "12:00"), hours(Day::Monday, "13:00", "17:00")],
        )
        .unwrap();
        // Monday, 23 November 2026, in winter time.
        for (now, next) in [
            ("2026-11-23T08:30:00Z", "2026-11-23T08:30:00Z"),
            ("2026-11-23T07:59:59Z", "2026-11-23T08:00:00Z"),
            ("2026-11-23T11:30:00Z", "2026-11-23T12:00:00Z"),
            ("2026-11-23T16:00:00Z", "2026-11-30T08:00:00Z"),
            ("2026-11-25T12:00:00Z", "2026-11-30T08:00:00Z"),
        ] {
            assert_eq!(office.open_from(at(now)), Some(at(next)), "{now}");
        }
        assert_eq!(OfficeHours::new("Europe/Amsterdam", vec![]).unwrap().open_from(at("2026-11-23T08:30:00Z")), None);
        // On the last Sunday of March there is no half past two.
        let early = OfficeHours::new("Europe/Amsterdam", vec![hours(Day::Sunday, "02:30", "04:00")]).unwrap();
        assert_eq!(early.open_from(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T01:00:00Z")));
    }
}
