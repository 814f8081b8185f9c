//! The requests of components, sent by this process: `wasi:http/outgoing-handler`.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::toolchain::http;

/// What tells how the sending of a request or a response ended.
type Ended = Box<dyn Future<Output = Result<(), Error>> + Send>;

type Sent = Result<(hyper::Response<WasiBody>, Ended), Error>;

/// Sends the requests of components, if it is there.
#[derive(Clone)]
pub struct Outgoing(Option<Client>);

impl Outgoing {
    /// Sends none.
    pub fn none() -> Self {
        Self(None)
    }

    /// Sends all. Servers have certificates that the system trusts, or these authorities, in PEM.
    ///
    /// # Errors
    /// Fails where the certificates cannot be read.
    pub fn new(authorities: &[String]) -> wasmtime::Result<Self> {
        http::install_cryptography();
        let mut builder = Client::builder().http1_only().no_proxy().redirect(Policy::none()).referer(false);
        for authority in authorities {
            builder = builder.add_root_certificate(Certificate::from_pem(authority.as_bytes())?);
        }
        Ok(Self(Some(builder.build()?)))
    }
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: hyper::Request<WasiBody>,
        // Components of ours leave it to their hosts how long they wait.
        _: Option<RequestOptions>,
        _: Ended,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let Some(client) = self.0.clone() else {
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        };
        Box::new(send(client, request))
    }
}

async fn send(client: Client, request: hyper::Request<WasiBody>) -> Sent {
    let request = request.map(|body| reqwest::Body::wrap(Shared(Mutex::new(body))));
    let request = reqwest::Request::try_from(request).map_err(|_| Error::HttpRequestUriInvalid)?;
    let response = client.execute(request).await.map_err(|e| reason(&e))?;
    let response = hyper::Response::from(response).map(|body| body.map_err(|e| reason(&e)).boxed_unsync());
    Ok((response, Box::new(std::future::ready(Ok(())))))
}

/// Why a request was not answered.
fn reason(error: &reqwest::Error) -> Error {
    let mut source: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return Error::TlsCertificateError;
        }
        if error.is::<rustls::Error>() {
            return Error::TlsProtocolError;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => return Error::ConnectionRefused,
                io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
                    return Error::ConnectionTerminated;
                }
                _ if error.to_string().starts_with("failed to lookup address") => {
                    return Error::DnsError { rcode: None, info_code: None };
                }
                _ => {}
            }
            // What is inside is no source of its own.
            if let Some(inner) = error.get_ref() {
                source = Some(inner);
                continue;
            }
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && (error.is_incomplete_message() || error.is_closed())
        {
            return Error::ConnectionTerminated;
        }
        source = error.source();
    }
    if error.is_timeout() {
        Error::ConnectionReadTimeout
    } else if error.is_connect() {
        Error::DestinationUnavailable
    } else {
        Error::HttpProtocolError
    }
}

/// A body that may be shared, as the client asks for: one that nothing shares.
struct Shared(Mutex<WasiBody>);

impl Body for Shared {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(self.0.get_mut().unwrap_or_else(PoisonError::into_inner)).poll_frame(cx)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}
