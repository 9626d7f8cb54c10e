//! TLS inside a forwarded stream: whose word counts for the server's certificate, and ours where one is wanted.
//! Never takes a certificate unchecked where an authority is named, and never takes less than a proof that the server holds its key.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::ports::route::Trust;
use crate::text::Clean;

/// Speaks TLS with the server of this name at the other end of `stream`. The error says what is wrong, in words without a full stop.
pub(super) async fn inside<S>(stream: S, host: String, trust: &Trust) -> Result<TlsStream<S>, Clean>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = config(trust)?;
    let name = ServerName::try_from(host.clone()).map_err(|_| Clean::from(format!("{host} can't be the name in a certificate")))?;
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    shaken.map_err(|error| {
        let is_certificate = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        Clean::from(match is_certificate {
            Some(Error::InvalidCertificate(why)) => {
                format!("the authority that `ca` names does not vouch for {host} ({why:?}); name the one that does, or leave `ca` out")
            }
            _ => format!("TLS with {host} was not set up ({error})"),
        })
    })
}

fn config(trust: &Trust) -> Result<ClientConfig, Clean> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match &trust.ca {
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for one in CertificateDer::pem_slice_iter(pem) {
                let one = one.map_err(|_| Clean::from("the file of `ca` holds a certificate that can't be read"))?;
                roots.add(one).map_err(|_| Clean::from("the file of `ca` holds a certificate that can't be used"))?;
            }
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
            verifier.map_err(|_| Clean::from("the file of `ca` holds no certificate of an authority"))?
        }
        None => Arc::new(AsForwarded(provider.clone())),
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Clean::from(format!("TLS can't be set up ({error})")))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let Some(pem) = &trust.identity else { return Ok(builder.with_no_client_auth()) };
    let unfit = || Clean::from("`client_cert` and `client_key` can't be used together");
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| unfit())?;
    builder.with_client_auth_cert(chain.map_err(|_| unfit())?, key).map_err(|_| unfit())
}

/// Takes the certificate as it comes where nobody named an authority. The stream itself is what vouches for the server: the API server, whose
/// own certificate was checked, opened it into the network of that pod. Its proxy does not check the certificates of Services either.
#[derive(Debug)]
struct AsForwarded(Arc<CryptoProvider>);

impl ServerCertVerifier for AsForwarded {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
