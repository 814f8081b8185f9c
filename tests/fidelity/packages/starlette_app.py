"""An ASGI app, called without a server."""
#: request GET /

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def home(request: Request):
    return JSONResponse({"path": request.url.path, "query": dict(request.query_params)})


app = Starlette(routes=[Route("/{rest:path}", home)])
sent = []


async def receive():
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message):
    sent.append(message)


scope = {"type": "http", "method": "GET", "path": "/a/b", "query_string": b"x=1", "headers": [], "root_path": ""}


class Loop(asyncio.SelectorEventLoop):
    def _make_self_pipe(self):
        self._ssock = self._csock = None

    def _close_self_pipe(self):
        pass

    async def shutdown_default_executor(self, timeout=None):
        pass


with asyncio.Runner(loop_factory=Loop) as runner:
    runner.run(app({**scope, "asgi": {"version": "3.0"}}, receive, send))
print(sent)
