//! An endpoint that speaks OpenAI's chat completions and does what a test tells it, well or badly. It writes to the bare connection,
//! because a proper server would not break off in the middle.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use frontoffice_worker::model::scripted::Gate;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The key offices show it.
pub(crate) const KEY: &str = "sk-canary-4716";

/// One thing it does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Move {
    /// Waits until the test lets it go on.
    Wait(Gate),
    /// Writes the beginning of an answer: status line and headers.
    Head(String),
    /// Writes a piece of the body.
    Body(String),
    /// Ends the body as it should end; without this, it breaks off.
    End,
}

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub line: String,
    /// In lower case.
    pub headers: Vec<String>,
    pub body: Value,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The text of a message, counted from the end.
    pub(crate) fn message(&self, from_end: usize) -> (&str, &str) {
        let messages = self.body["messages"].as_array().unwrap();
        let message = &messages[messages.len() - 1 - from_end];
        (message["role"].as_str().unwrap(), message["content"].as_str().unwrap())
    }
}

/// The endpoint. It plays one script for each request, and the last one for ever after.
pub(crate) struct Upstream {
    /// Where OpenAI's ways begin.
    pub url: String,
    /// Where Anthropic's do.
    pub root: String,
    requests: Arc<Mutex<Vec<Request>>>,
    scripts: Arc<Mutex<VecDeque<Vec<Move>>>>,
    /// How many of its clients are still there.
    open: Arc<AtomicUsize>,
    serving: tokio::task::JoinHandle<()>,
}

impl Upstream {
    pub(crate) async fn start(scripts: impl IntoIterator<Item = Vec<Move>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let url = format!("{root}/v1");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let scripts = Arc::new(Mutex::new(scripts.into_iter().collect::<VecDeque<_>>()));
        let (noted, played, open) = (Arc::clone(&requests), Arc::clone(&scripts), Arc::<AtomicUsize>::default());
        let counted = Arc::clone(&open);
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (noted, scripts, counted) = (Arc::clone(&noted), Arc::clone(&played), Arc::clone(&counted));
                tokio::spawn(async move {
                    counted.fetch_add(1, Ordering::SeqCst);
                    // A client that leaves in the middle is none of our business.
                    let _ = serve(stream, &noted, &scripts).await;
                    counted.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { url, root, requests, scripts, open, serving }
    }

    /// From now on it plays these.
    pub(crate) fn play(&self, scripts: impl IntoIterator<Item = Vec<Move>>) {
        *self.scripts.lock().unwrap() = scripts.into_iter().collect();
    }

    /// Everything it was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// How many of its clients are still there.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(stream: TcpStream, noted: &Mutex<Vec<Request>>, scripts: &Mutex<VecDeque<Vec<Move>>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let line = lines.remove(0);
    let mut request = Request { line, headers: lines, body: Value::Null };
    for header in &mut request.headers {
        let (name, value) = header.split_once(": ").unwrap();
        *header = format!("{}: {value}", name.to_lowercase());
    }
    let mut body = vec![0; request.header("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await?;
    request.body = serde_json::from_slice(&body).unwrap_or_default();
    noted.lock().unwrap().push(request);
    let script = {
        let mut scripts = scripts.lock().unwrap();
        if scripts.len() > 1 { scripts.pop_front() } else { scripts.front().cloned() }.unwrap()
    };
    for step in script {
        match step {
            // Nobody sends more than a request, so whatever is read is the end.
            Move::Wait(gate) => tokio::select! {
                () = gate.pass() => {}
                _ = stream.read_u8() => return Ok(()),
            },
            Move::Head(text) => stream.write_all(text.as_bytes()).await?,
            Move::Body(text) => stream.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await?,
            Move::End => stream.write_all(b"0\r\n\r\n").await?,
        }
        stream.flush().await?;
    }
    Ok(())
}

/// The beginning of an answer with this status and these further headers.
pub(crate) fn head(status: u16, content_type: &str, more: &[(&str, &str)]) -> Move {
    let more: String = more.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    Move::Head(format!(
        "HTTP/1.1 {status} x\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n{more}\r\n"
    ))
}

/// The beginning of a good answer.
pub(crate) fn streaming() -> Move {
    head(200, "text/event-stream; charset=utf-8", &[])
}

/// An event with this data.
pub(crate) fn event(data: &Value) -> Move {
    Move::Body(format!("data: {data}\n\n"))
}

/// A piece of the answer's text.
pub(crate) fn says(text: &str) -> Move {
    event(
        &json!({"id": "x", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}], "usage": null}),
    )
}

/// Says why it ends.
pub(crate) fn finishes(reason: &str) -> Move {
    event(&json!({"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
}

/// Calls a tool.
pub(crate) fn calls(tool: &str) -> Move {
    let call = json!({"index": 0, "id": "call", "type": "function", "function": {"name": tool, "arguments": "{}"}});
    event(
        &json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": null, "tool_calls": [call]}, "finish_reason": null}]}),
    )
}

/// Says what it took.
pub(crate) fn took(prompt_tokens: u32, completion_tokens: u32) -> Move {
    let usage = json!({"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, "total_tokens": prompt_tokens + completion_tokens});
    event(&json!({"id": "x", "choices": [], "usage": usage}))
}

/// The last words of every stream, and its end.
pub(crate) fn done() -> [Move; 2] {
    [Move::Body("data: [DONE]\n\n".into()), Move::End]
}

/// A good answer in these pieces.
pub(crate) fn answer(pieces: &[&str]) -> Vec<Move> {
    let said = pieces.iter().map(|piece| says(piece));
    [streaming()].into_iter().chain(said).chain([finishes("stop"), took(120, 30)]).chain(done()).collect()
}

/// A good answer in these pieces, in Anthropic's way, which ends for this reason.
pub(crate) fn message(pieces: &[&str], reason: &str) -> Vec<Move> {
    let named = |data: Value| Move::Body(format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap()));
    let usage = json!({"input_tokens": 100, "cache_creation_input_tokens": 15, "cache_read_input_tokens": 5, "output_tokens": 1});
    let mut moves = vec![streaming(), named(json!({"type": "message_start", "message": {"role": "assistant", "usage": usage}}))];
    moves.push(named(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})));
    moves.push(named(json!({"type": "ping"})));
    let delta =
        |text: &&str| named(json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}));
    moves.extend(pieces.iter().map(delta));
    moves.push(named(json!({"type": "content_block_stop", "index": 0})));
    if reason == "tool_use" {
        let block = json!({"type": "tool_use", "id": "call", "name": "hand_over", "input": {}});
        moves.push(named(json!({"type": "content_block_start", "index": 1, "content_block": block})));
    }
    moves.push(named(json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 30}})));
    moves.extend([named(json!({"type": "message_stop"})), Move::End]);
    moves
}

/// An error with this status, these headers and a body such as providers send.
pub(crate) fn error(status: u16, headers: &[(&str, &str)]) -> Vec<Move> {
    let body = json!({"error": {"message": "You said: canary-4717", "type": "some_error", "code": "some_code"}});
    vec![head(status, "application/json", headers), Move::Body(body.to_string()), Move::End]
}
