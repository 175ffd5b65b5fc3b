//! The wire to Postgres. It can lose the answer to a COMMIT: the store has kept what was written, and nobody was told.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the wire has to do and has done.
#[derive(Debug, Default)]
struct Losses {
    /// How many answers it still has to lose.
    wanted: AtomicI64,
    done: AtomicU64,
}

pub(crate) struct Wire {
    pub port: u16,
    losses: Arc<Losses>,
}

impl Wire {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self { port: listener.local_addr().unwrap().port(), losses: Arc::default() };
        let losses = Arc::clone(&wire.losses);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let losses = Arc::clone(&losses);
                tokio::spawn(async move {
                    // While the store is away, so is the wire.
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
                        let _ = (client.set_nodelay(true), server.set_nodelay(true));
                        carry(client, server, &losses).await;
                    }
                });
            }
        });
        wire
    }

    /// Loses the answer to the next COMMIT, whoever asks for it.
    pub(crate) fn lose_one(&self) {
        self.losses.wanted.fetch_add(1, Ordering::SeqCst);
    }

    /// How many answers it has lost.
    pub(crate) fn lost(&self) -> u64 {
        self.losses.done.load(Ordering::SeqCst)
    }
}

/// Carries messages until one side ends, or an answer is to be lost.
async fn carry(client: TcpStream, server: TcpStream, losses: &Losses) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (client.into_split(), server.into_split());
    // The startup message alone has no kind before its length.
    let Some(startup) = untyped(&mut from_client).await else { return };
    if to_server.write_all(&startup).await.is_err() {
        return;
    }
    let committing = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let asked = Arc::clone(&committing);
    let forth = async {
        while let Some(message) = message(&mut from_client).await {
            if message.first() == Some(&b'Q') && message.get(5..11) == Some(b"COMMIT") {
                let take =
                    losses.wanted.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |wanted| (wanted > 0).then(|| wanted - 1));
                if take.is_ok() {
                    asked.store(true, Ordering::SeqCst);
                }
            }
            if to_server.write_all(&message).await.is_err() {
                return;
            }
        }
    };
    let back = async {
        while let Some(message) = message(&mut from_server).await {
            // What was asked before the COMMIT is answered before it.
            if committing.load(Ordering::SeqCst) && message.first() == Some(&b'C') && message.get(5..11) == Some(b"COMMIT") {
                losses.done.fetch_add(1, Ordering::SeqCst);
                return;
            }
            if to_client.write_all(&message).await.is_err() {
                return;
            }
        }
    };
    // Whichever ends, both links are cut.
    tokio::select! {
        () = forth => {}
        () = back => {}
    }
}

async fn untyped(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut head = [0; 4];
    from.read_exact(&mut head).await.ok()?;
    let mut message = head.to_vec();
    message.resize(u32::from_be_bytes(head).try_into().ok()?, 0);
    from.read_exact(message.get_mut(4..)?).await.ok()?;
    Some(message)
}

async fn message(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut kind = [0];
    from.read_exact(&mut kind).await.ok()?;
    let mut message = kind.to_vec();
    message.extend(untyped(from).await?);
    Some(message)
}
