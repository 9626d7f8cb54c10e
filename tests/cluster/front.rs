//! What stands in front of servers: TLS with authorities and client certificates, and proxies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flightdeck::cluster::Target;
use flightdeck::objects::Kind;
use flightdeck::ports::{ClusterEvent, LinkState, SourceState};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fake::{Asked, Fake, Script};
use crate::lists::paged;
use crate::seen::*;

fn fine(asked: &Asked) -> Script {
    paged(asked, |_| Script::ok(list(5, &[])), |_| Script::ok("").hold())
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// TLS in front of `behind`, for `name`, that only lets in who shows a certificate of `authority`. Gives its port.
async fn tls(behind: &str, name: &str, authority: &CertifiedIssuer<'static, KeyPair>) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = KeyPair::generate().unwrap();
    let cert = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(authority.der().to_vec())).unwrap();
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let behind = behind.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let Ok(mut front) = acceptor.accept(stream).await else { return };
                let mut back = TcpStream::connect(behind).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
            });
        }
    });
    port
}

/// Connects with a kubeconfig whose cluster and user are given in YAML.
fn connect(folder: tempfile::TempDir, cluster: &str, user: &str) -> Seen {
    let file = path(&folder, "config");
    std::fs::write(&file, config("@", user).replace("{server: '@'}", cluster)).unwrap();
    Seen::with(folder, Target { kubeconfig: Some(file), pace: quick(), ..Target::default() })
}

/// A folder with the authority and a client's certificate and key.
fn papers(authority: &CertifiedIssuer<'static, KeyPair>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let client = CertificateParams::new(vec!["ann".to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    std::fs::write(path(&folder, "ca.pem"), authority.pem()).unwrap();
    std::fs::write(path(&folder, "client.pem"), client.pem()).unwrap();
    std::fs::write(path(&folder, "client.key"), key.serialize_pem()).unwrap();
    folder
}

const CLIENT: &str = "{client-certificate: client.pem, client-key: client.key}";

async fn lost(seen: &mut Seen) -> String {
    match seen.until("lost", |e| matches!(e, ClusterEvent::Link(LinkState::Lost { .. }))).await {
        ClusterEvent::Link(LinkState::Lost { reason, .. }) => reason.to_string(),
        _ => unreachable!(),
    }
}

#[tokio::test]
async fn client_certificates_and_authorities_from_files_work() {
    let fake = Fake::start(fine).await;
    let authority = authority();
    let port = tls(&fake.address, "localhost", &authority).await;
    let mut seen = connect(papers(&authority), &format!("{{server: 'https://localhost:{port}', certificate-authority: ca.pem}}"), CLIENT);
    seen.until_live().await;
}

#[tokio::test]
async fn a_helper_may_give_a_certificate_instead_of_a_token() {
    use std::os::unix::fs::PermissionsExt;
    let fake = Fake::start(fine).await;
    let authority = authority();
    let port = tls(&fake.address, "localhost", &authority).await;
    let folder = papers(&authority);
    let read = |name: &str| std::fs::read_to_string(path(&folder, name)).unwrap();
    let status = serde_json::json!({"clientCertificateData": read("client.pem"), "clientKeyData": read("client.key")});
    let answer = serde_json::json!({"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": status});
    std::fs::write(path(&folder, "answer"), answer.to_string()).unwrap();
    let helper = path(&folder, "helper");
    std::fs::write(&helper, format!("#!/bin/sh\ncat '{}'\n", path(&folder, "answer").display())).unwrap();
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let cluster = format!("{{server: 'https://localhost:{port}', certificate-authority: ca.pem}}");
    // A relative command is one beside the kubeconfig.
    let mut seen =
        connect(folder, &cluster, "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./helper, provideClusterInfo: true}}");
    seen.until_live().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said() {
    let fake = Fake::start(fine).await;
    let authority = authority();
    let port = tls(&fake.address, "elsewhere.example", &authority).await;
    let server = format!("https://localhost:{port}");

    let mut seen = connect(papers(&authority), &format!("{{server: '{server}', certificate-authority: ca.pem}}"), CLIENT);
    let said = lost(&mut seen).await;
    assert_eq!(said, format!("the certificate of {server} is for another name: set tls-server-name in the kubeconfig if that is meant"));

    let named = format!("{{server: '{server}', certificate-authority: ca.pem, tls-server-name: elsewhere.example}}");
    connect(papers(&authority), &named, CLIENT).until_live().await;
    let insecure = format!("{{server: '{server}', insecure-skip-tls-verify: true}}");
    connect(papers(&authority), &insecure, CLIENT).until_live().await;

    let another = self::authority();
    let mut seen = connect(
        papers(&another),
        &format!("{{server: '{server}', certificate-authority: ca.pem, tls-server-name: elsewhere.example}}"),
        CLIENT,
    );
    assert!(lost(&mut seen).await.contains("signed by an authority that is not trusted"));

    let mut seen = connect(papers(&authority), &format!("{{server: 'https://{}'}}", fake.address.trim_start_matches("http://")), CLIENT);
    let said = lost(&mut seen).await;
    assert!(said.contains("does not speak TLS"), "{said}");
}

/// A proxy that carries everything to where it is asked to, or always to `to`, and counts; or answers with `refusal`.
async fn proxy(refusal: Option<&'static str>) -> (String, Arc<AtomicUsize>) {
    proxy_to(None, refusal).await
}

async fn proxy_to(always: Option<String>, refusal: Option<&'static str>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let carried = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let carried = carried.clone();
        async move {
            while let Ok((mut front, _)) = listener.accept().await {
                let (carried, always) = (carried.clone(), always.clone());
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(front.read_u8().await.unwrap());
                    }
                    if let Some(refusal) = refusal {
                        front.write_all(refusal.as_bytes()).await.unwrap();
                        return;
                    }
                    let head = String::from_utf8(head).unwrap();
                    let to = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap().to_owned();
                    let mut back = TcpStream::connect(always.unwrap_or(to)).await.unwrap();
                    front.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                    carried.fetch_add(1, Ordering::SeqCst);
                    let _ = tokio::io::copy_bidirectional(&mut front, &mut back).await;
                });
            }
        }
    });
    (address, carried)
}

