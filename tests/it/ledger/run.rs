//! Doing things with one business, one by one, and with what the model knows of it.

use std::time::Duration;

use frontoffice_domain::{
    chat::{self, Answer, Answered, Begun, Finish, Usage},
    clock::Instant,
    credit::{self, Correction, Given, GrantKind, Metered, Refunded, Refusal, Switch, SwitchRefusal, When},
    db::Conn,
    fault::Fault,
    id::{GrantId, TenantId, TurnId},
    identity,
    job::{self, Failed, Lease, Wanted},
    money::Credits,
    pricing::{Policy, Pricebook, store::Published},
    tenancy::{Platform, Scope, Tenant},
};
use rand::{Rng, rngs::StdRng};
use serde_json::json;

use super::model::{Block, DAY, Model, PLANS, Turn};
use crate::{
    beyond::{CREDIT, generous, usd, whole},
    harness::{
        app::{Office, TestApp},
        store::Store,
    },
    subscriptions::publish_changed,
};

/// The platform's owner, as who sits at the machine.
pub(super) async fn by_hand(office: &TestApp) -> Platform {
    let this = Platform::of_this_process();
    let who = this.clone();
    let signed_in =
        office.app().db.platform_read(&this, async move |mut conn: Conn| identity::local_owner(&mut conn, &who).await).await;
    Platform::of(&signed_in.unwrap().unwrap()).unwrap()
}

/// A front office with prices under which everything can happen that happens to accounts, and nobody who works.
pub(super) async fn office(store: Store) -> TestApp {
    let office = Office::new(store).budget(6_000).idle().start().await;
    office.clock.advance(Duration::from_secs(1));
    let prices = |book: &mut Pricebook| {
        generous(book);
        (book.trial.credits, book.plans[1].credits) = (whole(12), whole(30));
        book.plans[1].list_price = usd(24_900);
    };
    assert_eq!(publish_changed(&office, Policy::NewCustomers, Duration::ZERO, prices).await, Published::As(2));
    office
}

/// One business, and what the model knows of it.
pub(super) struct Run<'a> {
    pub(super) office: &'a TestApp,
    pub(super) tenant: Tenant,
    /// The platform's owner at work on it.
    pub(super) scope: Scope,
    pub(super) model: Model,
    pub(super) random: StdRng,
    /// The blocks that can be named, by where the model has them.
    pub(super) named: Vec<(usize, GrantId)>,
    pub(super) what: String,
}

impl<'a> Run<'a> {
    /// A new business that tries a plan.
    pub(super) async fn of(office: &'a TestApp, by: &Platform, slug: &str, random: StdRng) -> Self {
        let tenant = office.db_tenant(slug, true, &[]).await;
        let model = Model::new(office.clock.now().as_micros());
        let (tenant, scope) = by.entered(tenant);
        Self { office, tenant, scope, model, random, named: Vec::new(), what: String::new() }
    }

    pub(super) fn now(&self) -> Instant {
        self.office.clock.now()
    }

    pub(super) fn micros(&self) -> i64 {
        self.now().as_micros()
    }

    /// Does something with the business, as the platform's owner.
    pub(super) async fn act<T: Send + 'static, Fut: Future<Output = Result<T, Fault>> + Send + 'static>(
        &self,
        work: impl FnOnce(Conn, Scope, Instant) -> Fut + Send + 'static,
    ) -> T {
        let (scope, now) = (self.scope.clone(), self.now());
        self.office.app().db.write(&self.scope, move |conn| work(conn, scope, now)).await.unwrap()
    }

    /// Takes the oldest job of a name that is about this turn, as a worker does.
    pub(super) async fn lease(&self, name: &'static str, turn: TurnId) -> Lease {
        let (platform, now) = (Platform::of_this_process(), self.now());
        let this = platform.clone();
        let taking = async move |mut conn: Conn| {
            let wanted = Wanted {
                names: vec![name],
                cursor: TenantId::from(uuid::Uuid::nil()),
                without: Vec::new(),
                tenants: 9,
                of_each: 99,
                now,
            };
            let due: Vec<_> = job::due(&mut conn, &this, &wanted).await?.into_iter().map(|due| due.id).collect();
            let mut taken = None;
            for lease in job::claim(&mut conn, &this, &due, Duration::from_secs(60), now).await? {
                if lease.key() == turn.to_string() {
                    taken = Some(lease);
                } else {
                    job::hand_back(&mut conn, &lease).await?;
                }
            }
            Ok(taken)
        };
        self.office.app().db.platform(&platform, taking).await.unwrap().unwrap_or_else(|| panic!("{}: no job {name}", self.what))
    }

