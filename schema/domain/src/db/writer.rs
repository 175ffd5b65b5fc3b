//! The one who writes to SQLite: a thread with the only connection that may.
//!
//! Acts queue here in order of arrival. Those that wait share a transaction, and with it one flush to the disk; each is a part of it that
//! is undone alone if it fails. Nobody hears that an act is done before the transaction they share is committed.

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use deadpool::managed::TimeoutType;
use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::{Pool, PoolError};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{
    CHECKOUT,
    conn::{Conn, Engine, Kind, Sqlite},
};
use crate::fault::Fault;

/// How many acts share a transaction at most: the first of them waits for the last.
const TOGETHER: usize = 32;

/// Tells who waits for an act how it ended: as it said itself, or, with a fault, that it is lost.
type Tell = Box<dyn FnOnce(Option<Fault>) + Send>;

struct Done {
    well: bool,
    tell: Tell,
}

struct Act {
    repeatable: bool,
    /// Whoever sets this first has it: the writer, who does it, or the one who has waited too long.
    taken: Arc<AtomicBool>,
    /// Does it, or, with a fault instead of a connection, leaves it undone.
    work: Box<dyn FnOnce(Result<Conn, Fault>) -> BoxFuture<'static, Done> + Send>,
}

/// Where acts are handed in. The thread ends with the last of its clones.
#[derive(Clone)]
pub(super) struct Writer(mpsc::UnboundedSender<Act>);

impl Writer {
    pub(super) fn start(pool: Pool<Sqlite>, statements: Arc<AtomicU64>) -> std::io::Result<Self> {
        let (sender, acts) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Handle::current();
        let loom = Loom { pool, statements, acts, waiting: VecDeque::new(), link: None };
        std::thread::Builder::new().name("store-writer".into()).spawn(move || runtime.block_on(loom.work()))?;
        Ok(Self(sender))
    }

    /// Does an act, and says how it ended once that lasts; `repeatable` ones may be forgotten in a power cut. It is finished even if nobody
    /// waits for it any more.
    pub(super) async fn act<T, F, Fut>(&self, repeatable: bool, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        let (sender, mut told) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let work = move |conn: Result<Conn, Fault>| {
            async move {
                let done = async { work(conn?).await };
                let done = AssertUnwindSafe(done).catch_unwind().await.unwrap_or(Err(Fault::Panicked));
                let well = done.is_ok();
                let tell = move |lost: Option<Fault>| drop(sender.send(lost.map_or(done, Err)));
                Done { well, tell: Box::new(tell) }
            }
            .boxed()
        };
        let act = Act { repeatable, taken: Arc::clone(&taken), work: Box::new(work) };
        self.0.send(act).map_err(|_| Fault::Panicked)?;
        tokio::select! {
            done = &mut told => return done.unwrap_or(Err(Fault::Panicked)),
            () = tokio::time::sleep(CHECKOUT) => {}
        }
        if !taken.swap(true, Ordering::AcqRel) {
            return Err(Fault::Checkout(PoolError::Timeout(TimeoutType::Wait)));
        }
        told.await.unwrap_or(Err(Fault::Panicked))
    }
}

/// What the thread works with.
struct Loom {
    pool: Pool<Sqlite>,
    statements: Arc<AtomicU64>,
    acts: mpsc::UnboundedReceiver<Act>,
    waiting: VecDeque<Act>,
    /// The connection, and whether its commits wait for the disk.
    link: Option<(Conn, bool)>,
}

impl Loom {
    async fn work(mut self) {
        loop {
            if self.waiting.is_empty() {
                match self.acts.recv().await {
                    Some(act) => self.waiting.push_back(act),
                    None => return,
                }
            }
            self.gather();
            let lasting = self.waiting.iter().any(|act| !act.repeatable);
            match self.begin(lasting).await {
                Ok(conn) => self.together(conn, lasting).await,
                Err(fault) => {
                    self.link = None;
                    let fault = Arc::new(fault);
                    for act in std::mem::take(&mut self.waiting) {
                        if !act.taken.swap(true, Ordering::AcqRel) {
                            refuse(act, Fault::Together(Arc::clone(&fault))).await;
                        }
                    }
                }
            }
        }
    }

