//! Accepting connections, and closing the doors without cutting anybody off.

use std::{net::SocketAddr, pin::pin, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use futures_util::FutureExt;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// How long a connection may say nothing: until its first request's headers are there, and between two requests. Longer than proxies
/// keep one that is not used.
const SILENCE: Duration = Duration::from_secs(75);

/// How long those who came last have to say what they want.
const LAST_GUESTS: Duration = Duration::from_millis(100);

/// How long to wait where no connection can be accepted, for want of files or memory.
const EXHAUSTED: Duration = Duration::from_millis(200);

/// Serves the routes until `stop`, then lets those under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let (guests, closing) = (TaskTracker::new(), CancellationToken::new());
    let welcome = |link: TcpStream, peer: SocketAddr| guests.spawn(receive(link, peer, router.clone(), closing.clone()));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((link, peer)) => drop(welcome(link, peer)),
            Err(error) => {
                // One client's trouble, or all files are in use; either way the next one is welcome.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
    // Whoever is in the queue already would be told that nobody is here.
    while let Some(Ok((link, peer))) = listener.accept().now_or_never() {
        drop(welcome(link, peer));
    }
    drop(listener);
    // A connection that nobody has read from yet would be closed unread.
    tokio::time::sleep(LAST_GUESTS).await;
    closing.cancel();
    guests.close();
    guests.wait().await;
}

/// Serves one connection until it ends; once the doors are `closing`, until what was asked for is answered.
async fn receive(link: TcpStream, peer: SocketAddr, router: Router, closing: CancellationToken) {
    // A piece of a stream goes out when it is said, and not when the one before has been acknowledged.
    if let Err(error) = link.set_nodelay(true) {
        tracing::debug!(%error, "a client's pieces may be held back");
    }
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    // HTTP/1.1 alone: nobody speaks HTTP/2 without TLS, and a preface that never ends could be waited for without end.
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(SILENCE);
    let mut served = pin!(builder.serve_connection(TokioIo::new(link), service).with_upgrades());
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = closing.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
