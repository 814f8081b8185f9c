//! TLS over a connection, or over bytes that the guest moves itself: rustls, set up as Python's `ssl` asks for it.

use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version,
};
use serde::{Deserialize, Serialize};

use super::certificate;
use super::verify::{self, Verified};
use crate::hash::Digest;

/// How many configurations are kept: making one takes milliseconds, as all roots are parsed.
const MOST_CONFIGURATIONS: usize = 16;

/// What the guest asks for.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// The name of the server: the one that is sent, and that its certificate must have.
    name: Option<String>,
    #[serde(flatten)]
    shared: SharedSettings,
}

/// What all connections of a context share.
#[derive(Debug, Deserialize, Serialize)]
struct SharedSettings {
    verify: Verified,
    /// Whether the system's roots are trusted.
    system: bool,
    /// More roots, as PEM.
    roots: Vec<String>,
    alpn: Vec<String>,
    minimum: Version,
    maximum: Version,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Version {
    #[serde(rename = "TLSv1.2")]
    Tls12,
    #[serde(rename = "TLSv1.3")]
    Tls13,
}

/// A client's side of TLS.
pub struct Tls(ClientConnection);

impl Tls {
    /// TLS as `settings` say, in JSON, for a connection to the address `peer`.
    ///
    /// # Errors
    /// Says what of the settings cannot be had.
    pub fn new(settings: &[u8], peer: &str) -> Result<Self, String> {
        let Settings { name, shared } = serde_json::from_slice(settings).map_err(|e| e.to_string())?;
        Self::with(&shared, name.as_deref().unwrap_or(peer))
    }

    /// TLS with the server `name`, whose certificate the system trusts.
    ///
    /// # Errors
    /// As [`Tls::new`].
    pub fn trusting_system(name: &str) -> Result<Self, String> {
        let (roots, alpn) = (Vec::new(), Vec::new());
        let (minimum, maximum) = (Version::Tls12, Version::Tls13);
        Self::with(&SharedSettings { verify: Verified::Name, system: true, roots, alpn, minimum, maximum }, name)
    }

    fn with(settings: &SharedSettings, name: &str) -> Result<Self, String> {
        let name =
            ServerName::try_from(name.to_owned()).map_err(|_| format!("{name:?} is not the name of a server"))?;
        let connection = ClientConnection::new(configuration(settings)?, name).map_err(|e| e.to_string())?;
        Ok(Self(connection))
    }

    /// Goes on with the handshake; fails with `WouldBlock` where the other side has to send something first.
    pub fn handshake(&mut self, io: &mut (impl Read + Write)) -> io::Result<()> {
        while self.0.is_handshaking() {
            self.flush(io)?;
            if self.0.is_handshaking() {
                self.take(io)?;
            }
        }
        // What is left goes with the first data, where it cannot go now.
        match self.flush(io) {
            Err(e) if e.kind() == ErrorKind::WouldBlock => Ok(()),
            flushed => flushed,
        }
    }

