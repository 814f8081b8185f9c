"""Routes by method and path, JSON in and out, and errors as RFC 9457 has them."""

import json
import os
import re
import sys
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote

LARGEST_BODY = 1 << 20


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict
    content_type: str
    body: bytes


class Problem(Exception):
    """An answer that is an error of the client."""

    def __init__(self, status, detail, headers=()):
        super().__init__(detail)
        self.status, self.detail, self.headers = HTTPStatus(status), detail, headers


class Router:
    def __init__(self):
        self.routes = []

    def get(self, path):
        return self.route("GET", path)

    def post(self, path):
        return self.route("POST", path)

    def route(self, method, path):
        """Has a function answer a path, where `{name}` stands for a segment and is passed as an argument."""
        parts = (f"(?P<{part[1:-1]}>[^/]+)" if part[:1] == "{" else re.escape(part) for part in path.split("/"))
        pattern = re.compile("/".join(parts))

        def register(function):
            self.routes.append((method, pattern, function))
            return function

        return register

    def answer(self, request):
        method = "GET" if request.method == "HEAD" else request.method
        # Compared before it is decoded, so that a slash in a name is no separator.
        found = [(verb, match, function) for verb, pattern, function in self.routes
                 if (match := pattern.fullmatch(request.path))]
        if not found:
            raise Problem(404, f"nothing is at {request.path}")
        for verb, match, function in found:
            if verb == method:
                return function(request, **{name: unquote(text) for name, text in match.groupdict().items()})
        allowed = ", ".join(sorted({verb for verb, _, _ in found}))
        raise Problem(405, f"{request.method} is not for {request.path}", [("Allow", allowed)])

    def run(self):
        """Answers the request of this process."""
        try:
            respond(HTTPStatus.OK, self.answer(receive()))
        except Problem as problem:
            body = {"title": problem.status.phrase, "status": problem.status, "detail": problem.detail}
            respond(problem.status, body, "application/problem+json", problem.headers)
        except Exception:
            # What went wrong is for the log, not for the client.
            traceback.print_exc()
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            respond(status, {"title": status.phrase, "status": status}, "application/problem+json")


def receive():
    size = int(os.environ.get("CONTENT_LENGTH") or 0)
    if size > LARGEST_BODY:
        raise Problem(413, f"a body has at most {LARGEST_BODY} bytes")
    return Request(
        method=os.environ["REQUEST_METHOD"],
        path=os.environ.get("X_RAW_PATH_INFO") or os.environ.get("PATH_INFO", ""),
        query=parse_qs(os.environ.get("QUERY_STRING", "")),
        content_type=os.environ.get("CONTENT_TYPE", ""),
        body=sys.stdin.buffer.read(size),
    )


def read_json(request, fields):
    """The object that the body is, with exactly these fields of these types."""
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "the body must be application/json")
    try:
        value = json.loads(request.body)
    except ValueError as error:
        raise Problem(400, f"the body is no JSON: {error}") from None
    if not isinstance(value, dict) or value.keys() != fields.keys():
        raise Problem(422, f"the body must be an object with {', '.join(fields)}")
    for name, types in fields.items():
        # A bool is an int in Python, and no number in JSON.
        if not isinstance(value[name], types) or isinstance(value[name], bool):
            raise Problem(422, f"{name} has the wrong type")
    return value


def respond(status, body, kind="application/json", headers=()):
    for name, value in [("Status", f"{int(status)} {status.phrase}"), ("Content-Type", kind), *headers]:
        print(f"{name}: {value}")
    print()
    print(json.dumps(body))
