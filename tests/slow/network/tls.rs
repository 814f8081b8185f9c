//! Certificates, and servers that have them.

use std::io::BufReader;
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::http::{Server, Stream, serve};

/// A stream with TLS over a client's.
pub type Encrypted = StreamOwned<ServerConnection, TcpStream>;

impl Stream for Encrypted {
    fn socket(&self) -> &TcpStream {
        self.get_ref()
    }
}

/// An authority of the test.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
    config: Arc<ServerConfig>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        // Those of the same name are taken for their own authority.
        params.distinguished_name.push(DnType::CommonName, "Authority of the test");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"));
        Self { issuer: issuer.expect("a certificate") }
    }

    /// Its own certificate, in PEM.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for these names.
    pub fn certify(&self, names: &[&str]) -> Pair {
        self.certify_until(names, 2099)
    }

    /// A certificate that is valid no longer than to the start of this year.
    pub fn certify_until(&self, names: &[&str], year: i32) -> Pair {
        let (key, params) = params(names, year);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Pair::new(&certificate, &key)
    }
}

/// A certificate that nobody has signed but its key.
pub fn self_signed(names: &[&str]) -> Pair {
    let (key, params) = params(names, 2099);
    Pair::new(&params.self_signed(&key).expect("a certificate"), &key)
}

fn params(names: &[&str], year: i32) -> (KeyPair, CertificateParams) {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("valid names");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(year, 1, 1);
    (KeyPair::generate().expect("a key"), params)
}

impl Pair {
    fn new(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        let (der, secret) = (certificate.der().to_vec(), key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(der)], PrivateKeyDer::Pkcs8(secret.into()))
            .expect("a certificate of this key");
        Self { certificate: certificate.pem(), key: key.serialize_pem(), config: Arc::new(config) }
    }

    /// TLS over a client's stream.
    pub fn encrypt(&self, stream: TcpStream) -> std::io::Result<Encrypted> {
        let connection = ServerConnection::new(Arc::clone(&self.config)).map_err(std::io::Error::other)?;
        Ok(StreamOwned::new(connection, stream))
    }

    /// A server that answers HTTPS with it.
    pub fn https(self) -> Server {
        Server::start(move |stream| serve(&mut BufReader::new(self.encrypt(stream)?)))
    }
}
