//! A host of components, to try what was built: wasmtime's own `wasi:http`, in this process.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::cli::environment;
use wasmtime_wasi::p2::bindings::{filesystem, sockets};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme as HostScheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{Error, WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::outgoing::Outgoing;
use super::{HostDirectory, Network};
use crate::request::{Headers, Request, Scheme};
use crate::response::Response;

/// How much of what components log is kept, in bytes.
const MOST_LOG: usize = 1 << 20;

/// A component that answers requests.
#[derive(Clone)]
pub struct Host {
    pre: ProxyPre<State>,
    given: Arc<Given>,
    outgoing: Outgoing,
    log: Log,
}

/// What a host gives to a component.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Variables.
    pub variables: Vec<(String, String)>,
    /// Directories.
    pub directories: Vec<HostDirectory>,
    /// The network: requests of HTTP and HTTPS, or sockets as well.
    pub network: Network,
    /// Authorities for HTTPS beside those of the system, in PEM.
    pub authorities: Vec<String>,
}

/// What components logged.
pub type Log = Arc<Mutex<Vec<u8>>>;

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Outgoing,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

impl Host {
    /// Compiles a component. It may ask for what it is given alone; with nothing, the host has what `wasi:http/proxy` asks
    /// for and no more.
    ///
    /// # Errors
    /// Fails where it is none, or asks for what this host has not.
    pub fn new(engine: &Engine, component: &[u8], given: Given) -> wasmtime::Result<Self> {
        Self::of(&Component::new(engine, component)?, given)
    }

    /// As [`Host::new`], of a component that was compiled.
    ///
    /// # Errors
    /// As [`Host::new`].
    pub fn of(component: &Component, given: Given) -> wasmtime::Result<Self> {
        let engine = component.engine();
        let mut linker = Linker::new(engine);
        wasmtime_wasi_http::p2::add_to_linker_async(&mut linker)?;
        // Of `wasi:cli` no component of ours asks for more.
        if !given.variables.is_empty() || !given.directories.is_empty() {
            environment::add_to_linker::<State, WasiCli>(&mut linker, WasiCliView::cli)?;
        }
        if !given.directories.is_empty() {
            filesystem::types::add_to_linker::<State, WasiFilesystem>(&mut linker, WasiFilesystemView::filesystem)?;
            filesystem::preopens::add_to_linker::<State, WasiFilesystem>(&mut linker, WasiFilesystemView::filesystem)?;
        }
        if given.network >= Network::Sockets {
            add_sockets(&mut linker)?;
        }
        let outgoing = match given.network {
            Network::None => Outgoing::none(),
            Network::Http | Network::Sockets => Outgoing::new(&given.authorities)?,
        };
        let pre = ProxyPre::new(linker.instantiate_pre(component)?)?;
        Ok(Self { pre, given: Arc::new(given), outgoing, log: Log::default() })
    }

    /// What its instances logged so far.
    pub fn log(&self) -> Vec<u8> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has a new instance answer a request.
    ///
    /// # Errors
    /// Fails where it gives no answer.
    pub async fn handle<B>(
        &self,
        scheme: HostScheme,
        request: hyper::Request<B>,
    ) -> wasmtime::Result<hyper::Response<HyperOutgoingBody>>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        let stderr = MemoryOutputPipe::new(MOST_LOG);
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&self.given.variables).stderr(stderr.clone());
        for HostDirectory { guest, host } in &self.given.directories {
            wasi.preopened_dir(host, guest, FsPerms::ReadWrite)?;
        }
        if self.given.network >= Network::Sockets {
            wasi.inherit_network().allow_tcp(true).allow_ip_name_lookup(true);
        }
        let wasi = wasi.build();
        let state = State { table: ResourceTable::new(), wasi, http: WasiHttpCtx::new(), hooks: self.outgoing.clone() };
        let mut store = Store::new(self.pre.engine(), state);
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let incoming = store.data_mut().http().new_incoming_request(scheme, request)?;
        let out = store.data_mut().http().new_response_outparam(sender)?;
        let (pre, log) = (self.pre.clone(), Arc::clone(&self.log));
        // The instance runs on after it has given the head of its answer.
        let task = tokio::task::spawn(async move {
            let proxy = pre.instantiate_async(&mut store).await?;
            let ended = proxy.wasi_http_incoming_handler().call_handle(store, incoming, out).await;
            log.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&stderr.contents());
            ended
        });
        match receiver.await {
            Ok(answer) => Ok(answer?),
            Err(_) => match task.await? {
                Ok(()) => Err(wasmtime::Error::msg("it gave no answer")),
                Err(trap) => Err(trap),
            },
        }
    }

    /// Has a new instance answer a request of the contract's.
    ///
    /// # Errors
    /// Fails where it gives no answer, or the request is none that a host would take.
    pub async fn answer(&self, request: &Request) -> wasmtime::Result<Response> {
        let host = request.headers.get("Host").unwrap_or(b"localhost");
        let uri = format!("http://{}{}", String::from_utf8_lossy(host), request.target());
        let mut sent = hyper::Request::builder().method(request.method.as_str()).uri(uri);
        for (name, value) in request.headers.iter() {
            sent = sent.header(name, value);
        }
        if !request.body.is_empty() {
            sent = sent.header("Content-Length", request.body.len());
        }
        let scheme = if request.scheme == Scheme::Https { HostScheme::Https } else { HostScheme::Http };
        let body = Full::new(request.body.clone()).map_err(|never| -> Error { match never {} });
        let (head, body) = self.handle(scheme, sent.body(body)?).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let mut headers = Headers::default();
        for (name, value) in &head.headers {
            headers.push(name.as_str(), value.as_bytes());
        }
        Ok(Response { status: head.status.as_u16(), reason: None, headers, body })
    }
}

/// Adds `wasi:sockets`, of which components use TCP and names.
fn add_sockets(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let options = sockets::network::LinkOptions::default();
    sockets::tcp::add_to_linker::<State, WasiSockets>(linker, WasiSocketsView::sockets)?;
    sockets::tcp_create_socket::add_to_linker::<State, WasiSockets>(linker, WasiSocketsView::sockets)?;
    sockets::instance_network::add_to_linker::<State, WasiSockets>(linker, WasiSocketsView::sockets)?;
    sockets::network::add_to_linker::<State, WasiSockets>(linker, &options, WasiSocketsView::sockets)?;
    sockets::ip_name_lookup::add_to_linker::<State, WasiSockets>(linker, WasiSocketsView::sockets)
}
