//! What stands between a cockpit and the API server: it notes every request that could change something, with the journal as it was at that
//! moment, and plays tricks on the next one. Speaks TLS on both sides and changes no byte that it lets pass.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use flightdeck::journal::JournalFiles;
use flightdeck::ports::journal::{Entry, Journal};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// One request that could change something.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub dry_run: bool,
    pub manager: String,
    pub content_type: String,
    pub body: Value,
    /// Who is acted as, where that is somebody else.
    pub acts_as: Option<String>,
    /// The journal when it arrived, oldest line first.
    pub journal: Vec<Entry>,
    /// What the server answered, also where the answer was lost on the way; `None` where it never arrived.
    pub code: Option<u16>,
    /// The object's resourceVersion after it.
    pub version: Option<u64>,
}

/// What happens to the next request.
pub enum Trick {
    /// It never arrives.
    LoseRequest,
    /// It is done, and nobody hears of it.
    LoseAnswer,
    /// Something happens just before it arrives.
    Before(Box<dyn FnOnce() + Send>),
    /// It is on its way until somebody lets it arrive.
    Hold(oneshot::Receiver<()>),
    /// It is done, and its answer is on its way until somebody lets it arrive.
    HoldAnswer(oneshot::Receiver<()>),
}

/// Which requests a trick waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Write,
    DryRun,
}

#[derive(Default)]
struct Inner {
    asked: Mutex<Vec<Asked>>,
    tricks: Mutex<VecDeque<(Which, Trick)>>,
    held: AtomicUsize,
    /// Beyond this none is let through to the server, while it is set.
    down: std::sync::atomic::AtomicBool,
    cut: tokio::sync::Notify,
}

/// One request that is held, until it is dropped.
struct Count(Arc<Inner>);

impl Count {
    fn of(inner: &Arc<Inner>) -> Self {
        inner.held.fetch_add(1, Ordering::SeqCst);
        Self(inner.clone())
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::SeqCst);
    }
}

pub struct Front {
    pub url: String,
    pub ca_pem: String,
    inner: Arc<Inner>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// In front of `server` (`https://HOST:PORT`, trusted by `ca_pem`); `state` is where the journal of whoever comes through is.
    pub async fn open(server: &str, ca_pem: &str, state: PathBuf) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let cert = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        let mut roots = rustls::RootCertStore::empty();
        for cert in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            roots.add(cert.unwrap()).unwrap();
        }
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (acceptor, connector) = (TlsAcceptor::from(Arc::new(config)), TlsConnector::from(Arc::new(client)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let behind: SocketAddr = server.trim_start_matches("https://").parse().unwrap();
        let inner = Arc::new(Inner::default());
        let shared = inner.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, connector, inner, state) = (acceptor.clone(), connector.clone(), shared.clone(), state.clone());
                if inner.down.load(Ordering::SeqCst) {
                    continue;
                }
                connections.spawn(async move {
                    let there = async {
                        stream.set_nodelay(true)?;
                        let back = TcpStream::connect(behind).await?;
                        back.set_nodelay(true)?;
                        // The server first: where it is not there, nothing is promised to the client.
                        let back = connector.connect(ServerName::IpAddress(behind.ip().into()), back).await?;
                        let front = acceptor.accept(stream).await?;
                        tokio::select! {
                            done = carry(front, back, &inner, &state) => done,
                            () = inner.cut.notified() => Ok(()),
                        }
                    };
                    let _: io::Result<()> = there.await;
                });
            }
        });
        Self { url, ca_pem: authority.pem(), inner, task }
    }

    /// The next request of that kind meets this.
    pub fn trick(&self, which: Which, trick: Trick) {
        self.inner.tricks.lock().unwrap().push_back((which, trick));
    }

    /// The next write is held until the sender is used or dropped.
    pub fn hold(&self) -> oneshot::Sender<()> {
        let (go, held) = oneshot::channel();
        self.trick(Which::Write, Trick::Hold(held));
        go
    }

    /// Everything that could have changed something, dry-runs too, in the order of arrival.
    pub fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// The same without dry-runs.
    pub fn writes(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|one| !one.dry_run).collect()
    }

    /// The writes the server did.
    pub fn landed(&self) -> Vec<Asked> {
        self.writes().into_iter().filter(|one| one.code.is_some_and(|code| code < 300)).collect()
    }

    /// How many requests are held.
    pub fn held(&self) -> usize {
        self.inner.held.load(Ordering::SeqCst)
    }

    /// Cuts every connection and lets none through until it is up again.
    pub fn down(&self, down: bool) {
        self.inner.down.store(down, Ordering::SeqCst);
        if down {
            self.inner.cut.notify_waiters();
        }
    }
}

