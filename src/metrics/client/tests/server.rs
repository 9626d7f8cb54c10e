//! A server of one answer that remembers the last question.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures::StreamExt;

#[derive(Clone)]
pub enum Answer {
    Plain {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Headers that must be there, else 401.
    Guarded {
        header: &'static str,
        value: String,
        body: &'static str,
    },
    Endless,
    CutShort(&'static str),
    Silent,
    Trickle,
}

impl Answer {
    fn typed(status: u16, kind: &str, body: impl Into<String>) -> Self {
        Self::Plain { status, headers: vec![("content-type", kind.to_owned())], body: body.into() }
    }

    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::typed(status, "application/json", body)
    }

    pub fn html(status: u16, body: impl Into<String>) -> Self {
        Self::typed(status, "text/html", body)
    }

    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::typed(status, "text/plain", body)
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Plain { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

#[derive(Clone, Default)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: String,
}

type Memory = Arc<Mutex<Vec<Seen>>>;

pub struct Server {
    pub url: String,
    memory: Memory,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn new(answer: Answer) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let memory = Memory::default();
        let app = router(answer, memory.clone());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, memory, task }
    }

    /// The last question.
    pub fn seen(&self) -> Seen {
        self.memory.lock().unwrap().last().cloned().unwrap_or_default()
    }

    pub fn count(&self) -> usize {
        self.memory.lock().unwrap().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn router(answer: Answer, memory: Memory) -> Router {
    Router::new().fallback(handle).with_state((answer, memory))
}

async fn handle(State((answer, memory)): State<(Answer, Memory)>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let seen = Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    memory.lock().unwrap().push(seen.clone());
    match answer {
        Answer::Plain { status, headers, body } => {
            // A redirect within the server ends where its target is asked for.
            if (300..400).contains(&status) && seen.path.ends_with("/here") {
                return Response::new(Body::from(super::ONE));
            }
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(body)).unwrap()
        }
        Answer::Guarded { header, value, body } => {
            let fits = seen.headers.get(header).is_some_and(|sent| sent.as_bytes() == value.as_bytes());
            let response = Response::builder().status(if fits { 200 } else { 401 });
            response.body(Body::from(if fits { body } else { "Unauthorized" })).unwrap()
        }
        Answer::Endless => {
            let chunk = Bytes::from(vec![b' '; 1 << 20]);
            Response::new(Body::from_stream(futures::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()))))
        }
        Answer::CutShort(body) => {
            let first = futures::stream::iter([Ok(Bytes::from_static(body.as_bytes()))]);
            let rest = futures::stream::once(async {
                // The head and the first bytes are to be on their way before the link breaks.
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(std::io::Error::other("gone"))
            });
            Response::new(Body::from_stream(first.chain(rest)))
        }
        Answer::Silent => std::future::pending().await,
        Answer::Trickle => {
            let drops = futures::stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
            });
            Response::new(Body::from_stream(drops))
        }
    }
}