    /// Reads what the server sent; leaves it to be read again where it is `peeked` at.
    pub fn read(&mut self, io: &mut (impl Read + Write), buffer: &mut [u8], peeked: bool) -> io::Result<usize> {
        loop {
            let mut reader = self.0.reader();
            match reader.fill_buf() {
                Ok(bytes) => {
                    let size = bytes.len().min(buffer.len());
                    buffer.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
                    if !peeked {
                        reader.consume(size);
                    }
                    return Ok(size);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                Err(e) => return Err(e),
            }
            self.take(io)?;
            // An answer to what was read: to new keys, or an alert.
            let _ = self.flush(io);
        }
    }

    /// How many bytes can be read without more of the other side.
    pub fn pending(&mut self) -> usize {
        self.0.reader().fill_buf().map_or(0, <[u8]>::len)
    }

    /// Sends `bytes`, as many as go.
    pub fn write(&mut self, io: &mut (impl Read + Write), bytes: &[u8]) -> io::Result<usize> {
        self.flush(io)?;
        let size = self.0.writer().write(bytes)?;
        match self.flush(io) {
            // What was taken will go with the next bytes, or with the end.
            Err(e) if e.kind() != ErrorKind::WouldBlock => Err(e),
            _ => Ok(size),
        }
    }

    /// Says that nothing more is sent.
    pub fn end(&mut self, io: &mut (impl Read + Write)) -> io::Result<()> {
        self.0.send_close_notify();
        self.flush(io)
    }

    /// Whether there is something that was not sent yet.
    pub fn has_unsent(&self) -> bool {
        self.0.wants_write()
    }

    /// What was agreed on in the handshake, a line each: the version, the cipher and how many bits its keys have, the protocol
    /// above, which may be empty, and the certificates of the server, its own first, in Base64.
    pub fn agreed(&self) -> Option<String> {
        let suite = self.0.negotiated_cipher_suite()?;
        let name = suite.suite().as_str()?;
        let version = if self.0.protocol_version()? == ProtocolVersion::TLSv1_3 { "TLSv1.3" } else { "TLSv1.2" };
        let bits = if name.contains("AES_128") { "128" } else { "256" };
        let alpn = String::from_utf8_lossy(self.0.alpn_protocol().unwrap_or_default()).into_owned();
        let mut lines = vec![version.to_owned(), name.replace("TLS13_", "TLS_"), bits.to_owned(), alpn];
        lines.extend(self.0.peer_certificates()?.iter().map(|certificate| BASE64_STANDARD.encode(certificate)));
        Some(lines.join("\n"))
    }

    /// What the certificate of the server says: see [`certificate::describe`].
    pub fn certificate(&self) -> Option<String> {
        certificate::describe(self.0.peer_certificates()?.first()?)
    }

    /// Sends what is to be sent.
    pub fn flush(&mut self, io: &mut impl Write) -> io::Result<()> {
        while self.0.wants_write() {
            if self.0.write_tls(io)? == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Takes what the other side sent.
    fn take(&mut self, io: &mut (impl Read + Write)) -> io::Result<()> {
        let size = self.0.read_tls(io)?;
        let processed = self.0.process_new_packets();
        if let Err(error) = processed {
            // The other side is told why.
            let _ = self.flush(io);
            return Err(io::Error::new(ErrorKind::InvalidData, error));
        }
        if size == 0 && self.0.is_handshaking() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// The bytes between a guest that moves them itself and TLS.
#[derive(Debug, Default)]
pub struct Wire {
    /// What the guest received.
    pub incoming: VecDeque<u8>,
    /// What it is to send.
    pub outgoing: VecDeque<u8>,
    /// Whether nothing more will come.
    pub has_ended: bool,
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.incoming.is_empty() && !self.has_ended {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.incoming.read(buffer)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is wrong, as OpenSSL numbers what it finds wrong with certificates (0: something else), and in words.
pub fn describe(error: &io::Error) -> (u32, String) {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(wrong)) = inner else {
        return (0, inner.map_or_else(|| error.to_string(), ToString::to_string));
    };
    // X509_V_ERR_…: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error
    let code = match wrong {
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => 9,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => 10,
        CertificateError::Revoked => 23,
        CertificateError::UnknownIssuer => 20,
        CertificateError::BadSignature => 7,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => 26,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => 62,
        _ => 1,
    };
    let text = match wrong {
        CertificateError::UnknownIssuer => {
            "unable to get local issuer certificate, or the certificate is self-signed".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("certificate has expired ({wrong})")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("Hostname mismatch, {wrong}")
        }
        other => other.to_string(),
    };
    (code, text)
}

/// The configuration for these settings, which is made once.
fn configuration(settings: &SharedSettings) -> Result<Arc<ClientConfig>, String> {
    static MADE: Mutex<Vec<(Digest, Arc<ClientConfig>)>> = Mutex::new(Vec::new());
    let key = Digest::of(serde_json::to_vec(settings).map_err(|e| e.to_string())?);
    let made = || MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, known)) = made().iter().find(|(known, _)| *known == key) {
        return Ok(Arc::clone(known));
    }
    let configuration = Arc::new(make(settings)?);
    let mut made = made();
    made.truncate(MOST_CONFIGURATIONS - 1);
    made.insert(0, (key, Arc::clone(&configuration)));
    Ok(configuration)
}

fn make(settings: &SharedSettings) -> Result<ClientConfig, String> {
    let versions: Vec<&'static SupportedProtocolVersion> =
        [(Version::Tls12, &version::TLS12), (Version::Tls13, &version::TLS13)]
            .into_iter()
            .filter(|(version, _)| (settings.minimum..=settings.maximum).contains(version))
            .map(|(_, version)| version)
            .collect();
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verify::verifier(settings.verify, settings.system, roots(&settings.roots)?, &provider)?;
    let builder =
        ClientConfig::builder_with_provider(provider).with_protocol_versions(&versions).map_err(|e| e.to_string())?;
    let mut configuration = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    configuration.alpn_protocols = settings.alpn.iter().map(|name| name.clone().into_bytes()).collect();
    // A run knows nothing of the runs before it.
    configuration.resumption = Resumption::disabled();
    Ok(configuration)
}

/// The certificates in `texts`. What is none there is left out, as OpenSSL leaves it out.
fn roots(texts: &[String]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for text in texts {
        for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
            let certificate = certificate.map_err(|e| format!("a certificate cannot be read: {e}"))?;
            roots.add_parsable_certificates([certificate]);
        }
    }
    Ok(roots)
}
