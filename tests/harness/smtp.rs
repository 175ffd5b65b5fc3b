//! A mail server that takes letters, or says why not.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What it says to the recipient of each letter, one after the other; then it takes them.
#[derive(Clone)]
pub(crate) struct Smtp {
    pub url: String,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Smtp {
    pub(crate) async fn start(refusals: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { url: format!("smtp://{}", listener.local_addr().unwrap()), taken: Arc::default() };
        let (taken, refusals) = (Arc::clone(&server.taken), Arc::new(Mutex::new(refusals.to_vec())));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(speak(stream, Arc::clone(&taken), Arc::clone(&refusals)));
            }
        });
        server
    }

    /// The letters that were taken, each as it was sent.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

async fn speak(stream: TcpStream, taken: Arc<Mutex<Vec<String>>>, refusals: Arc<Mutex<Vec<&'static str>>>) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 here\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-here\r\n250 8BITMIME".to_owned(),
            "RCPT" => {
                let mut refusals = refusals.lock().unwrap();
                if refusals.is_empty() { "250 fine".to_owned() } else { refusals.remove(0).to_owned() }
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await.ok()?;
                let mut letter = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    letter.push_str(&line);
                    letter.push('\n');
                }
                taken.lock().unwrap().push(letter);
                "250 taken".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 fine".to_owned(),
        };
        writer.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}
