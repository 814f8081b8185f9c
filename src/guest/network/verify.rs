//! How the certificate of a server is checked.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use serde::{Deserialize, Serialize};

/// What of a certificate is checked.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verified {
    /// That it was issued by somebody who is trusted, and for the name of the server.
    Name,
    /// That it was issued by somebody who is trusted: `check_hostname = False`.
    Chain,
    /// Nothing: `verify_mode = CERT_NONE`.
    None,
}

/// A verifier that trusts `roots`, and the system's where that is asked for.
///
/// # Errors
/// Says why there is none.
pub fn verifier(
    verified: Verified,
    system: bool,
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let mut trusted: Vec<Trusted> = Vec::new();
    if verified != Verified::None {
        if !roots.is_empty() {
            let own = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
            trusted.push(Trusted { verifier: own.build().map_err(|e| e.to_string())?, checks_name_last: true });
        }
        if system {
            let system = Verifier::new(Arc::clone(provider));
            let system = system.map_err(|e| format!("the system's certificates cannot be used: {e}"))?;
            // Of macOS and Windows it is not documented.
            let checks_name_last = cfg!(all(unix, not(target_vendor = "apple")));
            trusted.push(Trusted { verifier: Arc::new(system), checks_name_last });
        }
    }
    Ok(Arc::new(AsAsked { verified, trusted, provider: Arc::clone(provider) }))
}

/// Whoever trusts certificates.
#[derive(Debug)]
struct Trusted {
    verifier: Arc<dyn ServerCertVerifier>,
    /// Whether everything else was found right where it refuses a name.
    checks_name_last: bool,
}

/// Checks a certificate as far as Python asks for it.
#[derive(Debug)]
struct AsAsked {
    verified: Verified,
    /// One of these must trust it.
    trusted: Vec<Trusted>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AsAsked {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.verified == Verified::None {
            return Ok(ServerCertVerified::assertion());
        }
        let mut why = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        for Trusted { verifier, checks_name_last } in &self.trusted {
            match verifier.verify_server_cert(certificate, intermediates, name, ocsp, now) {
                Ok(verified) => return Ok(verified),
                Err(Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                )) if self.verified == Verified::Chain && *checks_name_last => {
                    return Ok(ServerCertVerified::assertion());
                }
                // Whoever knows the issuer knows more.
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {}
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
