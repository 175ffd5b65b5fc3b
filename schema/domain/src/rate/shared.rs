//! Counting together with all processes, in Redis.

use std::time::Duration;

use super::{Key, Kind, Quotas, Standing, Taken};
use crate::{
    clock::Instant,
    memory::{Absent, Memory},
};

/// How long Redis may take: somebody waits for it.
const PATIENCE: Duration = Duration::from_millis(150);

/// The generic cell rate algorithm over several quotas, all or nothing. Times are microseconds. Under each key stands when its quota
/// will be full again. ARGV: now; then for each key how long until there is one more, and how long until all is there again. Answers
/// which key refused (from 1; 0: none) and how long to wait for it; then for each key what is owed now.
const TAKE: &str = r"
local now, refused, wait, full = tonumber(ARGV[1]), 0, 0, {}
for i, key in ipairs(KEYS) do
    full[i] = math.max(tonumber(redis.call('GET', key) or now), now)
    local early = full[i] + tonumber(ARGV[2 * i]) - tonumber(ARGV[2 * i + 1]) - now
    if early > wait then refused, wait = i, early end
end
local answer = { refused, wait }
for i, key in ipairs(KEYS) do
    if refused == 0 then
        full[i] = full[i] + tonumber(ARGV[2 * i])
        redis.call('SET', key, string.format('%.0f', full[i]), 'PX', math.ceil((full[i] - now) / 1000))
    end
    answer[i + 2] = full[i] - now
end
return answer
";

pub(super) async fn take(memory: &Memory, quotas: &Quotas, asked: &[(Kind, Key)], now: Instant) -> Result<Taken, Absent> {
    let mut pipe = redis::pipe();
    let script = pipe.cmd("EVAL").arg(TAKE).arg(asked.len());
    for (kind, key) in asked {
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        script.arg(memory.key(kind.as_str(), hex));
    }
    script.arg(now.as_micros());
    for (kind, _) in asked {
        let quota = quotas.of(*kind);
        script.arg(quota.every()).arg(quota.every().saturating_mul(u64::from(quota.most.get())));
    }
    let (answer,): (Vec<u64>,) = memory.ask(&pipe, PATIENCE).await?;
    let (head, debts) = answer.split_at_checked(2).unwrap_or_default();
    let standings = asked.iter().zip(debts).map(|((kind, _), debt)| Standing::owing(*kind, quotas.of(*kind), *debt)).collect();
    let refused = match head {
        [number, wait] if *number > 0 => asked
            .get(usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX))
            .map(|(kind, _)| (*kind, Duration::from_micros(*wait))),
        _ => None,
    };
    Ok(Taken { refused, standings })
}
