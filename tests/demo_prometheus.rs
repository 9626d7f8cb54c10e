//! `flightdeck demo --prometheus-port`: the whole program, asked as any client would ask it.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing where something must be has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// A running program, gone when the test is.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(folder: &tempfile::TempDir, port: u16) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_flightdeck"))
        .args(["demo", "canary", "--serve", "--prometheus-port", &port.to_string(), "--write-kubeconfig"])
        .arg(folder.path().join("kubeconfig"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Running(child.unwrap())
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

/// A port that was free a moment ago.
fn free() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn it_says_where_it_answers_and_lives_in_real_time() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free());
    let mut running = serve(&folder, port);
    let said =
        BufReader::new(running.0.stdout.take().unwrap()).lines().map(Result::unwrap).find(|line| line.contains("kubeconfig")).unwrap();
    assert!(said.ends_with(&format!(" Its Prometheus answers at http://127.0.0.1:{port}.")), "{said}");
    let before = chrono::Utc::now().timestamp_millis() as f64 / 1000.0;
    let reply = get(port, "/api/v1/query?query=time()");
    let after = chrono::Utc::now().timestamp_millis() as f64 / 1000.0;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let answer: serde_json::Value = serde_json::from_str(body).unwrap();
    let now: f64 = answer["data"]["result"][1].as_str().unwrap().parse().unwrap();
    assert!((before..=after).contains(&now), "{before} {now} {after}");
}

#[test]
fn a_taken_port_is_a_sentence_and_nothing_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut running = serve(&folder, port);
    let mut said = String::new();
    running.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(2));
    assert!(said.contains(&format!("port {port} of 127.0.0.1 is taken")) && said.contains("--prometheus-port"), "{said}");
    assert!(!folder.path().join("kubeconfig").exists());
}
