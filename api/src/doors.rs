//! Accepting connections, and closing the doors without cutting anybody off.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use futures_util::FutureExt;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long a connection may say nothing: until its first request's headers are there, and between two requests. Longer than proxies
/// keep one that is not used.
const SILENCE: Duration = Duration::from_secs(75);

/// How long to wait where no connection can be accepted, for want of files or memory.
const EXHAUSTED: Duration = Duration::from_millis(200);

/// Serves the routes until `stop`, then lets those under way end.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(SILENCE);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(SILENCE).keep_alive_timeout(SILENCE);
    let open = GracefulShutdown::new();
    let welcome = |link: TcpStream, peer: SocketAddr| {
        // A piece of a stream goes out when it is said, and not when the one before has been acknowledged.
        if let Err(error) = link.set_nodelay(true) {
            tracing::debug!(%error, "a client's pieces may be held back");
        }
        let router = router.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request).map(|answered| Ok::<_, Infallible>(answered.unwrap_or_else(|never| match never {})))
        });
        let served = open.watch(builder.serve_connection_with_upgrades(TokioIo::new(link), service).into_owned());
        tokio::spawn(async move {
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((link, peer)) => welcome(link, peer),
            Err(error) => {
                // One client's trouble, or all files are in use; either way the next one is welcome.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
    // Whoever is in the queue already would be told that nobody is here.
    while let Some(Ok((link, peer))) = listener.accept().now_or_never() {
        welcome(link, peer);
    }
    drop(listener);
    open.shutdown().await;
}
