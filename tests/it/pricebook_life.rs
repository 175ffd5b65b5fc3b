//! Prices under everything people may do with them, in whatever order, against a model of a few lines.

use std::time::Duration;

use frontoffice_domain::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    page::Page,
    pricing::{
        self, Draft, DraftRefusal, Edit, Effective, LogKind, LogLine, Policy, Pricebook, Sight, Status, Version, Withdrawn,
        rules::{self, impact::warnings},
    },
    tenancy::Platform,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::harness::{
    app::{Office, TestApp},
    child::ChildOffice,
    eventually, on_both_stores,
    store::Store,
};

/// Does something with the book, as the program itself.
async fn act<T: Send + 'static, Fut: Future<Output = Result<T, Fault>> + Send + 'static>(
    office: &TestApp,
    work: impl FnOnce(Conn, Platform) -> Fut + Send + 'static,
) -> T {
    let platform = Platform::of_this_process();
    let this = platform.clone();
    office.app().db.platform(&platform, move |conn| work(conn, this)).await.unwrap()
}

/// What the model knows of a version.
#[derive(Clone, Debug)]
struct Known {
    number: i32,
    hash: [u8; 32],
    from: Instant,
    withdrawn: bool,
}

/// What it knows of the draft.
#[derive(Clone, Debug)]
struct Drafted {
    revision: i64,
    book: Pricebook,
    submitted: bool,
    approved: Option<Effective>,
    /// What it moved by much when it was approved.
    acknowledged: Vec<pricing::Guard>,
}

#[derive(Default)]
struct Model {
    /// The last revision a draft had.
    revision: i64,
    versions: Vec<Known>,
    books: Vec<Pricebook>,
    draft: Option<Drafted>,
}

fn hash(book: &Pricebook) -> [u8; 32] {
    rules::content_hash(&rules::canonical(book).unwrap())
}

impl Model {
    fn live(&self) -> impl Iterator<Item = &Known> {
        self.versions.iter().filter(|version| !version.withdrawn)
    }

    fn last(&self) -> &Known {
        self.live().max_by_key(|version| version.from).unwrap()
    }

    fn book(&self, number: i32) -> &Pricebook {
        &self.books[usize::try_from(number - 1).unwrap()]
    }

    fn in_force(&self, at: Instant) -> Option<i32> {
        self.live().filter(|version| version.from <= at).max_by_key(|version| version.from).map(|version| version.number)
    }

    fn may_take_effect(&self, from: Instant, now: Instant) -> bool {
        from >= now && self.live().all(|version| version.from < from)
    }
}

/// A refusal by its name alone.
fn name(refusal: &DraftRefusal) -> &'static str {
    match refusal {
        DraftRefusal::NoDraft => "no draft",
        DraftRefusal::Exists(_) => "exists",
        DraftRefusal::NoSuchVersion => "no such version",
        DraftRefusal::Stale(_) => "stale",
        DraftRefusal::Frozen(_) => "frozen",
        DraftRefusal::NotSubmitted(_) => "not submitted",
        DraftRefusal::NotApproved(_) => "not approved",
        DraftRefusal::Flawed(_) => "flawed",
        DraftRefusal::Unchanged => "unchanged",
        DraftRefusal::OwnWork => "own work",
        DraftRefusal::OtherContent(_) => "other content",
        DraftRefusal::OtherPolicy(_) => "other policy",
        DraftRefusal::TooEarly(_) => "too early",
        DraftRefusal::Unacknowledged(_) => "unacknowledged",
    }
}

