//! The files of `--tls-cert` and `--tls-key`.

use std::path::Path;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, Result};
use crate::server::Tls;
use crate::text_file::{self, shown};

/// The remedy for a file that holds something else.
const MAKE_ONE: &str = "make both files, for example with `mkcert localhost` or\n\
    openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost -keyout key.pem -out cert.pem";

/// Reads two PEM files (RFC 7468): the certificate, the certificates of its issuers after it, and the private key
/// in PKCS #8, PKCS #1 (RSA) or SEC1 (elliptic curves).
///
/// # Errors
/// Fails, naming the file, if one cannot be read or holds something else, or if the two do not belong together.
pub fn read(certificate: &Path, key: &Path) -> Result<Tls> {
    let (text, key_text) = (text_file::read(certificate)?, text_file::read(key)?);
    let no_pem = |path: &Path, why: pem::Error| {
        Error::new(format!("{} is not a valid PEM file", shown(path))).because(pem_mistake(&why)).remedy(MAKE_ONE)
    };
    let chain = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<std::result::Result<Vec<_>, _>>();
    let chain = chain.map_err(|why| no_pem(certificate, why))?;
    if chain.is_empty() {
        return Err(Error::new(format!("there is no certificate in {}", shown(certificate))).remedy(MAKE_ONE));
    }
    let private = match PrivateKeyDer::from_pem_slice(key_text.as_bytes()) {
        Ok(private) => private,
        Err(pem::Error::NoItemsFound) if key_text.contains("ENCRYPTED") => {
            return Err(not_plain(key, "encrypted, and there is nobody to ask for its passphrase"));
        }
        Err(pem::Error::NoItemsFound) => {
            return Err(Error::new(format!("there is no private key in {}", shown(key))).remedy(MAKE_ONE));
        }
        Err(why) => return Err(no_pem(key, why)),
    };
    match Tls::new(chain, private) {
        Ok(tls) => Ok(tls),
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

/// What is wrong with a PEM file. The library's own text shows the bytes of the file.
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

/// The error for a key that only has to be converted.
fn not_plain(key: &Path, form: &str) -> Error {
    let key = shown(key);
    Error::new(format!("the private key in {key} is {form}"))
        .remedy(format!("convert it: openssl pkcs8 -topk8 -nocrypt -in {key} -out plain-key.pem"))
}
