//! Visitors in a closed loop: each keeps its connection and says the next thing, in a conversation of its own, as soon as it has the
//! answer to the last.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    office::QUESTION,
    upstream::{Moments, micros},
};

/// Who is asked, and how.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub url: String,
    /// The businesses that are asked, one visitor after the other.
    pub businesses: Vec<String>,
    pub streamed: bool,
}

/// What a client saw of one turn, all in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    ended: u64,
    /// From the question to the end of the answer.
    pub whole: u64,
    /// From the question to the endpoint being asked.
    pub before: u64,
    /// From the endpoint's first words to the first words heard; nothing if the answer came whole.
    pub after: Option<u64>,
}

/// What was measured.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Every turn there was, the first and last too, which count for no figure.
    pub all: usize,
    /// Answers in a second.
    pub rate: f64,
    pub turns: Vec<Turn>,
    pub began: Instant,
}

impl Measured {
    /// The value that this part of the turns does not exceed, in milliseconds.
    pub(crate) fn at(&self, percent: usize, of: impl Fn(&Turn) -> u64) -> f64 {
        let mut values: Vec<u64> = self.turns.iter().map(of).collect();
        values.sort_unstable();
        let index = (values.len() * percent / 100).min(values.len().saturating_sub(1));
        Duration::from_micros(values.get(index).copied().unwrap_or(0)).as_secs_f64() * 1_000.0
    }
}

impl Turn {
    /// How much later the first words were heard than if the visitor had asked the endpoint itself.
    pub(crate) fn first(&self) -> u64 {
        self.before + self.after.unwrap_or(0)
    }
}

/// Lets so many visitors talk for `warm` and then, measured, for `span`.
pub(crate) async fn drive(target: &Target, clients: usize, warm: Duration, span: Duration) -> Measured {
    let began = Instant::now();
    let from = micros() + u64::try_from(warm.as_micros()).unwrap();
    let until = from + u64::try_from(span.as_micros()).unwrap();
    let visitors: Vec<_> = (0..clients)
        .map(|number| {
            let target = target.clone();
            tokio::spawn(async move {
                let (visitor, mut turns) = (Visitor::new(&target, number), Vec::new());
                while micros() < until {
                    turns.push(visitor.turn(turns.len()).await);
                }
                turns
            })
        })
        .collect();
    let mut turns = Vec::new();
    for visitor in visitors {
        turns.extend(visitor.await.unwrap());
    }
    let all = turns.len();
    turns.retain(|turn| turn.ended >= from && turn.ended < until);
    let rate = f64::from(u32::try_from(turns.len()).unwrap()) / span.as_secs_f64();
    Measured { all, rate, turns, began }
}

struct Visitor {
    client: reqwest::Client,
    url: String,
    business: String,
    /// What its conversations' names begin with.
    name: String,
    streamed: bool,
}

impl Visitor {
    fn new(target: &Target, number: usize) -> Self {
        #[expect(clippy::disallowed_methods, reason = "visitors come from outside")]
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            client,
            url: format!("{}/api/chat", target.url),
            business: target.businesses[number % target.businesses.len()].clone(),
            name: format!("bench-{}-{number}", micros()),
            streamed: target.streamed,
        }
    }

    async fn turn(&self, number: usize) -> Turn {
        let said = json!({"message": QUESTION, "business_id": self.business, "session_id": format!("{}-{number}", self.name)});
        let mut request = self.client.post(&self.url).json(&said);
        if self.streamed {
            request = request.header("accept", "text/event-stream");
        }
        let sent = micros();
        let mut response = request.send().await.unwrap();
        let (mut heard, mut first) = (String::new(), None);
        while let Some(bytes) = response.chunk().await.unwrap() {
            heard.push_str(std::str::from_utf8(&bytes).unwrap());
            if self.streamed && first.is_none() && heard.contains("event: delta") {
                first = Some(micros());
            }
        }
        let ended = micros();
        assert!(heard.contains(r#""status":"answered""#), "{} {heard}", response.status());
        let Moments { asked, spoke } = Moments::of(&heard);
        Turn { ended, whole: ended - sent, before: asked - sent, after: first.map(|first| first - spoke) }
    }
}
