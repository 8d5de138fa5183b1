//! Certificates for servers that speak TLS.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// An authority of its own, and a certificate by it for `localhost` and 127.0.0.1, as files.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// Whom a client must trust, PEM.
    pub authority: PathBuf,
    /// The server's certificate, PEM.
    pub certificate: PathBuf,
    /// The server's key, PEM.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes them in this folder.
    pub fn make(folder: &Path) -> Self {
        let mut root = CertificateParams::default();
        root.distinguished_name.push(DnType::CommonName, "meters tests");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let root_key = KeyPair::generate().unwrap();
        let authority = root.self_signed(&root_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &Issuer::new(root, root_key)).unwrap();
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            path
        };
        Self {
            authority: write("ca.pem", authority.pem()),
            certificate: write("server.pem", leaf.pem()),
            key: write("server.key", key.serialize_pem()),
        }
    }
}