/// What an act came to, and what the model says it comes to.
fn compare(step: usize, what: &str, came: Result<Draft, DraftRefusal>, expected: Result<&Drafted, &'static str>) {
    match (came, expected) {
        (Ok(draft), Ok(model)) => {
            let approved = draft.approval.map(|approval| approval.effective);
            assert_eq!(
                (draft.revision, &draft.pricebook, draft.submitted_at.is_some(), approved),
                (model.revision, &model.book, model.submitted, model.approved),
                "step {step}, {what}"
            );
            assert_eq!(draft.content_hash, hash(&model.book), "step {step}, {what}");
        }
        (Err(refusal), Err(expected)) => assert_eq!(name(&refusal), expected, "step {step}, {what}"),
        (came, expected) => panic!("step {step}, {what}: {came:?}, but the model says {expected:?}"),
    }
}

const STEPS: usize = 600;

async fn one_step(office: &TestApp, model: &mut Model, random: &mut StdRng, step: usize) {
    let now = office.clock.now();
    let wrong_revision = random.random_bool(0.1);
    let expected = model.draft.as_ref().map_or(1, |draft| draft.revision) + i64::from(wrong_revision);
    let stale = |model: &Model| match &model.draft {
        None => Some("no draft"),
        Some(_) if wrong_revision => Some("stale"),
        Some(_) => None,
    };
    // Half the time what comes next on the way of a draft, so that versions do come of it; else anything.
    let next = match &model.draft {
        None => 0,
        Some(draft) if !draft.submitted => {
            if random.random_bool(0.5) {
                20
            } else {
                40
            }
        }
        Some(Drafted { approved: None, .. }) => 60,
        Some(_) => 80,
    };
    let anything = random.random_range(0..100);
    match if random.random_bool(0.5) { next } else { anything } {
        0..15 => {
            let restore =
                random.random_bool(0.3).then(|| random.random_range(1..=i32::try_from(model.versions.len()).unwrap() + 1));
            let came = act(office, async move |mut conn, this| pricing::begin(&mut conn, &this, restore, now).await).await;
            let known = restore.map(|number| model.versions.iter().find(|v| v.number == number && !v.withdrawn && v.from <= now));
            let from = match (&model.draft, known) {
                (Some(_), _) => Err("exists"),
                (None, Some(None)) => Err("no such version"),
                (None, Some(Some(version))) => Ok(version.number),
                (None, None) => Ok(model.last().number),
            };
            let expected = from.map(|number| {
                // It goes on from the draft before, so that nobody takes one for the other.
                model.draft = Some(Drafted {
                    revision: model.revision + 1,
                    book: model.book(number).clone(),
                    submitted: false,
                    approved: None,
                    acknowledged: Vec::new(),
                });
                model.draft.as_ref().unwrap()
            });
            compare(step, "begin", came, expected);
        }
        15..35 => {
            let latest = model.last().number;
            let mut book = model.draft.as_ref().map_or_else(|| model.book(latest).clone(), |draft| draft.book.clone());
            book.plans[0].list_price.minor = random.random_range(-1..9_000);
            let edit = Edit { pricebook: Some(book.clone()), ..Edit::default() };
            let came = act(office, async move |mut conn, this| pricing::edit(&mut conn, &this, &edit, expected, now).await).await;
            let refused = stale(model).or_else(|| model.draft.as_ref().and_then(|draft| draft.submitted.then_some("frozen")));
            let outcome = match refused {
                Some(refusal) => Err(refusal),
                None => {
                    let draft = model.draft.as_mut().unwrap();
                    if draft.book != book {
                        *draft = Drafted { revision: draft.revision + 1, book, ..draft.clone() };
                    }
                    Ok(&*draft)
                }
            };
            compare(step, "edit", came, outcome);
        }
        35..50 => {
            let came = act(office, async move |mut conn, this| pricing::submit(&mut conn, &this, expected, now).await).await;
            let latest = model.last().hash;
            let refused = stale(model).or_else(|| {
                let draft = model.draft.as_ref().unwrap();
                let flawed = !rules::flaws(&draft.book).is_empty();
                match () {
                    () if draft.submitted => Some("frozen"),
                    () if flawed => Some("flawed"),
                    () if hash(&draft.book) == latest => Some("unchanged"),
                    () => None,
                }
            });
            let outcome = refused.map_or_else(
                || {
                    let draft = model.draft.as_mut().unwrap();
                    (draft.submitted, draft.revision) = (true, draft.revision + 1);
                    Ok(&*draft)
                },
                Err,
            );
            compare(step, "submit", came, outcome);
        }
        50..56 => {
            let work = async move |mut conn, this| pricing::reopen(&mut conn, &this, expected, Some("once more"), now).await;
            let came = act(office, work).await;
            let refused = stale(model).or_else(|| (!model.draft.as_ref().unwrap().submitted).then_some("not submitted"));
            let outcome = refused.map_or_else(
                || {
                    let draft = model.draft.as_mut().unwrap();
                    *draft = Drafted { revision: draft.revision + 1, submitted: false, approved: None, ..draft.clone() };
                    Ok(&*draft)
                },
                Err,
            );
            compare(step, "reopen", came, outcome);
        }
        56..74 => {
            let other = random.random_bool(0.1);
            let effective = match random.random_range(0..4) {
                0 => Effective::OnPublication,
                1 => Effective::At(now.before(Duration::from_secs(1))),
                _ => Effective::At(now.after(Duration::from_secs(random.random_range(0..7_200)))),
            };
            let named = random.random_bool(0.8);
            let of = model.draft.as_ref().map_or([0; 32], |draft| hash(&draft.book));
            let of = if other { [7; 32] } else { of };
            let policy = Policy::AtRenewal;
            let guards = if named { pricing::Guard::ALL.to_vec() } else { Vec::new() };
            let work =
                async move |mut conn, this| pricing::approve(&mut conn, &this, (&of, policy), effective, &guards, now).await;
            let came = act(office, work).await;
            let refused = match &model.draft {
                None => Some("no draft"),
                Some(draft) if !draft.submitted => Some("not submitted"),
                Some(_) if other => Some("other content"),
                Some(draft) => match effective.named().unwrap_or(now) {
                    at if !model.may_take_effect(at, now) => Some("too early"),
                    _ if !named && !warnings(model.book(model.last().number), &draft.book).is_empty() => Some("unacknowledged"),
                    _ => None,
                },
            };
            let last = model.book(model.last().number).clone();
            let outcome = refused.map_or_else(
                || {
                    let draft = model.draft.as_mut().unwrap();
                    (draft.approved, draft.revision) = (Some(effective), draft.revision + 1);
                    draft.acknowledged = warnings(&last, &draft.book).into_iter().map(|warning| warning.guard).collect();
                    Ok(&*draft)
                },
                Err,
            );
            compare(step, "approve", came, outcome);
        }
        74..88 => {
            let of = model.draft.as_ref().map_or([0; 32], |draft| hash(&draft.book));
            let clock = office.clock.clone();
            let came = act(office, async move |mut conn, this| pricing::release(&mut conn, &this, &of, &clock).await).await;
            // What is published last may have been taken back since, so that more is moved than was acknowledged, or nothing at all.
            let last = model.book(model.last().number);
            let moves = |draft: &Drafted| {
                warnings(last, &draft.book).into_iter().any(|warning| !draft.acknowledged.contains(&warning.guard))
            };
            let expected = match &model.draft {
                None => Err("no draft"),
                Some(Drafted { approved: None, .. }) => Err("not approved"),
                Some(draft) if draft.book == *last => Err("unchanged"),
                Some(draft) if moves(draft) => Err("unacknowledged"),
                Some(Drafted { approved: Some(effective), .. }) => {
                    let from = effective.named().unwrap_or(now);
                    if model.may_take_effect(from, now) { Ok(from) } else { Err("too early") }
                }
            };
            match (came, expected) {
                (Ok(number), Ok(from)) => {
                    let draft = model.draft.take().unwrap();
                    assert_eq!(number, i32::try_from(model.versions.len() + 1).unwrap(), "step {step}");
                    model.versions.push(Known { number, hash: hash(&draft.book), from, withdrawn: false });
                    model.books.push(draft.book);
                }
                (Err(refusal), Err(expected)) => assert_eq!(name(&refusal), expected, "step {step}, release"),
                (came, expected) => panic!("step {step}, release: {came:?}, but the model says {expected:?}"),
            }
        }
        88..94 => {
            let number = random.random_range(1..=i32::try_from(model.versions.len()).unwrap() + 1);
            let clock = office.clock.clone();
            let came =
                act(office, async move |mut conn, this| pricing::withdraw(&mut conn, &this, number, "a slip", &clock).await)
                    .await;
            let expected = match model.versions.iter_mut().find(|version| version.number == number) {
                None => Withdrawn::Unknown,
                Some(version) if version.withdrawn => Withdrawn::Already,
                Some(version) if version.from <= now => Withdrawn::InForce,
                Some(version) => {
                    version.withdrawn = true;
                    Withdrawn::Now
                }
            };
            assert_eq!(came, expected, "step {step}, withdraw {number}");
        }
        94..96 => {
            let came = act(office, async move |mut conn, this| pricing::discard(&mut conn, &this, expected, now).await).await;
            match stale(model) {
                Some(refusal) => assert_eq!(name(&came.unwrap_err()), refusal, "step {step}, discard"),
                None => {
                    came.unwrap();
                    model.draft = None;
                }
            }
        }
        _ => office.clock.advance(Duration::from_secs(random.random_range(1..4_000))),
    }
}

