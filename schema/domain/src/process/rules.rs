//! When a process runs, and when it is gone.

use std::time::Duration;

use crate::clock::Instant;

/// How often a process says that it runs.
pub const BEAT: Duration = Duration::from_secs(5);
/// Who has not for so long is gone.
pub const SILENCE: Duration = Duration::from_secs(15);
/// Who is gone is remembered for so long.
pub const REMEMBERED: Duration = Duration::from_secs(3_600);

/// Whether a process that was last seen then runs now.
#[must_use]
pub fn runs(seen_at: Instant, now: Instant) -> bool {
    now.since(seen_at) < SILENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_misses_three_beats_is_gone() {
        let seen = Instant::from_micros(1_000_000);
        assert!(runs(seen, seen) && runs(seen, seen.after(BEAT.saturating_mul(2))));
        assert!(!runs(seen, seen.after(SILENCE)));
        assert!(runs(seen.after(BEAT), seen), "clocks that are a little apart make nobody silent");
    }
}
