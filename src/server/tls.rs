//! The certificate and key that a server speaks TLS with, checked before tiny_http gets them: it ends the process over
//! some mistakes in them, and names no file.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::error::{Error, Result};
use crate::text_file::{self, shown};

/// What to do where a file does not hold what it should.
const MAKE_ONE: &str = "make both files, for example with `mkcert localhost` or\n\
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost -keyout key.pem -out cert.pem";

/// A certificate chain and its private key, in the form that tiny_http reads.
#[derive(Clone)]
pub struct Tls {
    certificates: Vec<u8>,
    key: Vec<u8>,
}

impl Tls {
    /// Reads two PEM files (RFC 7468): the certificate, the certificates of its issuers after it, and the private key
    /// in PKCS #8 or, of RSA, in PKCS #1.
    ///
    /// # Errors
    /// Fails, naming the file, where one cannot be read or holds something else, and where the two do not belong
    /// together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self> {
        let (text, key_text) = (text_file::read(certificate)?, text_file::read(key)?);
        let no_pem = |path: &Path, why: pem::Error| {
            Error::new(format!("{} is no valid PEM file", shown(path))).because(pem_mistake(&why)).remedy(MAKE_ONE)
        };
        let chain = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<std::result::Result<Vec<_>, _>>();
        let chain = chain.map_err(|why| no_pem(certificate, why))?;
        if chain.is_empty() {
            return Err(Error::new(format!("there is no certificate in {}", shown(certificate))).remedy(MAKE_ONE));
        }
        let private = match PrivateKeyDer::from_pem_slice(key_text.as_bytes()) {
            Ok(PrivateKeyDer::Sec1(_)) => return Err(not_plain(key, "in SEC1 form, which is not understood here")),
            Ok(private) => private,
            Err(pem::Error::NoItemsFound) if key_text.contains("ENCRYPTED") => {
                return Err(not_plain(key, "encrypted, and there is nobody to ask for its passphrase"));
            }
            Err(pem::Error::NoItemsFound) => {
                return Err(Error::new(format!("there is no private key in {}", shown(key))).remedy(MAKE_ONE));
            }
            Err(why) => return Err(no_pem(key, why)),
        };
        let label = if matches!(private, PrivateKeyDer::Pkcs1(_)) { "RSA PRIVATE KEY" } else { "PRIVATE KEY" };
        let tls = Self {
            certificates: chain.iter().flat_map(|one| encode("CERTIFICATE", one)).collect(),
            key: encode(label, private.secret_der()),
        };
        match CertifiedKey::from_der(chain, private, &default_provider()) {
            Ok(_) => Ok(tls),
            Err(rustls::Error::InconsistentKeys(_)) => {
                let (key, certificate) = (shown(key), shown(certificate));
                Err(Error::new(format!("the private key in {key} is not that of the certificate in {certificate}"))
                    .remedy("give --tls-key the key that was made with the certificate"))
            }
            Err(why) => {
                let (key, certificate) = (shown(key), shown(certificate));
                Err(Error::new(format!("the certificate in {certificate} and the key in {key} cannot be used"))
                    .because(why)
                    .remedy(MAKE_ONE))
            }
        }
    }

    /// What tiny_http is given.
    pub(super) fn config(&self) -> tiny_http::SslConfig {
        tiny_http::SslConfig { certificate: self.certificates.clone(), private_key: self.key.clone() }
    }
}

/// What is wrong with a PEM file; the library shows the bytes of it.
fn pem_mistake(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { end_marker } => {
            format!("it has no line -----END {}-----", String::from_utf8_lossy(end_marker))
        }
        pem::Error::IllegalSectionStart { line } => format!("malformed: {}", String::from_utf8_lossy(line)),
        pem::Error::Base64Decode(_) => "what stands between BEGIN and END is not base64".to_owned(),
        other => other.to_string(),
    }
}

/// A key that only needs to be written in another form.
fn not_plain(key: &Path, form: &str) -> Error {
    let key = shown(key);
    Error::new(format!("the private key in {key} is {form}"))
        .remedy(format!("convert it: openssl pkcs8 -topk8 -nocrypt -in {key} -out plain-key.pem"))
}

/// `der` in PEM.
fn encode(label: &str, der: &[u8]) -> Vec<u8> {
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in der.chunks(48) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_back() {
        for length in [0, 1, 47, 48, 49, 1000] {
            let der: Vec<u8> = (0..=255).cycle().take(length).collect();
            let read = CertificateDer::from_pem_slice(&encode("CERTIFICATE", &der)).expect("valid PEM");
            assert_eq!(read.as_ref(), der);
        }
    }
}