/// Carries both ways until one end is closed.
async fn carry(front: impl AsyncRead + AsyncWrite, back: impl AsyncRead + AsyncWrite, inner: &Arc<Inner>, state: &Path) -> io::Result<()> {
    let (mut from_client, mut to_client) = tokio::io::split(front);
    let (mut from_server, mut to_server) = tokio::io::split(back);
    // The request whose answer comes next, and what is done with that answer.
    let waiting: Mutex<Option<(usize, Option<Trick>)>> = Mutex::default();
    let up = async {
        loop {
            let Some((head, body)) = message(&mut from_client).await? else { return Ok(()) };
            let noted = asked(&head, &body, state);
            if let Some(noted) = noted {
                let which = if noted.dry_run { Which::DryRun } else { Which::Write };
                let at = {
                    let mut all = inner.asked.lock().unwrap();
                    all.push(noted);
                    all.len() - 1
                };
                let trick = {
                    let mut tricks = inner.tricks.lock().unwrap();
                    let next = tricks.iter().position(|(of, _)| *of == which);
                    next.and_then(|next| tricks.remove(next)).map(|(_, trick)| trick)
                };
                match trick {
                    Some(Trick::LoseRequest) => return Err(io::ErrorKind::ConnectionReset.into()),
                    Some(Trick::Before(happens)) => {
                        happens();
                        *waiting.lock().unwrap() = Some((at, None));
                    }
                    Some(Trick::Hold(held)) => {
                        let _count = Count::of(inner);
                        let _ = held.await;
                        *waiting.lock().unwrap() = Some((at, None));
                    }
                    other => *waiting.lock().unwrap() = Some((at, other)),
                }
            }
            to_server.write_all(&head).await?;
            to_server.write_all(&body).await?;
            to_server.flush().await?;
        }
    };
    let down = async {
        let mut buffer = vec![0; 65_536];
        loop {
            let n = from_server.read(&mut buffer).await?;
            if n == 0 {
                return Ok(());
            }
            let mut bytes = buffer[..n].to_vec();
            let noted = waiting.lock().unwrap().take();
            if let Some((at, trick)) = noted {
                let (head, body) = whole(&mut bytes, &mut from_server).await?;
                {
                    let mut all = inner.asked.lock().unwrap();
                    all[at].code = head.split(' ').nth(1).and_then(|code| code.parse().ok());
                    let object: Value = serde_json::from_slice(&body).unwrap_or_default();
                    all[at].version = object["metadata"]["resourceVersion"].as_str().and_then(|version| version.parse().ok());
                }
                match trick {
                    Some(Trick::LoseAnswer) => return Err(io::ErrorKind::ConnectionReset.into()),
                    Some(Trick::HoldAnswer(held)) => {
                        let _count = Count::of(inner);
                        let _ = held.await;
                    }
                    _ => {}
                }
            }
            to_client.write_all(&bytes).await?;
            to_client.flush().await?;
        }
    };
    tokio::select! { done = up => done, done = down => done }
}

/// One HTTP/1.1 request, head and body.
async fn message(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if from.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let mut body = vec![0; length(&String::from_utf8_lossy(&head))];
    from.read_exact(&mut body).await?;
    Ok(Some((head, body)))
}

/// Reads on until an answer is whole; gives its head and its body.
async fn whole(bytes: &mut Vec<u8>, from: &mut (impl AsyncRead + Unpin)) -> io::Result<(String, Vec<u8>)> {
    let mut more = vec![0; 65_536];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let all = end + 4 + length(&head);
            if bytes.len() >= all {
                return Ok((head, bytes[end + 4..all].to_vec()));
            }
        }
        let n = from.read(&mut more).await?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&more[..n]);
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn length(head: &str) -> usize {
    header(head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What a request says, where it could change something: questions about rights and identity store nothing.
fn asked(head: &[u8], body: &[u8], state: &Path) -> Option<Asked> {
    let head = String::from_utf8_lossy(head).into_owned();
    let mut first = head.lines().next()?.split(' ');
    let (method, uri) = (first.next()?.to_owned(), first.next()?.to_owned());
    let review = method == "POST" && uri.contains("/selfsubject");
    if method == "GET" || review {
        return None;
    }
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let manager = query.split('&').find_map(|pair| pair.strip_prefix("fieldManager=")).unwrap_or_default().to_owned();
    let (mut journal, _) = JournalFiles::below(Some(state.to_owned())).read(usize::MAX).unwrap_or_default();
    journal.reverse();
    Some(Asked {
        method,
        path: path.to_owned(),
        dry_run: query.contains("dryRun=All"),
        manager,
        content_type: header(&head, "content-type").unwrap_or_default().to_owned(),
        body: serde_json::from_slice(body).unwrap_or_default(),
        acts_as: header(&head, "impersonate-user").map(str::to_owned),
        journal,
        code: None,
        version: None,
    })
}
