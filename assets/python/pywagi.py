"""Runs a WSGI or an ASGI application as a WAGI script.

In modules.toml:

    argv = "python /code/pywagi.py shop.app"

or, where this file is in PYTHONPATH, `python -m pywagi shop.app`. `shop.app` is a module that has the application by
the name `app` or `application`; `shop.app:site` names another one. In a script:

    from pywagi import run
    run(app)

It works on every WAGI host and needs nothing but the standard library. An exception that the application does not
handle ends the script: its traceback is on standard error, and the host answers with status 500. What the application
prints goes to standard error, too: standard output is the response.
"""

import contextlib
import importlib
import os
import sys
from urllib.parse import quote, unquote_to_bytes

NAMES = ("app", "application")
CHUNK = 65536
COROUTINE = 0x80  # CO_COROUTINE of CPython's code objects


def run(app, name=None):
    """Answers the request with `app`, which messages call `name`."""
    kind, serve = ("an ASGI", run_asgi) if is_asgi(app) else ("a WSGI", run_wsgi)
    out = sys.stdout.buffer
    try:
        with contextlib.redirect_stdout(sys.stderr):
            serve(app, out)
    except Exception:
        name = name or getattr(app, "__name__", type(app).__name__)
        print("pywagi: an exception of %s, which was run as %s application:" % (name, kind), file=sys.stderr)
        raise


def variables():
    """The CGI variables as WSGI servers set them, where WAGI has others."""
    env = dict(os.environ)
    # WAGI has these as CONTENT_TYPE and CONTENT_LENGTH, too.
    env.pop("HTTP_CONTENT_TYPE", None)
    env.pop("HTTP_CONTENT_LENGTH", None)
    name, path = env.get("SCRIPT_NAME", ""), env.get("X_RAW_PATH_INFO")
    if path is None:
        path = quote(os.fsencode(env.get("PATH_INFO", "")))
    if name.endswith("/"):
        # The route `/`, or another with a slash at its end. A name must not end with one: PEP 3333.
        name = name.rstrip("/")
        path = path if path.startswith("/") else "/" + path
    scheme, _, rest = env.get("X_FULL_URL", "").partition("://")
    if rest:
        env["REQUEST_URI"] = "/" + rest.partition("/")[2]
    else:
        query = env.get("QUERY_STRING")
        env["REQUEST_URI"] = (name + path or "/") + ("?" + query if query else "")
    if scheme == "https":
        env["HTTPS"] = "on"
    env["SCRIPT_NAME"], env["X_RAW_PATH_INFO"] = name, path
    env["PATH_INFO"] = os.fsdecode(unquote_to_bytes(os.fsencode(path)))
    return env


def run_wsgi(app, out):
    """Has a WSGI application write its response to `out`."""
    from wsgiref.handlers import BaseCGIHandler

    class Handler(BaseCGIHandler):
        os_environ = {}
        wsgi_run_once = True

        def handle_error(self):
            raise

    # Bytes in strings, one for each character: PEP 3333.
    env = {name: os.fsencode(value).decode("latin-1") for name, value in variables().items()}
    Handler(sys.stdin.buffer, out, sys.stderr, env, multithread=False, multiprocess=True).run(app)


def is_asgi(app):
    """Whether `app` is an ASGI application: a coroutine function, or something that is called with what ASGI gives."""
    while hasattr(app, "func"):
        app = app.func  # of a functools.partial
    # The module `inspect` takes longer for this than many an application for its answer.
    is_function = hasattr(app, "__code__")
    call = app if is_function else app.__init__ if isinstance(app, type) else getattr(app, "__call__", app)
    if getattr(code_of(call), "co_flags", 0) & COROUTINE or hasattr(call, "_is_coroutine_marker"):
        return True
    # A method, and what creates an instance, get the object first.
    first = 1 if hasattr(call, "__self__") or isinstance(app, type) else 0
    while hasattr(call, "__wrapped__"):
        call = call.__wrapped__
    code = code_of(call)
    return code is not None and code.co_varnames[first : code.co_argcount][:3] == ("scope", "receive", "send")


def code_of(function):
    return getattr(getattr(function, "__func__", function), "__code__", None)


def run_asgi(app, out):
    """Has an ASGI application write its response to `out`."""
    import asyncio

    if "anyio" in sys.modules:
        import anyio.to_thread

        anyio.to_thread.run_sync = run_sync
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(answer(app, out))


async def run_sync(function, *arguments, **_):
    """What anyio gives to a thread: there is none."""
    return function(*arguments)


def new_loop():
    """An event loop that nothing wakes, as there are neither threads nor signals: it needs no pair of sockets."""
    import asyncio
    import selectors
    import time

    class Selector(selectors._BaseSelectorImpl):
        def select(self, timeout=None):
            ready = [(key, key.events) for key in self.get_map().values()]
            if ready:
                return ready  # files, which are always ready
            if timeout is None:
                raise RuntimeError("the application waits for something that cannot happen: all its tasks wait")
            end = time.monotonic() + timeout
            try:
                time.sleep(max(timeout, 0))
            except OSError:
                # CPython 3.11 on WASI cannot sleep.
                while time.monotonic() < end:
                    pass
            return []

    class Loop(asyncio.SelectorEventLoop):
        def _make_self_pipe(self):
            self._ssock = self._csock = None

        def _close_self_pipe(self):
            pass

        def run_in_executor(self, executor, function, *arguments):
            future = self.create_future()
            try:
                future.set_result(function(*arguments))
            except Exception as error:
                future.set_exception(error)
            return future

        async def shutdown_default_executor(self, timeout=None):
            pass

    return Loop(Selector())