    fn gather(&mut self) {
        while let Ok(act) = self.acts.try_recv() {
            self.waiting.push_back(act);
        }
    }

    /// Begins a transaction. Its commit will wait for the disk if it is `lasting`; SQLite knows this of connections only.
    async fn begin(&mut self, lasting: bool) -> Result<Conn, Fault> {
        let (conn, now) = match self.link.take() {
            Some(link) => link,
            None => {
                let object = self.pool.get().await.map_err(Fault::Checkout)?;
                let engine = Engine::Sqlite(Box::new(Mutex::new(object)));
                (Conn::new(engine, Kind::Parts, Arc::clone(&self.statements)), true)
            }
        };
        let begin = match (lasting, now) {
            (true, true) | (false, false) => "BEGIN IMMEDIATE",
            (true, false) => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
            (false, true) => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
        };
        match conn.batch(begin).await {
            Ok(()) => Ok(conn),
            Err(source) => {
                conn.spoil();
                Err(Fault::Begin { act: "write", source })
            }
        }
    }

    /// Does what waits, and what comes meanwhile, in one transaction.
    async fn together(&mut self, conn: Conn, lasting: bool) {
        let mut done = Vec::new();
        let mut sound = Ok(());
        while done.len() < TOGETHER {
            self.gather();
            let Some(act) = self.waiting.pop_front_if(|act| lasting || act.repeatable) else { break };
            if act.taken.swap(true, Ordering::AcqRel) {
                continue;
            }
            match part(&conn, act).await {
                Ok(Some(tell)) => done.push(tell),
                Ok(None) => {}
                Err(source) => {
                    sound = Err(source);
                    break;
                }
            }
        }
        let ended = match sound {
            Ok(()) => conn.batch("COMMIT").await,
            Err(source) => Err(source),
        };
        match ended {
            Ok(()) => {
                self.link = Some((conn, lasting));
                done.into_iter().for_each(|tell| tell(None));
            }
            Err(source) => {
                conn.spoil();
                // Closed before anybody hears of it: a transaction that is still open ends with its connection.
                drop(conn);
                let fault = Arc::new(Fault::Commit { act: "write", source });
                done.into_iter().for_each(|tell| tell(Some(Fault::Together(Arc::clone(&fault)))));
            }
        }
    }
}

/// Does one act as a part of the transaction; who waits for it is still to be told if it went well. An error means that the whole
/// transaction is of no use any more.
async fn part(conn: &Conn, act: Act) -> QueryResult<Option<Tell>> {
    if let Err(source) = conn.begin_part().await {
        refuse(act, Fault::Begin { act: "write", source }).await;
        return Err(diesel::result::Error::BrokenTransactionManager);
    }
    let Done { well, tell } = (act.work)(Ok(conn.beside())).await;
    let keep = well && !conn.in_transaction();
    let undone = || Fault::Commit { act: "write", source: diesel::result::Error::RollbackTransaction };
    match conn.end_part(keep).await {
        Ok(()) if keep => Ok(Some(tell)),
        Ok(()) => {
            tell(well.then(undone));
            Ok(None)
        }
        Err(source) => {
            tell(well.then(undone));
            Err(source)
        }
    }
}

async fn refuse(act: Act, fault: Fault) {
    ((act.work)(Err(fault)).await.tell)(None);
}

#[cfg(test)]
mod tests {
    use diesel::{
        result::Error,
        sql_types::{BigInt, Integer},
    };
    use diesel_async::RunQueryDsl;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::{
        clock::Clock,
        db::{Db, Location, run},
        tenancy::Platform,
    };

