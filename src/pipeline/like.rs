//! Other hosts, played: `--like`. What differs there from the contract was found by sending the rows of its table to these hosts,
//! and by reading Spin 4.1 (crates/http/src/wagi, crates/trigger-http/src/headers.rs) and wagi 0.8.1 (src/http_util.rs).

use std::cmp::Reverse;

use crate::cgi::{self, Matched, Variables};
use crate::like::Like;
use crate::manifest::{Manifest, Module, needs};
use crate::request::{Headers, Request};
use crate::response::Response;
use crate::route::Pattern;
use crate::text_file::shown;

/// What stands for a header value that is not ASCII.
const CORRUPT: &str = "CORRUPT VALUE";

/// Headers that scripts are not given there either (RFC 3875 4.1.18).
const WITHHELD: [&str; 2] = ["HTTP_AUTHORIZATION", "HTTP_CONNECTION"];

/// The template of the arguments of a module without one.
const ARGV: &str = "${SCRIPT_NAME} ${ARGS}";

/// The ports of URLs without one: Spin's, and that of wagi's default host.
const SPIN_PORT: u16 = 80;
const WAGI_PORT: u16 = 3000;

impl Like {
    /// Takes from an app what the host has not, and gives it what it has. Spin mounts no volume for writing, wagi each.
    pub fn adapt(self, mut manifest: Manifest) -> Manifest {
        for library in std::mem::take(&mut manifest.libraries) {
            let place = format!("{}:{}", shown(&manifest.path), library.line);
            let name = library.name;
            manifest
                .warnings
                .push(format!("{place}: {self} has no libraries: scripts fail where they import `{name}`"));
        }
        let host = self.to_string();
        let lacking: Vec<_> =
            manifest.modules.iter().filter_map(|module| needs::lacking(&manifest, module, &host)).collect();
        manifest.warnings.extend(lacking);
        for module in &mut manifest.modules {
            module.pass_authorization = false;
            if !module.allowed_hosts.is_empty() && (self == Self::Spin || module.is_python()) {
                let place = format!("{}:{}", shown(&manifest.path), module.line);
                manifest.warnings.push(format!("{place}: {self} has no network: scripts fail where they connect"));
                module.allowed_hosts.clear();
            }
            module.volumes.iter_mut().for_each(|volume| volume.read_only = self == Self::Spin);
            if self == Self::Spin {
                module.route = without_slash(&module.route);
            }
        }
        manifest
    }

    /// Puts routes into the order in which they are tried: Spin takes the most specific, not the first.
    pub fn order<T>(self, routes: &mut [(Pattern, T)]) {
        if self == Self::Spin {
            routes.sort_by_key(|(pattern, _)| (takes_below(pattern), Reverse(pattern.script_name().len())));
        }
    }

    /// The path that routes without `/...` are compared with.
    pub fn exact_path(self, path: &str) -> &str {
        let shorter = path.strip_suffix('/').filter(|shorter| !shorter.is_empty() && self == Self::Spin);
        shorter.unwrap_or(path)
    }

    /// The path by which the host itself says that it is well.
    pub fn health(self) -> &'static str {
        match self {
            Self::Spin => "/.well-known/spin/health",
            Self::Wagi => "/healthz",
        }
    }

    /// The arguments of a request. Spin splits the template at each space, so that nothing between two is an argument.
    pub fn arguments(self, module: &Module, request: &Request) -> Vec<String> {
        let (argv, query) = (module.argv.as_deref(), request.query.as_deref());
        match self {
            Self::Wagi => cgi::arguments(argv, &request.path, query),
            Self::Spin => {
                let words = query.unwrap_or_default().replace('&', " ");
                let template = argv.unwrap_or(ARGV).split_whitespace().collect::<Vec<_>>().join(" ");
                let expanded = template.replace("${SCRIPT_NAME}", &request.path).replace("${ARGS}", &words);
                expanded.split(' ').map(str::to_owned).collect()
            }
        }
    }

    /// Changes the variables of a request, which are those of the contract.
    pub fn set_variables(self, variables: &mut Variables, request: &Request, matched: Matched<'_>) {
        variables.remove("HTTPS");
        // Of a header that was sent twice the last counts, and one with `_` is as good as one with `-`.
        for (name, value) in request.headers.iter() {
            let variable = cgi::header_variable(name);
            if !WITHHELD.contains(&variable.as_str()) {
                let is_ascii = value.iter().all(|b| matches!(b, b'\t' | b' '..=b'~'));
                let value = String::from_utf8_lossy(value);
                variables.insert(variable, if is_ascii { value.trim().to_owned() } else { CORRUPT.to_owned() });
            }
        }
        let mut set = |name: &str, value: &str| variables.insert(name.to_owned(), value.to_owned());
        set("CONTENT_TYPE", "");
        let host = request.headers.get("Host").map(String::from_utf8_lossy).unwrap_or_default();
        let port = cgi::split_host(&host).1;
        let target = request.target();
        match self {
            Self::Wagi => {
                let port = port.or(matched.default_host.1).unwrap_or(WAGI_PORT);
                let name = cgi::split_host(&host).0.unwrap_or(matched.default_host.0);
                set("SERVER_PORT", &port.to_string());
                set("X_FULL_URL", &format!("http://{name}:{port}{target}"));
            }
            Self::Spin => {
                let host = if host.is_empty() { "localhost" } else { &host };
                set("SERVER_PORT", &port.unwrap_or(SPIN_PORT).to_string());
                set("X_FULL_URL", &format!("{}://{host}{target}", request.scheme.as_str()));
                // As it was sent, with its escapes.
                set("PATH_INFO", matched.path_info);
                set("X_BASE_PATH", "/");
                set("X_RAW_COMPONENT_ROUTE", matched.pattern.as_str());
                set("X_COMPONENT_ROUTE", matched.pattern.script_name());
            }
        }
    }

    /// Changes an answer: of a header that was printed twice one is sent, and no reason of a status.
    pub fn change(self, response: &mut Response) {
        let mut headers = Headers::default();
        for (name, value) in response.headers.iter() {
            headers.remove(&[name]);
            headers.push(name, value);
        }
        response.headers = headers;
        response.reason = None;
    }
}

fn takes_below(pattern: &Pattern) -> bool {
    pattern.as_str() != pattern.script_name()
}

/// The route without the `/` at its end, which Spin leaves out.
fn without_slash(route: &Pattern) -> Pattern {
    let shorter = route.as_str().strip_suffix('/').and_then(|shorter| Pattern::parse(shorter).ok());
    shorter.unwrap_or_else(|| route.clone())
}
