//! A server with a certificate of its own authority, that wants one from us too.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Listens with `server` certificates and asks the client for one of `clients`; answers every question with [`ONE`].
async fn listen(server: &CertifiedIssuer<'static, KeyPair>, clients: &CertifiedIssuer<'static, KeyPair>) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = KeyPair::generate().unwrap();
    let cert = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, server).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(clients.der().clone()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{ONE}", ONE.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    format!("https://localhost:{port}")
}

fn put(folder: &Path, name: &str, pem: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, pem).unwrap();
    path
}

#[tokio::test]
async fn an_own_authority_and_a_client_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, stranger) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let cert = params.signed_by(&key, &ours).unwrap();
    let url = listen(&ours, &ours).await;

    let mut settings = Settings::new(&url).unwrap();
    settings.ca = Some(put(folder.path(), "other.pem", &stranger.pem()));
    let untrusted = Client::new(&settings).unwrap().instant("up", at()).await.unwrap_err();
    assert!(untrusted.to_string().contains("authority"), "{untrusted}");

    settings.ca = Some(put(folder.path(), "ca.pem", &ours.pem()));
    let without = Client::new(&settings).unwrap().instant("up", at()).await.unwrap_err();
    assert!(without.to_string().contains("client certificate"), "{without}");

    settings.client_cert = Some(put(folder.path(), "cert.pem", &cert.pem()));
    settings.client_key = Some(put(folder.path(), "key.pem", &key.serialize_pem()));
    let reply = Client::new(&settings).unwrap().instant("up", at()).await.unwrap();
    assert_eq!(reply.data.samples().len(), 1);
}

#[tokio::test]
async fn a_wrong_name_and_a_server_without_tls_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let ours = authority();
    let url = listen(&ours, &ours).await;
    let ca = Some(put(folder.path(), "ca.pem", &ours.pem()));
    let said = async |url: String| {
        let settings = Settings { ca: ca.clone(), ..Settings::new(&url).unwrap() };
        Client::new(&settings).unwrap().instant("up", at()).await.unwrap_err().to_string()
    };
    let named = said(url.replace("localhost", "127.0.0.1")).await;
    assert!(named.contains("for another name"), "{named}");
    let plain = Server::new(Answer::json(200, ONE)).await;
    let spoken = said(plain.url.replace("http://", "https://")).await;
    assert!(spoken.contains("does not speak TLS"), "{spoken}");
}

#[test]
fn a_certificate_that_is_none_is_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let junk = "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n";
    let mut settings = Settings::new("https://localhost").unwrap();
    settings.ca = Some(put(folder.path(), "ca.pem", junk));
    let fault = Client::new(&settings).err().unwrap().to_string();
    assert!(fault.starts_with("the file of `ca`") || fault.starts_with("TLS"), "{fault}");
}
