//! What a version is, and whether the log holds, whatever was published.

use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Instant {
    Instant::from_micros(seconds.saturating_mul(1_000_000))
}

proptest! {
    #[test]
    fn at_any_instant_after_the_first_exactly_one_version_is_in_force(
        starts in prop::collection::btree_set(0_i64..1_000, 1..12), withdrawn in prop::collection::vec(any::<bool>(), 12), now in 0_i64..1_200,
    ) {
        let versions: Vec<(i64, bool)> = starts.iter().copied().zip(withdrawn).enumerate().map(|(i, (start, gone))| (start, gone && i > 0)).collect();
        let live: Vec<i64> = versions.iter().filter(|(_, gone)| !gone).map(|(start, _)| *start).collect();
        let statuses: Vec<Status> = versions.iter().map(|(start, gone)| {
            let next = live.iter().copied().filter(|other| other > start).min().map(at);
            status(at(*start), *gone, next, at(now))
        }).collect();
        let active = statuses.iter().filter(|status| **status == Status::Active).count();
        prop_assert_eq!(active, usize::from(live.first().is_some_and(|first| *first <= now)));
    }

    #[test]
    fn a_version_may_take_effect_only_after_all_live_ones_and_not_in_the_past(starts in prop::collection::vec(0_i64..100, 0..8), new in 0_i64..120, now in 0_i64..120) {
        let live: Vec<Instant> = starts.iter().copied().map(at).collect();
        prop_assert_eq!(may_take_effect(at(new), &live, at(now)), new >= now && starts.iter().all(|start| *start < new));
    }

    #[test]
    fn a_log_that_was_tampered_with_does_not_verify(length in 1_i32..8, victim in 0_usize..8, what in 0_u8..5) {
        let mut log = Vec::new();
        let mut previous = [0; 32];
        for line in 1..=length {
            let content = content_hash(&line.to_string());
            let hash = line_hash(line, LogKind::Published, line, &content, at(line.into()), &previous);
            log.push(LogLine { line, kind: LogKind::Published, number: line, content_hash: content, effective_from: at(line.into()), previous_hash: previous, hash });
            previous = hash;
        }
        prop_assert_eq!(broken_line(&log), None);
        let victim = victim.checked_rem(log.len()).unwrap();
        match what {
            0 => log[victim].number = 99,
            1 => log[victim].kind = LogKind::Withdrawn,
            2 => log[victim].content_hash[7] ^= 1,
            3 => log[victim].effective_from = at(5_000),
            _ => log[victim].hash[0] ^= 1,
        }
        prop_assert!(broken_line(&log).is_some());
    }
}

#[test]
fn digits_of_a_hash_are_read_exactly() {
    assert_eq!(unhex(&"0f".repeat(32)), Some([15; 32]));
    assert_eq!(unhex(&hex(&[200; 32])), Some([200; 32]));
    for wrong in ["0f", &"0g".repeat(32), &"é".repeat(32)] {
        assert_eq!(unhex(wrong), None, "{wrong}");
    }
}