    pub(super) async fn hold(&mut self) {
        let session = format!("s{}", self.model.turns.len());
        let body = json!({"message": "hello", "session_id": session, "business_id": self.tenant.slug});
        let reply = self.office.visitor().drop_off(body).await;
        let expected = self.model.hold(self.micros());
        let status = if expected.is_some() { "pending" } else { "out_of_credits" };
        assert_eq!(reply.text("status"), status, "{}: {}", self.what, reply.body);
        if let Some(draws) = expected {
            let id = reply.text("turn_id").parse().unwrap();
            self.model.turns.push(Turn { id, draws, ended: None, place: 0, tried: false, charged: None, given_back: false });
        }
    }

    pub(super) async fn end(&mut self, turn: usize) {
        let id = self.model.turns[turn].id;
        let lease = self.lease("answer_turn", id).await;
        let (scope, now, thousands) = (job::scope(&lease), self.now(), self.random.random_range(0..12_u32));
        let kind = self.random.random_range(0..6);
        // A started thousand counts, and an answer costs one at least.
        let usage = Usage { prompt_tokens: thousands * 1_000 - thousands.min(1), completion_tokens: 0, estimated: false };
        let rated = i64::from(thousands.max(1)) * CREDIT;
        let this = scope.clone();
        let (finish, ended) = if kind == 0 {
            let give_up =
                async move |mut conn: Conn| chat::give_up(&mut conn, &this, &lease, Some(id), "m", "it failed", now).await;
            (self.office.app().db.write(&scope, give_up).await, (2 * CREDIT, true))
        } else {
            let answer = match kind {
                1 => Answer::Refused { verdict: None },
                2 => Answer::HandedOff,
                _ => Answer::Answered { text: "Yes.".into(), sources: Vec::new(), verdict: None },
            };
            let ended = if kind < 3 { (0, false) } else { (rated, false) };
            let finish = async move |mut conn: Conn| {
                let Begun::Work(work) = chat::begin(&mut conn, &this, id).await? else { panic!("it is over") };
                let answered = Answered { answer, model: "m".into(), usage: Some(usage) };
                chat::finish(&mut conn, &this, &lease, &work, &answered, now).await
            };
            (self.office.app().db.write(&scope, finish).await, ended)
        };
        assert_eq!(finish.unwrap(), Finish::Stored, "{}", self.what);
        self.model.turns[turn].place = self.model.turns.iter().filter(|turn| turn.ended.is_some()).count();
        self.model.turns[turn].ended = Some(ended);
    }

    /// Meters a turn, and whatever is taken along with it.
    pub(super) async fn meter(&mut self, turn: usize) {
        let (id, now) = (self.model.turns[turn].id, self.now());
        if self.random.random_bool(0.3) {
            let lease = self.lease("meter_usage", id).await;
            let scope = job::scope(&lease);
            let failing = async move |mut conn: Conn| job::fail(&mut conn, &lease, "it failed", Some(Duration::ZERO), now).await;
            assert_eq!(self.office.app().db.write(&scope, failing).await.unwrap(), Failed::Again, "{}", self.what);
            self.model.turns[turn].tried = true;
        }
        let lease = self.lease("meter_usage", id).await;
        let scope = job::scope(&lease);
        let this = scope.clone();
        let metering = async move |mut conn: Conn| credit::meter(&mut conn, &this, &lease, id, now).await;
        let metered = self.office.app().db.write(&scope, metering).await.unwrap();
        assert!(matches!(metered, Metered::Charged { .. }), "{}: {metered:?}", self.what);
        self.model.meter(turn, now.as_micros());
        let turns = &self.model.turns;
        if !turns[turn].tried {
            let waits = |index: &usize| turns[*index].ended.is_some() && turns[*index].charged.is_none() && !turns[*index].tried;
            let mut along: Vec<usize> = (0..turns.len()).filter(waits).collect();
            along.sort_by_key(|index| turns[*index].place);
            for turn in along {
                self.model.meter(turn, now.as_micros());
            }
        }
    }

