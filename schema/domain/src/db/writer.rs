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
    time::Instant,
};

use deadpool::managed::TimeoutType;
use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::{Pool, PoolError};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{
    conn::{Conn, Engine, Kind, Sqlite},
    link::CHECKOUT,
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
    since: Instant,
    /// Whoever sets this first has it: the writer, who does it, or the one who has waited too long.
    taken: Arc<AtomicBool>,
    /// Does it, or, with a fault instead of a connection, leaves it undone.
    work: Box<dyn FnOnce(Result<Conn, Fault>) -> BoxFuture<'static, Done> + Send>,
}

enum Order {
    Act(Act),
    /// To close the connection, and say when it is closed.
    Close(oneshot::Sender<()>),
}

/// Where acts are handed in. The thread ends with the last of its clones.
#[derive(Clone)]
pub(super) struct Writer(mpsc::UnboundedSender<Order>);

impl Writer {
    pub(super) fn start(pool: Pool<Sqlite>, statements: Arc<AtomicU64>) -> std::io::Result<Self> {
        let (sender, orders) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Handle::current();
        let thread = WriterThread { pool, statements, orders, waiting: VecDeque::new(), closing: Vec::new(), link: None };
        std::thread::Builder::new().name("store-writer".into()).spawn(move || runtime.block_on(thread.work()))?;
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
        let act = Act { repeatable, since: Instant::now(), taken: Arc::clone(&taken), work: Box::new(work) };
        self.0.send(Order::Act(act)).map_err(|_| Fault::Panicked)?;
        tokio::select! {
            done = &mut told => return done.unwrap_or(Err(Fault::Panicked)),
            () = tokio::time::sleep(CHECKOUT) => {}
        }
        if !taken.swap(true, Ordering::AcqRel) {
            return Err(Fault::Checkout(PoolError::Timeout(TimeoutType::Wait)));
        }
        told.await.unwrap_or(Err(Fault::Panicked))
    }

    /// Returns when everything handed in before is done and the connection is closed.
    pub(super) async fn close(&self) {
        let (sender, closed) = oneshot::channel();
        if self.0.send(Order::Close(sender)).is_ok() {
            // Without an answer there is no connection either.
            drop(closed.await);
        }
    }
}

/// What the thread works with.
struct WriterThread {
    pool: Pool<Sqlite>,
    statements: Arc<AtomicU64>,
    orders: mpsc::UnboundedReceiver<Order>,
    waiting: VecDeque<Act>,
    /// Who waits for the connection to be closed.
    closing: Vec<oneshot::Sender<()>>,
    /// The connection, and whether its commits wait for the disk.
    link: Option<(Conn, bool)>,
}

impl WriterThread {
    async fn work(mut self) {
        loop {
            if self.waiting.is_empty() {
                if !self.closing.is_empty() {
                    self.close();
                }
                match self.orders.recv().await {
                    Some(order) => self.take(order),
                    None => return,
                }
            }
            self.gather();
            if self.waiting.is_empty() {
                continue;
            }
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
        while let Ok(order) = self.orders.try_recv() {
            self.take(order);
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Act(act) => self.waiting.push_back(act),
            Order::Close(sender) => self.closing.push(sender),
        }
    }

    fn close(&mut self) {
        if let Some((conn, _)) = self.link.take() {
            conn.spoil();
        }
        for sender in std::mem::take(&mut self.closing) {
            // Who does not wait any more need not know.
            _ = sender.send(());
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
            // Nobody waits that long; who left without a word is not done a favour so late.
            if act.since.elapsed() > CHECKOUT {
                refuse(act, Fault::Checkout(PoolError::Timeout(TimeoutType::Wait))).await;
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
    let ended = conn.end_part(keep).await;
    if keep && ended.is_ok() {
        return Ok(Some(tell));
    }
    tell(well.then(undone));
    ended.map(|()| None)
}

async fn refuse(act: Act, fault: Fault) {
    ((act.work)(Err(fault)).await.tell)(None);
}

#[cfg(test)]
mod tests;