#[tokio::test]
async fn a_proxy_of_the_kubeconfig_carries_everything() {
    let fake = Fake::start(fine).await;
    let (proxy, carried) = proxy(None).await;
    let mut seen = connect(tempfile::tempdir().unwrap(), &format!("{{server: '{}', proxy-url: '{proxy}'}}", fake.address), "{token: abc}");
    seen.until_live().await;
    assert!(carried.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn proxies_that_refuse_or_are_not_there_are_named() {
    for (refusal, words) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "the proxy wants a user name and a password"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy does not let it through to http://10.0.0.1:1"),
    ] {
        let (proxy, _) = proxy(Some(refusal)).await;
        let mut seen =
            connect(tempfile::tempdir().unwrap(), &format!("{{server: 'http://10.0.0.1:1', proxy-url: '{proxy}'}}"), "{token: abc}");
        let said = lost(&mut seen).await;
        assert!(said.starts_with(words), "{said}");
    }
    let gone = {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", free.local_addr().unwrap())
    };
    for (scheme, words) in [("http", "the proxy refuses the connection"), ("socks5", "the proxy can't be reached")] {
        let gone = gone.replace("http", scheme);
        let mut seen =
            connect(tempfile::tempdir().unwrap(), &format!("{{server: 'http://10.0.0.1:1', proxy-url: '{gone}'}}"), "{token: abc}");
        let said = lost(&mut seen).await;
        assert!(said.starts_with(words), "{said}");
    }
}

/// `text` as gzip, in one stored block.
fn gzip(text: &[u8]) -> Vec<u8> {
    let crc = !text.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    let length = u16::try_from(text.len()).unwrap();
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    out.extend(length.to_le_bytes().into_iter().chain((!length).to_le_bytes()));
    out.extend(text);
    out.extend(crc.to_le_bytes().into_iter().chain(u32::from(length).to_le_bytes()));
    out
}

#[tokio::test]
async fn lists_from_far_away_come_compressed_and_watches_plain() {
    let fake = Fake::start(|asked| {
        paged(
            asked,
            |_| Script::ok("").header("Content-Encoding", "gzip").then(gzip(list(5, &[object("a", 1)]).as_bytes())),
            |_| Script::ok("").hold(),
        )
    })
    .await;
    let (proxy, _) = proxy_to(Some(fake.address.trim_start_matches("http://").to_owned()), None).await;
    let mut seen = connect(tempfile::tempdir().unwrap(), &format!("{{server: 'http://10.0.0.1:1', proxy-url: '{proxy}'}}"), "{token: abc}");
    seen.want(&[interest(1, Kind::Pod)]);
    assert_eq!(seen.until_list().await, ["a"]);
    seen.until_source("live", |s| *s == SourceState::Live).await;
    for asked in fake.asked_for("/api/v1/namespaces/payments/pods") {
        assert_eq!(asked.header("accept-encoding"), if asked.watch() { "identity" } else { "gzip" });
    }
}

#[tokio::test]
async fn an_oidc_login_sends_its_id_token() {
    let fake = Fake::start(fine).await;
    // {"alg":"none"}.{"exp":4102444800}, good until 2100.
    let token = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln";
    let user = format!(
        "{{auth-provider: {{name: oidc, config: {{id-token: {token}, client-id: flightdeck, idp-issuer-url: 'https://idp.invalid'}}}}}}"
    );
    let mut seen = connect(tempfile::tempdir().unwrap(), &format!("{{server: '{}'}}", fake.address), &user);
    seen.until_live().await;
    assert_eq!(fake.asked()[0].header("authorization"), format!("Bearer {token}"));
}
