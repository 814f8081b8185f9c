//! A `pywagi dev` of the app that runs, asked by its JSON API.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use reqwest::blocking::Client;

use crate::cache::Cache;
use crate::error::{Context, Error, Result};
use crate::inspect::PREFIX;
use crate::recording::session;
use crate::toolchain::http;

/// How long the server may take to answer: it may be running a request, and answers one after another.
const TIME: Duration = Duration::from_secs(60);

/// The most that is read of an answer, in bytes: more than the requests that a server keeps.
const MOST: u64 = 256 << 20;

/// A server that runs.
pub struct DevServer {
    url: String,
    client: Client,
}

impl DevServer {
    /// The server of the app of `manifest`, if one runs that has pages.
    ///
    /// # Errors
    /// Fails where no client can be made.
    pub fn find(manifest: &Path) -> Result<Option<Self>> {
        // Without a cache directory nobody says where a server is.
        let Ok(cache) = Cache::open() else { return Ok(None) };
        let mut peers = session::peers(&cache, manifest).into_iter();
        // One that was killed left its note.
        let Some(peer) = peers.find(|peer| peer.pages().is_some() && peer.list().is_ok()) else { return Ok(None) };
        Self::at(peer.pages().unwrap_or_default()).map(Some)
    }

    /// The server of this URL.
    ///
    /// # Errors
    /// Fails where no client can be made.
    pub fn at(url: &str) -> Result<Self> {
        let client = http::builder()
            .no_proxy()
            .timeout(TIME)
            // It is the server on this machine that the user's own file names, and nothing secret is sent to it. Its
            // certificate is often one that only a browser was told to accept.
            .tls_danger_accept_invalid_certs(true)
            .build()
            .context(|| "cannot make an HTTP client")?;
        Ok(Self { url: url.to_owned(), client })
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What its API answers to GET of `target`: a status and a body.
    ///
    /// # Errors
    /// Fails where it does not answer.
    pub fn get(&self, target: &str) -> Result<(u16, Vec<u8>)> {
        let failed = || format!("`pywagi dev` at {} does not answer", self.url);
        let answer = self.client.get(format!("{}{PREFIX}api/{target}", self.url)).send();
        let answer = answer.map_err(|e| {
            Error::new(failed())
                .because(e.without_url())
                .remedy("see in its terminal whether it runs, and whether a request is under way")
        })?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        answer.take(MOST).read_to_end(&mut body).context(failed)?;
        Ok((status, body))
    }
}