async def answer(app, out):
    """Starts the application, has it answer the request, and stops it."""
    state = {}
    stop = await start(app, state)
    try:
        exchange = Exchange(state, out)
        await app(exchange.scope, exchange.receive, exchange.send)
        if not exchange.done.is_set():
            raise RuntimeError("the application returned before its response was complete")
    finally:
        await stop()


async def start(app, state):
    """Has the application start up; gives back a function that has it shut down. Many know no lifespan and raise."""
    import asyncio

    messages, progress = asyncio.Queue(), asyncio.Queue()

    async def live():
        try:
            await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}, messages.get, progress.put)
        except Exception:
            if not supported:
                return
            raise
        finally:
            await progress.put(None)

    async def step(name):
        await messages.put({"type": "lifespan." + name})
        said = await progress.get()
        if said is not None and said["type"] == "lifespan.%s.failed" % name:
            raise RuntimeError("the application failed in its %s: %s" % (name, said.get("message", "")))
        return said is not None

    async def stop():
        if supported:
            await step("shutdown")
            await task

    supported = False
    task = asyncio.ensure_future(live())
    supported = await step("startup")
    return stop


class Exchange:
    """One request and its response, as ASGI has them."""

    def __init__(self, state, out):
        import asyncio

        env = variables()
        self.out = out
        self.left = int(env.get("CONTENT_LENGTH") or 0)
        self.asked = self.begun = False
        self.done = asyncio.Event()
        raw = os.fsencode(env["SCRIPT_NAME"] + env["X_RAW_PATH_INFO"]) or b"/"
        names = [name for name in env if name.startswith("HTTP_")]
        headers = [(name[5:], env[name]) for name in names]
        headers += [(name, env[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if env.get(name)]
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": env.get("SERVER_PROTOCOL", "HTTP/1.1").partition("/")[2],
            "method": env.get("REQUEST_METHOD", "GET").upper(),
            "scheme": "https" if env.get("HTTPS") == "on" else "http",
            "path": unquote_to_bytes(raw).decode("utf-8", "replace"),
            "raw_path": raw,
            "root_path": env["SCRIPT_NAME"],
            "query_string": os.fsencode(env.get("QUERY_STRING", "")),
            "headers": [(name.replace("_", "-").lower().encode(), os.fsencode(value)) for name, value in headers],
            "client": (env["REMOTE_ADDR"], 0) if env.get("REMOTE_ADDR") else None,
            "server": (env.get("SERVER_NAME", ""), int(env.get("SERVER_PORT") or 80)),
            "state": dict(state),
        }

    async def receive(self):
        if not self.done.is_set() and (self.left or not self.asked):
            self.asked = True
            body = sys.stdin.buffer.read(min(self.left, CHUNK))
            self.left = self.left - len(body) if body else 0
            return {"type": "http.request", "body": body, "more_body": self.left > 0}
        await self.done.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        out, kind = self.out, message["type"]
        if self.done.is_set():
            return  # As for a client that has gone.
        if kind == "http.response.start" and not self.begun:
            self.begun = True
            out.write(b"Status: %s\r\n" % status_line(message["status"]).encode())
            for name, value in message.get("headers", ()):
                if set(name + value) & set(b"\r\n\0"):
                    raise ValueError("a header with a line break: %r: %r" % (name, value))
                out.write(b"%s: %s\r\n" % (name, value))
            out.write(b"\r\n")
        elif kind == "http.response.body" and self.begun:
            out.write(message.get("body", b""))
            out.flush()
            if not message.get("more_body"):
                self.done.set()
        else:
            raise RuntimeError("the application sent %s where that cannot be sent" % kind)


def status_line(status):
    from http import HTTPStatus

    try:
        return "%d %s" % (status, HTTPStatus(status).phrase)
    except ValueError:
        return "%d Unknown" % status


def find(target):
    """The application that `target` names, such as `shop.app` or `shop.app:site`, and its full name."""
    module_name, _, attribute = target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not (module_name + ".").startswith(error.name + "."):
            raise
        where = ", ".join(entry for entry in sys.path if entry)
        raise SystemExit("pywagi: there is no module %s in %s" % (error.name, where)) from None
    for name in [attribute] if attribute else NAMES:
        app = module
        for part in name.split("."):
            app = getattr(app, part, None)
        if callable(app):
            return app, "%s:%s" % (module_name, name)
    if attribute:
        what = "no application %s: it is %s" % (attribute, "missing" if app is None else "a " + type(app).__name__)
    else:
        what = "neither `app` nor `application`; name another one as %s:NAME" % module_name
    raise SystemExit("pywagi: the module %s has %s (%s)" % (module_name, what, getattr(module, "__file__", None)))


def main(arguments):
    if len(arguments) != 1:
        raise SystemExit("pywagi: give one module that has the application, as in: python -m pywagi shop.app")
    with contextlib.redirect_stdout(sys.stderr):
        app, name = find(arguments[0])
    run(app, name)


if __name__ == "__main__":
    main(sys.argv[1:])