/// What the book says of itself.
struct Seen {
    in_force: Vec<Option<i32>>,
    all: Vec<Version>,
    log: Vec<LogLine>,
    draft: Option<Draft>,
}

async fn look(office: &TestApp, at: &[Instant]) -> Seen {
    let (at, now) = (at.to_vec(), office.clock.now());
    act(office, async move |mut conn, this| {
        let mut in_force = Vec::new();
        for at in at {
            in_force.push(pricing::resolve(&mut conn, at).await?.map(|version| version.number));
        }
        let all = pricing::versions(&mut conn, &Sight::Inside(this.clone()), Page::first(100), now).await?;
        assert!(!all.has_next, "they fit on a page");
        let (log, draft) = (pricing::log(&mut conn).await?, pricing::draft(&mut conn, &this).await?);
        Ok(Seen { in_force, all: all.items, log, draft })
    })
    .await
}

async fn agrees(office: &TestApp, model: &Model, random: &mut StdRng, start: Instant, step: usize) {
    let now = office.clock.now();
    let span = u64::try_from(now.since(start).as_micros()).unwrap() + 8_000_000_000;
    let mut at: Vec<Instant> = (0..3).map(|_| start.after(Duration::from_micros(random.random_range(0..span)))).collect();
    at.extend(model.versions.iter().rev().take(2).map(|version| version.from));
    let seen = look(office, &at).await;
    let expected: Vec<Option<i32>> = at.iter().map(|at| model.in_force(*at)).collect();
    assert_eq!(seen.in_force, expected, "step {step}: in force at {at:?}");
    assert!(expected.iter().all(Option::is_some), "there is always one after the first");
    assert_eq!(seen.all.len(), model.versions.len());
    for (version, known) in seen.all.iter().rev().zip(&model.versions) {
        assert_eq!(
            (version.number, version.content_hash, version.effective_from),
            (known.number, known.hash, known.from),
            "step {step}"
        );
        assert_eq!(hash(&version.pricebook), known.hash, "what was published stays what it was");
        assert_eq!(version.status == Status::Withdrawn, known.withdrawn);
    }
    assert_eq!(seen.all.iter().filter(|version| version.status == Status::Active).count(), 1, "step {step}");
    assert_eq!(rules::broken_line(&seen.log), None, "step {step}");
    let lines = |kind| seen.log.iter().filter(|line| line.kind == kind).count();
    let withdrawn = model.versions.iter().filter(|version| version.withdrawn).count();
    assert_eq!((lines(LogKind::Published), lines(LogKind::Withdrawn)), (model.versions.len(), withdrawn), "step {step}");
    assert_eq!(seen.draft.is_some(), model.draft.is_some(), "step {step}");
}