    pub(super) async fn buy(&mut self) {
        let now = self.micros();
        match self.random.random_range(0..3) {
            0 => {
                let came =
                    self.act(async |mut conn, scope, now| credit::top_up(&mut conn, &scope, "small", None, now).await).await;
                self.model.catch_up(now);
                if self.model.trial || self.model.over {
                    return assert_eq!(came, Err(Refusal::NoPlan), "{}", self.what);
                }
                self.named.push((self.model.blocks.len(), came.unwrap().unwrap().id));
                self.model.grant("top_up", 7 * CREDIT, 0, now, Some(now + 60 * DAY));
            }
            1 => {
                let (amount, priority) = (self.random.random_range(1..9 * CREDIT), self.random.random_range(-1..2));
                let end = self.random.random_bool(0.7).then(|| now + self.random.random_range(1..50 * DAY));
                let kind = if self.random.random_bool(0.5) { GrantKind::Promotion } else { GrantKind::Correction };
                let (reason, expires_at) = ("A test.".to_owned(), end.map(Instant::from_micros));
                let given = Given { kind, amount: Credits::from_micro(amount), expires_at, priority, reason };
                let came =
                    self.act(async move |mut conn, scope, now| credit::give(&mut conn, &scope, &given, None, now).await).await;
                self.model.catch_up(now);
                self.named.push((self.model.blocks.len(), came.unwrap().unwrap().id));
                let kind = if kind == GrantKind::Promotion { "promotion" } else { "correction" };
                self.model.grant(kind, amount, priority, now, end);
            }
            _ => {
                let amount = self.random.random_range(-9 * CREDIT..5 * CREDIT);
                let amount = if amount == 0 { 1 } else { amount };
                let correction = Correction { amount: Credits::from_micro(amount), reason: "A test.".into() };
                let came = self
                    .act(async move |mut conn, scope, now| credit::adjust(&mut conn, &scope, &correction, None, now).await)
                    .await;
                assert_eq!(came.is_ok(), self.model.adjust(amount, now), "{}: {came:?}", self.what);
            }
        }
    }

    pub(super) async fn void(&mut self) {
        if self.named.is_empty() {
            return;
        }
        let (index, id) = self.named[self.random.random_range(0..self.named.len())];
        let came = self.act(async move |mut conn, scope, now| credit::void(&mut conn, &scope, id, "A test.", now).await).await;
        self.model.catch_up(self.micros());
        let free = self.model.blocks[index].free();
        assert_eq!(came.is_ok(), free > 0, "{}: {came:?}", self.what);
        if free > 0 {
            self.model.take(index, "void", free);
        }
    }

    pub(super) async fn refund(&mut self) {
        if self.model.turns.is_empty() {
            return;
        }
        let turn = self.random.random_range(0..self.model.turns.len());
        let id = self.model.turns[turn].id;
        let came = self.act(async move |mut conn, scope, now| credit::refund_wrong(&mut conn, &scope, id, now).await).await;
        let now = self.micros();
        let name = match came {
            Refunded::Now(_) => "now",
            Refunded::Before(_) => "before",
            Refunded::NotCharged => "not charged",
            Refunded::NotSaid => "not said",
            Refunded::TooLate(_) => "too late",
        };
        assert_eq!(name, self.model.refund(turn, now), "{}", self.what);
    }

    pub(super) async fn subscribe(&mut self) {
        let now = self.micros();
        let (came, expected) = match self.random.random_range(0..6) {
            0 => (
                self.act(async |mut conn, scope, now| credit::cancel(&mut conn, &scope, None, now).await).await,
                self.model.set_end(true, now),
            ),
            1 => (
                self.act(async |mut conn, scope, now| credit::resume_plan(&mut conn, &scope, None, now).await).await,
                self.model.set_end(false, now),
            ),
            other => {
                let (plan, when) = (other % 2, if self.random.random_bool(0.6) { When::Now } else { When::AtRenewal });
                let switch = Switch { plan: PLANS[plan].0.into(), when, expected: None, seen: None, once: None };
                let came =
                    self.act(async move |mut conn, scope, now| credit::switch(&mut conn, &scope, &switch, now).await).await;
                (came, self.model.switch(plan, when, now))
            }
        };
        assert_eq!(came.err(), expected, "{}", self.what);
    }

