//! Somebody who listens over a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use super::actors::Account;

/// How long to wait for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Connects, with these headers besides.
    pub(crate) async fn connect(base: &str, headers: &[(&'static str, &str)]) -> Self {
        let host = base.strip_prefix("http://").unwrap();
        let mut request = format!("ws://{host}/graphql/ws").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let stream = TcpStream::connect(host).await.unwrap();
        let (socket, response) = client_async(request, stream).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        Self(socket)
    }

    /// Connects and says who it is.
    pub(crate) async fn of(account: &Account) -> Self {
        let mut socket = Self::connect(account.base(), &[]).await;
        socket.begin(json!({"Authorization": format!("Bearer {}", account.token)})).await;
        socket
    }

    /// Says who it is, and is let in.
    pub(crate) async fn begin(&mut self, payload: Value) {
        self.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(self.hear().await, json!({"type": "connection_ack"}));
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.text(&message.to_string()).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query, "variables": variables}})).await;
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> Value {
        let heard = async {
            loop {
                match self.0.next().await.unwrap().unwrap() {
                    Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                    Message::Ping(_) | Message::Pong(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.expect("something must come")
    }

    /// What the next answer to an operation has in it, without an error.
    pub(crate) async fn data(&mut self) -> Value {
        let heard = self.hear().await;
        assert_eq!((&heard["type"], &heard["payload"]["errors"]), (&json!("next"), &Value::Null), "{heard}");
        heard["payload"]["data"].clone()
    }

    /// Whether nothing comes for a while.
    pub(crate) async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(300), self.hear()).await.is_err()
    }

    /// With what the other side closes, whatever it says before.
    pub(crate) async fn closed(&mut self) -> u16 {
        let ended = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                    Some(Ok(Message::Close(None)) | Err(_)) | None => return 0,
                    Some(Ok(_)) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("it must end")
    }
}