on_both_stores! {
    async fn whatever_people_do_the_book_is_what_a_small_model_says(store) {
        let office = Office::new(store).start().await;
        act(&office, async |mut conn, this| {
            // Everything is done by one here; that two are needed is looked at elsewhere.
            pricing::set_four_eyes(&mut conn, &this, false, Instant::from_micros(1)).await
        })
        .await;
        let start = office.clock.now();
        let first = act(&office, async move |mut conn, _| pricing::resolve(&mut conn, start).await).await.unwrap();
        let known = Known { number: 1, hash: first.content_hash, from: first.effective_from, withdrawn: false };
        let mut model = Model { versions: vec![known], books: vec![first.pricebook], ..Model::default() };
        let mut random = StdRng::seed_from_u64(20_261_130);
        office.clock.advance(Duration::from_secs(60));
        for step in 0..STEPS {
            one_step(&office, &mut model, &mut random, step).await;
            model.revision = model.draft.as_ref().map_or(model.revision, |draft| draft.revision);
            if step % 5 == 0 || step + 1 == STEPS {
                agrees(&office, &model, &mut random, start, step).await;
            }
        }
        assert!(model.versions.len() > 5 && model.versions.iter().any(|version| version.withdrawn), "{:?}", model.versions);
        // All that was published takes effect, and reaches whom it is to reach.
        office.clock.advance(Duration::from_secs(10_000));
        office.settled().await;
        office.finish().await;
    }

    async fn of_fifty_who_publish_one_draft_one_does(store) {
        let office = Office::new(store).start().await;
        office.clock.advance(Duration::from_secs(60));
        let now = office.clock.now();
        let hash = act(&office, async move |mut conn, this| {
            pricing::set_four_eyes(&mut conn, &this, false, now).await?;
            let begun = pricing::begin(&mut conn, &this, None, now).await?.unwrap();
            let mut book = pricing::resolve(&mut conn, now).await?.unwrap().pricebook;
            book.plans[0].list_price.minor += 1;
            let edit = Edit { pricebook: Some(book), policy: Some(Policy::AllCustomers), ..Edit::default() };
            let edited = pricing::edit(&mut conn, &this, &edit, begun.revision, now).await?.unwrap();
            let submitted = pricing::submit(&mut conn, &this, edited.revision, now).await?.unwrap();
            let hash = submitted.content_hash;
            pricing::approve(&mut conn, &this, (&hash, Policy::AllCustomers), Effective::OnPublication, &[], now).await?.unwrap();
            Ok(hash)
        })
        .await;
        let clock = office.clock.clone();
        let publish = |_| {
            let clock = clock.clone();
            act(&office, async move |mut conn, this| pricing::release(&mut conn, &this, &hash, &clock).await)
        };
        let came = futures_util::future::join_all((0..50).map(publish)).await;
        let done: Vec<_> = came.iter().filter_map(|came| came.as_ref().ok()).collect();
        assert_eq!(done, [&2]);
        assert!(came.iter().filter_map(|came| came.as_ref().err()).all(|refusal| *refusal == DraftRefusal::NoDraft));
        assert_eq!(office.database.db_count("pricebook_log", "true").await, 2);
        office.settled().await;
        assert_eq!(office.database.db_count("subscriptions", "pricebook_version = 2").await, 1, "the platform's own");
        office.finish().await;
    }

    async fn killed_again_and_again_every_customer_is_moved_once(store) {
        let mut office = Office::new(store).idle().start().await;
        office.db_tenant("other", true, &[]).await;
        let customers = 4_000;
        office.database.db_do(&many_like_the_other(store, customers)).await;
        office.clock.advance(Duration::from_secs(60));
        let now = office.clock.now();
        act(&office, async move |mut conn, this| {
            let mut book = pricing::resolve(&mut conn, now).await?.unwrap().pricebook;
            book.rates[0].minimum = book.rates[0].credits;
            book.plans[0].list_price.minor += 1;
            let came = pricing::publish(&mut conn, &this, &book, "", Policy::AllCustomers, now, now).await?;
            assert_eq!(came, pricing::Published::As(2));
            Ok(())
        })
        .await;
        let total = customers + 2;
        let mut random = StdRng::seed_from_u64(4_711);
        let is_finished = async || office.database.db_count("pricebook_publications", "finished_at IS NOT NULL").await == 1;
        let mut kills = 0;
        while kills < 6 && !is_finished().await {
            let victim = ChildOffice::start_at(&office.database, Duration::ZERO, "x", now).await;
            tokio::time::sleep(Duration::from_millis(random.random_range(1..60))).await;
            victim.signal("KILL");
            kills += 1;
            let progress = office.database.db_texts("SELECT CAST(seen AS text) || ' ' || CAST(moved AS text) AS value FROM pricebook_publications").await;
            let moved = office.database.db_count("subscriptions", "pricebook_version = 2").await;
            let (seen, told) = progress[0].split_once(' ').unwrap();
            assert_eq!((seen, told), (&*moved.to_string(), &*moved.to_string()), "what is told is what was done");
        }
        let _last = ChildOffice::start_at(&office.database, Duration::ZERO, "x", now).await;
        eventually("all are moved", async || is_finished().await.then_some(())).await;
        let told = "SELECT CAST(total AS text) || ' ' || CAST(seen AS text) || ' ' || CAST(moved AS text) AS value FROM pricebook_publications";
        assert_eq!(office.database.db_texts(told).await, [format!("{total} {total} {total}")]);
        assert_eq!(office.database.db_count("subscriptions", "pricebook_version = 2").await, total);
        assert_eq!(office.database.db_count("jobs", "name = 'publish_pricebook' AND state = 'done'").await, 1);
        office.stop().await;
    }
}

