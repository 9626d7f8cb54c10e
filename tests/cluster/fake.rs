//! A server on loopback that answers every request as a test says, byte by byte, so that each trouble of a real one can be had on demand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request, as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HashMap<String, String>,
    /// How many requests of this path and manner (list or watch) came before.
    pub turn: usize,
}

impl Asked {
    pub fn watch(&self) -> bool {
        self.query.contains("watch=true")
    }

    pub fn streamed(&self) -> bool {
        self.query.contains("sendInitialEvents=true")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Bytes(Vec<u8>),
    Wait(Duration),
    Hold,
    Reset,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Script {
    status: u16,
    headers: Vec<(String, String)>,
    steps: Vec<Step>,
}

impl Script {
    pub fn status(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), steps: vec![Step::Bytes(body.into().into_bytes())] }
    }

    pub fn ok(body: impl Into<String>) -> Self {
        Self::status(200, body)
    }

    /// Answers with an error as Kubernetes writes them.
    pub fn error(code: u16, reason: &str, message: &str) -> Self {
        let body = serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message});
        Self::status(code, body.to_string())
    }

    /// An answer that never comes.
    pub fn silent() -> Self {
        Self { status: 0, headers: Vec::new(), steps: vec![Step::Hold] }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn then(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.steps.push(Step::Bytes(bytes.into()));
        self
    }

    pub fn wait(mut self, millis: u64) -> Self {
        self.steps.push(Step::Wait(Duration::from_millis(millis)));
        self
    }

    /// Stays open and says nothing more.
    pub fn hold(mut self) -> Self {
        self.steps.push(Step::Hold);
        self
    }

    /// Cuts the connection.
    pub fn reset(mut self) -> Self {
        self.steps.push(Step::Reset);
        self
    }
}

type Handler = Arc<dyn Fn(&Asked) -> Script + Send + Sync>;

/// The server.
pub struct Fake {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    hang: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    pub async fn start(handler: impl Fn(&Asked) -> Script + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (asked, hang) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let handler: Handler = Arc::new(handler);
        let task = tokio::spawn({
            let (asked, hang) = (asked.clone(), hang.clone());
            async move {
                let mut connections = tokio::task::JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    connections.spawn(serve(stream, handler.clone(), asked.clone(), hang.clone()));
                }
            }
        });
        Self { address, asked, hang, task }
    }

    /// From now on nothing is answered, but the connections stay.
    pub fn hang(&self, hang: bool) {
        self.hang.store(hang, Ordering::SeqCst);
    }

    /// Everything asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn asked_for(&self, path: &str) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.path == path).collect()
    }
}

async fn serve(mut stream: TcpStream, handler: Handler, all: Arc<Mutex<Vec<Asked>>>, hang: Arc<AtomicBool>) {
    let mut held = Vec::new();
    while let Some(mut asked) = request(&mut stream, &mut held).await {
        while hang.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        {
            let mut all = all.lock().unwrap();
            asked.turn = all.iter().filter(|a: &&Asked| a.path == asked.path && a.watch() == asked.watch()).count();
            all.push(asked.clone());
        }
        let script = handler(&asked);
        if play(&mut stream, script).await.is_none() {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream, held: &mut Vec<u8>) -> Option<Asked> {
    let end = loop {
        if let Some(end) = held.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        held.extend_from_slice(&piece[..read]);
        if held[0] == 0x16 {
            // A TLS hello: a server without TLS takes it for a bad request.
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok()?;
            return None;
        }
    };
    let head = String::from_utf8_lossy(&held[..end]).into_owned();
    held.drain(..end);
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: HashMap<String, String> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let mut left: usize = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    while left > 0 {
        let have = held.len().min(left);
        held.drain(..have);
        left -= have;
        if left > 0 {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
            held.extend_from_slice(&piece[..read]);
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Asked { method, path: path.to_owned(), query: query.to_owned(), headers, turn: 0 })
}

async fn play(stream: &mut TcpStream, script: Script) -> Option<()> {
    if script.status == 0 {
        std::future::pending::<()>().await;
    }
    let mut head = format!("HTTP/1.1 {} X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n", script.status);
    head.push_str("Date: Sat, 21 Nov 2026 05:00:00 GMT\r\n");
    for (name, value) in &script.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await.ok()?;
    for step in script.steps {
        match step {
            Step::Bytes(bytes) if bytes.is_empty() => {}
            Step::Bytes(bytes) => {
                stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await.ok()?;
                stream.write_all(&bytes).await.ok()?;
                stream.write_all(b"\r\n").await.ok()?;
                stream.flush().await.ok()?;
            }
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Hold => {
                // Until the client has gone.
                let mut rest = [0; 64];
                while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
                return None;
            }
            Step::Reset => {
                // Nothing lingers: the client gets a reset, no orderly end.
                let _ = stream.set_zero_linger();
                return None;
            }
        }
    }
    stream.write_all(b"0\r\n\r\n").await.ok()
}
