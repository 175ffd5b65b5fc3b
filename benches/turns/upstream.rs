//! A model's endpoint that takes no time of its own: it speaks OpenAI's chat completions, keeps connections, and answers at once or
//! after a known delay. The first words of its answer are the moments at which it was asked and spoke, so that whoever hears them
//! knows how late they are.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
/// What follows the first words, in the pieces it comes in.
const REST: &[&str] = &["By default", " all data", " is stored", " in one", " file on", " your own", " machine", " [1]", "."];

/// Microseconds since this process began to count.
pub(crate) fn micros() -> u64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGAN.elapsed().as_micros()).unwrap()
}

/// When the endpoint was asked and when it spoke, as an answer's first words tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pub asked: u64,
    pub spoke: u64,
}

impl Moments {
    /// Reads them out of whatever the first words came in.
    pub(crate) fn of(text: &str) -> Self {
        let (_, numbers) = text.split_once("@@").unwrap_or_else(|| panic!("no moments in {text}"));
        let (asked, numbers) = numbers.split_once('/').unwrap();
        let (spoke, _) = numbers.split_once("@@").unwrap();
        Self { asked: asked.parse().unwrap(), spoke: spoke.parse().unwrap() }
    }
}

/// Starts an endpoint that speaks after `delay`; where it is.
pub(crate) async fn start(delay: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let rest = rest();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            // A client that leaves is none of our business.
            let serving = serve(stream, delay, rest.clone());
            tokio::spawn(async move { drop(serving.await) });
        }
    });
    url
}

async fn serve(stream: TcpStream, delay: Duration, rest: String) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body).await?;
        let asked = micros();
        if delay.is_zero() {
            let answer = format!("{HEAD}{}{rest}", first(asked));
            stream.write_all(answer.as_bytes()).await?;
        } else {
            tokio::time::sleep(delay).await;
            stream.write_all(format!("{HEAD}{}", first(asked)).as_bytes()).await?;
            stream.write_all(rest.as_bytes()).await?;
        }
    }
}

fn first(asked: u64) -> String {
    says(&format!("@@{asked}/{}@@ ", micros()))
}

fn rest() -> String {
    let usage = json!({"prompt_tokens": 420, "completion_tokens": 30, "total_tokens": 450});
    let mut rest: String = REST.iter().map(|text| says(text)).collect();
    rest.push_str(&event(&json!({"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}).to_string()));
    rest.push_str(&event(&json!({"id": "x", "choices": [], "usage": usage}).to_string()));
    rest + &event("[DONE]") + "0\r\n\r\n"
}

fn says(text: &str) -> String {
    let choice = json!({"index": 0, "delta": {"content": text}, "finish_reason": null});
    event(&json!({"id": "x", "object": "chat.completion.chunk", "choices": [choice]}).to_string())
}

fn event(data: &str) -> String {
    let event = format!("data: {data}\n\n");
    format!("{:x}\r\n{event}\r\n", event.len())
}

/// What a piece of its stream says.
pub(crate) fn said(data: &str) -> String {
    let chunk: Value = serde_json::from_str(data).unwrap();
    chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
}
