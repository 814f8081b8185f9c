//! A real host of components: wasmtime's `wasi:http` behind hyper, as in `wasmtime serve`.

use std::net::SocketAddr;
use std::path::Path;

use hyper::service::service_fn;
use pywagi::build::{Given, Host};
use tokio::net::TcpListener;
use wasmtime::component::Component;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel};
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use crate::support::{Connection, Reply};

/// How the host makes instances.
#[derive(Clone, Copy, Debug)]
pub enum Allocator {
    /// From a pool, of code that is optimised, as `wasmtime serve` does.
    Pooling,
    /// Each for itself.
    OnDemand,
}

/// A server of one component, which ends with its test.
pub struct ComponentServer {
    host: Host,
    component: Component,
    runtime: Option<tokio::runtime::Runtime>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl ComponentServer {
    /// Serves the component at `path` on a free port. It is given `variables`, if it asks for any.
    pub fn start(path: &Path, allocator: Allocator, variables: &[(&str, &str)]) -> Self {
        Self::giving(path, allocator, Given { variables: owned(variables), ..Given::default() })
    }

    /// Serves the component at `path` on a free port, and gives it what it may ask for.
    pub fn giving(path: &Path, allocator: Allocator, given: Given) -> Self {
        let mut config = Config::new();
        match allocator {
            // For many requests, as there.
            Allocator::Pooling => config.allocation_strategy(InstanceAllocationStrategy::pooling()),
            // Compiling is most of what other tests do.
            Allocator::OnDemand => config.cranelift_opt_level(OptLevel::None),
        };
        let engine = Engine::new(&config).expect("an engine");
        let component = std::fs::read(path).expect("the component that was built");
        Self::of(Component::new(&engine, component).expect("a component"), given)
    }

    /// Another server of the same component, with other variables.
    pub fn another(&self, variables: &[(&str, &str)]) -> Self {
        self.another_giving(Given { variables: owned(variables), ..Given::default() })
    }

    /// Another server of the same component, which gives it something else.
    pub fn another_giving(&self, given: Given) -> Self {
        Self::of(self.component.clone(), given)
    }

    fn of(component: Component, given: Given) -> Self {
        let host = Host::of(&component, given).expect("a component for this host");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(serve(listener, host.clone()));
        Self { host, component, runtime: Some(runtime), address }
    }

    /// What its instances logged so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&self.host.log()).into_owned()
    }

    /// Opens a connection.
    pub fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    /// Sends a request made of `line` (`GET /path`), header lines and a body; reads the whole reply.
    pub fn request(&self, line: &str, headers: &[&str], body: &[u8]) -> Reply {
        let mut bytes = format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address).into_bytes();
        headers.iter().for_each(|header| bytes.extend_from_slice(format!("{header}\r\n").as_bytes()));
        if !body.is_empty() {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        let mut connection = self.connect();
        connection.send(bytes);
        Reply::parse(&connection.rest())
    }

    /// GET of a path.
    pub fn get(&self, target: &str) -> Reply {
        self.request(&format!("GET {target}"), &[], b"")
    }
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Drop for ComponentServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(listener: TcpListener, host: Host) {
    while let Ok((stream, _)) = listener.accept().await {
        let host = host.clone();
        let answer = move |request: hyper::Request<hyper::body::Incoming>| {
            let host = host.clone();
            async move {
                let request = request.map(|body| http_body_util::BodyExt::map_err(body, |_| Error::HttpProtocolError));
                let answer = host.handle(Scheme::Http, request).await;
                Ok::<_, std::convert::Infallible>(answer.unwrap_or_else(|_| {
                    // As `wasmtime serve` answers where an instance does not.
                    let mut failed = hyper::Response::new(HyperOutgoingBody::default());
                    *failed.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
                    failed
                }))
            }
        };
        tokio::spawn(async move {
            // A client that leaves early is no matter of the server's.
            let connection = hyper::server::conn::http1::Builder::new()
                .half_close(true)
                .serve_connection(TokioIo::new(stream), service_fn(answer));
            let _ = connection.await;
        });
    }
}