/// So many tenants more that are subscribed to what the tenant `other` is.
pub(super) fn many_like_the_other(store: Store, count: usize) -> String {
    let (numbers, id) = match store {
        Store::Postgres => (format!("generate_series(1, {count}) AS numbers (n)"), "gen_random_uuid()"),
        Store::Sqlite => (
            format!(
                "(WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count}) SELECT n FROM counted) numbers"
            ),
            "randomblob(16)",
        ),
    };
    format!(
        "INSERT INTO tenants (id, public_id, slug, name, default_locale, public_chat, created_at, revision, wait_seconds, mask_prompts) \
         SELECT {id}, {id}, 'many-' || n, name, default_locale, public_chat, created_at, revision, wait_seconds, mask_prompts FROM tenants, {numbers} WHERE slug = 'other'; \
         INSERT INTO subscriptions (tenant_id, plan, pricebook_version, trial, anchor_day, started_at, ends_at) \
         SELECT t.id, s.plan, s.pricebook_version, s.trial, s.anchor_day, s.started_at, s.ends_at FROM tenants t, subscriptions s JOIN tenants o ON o.id = s.tenant_id AND o.slug = 'other' \
         WHERE t.slug LIKE 'many-%'; \
         INSERT INTO credit_accounts (tenant_id, balance, held, last_entry, period_from, period_to) \
         SELECT t.id, 0, 0, 0, a.period_from, a.period_to FROM tenants t, credit_accounts a JOIN tenants o ON o.id = a.tenant_id AND o.slug = 'other' \
         WHERE t.slug LIKE 'many-%'"
    )
}
