//! The bus over Redis: what is said in a turn is a stream of its own that lasts a while, and is called out on a channel of the same
//! name; whoever begins to listen reads the stream first. One connection of a process listens, for everybody in it.

use std::{
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use futures_util::StreamExt;
use redis::{Msg, aio::PubSubSink, streams::StreamRangeReply};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    Fence, Inner, Position, REPLAY, TurnEvent, lock,
    log::EVENTS,
    news::Hint,
    outbox::{Outbox, Parcel},
    topic::Topic,
};
use crate::{
    id::{Id, TurnId},
    memory::{Absent, Memory},
};

/// How long Redis may take for what nobody waits for.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often this process calls itself, and how long it may be before it hears that.
const BEAT: Duration = Duration::from_secs(1);
const DEAF: Duration = Duration::from_secs(5);
/// So many streams are read together: whoever else asks Redis has to wait for them.
const STREAMS: usize = 32;
/// How long to wait before another attempt.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the last words may take when the process ends.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The sending half, and what is known of the listening one.
#[derive(Debug)]
pub(super) struct Remote {
    outbox: Arc<Outbox>,
    /// Turns that somebody here begins to listen to.
    wanted: mpsc::UnboundedSender<TurnId>,
    /// When this process last heard itself.
    heard_at: Arc<Mutex<Option<Instant>>>,
    _stop: DropGuard,
}

impl Remote {
    pub(super) fn new(memory: Memory) -> (Self, Tasks) {
        let (outbox, heard_at) = (Arc::<Outbox>::default(), Arc::default());
        let (wanted, wants) = mpsc::unbounded_channel();
        let (stop, me) = (CancellationToken::new(), format!("{:016x}", rand::random::<u64>()));
        let tasks = Tasks {
            writer: Writer { memory: memory.clone(), outbox: Arc::clone(&outbox), me: me.clone() },
            reader: Reader {
                bell: bell(&memory),
                news: news_channel(&memory),
                own: memory.key("process", &me),
                memory,
                wants,
                heard_at: Arc::clone(&heard_at),
                me,
            },
            stop: stop.clone(),
        };
        (Self { outbox, wanted, heard_at, _stop: stop.drop_guard() }, tasks)
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Somebody here begins to listen to a turn.
    pub(super) fn listen(&self, turn: TurnId) {
        // Nobody receives it only when the process is about to end.
        let _ = self.wanted.send(turn);
    }

    /// Whether what is said here is heard by those who listen.
    pub(super) fn is_heard(&self) -> bool {
        lock(&self.heard_at).is_some_and(|at| at.elapsed() < DEAF)
    }

    pub(super) async fn flush(&self) {
        if !self.is_heard() {
            return;
        }
        let told = async {
            while !self.outbox.is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(LAST_WORDS, told).await.is_err() {
            tracing::warn!("not everything could be told to other processes; they will find it in the store");
        }
    }
}

/// What a bus over Redis does beside.
pub(super) struct Tasks {
    writer: Writer,
    reader: Reader,
    stop: CancellationToken,
}

impl Tasks {
    /// Does it until the bus is gone.
    pub(super) fn start(self, bus: &Arc<Inner>) {
        let bus = Arc::downgrade(bus);
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(self.writer.write()));
        tokio::spawn(self.stop.run_until_cancelled_owned(self.reader.read(bus)));
    }
}

/// The channel of a bell that everybody hears.
fn bell(memory: &Memory) -> String {
    memory.key("bus", "bell")
}

/// The channel of what is new in tenants' conversations.
fn news_channel(memory: &Memory) -> String {
    memory.key("bus", "news")
}

/// The stream of a turn, and the channel on which it is called out.
fn stream(memory: &Memory, turn: TurnId) -> String {
    memory.key("turn", turn)
}

struct Writer {
    memory: Memory,
    outbox: Arc<Outbox>,
    me: String,
}

/// Adds events to a stream and calls them out, all or none; 0 if they continue what was not told last, because it was lost or forgotten,
/// or because they come late themselves. KEYS: the stream, and beside it the number each process told last. ARGV: the process; the
/// parcel's number, and the one it continues, or -1; the fence; how many events to keep, and for how many seconds; the events.
const TELL: &str = r"
local last = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
local number, after = tonumber(ARGV[2]), tonumber(ARGV[3])
if number <= last or (after >= 0 and after ~= last) then return 0 end
for i = 7, #ARGV do
    local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], '*', 'fence', ARGV[4], 'event', ARGV[i])
    redis.call('PUBLISH', KEYS[1], id .. ' ' .. ARGV[4] .. ' ' .. ARGV[i])
end
redis.call('HSET', KEYS[2], ARGV[1], number)
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('EXPIRE', KEYS[2], ARGV[6])
return 1
";

