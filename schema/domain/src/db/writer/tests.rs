//! What the writer promises.

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
    folder: tempfile::TempDir,
}

impl Store {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = Location::Sqlite(folder.path().join("store.db"));
        let db = Db::open(&file, 2, &Clock::system()).await.unwrap();
        let store = Self { db, platform: Platform::of_this_process(), folder };
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
        assert_eq!(store.db.repeatable().platform(&store.platform, setting).await.unwrap(), normal);
        assert_eq!(store.write(setting).await.unwrap(), full);
    }
    // A repeatable one that comes while another waits for the disk waits with it.
    let (go_on, first) = store.hold().await;
    let (db, platform) = (store.db.repeatable(), store.platform.clone());
    let shared = tokio::spawn(async move { db.platform(&platform, setting).await });
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
        .hand_in(async |mut conn: Conn| conn.transaction("act", async |tx| note(tx, 4).await.map(|()| panic!("in an act"))).await)
        .await;
    let last = store.hand_in(async |conn: Conn| note(&conn, 5).await).await;
    assert_eq!(store.noted(1).await, 0, "nothing is seen before it is committed");
    go_on.send(()).unwrap();
    first.await.unwrap().unwrap();
    assert!(matches!(fails.await.unwrap(), Err(Fault::Query(Error::NotFound))));
    assert!(matches!(panics.await.unwrap(), Err(Fault::Panicked)));
    assert!(matches!(panics_within.await.unwrap(), Err(Fault::Panicked)));
    last.await.unwrap().unwrap();
    let noted = [store.noted(1).await, store.noted(2).await, store.noted(3).await, store.noted(4).await, store.noted(5).await];
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
        conn.transaction("third", async |tx| note(tx, 4).await).await?;
        Err::<(), _>(failure())
    };
    store.write(act).await.unwrap_err();
    let first = async |mut conn: Conn| {
        let failed = conn.transaction("only", async |tx| note(tx, 5).await.and(Err::<(), _>(failure()))).await;
        assert!(failed.is_err());
        Ok(())
    };
    store.write(first).await.unwrap();
    let noted = [store.noted(1).await, store.noted(2).await, store.noted(3).await, store.noted(4).await, store.noted(5).await];
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
async fn once_closed_everything_stands_in_the_file_itself() {
    let store = Store::open().await;
    let log = store.folder.path().join("store.db-wal");
    let left = store.hand_in(async |conn: Conn| note(&conn, 1).await).await;
    assert!(log.exists());
    store.db.close().await;
    assert!(!log.exists());
    left.await.unwrap().unwrap();
    store.write(async |conn: Conn| note(&conn, 2).await).await.unwrap();
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