    /// Lets happen what is due by now, and holds every number against the model's.
    pub(super) async fn look(&mut self) {
        // Who is refused because they saw something else has looked nevertheless: what was due has happened.
        let stale = self.act(async |mut conn, scope, now| credit::cancel(&mut conn, &scope, Some(-1), now).await).await;
        assert!(matches!(stale, Err(SwitchRefusal::Stale(_))), "{}", self.what);
        self.model.catch_up(self.micros());
        let whose = format!("tenant_id = (SELECT id FROM tenants WHERE slug = '{}')", self.tenant.slug);
        let micros = |column: &str| match self.office.database.store {
            Store::Sqlite => column.to_owned(),
            Store::Postgres => format!("CAST(EXTRACT(EPOCH FROM {column}) * 1000000 AS bigint)"),
        };
        let blocks = format!(
            "SELECT kind || ' ' || CAST(amount AS text) || ' ' || CAST(remaining AS text) || ' ' || CAST(held AS text) || ' ' || \
             CAST(priority AS text) || ' ' || COALESCE(CAST({} AS text), '') AS value FROM credit_grants WHERE {whose}",
            micros("expires_at")
        );
        let mut expected: Vec<String> = (self.model.blocks.iter())
            .map(|Block { kind, amount, remaining, held, priority, to, .. }| {
                format!("{kind} {amount} {remaining} {held} {priority} {}", to.map_or_else(String::new, |to| to.to_string()))
            })
            .collect();
        let mut blocks = self.office.database.db_texts(&blocks).await;
        blocks.sort();
        expected.sort();
        assert_eq!(blocks, expected, "{}: {:#?}", self.what, self.model);
        let account =
            format!("SELECT CAST(balance AS text) || ' ' || CAST(held AS text) AS value FROM credit_accounts WHERE {whose}");
        let sum = |of: fn(&Block) -> i64| self.model.blocks.iter().map(of).sum::<i64>();
        assert_eq!(
            self.office.database.db_texts(&account).await,
            [format!("{} {}", sum(|block| block.remaining), sum(|block| block.held))],
            "{}",
            self.what
        );
        let entries =
            format!("SELECT kind || ' ' || CAST(amount AS text) AS value FROM credit_entries WHERE {whose} ORDER BY number");
        let (mut entries, mut expected) = (
            self.office.database.db_texts(&entries).await,
            self.model.entries.iter().map(|(kind, amount)| format!("{kind} {amount}")).collect::<Vec<_>>(),
        );
        // Of what ends at one moment, one is as good as the other to be written down first.
        entries.sort();
        expected.sort();
        assert_eq!(entries, expected, "{}", self.what);
    }

    pub(super) async fn step(&mut self) {
        const MINUTE: i64 = 60_000_000;
        let jump = match self.random.random_range(0..20) {
            0..13 => self.random.random_range(0..MINUTE),
            13..16 => self.random.random_range(0..2 * DAY),
            16..19 => self.random.random_range(0..12 * DAY),
            _ => self.random.random_range(0..90 * DAY),
        };
        self.office.clock.advance(Duration::from_micros(u64::try_from(jump).unwrap()));
        let pick = |random: &mut StdRng, some: &[usize]| {
            if some.is_empty() { None } else { Some(some[random.random_range(0..some.len())]) }
        };
        let turns = |wanted: fn(&Turn) -> bool| -> Vec<usize> {
            (0..self.model.turns.len()).filter(|index| wanted(&self.model.turns[*index])).collect()
        };
        let (open, ended) = (turns(|turn| turn.ended.is_none()), turns(|turn| turn.ended.is_some() && turn.charged.is_none()));
        match self.random.random_range(0..100) {
            0..30 => self.hold().await,
            30..50 => {
                if let Some(turn) = pick(&mut self.random, &open) {
                    self.end(turn).await;
                }
            }
            50..70 => {
                if let Some(turn) = pick(&mut self.random, &ended) {
                    self.meter(turn).await;
                }
            }
            70..78 => self.buy().await,
            78..82 => self.void().await,
            82..88 => self.refund().await,
            88..96 => self.subscribe().await,
            _ => self.look().await,
        }
    }
}
