//! TLS by rustls with ring, chosen here and not for the whole process: which one that uses is not ours to say.

use std::sync::Arc;

use meters_core::Error;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::secret::Secret;

/// Whom to trust, and what proves who we are. All PEM.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// Instead of those of the system.
    pub(crate) authorities: Vec<Vec<u8>>,
    /// Certificates, and the key of the first.
    pub(crate) identity: Option<(Vec<u8>, Secret)>,
}

/// Makes TLS connections.
#[derive(Clone)]
pub(crate) struct Tls(TlsConnector);

impl Tls {
    pub(crate) fn new(trust: &Trust) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::configuration("TLS cannot be set up").with_source(error))?
            .with_root_certificates(roots(trust)?);
        let config = match &trust.identity {
            None => config.with_no_client_auth(),
            Some((certificates, key)) => {
                let certificates = certificates_of(certificates, "client_certificate")?;
                // No source: a parser may quote what it could not read.
                let key = PrivateKeyDer::from_pem_slice(key.reveal().as_bytes()).map_err(|_| {
                    Error::configuration(
                        "client_certificate: the key is no PEM private key: pass the text of a .key file",
                    )
                })?;
                config.with_client_auth_cert(certificates, key).map_err(|error| {
                    Error::configuration("client_certificate: the key does not fit the certificate").with_source(error)
                })?
            }
        };
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    pub(crate) async fn connect(&self, host: &str, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            std::io::Error::new(std::io::ErrorKind::InvalidInput, "the host is no name that a certificate can have")
        })?;
        self.0.connect(name, stream).await
    }
}

fn roots(trust: &Trust) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    if trust.authorities.is_empty() {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Error::configuration(
                "this system has no certificates to trust: install ca-certificates, or pass ca_certificate(pem)",
            ));
        }
    }
    for pem in &trust.authorities {
        for certificate in certificates_of(pem, "ca_certificate")? {
            roots.add(certificate).map_err(|error| {
                Error::configuration("ca_certificate: this is no certificate of an authority").with_source(error)
            })?;
        }
    }
    Ok(roots)
}

fn certificates_of(pem: &[u8], setting: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(Error::configuration(format!(
            "{setting}: no PEM certificate found: pass the text of a .crt or .pem file"
        ))),
    }
}