    #[derive(diesel::QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Integer)]
        synchronous: i32,
    }

    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }

    struct Store {
        db: Db,
        platform: Platform,
        _folder: tempfile::TempDir,
    }

    impl Store {
        async fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let file = Location::Sqlite(folder.path().join("store.db"));
            let db = Db::open(&file, 2, &Clock::system()).await.unwrap();
            let store = Self { db, platform: Platform::of_this_process(), _folder: folder };
            store.write(async |conn: Conn| Ok(conn.batch("CREATE TABLE noted (number INTEGER)").await?)).await.unwrap();
            store
        }

        async fn write<T: Send + 'static, F>(&self, work: impl FnOnce(Conn) -> F + Send + 'static) -> Result<T, Fault>
        where
            F: Future<Output = Result<T, Fault>> + Send + 'static,
        {
            self.db.platform(&self.platform, work).await
        }

        /// Hands an act in, without waiting for it.
        async fn hand_in<F>(&self, work: impl FnOnce(Conn) -> F + Send + 'static) -> JoinHandle<Result<(), Fault>>
        where
            F: Future<Output = Result<(), Fault>> + Send + 'static,
        {
            let (db, platform) = (self.db.clone(), self.platform.clone());
            let handed_in = tokio::spawn(async move { db.platform(&platform, work).await });
            // Polled once, it is in the queue.
            tokio::task::yield_now().await;
            handed_in
        }

        /// Keeps the writer in an act, so that what is handed in meanwhile shares its transaction, until the sender says so.
        async fn hold(&self) -> (oneshot::Sender<()>, JoinHandle<Result<(), Fault>>) {
            let ((begun, has_begun), (go_on, goes_on)) = (oneshot::channel(), oneshot::channel());
            let act = self
                .hand_in(async move |conn: Conn| {
                    note(&conn, 1).await?;
                    begun.send(()).unwrap();
                    goes_on.await.unwrap();
                    Ok(())
                })
                .await;
            has_begun.await.unwrap();
            (go_on, act)
        }

        async fn noted(&self, number: i64) -> i64 {
            let query = format!("SELECT count(*) AS count FROM noted WHERE number = {number}");
            let read = async move |conn: Conn| Ok(run!(conn, |c| diesel::sql_query(&query).get_result::<Count>(c))?.count);
            self.db.platform_read(&self.platform, read).await.unwrap()
        }
    }

    async fn note(conn: &Conn, number: i64) -> Result<(), Fault> {
        Ok(conn.batch(&format!("INSERT INTO noted VALUES ({number})")).await?)
    }

    fn failure() -> Fault {
        Error::NotFound.into()
    }

    #[tokio::test]
    async fn only_repeatable_acts_do_not_wait_for_the_disk() {
        let store = Store::open().await;
        let (normal, full) = (1, 2);
        let setting =
            async |conn: Conn| Ok(run!(conn, |c| diesel::sql_query("PRAGMA synchronous").get_result::<Setting>(c))?.synchronous);
        for _ in 0..2 {
            assert_eq!(store.db.platform_repeatable(&store.platform, setting).await.unwrap(), normal);
            assert_eq!(store.write(setting).await.unwrap(), full);
        }
        // A repeatable one that comes while another waits for the disk waits with it.
        let (go_on, first) = store.hold().await;
        let (db, platform) = (store.db.clone(), store.platform.clone());
        let shared = tokio::spawn(async move { db.platform_repeatable(&platform, setting).await });
        tokio::task::yield_now().await;
        go_on.send(()).unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(shared.await.unwrap().unwrap(), full);
    }

    #[tokio::test]
    async fn of_acts_that_share_a_transaction_each_is_undone_alone() {
        let store = Store::open().await;
        let (go_on, first) = store.hold().await;
        let fails = store.hand_in(async |conn: Conn| note(&conn, 2).await.and(Err(failure()))).await;
        let panics = store.hand_in(async |conn: Conn| note(&conn, 3).await.map(|()| panic!("in an act"))).await;
        let panics_within = store
            .hand_in(async |mut conn: Conn| {
                conn.transaction("act", async |tx| note(tx, 4).await.map(|()| panic!("in an act"))).await
            })
            .await;
        let last = store.hand_in(async |conn: Conn| note(&conn, 5).await).await;
        assert_eq!(store.noted(1).await, 0, "nothing is seen before it is committed");
        go_on.send(()).unwrap();
        first.await.unwrap().unwrap();
        assert!(matches!(fails.await.unwrap(), Err(Fault::Query(Error::NotFound))));
        assert!(matches!(panics.await.unwrap(), Err(Fault::Panicked)));
        assert!(matches!(panics_within.await.unwrap(), Err(Fault::Panicked)));
        last.await.unwrap().unwrap();
        let noted =
            [store.noted(1).await, store.noted(2).await, store.noted(3).await, store.noted(4).await, store.noted(5).await];
        assert_eq!(noted, [1, 0, 0, 0, 1]);
    }

    #[tokio::test]
    async fn a_transaction_that_fails_leaves_what_its_act_did_before() {
        let store = Store::open().await;
        let act = async |mut conn: Conn| {
            conn.transaction("first", async |tx| note(tx, 1).await).await?;
            note(&conn, 2).await?;
            let failed = conn.transaction("second", async |tx| note(tx, 3).await.and(Err::<(), _>(failure()))).await;
            assert!(failed.is_err());
            conn.transaction("third", async |tx| note(tx, 4).await).await
        };
        store.write(act).await.unwrap();
        let first = async |mut conn: Conn| {
            let failed = conn.transaction("only", async |tx| note(tx, 5).await.and(Err::<(), _>(failure()))).await;
            assert!(failed.is_err());
            Ok(())
        };
        store.write(first).await.unwrap();
        let noted =
            [store.noted(1).await, store.noted(2).await, store.noted(3).await, store.noted(4).await, store.noted(5).await];
        assert_eq!(noted, [1, 1, 0, 1, 0]);
    }

    #[tokio::test]
    async fn who_shared_a_commit_that_failed_hears_of_it_and_the_next_ones_go_on() {
        let store = Store::open().await;
        let tables = "CREATE TABLE parent (id INTEGER PRIMARY KEY); \
                      CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)";
        store.write(async |conn: Conn| Ok(conn.batch(tables).await?)).await.unwrap();
        let (go_on, first) = store.hold().await;
        let orphan = store.hand_in(async |conn: Conn| Ok(conn.batch("INSERT INTO child VALUES (7)").await?)).await;
        let fails = store.hand_in(async |_: Conn| Err(failure())).await;
        go_on.send(()).unwrap();
        for shared in [first, orphan] {
            let fault = shared.await.unwrap().unwrap_err();
            assert!(matches!(&fault, Fault::Together(fault) if matches!(**fault, Fault::Commit { .. })), "{fault:?}");
            assert!(!fault.is_absence(), "whether it took effect is for a retry to find out");
        }
        assert!(matches!(fails.await.unwrap(), Err(Fault::Query(Error::NotFound))), "it failed by itself");
        assert_eq!(store.noted(1).await, 0);
        store.write(async |conn: Conn| note(&conn, 2).await).await.unwrap();
        assert_eq!(store.noted(2).await, 1);
    }

    #[tokio::test]
    async fn an_act_is_finished_though_nobody_waits_for_it_any_more() {
        let store = Store::open().await;
        let (go_on, first) = store.hold().await;
        let left = store.hand_in(async |conn: Conn| note(&conn, 2).await).await;
        left.abort();
        assert!(left.await.unwrap_err().is_cancelled());
        go_on.send(()).unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(store.noted(2).await, 1);
    }
}