impl Writer {
    async fn write(self) {
        loop {
            self.outbox.filled().await;
            while !self.outbox.is_empty() {
                let (bell, news, parcels) = self.outbox.take();
                let told = self.tell(bell, &news, parcels).await;
                self.outbox.sent();
                if let Err(absent) = told {
                    tracing::debug!(error = %absent, "Redis could not be told");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// What is said while Redis answers travels together the next time, so nobody has to wait for company.
    async fn tell(&self, ring: bool, news: &[Hint], parcels: Vec<Parcel>) -> Result<(), Absent> {
        let mut pipe = redis::pipe();
        for parcel in &parcels {
            let told = pipe
                .cmd("EVAL")
                .arg(TELL)
                .arg(2)
                .arg(stream(&self.memory, parcel.turn))
                .arg(self.memory.key("told", parcel.turn))
                .arg(&self.me)
                .arg(parcel.number)
                .arg(parcel.after.map_or(-1, |after| i64::try_from(after).unwrap_or(i64::MAX)))
                .arg(parcel.fence.0)
                .arg(EVENTS)
                .arg(REPLAY.as_secs());
            for event in &parcel.events {
                told.arg(serde_json::to_string(event).unwrap_or_default());
            }
        }
        for (tenant, conversation) in news {
            let conversation = conversation.map_or_else(|| "-".to_owned(), |conversation| conversation.to_string());
            pipe.cmd("PUBLISH").arg(news_channel(&self.memory)).arg(format!("{} {tenant} {conversation}", self.me)).ignore();
        }
        if ring {
            pipe.cmd("PUBLISH").arg(bell(&self.memory)).arg(&self.me).ignore();
        }
        match self.memory.ask::<Vec<i64>>(&pipe, PATIENCE).await {
            Ok(known) => {
                for (parcel, known) in parcels.into_iter().zip(known) {
                    if known == 1 { self.outbox.told(&parcel) } else { self.outbox.lost(parcel) }
                }
                Ok(())
            }
            Err(absent) => {
                parcels.into_iter().for_each(|parcel| self.outbox.lost(parcel));
                news.iter().for_each(|hint| self.outbox.tell(*hint));
                if ring {
                    self.outbox.ring();
                }
                Err(absent)
            }
        }
    }
}

struct Reader {
    memory: Memory,
    wants: mpsc::UnboundedReceiver<TurnId>,
    heard_at: Arc<Mutex<Option<Instant>>>,
    me: String,
    /// The channel of the bell.
    bell: String,
    /// The channel of what is new.
    news: String,
    /// The channel on which this process calls itself.
    own: String,
}

/// What was said in a turn, as Redis keeps it.
type Said = (Position, Fence, TurnEvent);

impl Reader {
    async fn read(mut self, bus: Weak<Inner>) {
        let mut is_told = false;
        loop {
            let absent = self.listen(&bus).await;
            // Once when it goes away, not each time it is still away.
            is_told &= lock(&self.heard_at).take().is_none();
            if !is_told {
                tracing::warn!(error = %absent, "Redis is away; until it is back, everybody looks at the store");
                is_told = true;
            }
            // However long it is away, only what somebody listens to is kept; whoever begins to is found there the next time.
            let Some(bus) = bus.upgrade() else { return };
            while self.wants.try_recv().is_ok() {}
            bus.sweep();
            drop(bus);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Listens until that fails.
    async fn listen(&mut self, bus: &Weak<Inner>) -> Absent {
        let (mut sink, mut stream) = match self.memory.listen().await {
            Ok(link) => link.split(),
            Err(absent) => return absent,
        };
        let begun = async {
            let own = vec![self.bell.clone(), self.news.clone(), self.own.clone()];
            self.begin(&mut sink, own).await?;
            let Some(bus) = bus.upgrade() else { return Ok(()) };
            let turns = bus.turns();
            // What was told while nobody listened was not heard.
            bus.news.missed();
            self.tune_in(&bus, &mut sink, &turns).await
        };
        if let Err(absent) = begun.await {
            return absent;
        }
        let began = Instant::now();
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = stream.next() => match (message, bus.upgrade()) {
                    (Some(message), Some(bus)) => self.hear(&bus, &message),
                    (None, _) => return Absent::Late,
                    (_, None) => return Absent::Late,
                },
                wanted = self.wants.recv() => {
                    let (Some(wanted), Some(bus)) = (wanted, bus.upgrade()) else { return Absent::Late };
                    let mut turns = vec![wanted];
                    while let Ok(wanted) = self.wants.try_recv() {
                        turns.push(wanted);
                    }
                    if let Err(absent) = self.tune_in(&bus, &mut sink, &turns).await {
                        return absent;
                    }
                },
                _ = beat.tick() => {
                    let heard_at = lock(&self.heard_at).unwrap_or(began);
                    if heard_at.elapsed() >= DEAF {
                        return Absent::Late;
                    }
                    if let Err(absent) = self.beat(bus, &mut sink).await {
                        return absent;
                    }
                }
            }
        }
    }

    async fn begin(&self, sink: &mut PubSubSink, channels: Vec<String>) -> Result<(), Absent> {
        let subscribed = tokio::time::timeout(PATIENCE, sink.subscribe(channels)).await;
        subscribed.map_err(|_| Absent::Late)?.map_err(Absent::Failed)
    }

    /// Begins to listen to turns, and reads what was said in them before. Nothing is missed in between: what is called out meanwhile
    /// waits, and what was read already is known by its place.
    async fn tune_in(&self, bus: &Inner, sink: &mut PubSubSink, turns: &[TurnId]) -> Result<(), Absent> {
        // Whoever has left meanwhile would never be unsubscribed from.
        let turns: Vec<TurnId> = turns.iter().copied().filter(|turn| bus.listened(*turn).is_some()).collect();
        for turns in turns.chunks(STREAMS) {
            let streams: Vec<String> = turns.iter().map(|turn| stream(&self.memory, *turn)).collect();
            let mut pipe = redis::pipe();
            for stream in &streams {
                pipe.cmd("XRANGE").arg(stream).arg("-").arg("+");
            }
            self.begin(sink, streams).await?;
            let replies: Vec<StreamRangeReply> = self.memory.ask(&pipe, PATIENCE).await?;
            for (turn, reply) in turns.iter().zip(replies) {
                if let Some(topic) = bus.listened(*turn) {
                    catch_up(&topic, reply);
                }
            }
        }
        Ok(())
    }

    /// Calls itself, and stops listening to turns that nobody here listens to any more.
    async fn beat(&self, bus: &Weak<Inner>, sink: &mut PubSubSink) -> Result<(), Absent> {
        let quiet: Vec<String> =
            bus.upgrade().map(|bus| bus.sweep()).unwrap_or_default().into_iter().map(|turn| stream(&self.memory, turn)).collect();
        if !quiet.is_empty() {
            let left = tokio::time::timeout(PATIENCE, sink.unsubscribe(quiet)).await;
            left.map_err(|_| Absent::Late)?.map_err(Absent::Failed)?;
        }
        // One that is lost says little; who hears nothing for long is deaf.
        if let Err(absent) = self.memory.ask::<()>(redis::pipe().cmd("PUBLISH").arg(&self.own).arg("").ignore(), PATIENCE).await {
            tracing::debug!(error = %absent, "Redis could not be called");
        }
        Ok(())
    }

    fn hear(&self, bus: &Inner, message: &Msg) {
        let (channel, said) = (message.get_channel_name(), message.get_payload::<String>().unwrap_or_default());
        if channel == self.own {
            if lock(&self.heard_at).replace(Instant::now()).is_none() {
                tracing::info!("Redis carries the bus");
            }
            return;
        }
        if channel == self.bell {
            // Its own bell was rung here at once.
            if said != self.me {
                bus.ring();
            }
            return;
        }
        if channel == self.news {
            let mut words = said.split(' ');
            // Its own were heard here at once.
            if let (Some(who), Some(Ok(tenant)), Some(place)) = (words.next(), words.next().map(str::parse), words.next())
                && who != self.me
            {
                bus.news.spread((tenant, place.parse().ok()));
            }
            return;
        }
        let turn = channel.rsplit_once(':').and_then(|(_, id)| id.parse::<Id<_>>().ok());
        let (Some(topic), Some((position, fence, event))) = (turn.and_then(|turn| bus.listened(turn)), parse(&said)) else {
            return;
        };
        // What is called out before the stream was read stands in it.
        if !topic.is_caught_up() {
            return;
        }
        topic.add(|log| {
            if log.newest().is_none_or(|newest| position > newest) {
                log.push(position, fence, event);
            }
        });
    }
}

/// What was called out: place, fence and event.
fn parse(said: &str) -> Option<Said> {
    let mut parts = said.splitn(3, ' ');
    let (position, fence, event) = (parts.next()?, parts.next()?, parts.next()?);
    Some((position.parse().ok()?, Fence(fence.parse().ok()?), serde_json::from_str(event).ok()?))
}

/// Takes over what Redis knows of a turn, behind what is known here.
fn catch_up(topic: &Topic, known: StreamRangeReply) {
    let said = known.ids.into_iter().filter_map(|entry| {
        let (fence, event) = (entry.get::<i64>("fence")?, entry.get::<String>("event")?);
        Some((entry.id.parse::<Position>().ok()?, Fence(fence), serde_json::from_str::<TurnEvent>(&event).ok()?))
    });
    let said: Vec<Said> = said.collect();
    topic.add(|log| {
        let known = match log.newest() {
            None => 0,
            Some(newest) => match said.iter().position(|(position, ..)| *position == newest) {
                Some(index) => index.saturating_add(1),
                None if said.is_empty() => 0,
                // Redis forgot what was heard here and something was said since: it begins anew.
                None => {
                    log.push(Position::ELSEWHERE, Fence::NONE, TurnEvent::Reset);
                    0
                }
            },
        };
        for (position, fence, event) in said.into_iter().skip(known) {
            log.push(position, fence, event);
        }
    });
    topic.caught_up.send_replace(true);
}
