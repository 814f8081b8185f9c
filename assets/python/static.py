"""Answers files of a directory, under WAGI or any other CGI server.

    argv = "python /code/static.py /static"

The argument is the directory in the guest. A directory is answered by its index.html. Names that begin with a dot are
not answered, and nothing outside of the directory is, whatever `..` or links say.
"""

import mimetypes
import os
import posixpath
import re
import sys
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import quote

CHUNK = 1 << 16


def main(root):
    method = os.environ.get("REQUEST_METHOD", "GET")
    if method not in ("GET", "HEAD"):
        return answer("405 Method Not Allowed", [("Allow", "GET, HEAD")], b"Only GET and HEAD are answered here.\n")
    asked = os.environ.get("PATH_INFO", "")
    path = find(os.path.realpath(root), asked)
    if path is not None and os.path.isdir(path):
        if not asked.endswith("/"):
            # Else what index.html names beside it would be looked for one directory above.
            names = [name for name in asked.split("/") if name]
            location = quote("/".join([os.environ.get("SCRIPT_NAME", "").rstrip("/"), *names, ""]))
            return answer("301 Moved Permanently", [("Location", location)])
        path = find(path, "/index.html")
    if path is None or not os.path.isfile(path):
        return answer("404 Not Found", [], b"There is no such file.\n")
    try:
        with open(path, "rb") as file:
            send(file, method)
    except PermissionError:
        answer("403 Forbidden", [], b"This file cannot be read.\n")


def find(root, asked):
    """The real path of what is asked for, or `None` where it is not below the directory, is hidden, or is not there."""
    names = [name for name in asked.split("/") if name]
    if "\0" in asked or "\\" in asked or any(name.startswith(".") for name in names):
        return None
    try:
        path = os.path.realpath(posixpath.join(root, *names))
    except OSError:
        # A link that leads out of the sandbox.
        return None
    inside = path == root or path.startswith(root.rstrip("/") + "/")
    return path if inside and os.path.exists(path) else None


def send(file, method):
    state = os.fstat(file.fileno())
    size, changed = state.st_size, int(state.st_mtime)
    tag = f'"{state.st_mtime_ns:x}-{size:x}"'
    headers = [
        ("ETag", tag),
        ("Last-Modified", formatdate(changed, usegmt=True)),
        # To be kept, and asked for anew each time: an edit is seen at once.
        ("Cache-Control", "no-cache"),
    ]
    if is_current(tag, changed):
        return answer("304 Not Modified", headers)
    headers += [("Content-Type", content_type(file.name)), ("X-Content-Type-Options", "nosniff")]
    headers.append(("Accept-Ranges", "bytes"))
    status, start, end = "200 OK", 0, size
    wanted = wanted_range(size) if method == "GET" and is_range_current(tag, changed) else None
    if wanted is not None:
        start, end = wanted
        if start >= end:
            unknown = [("Content-Range", f"bytes */{size}")]
            return answer("416 Range Not Satisfiable", unknown, b"There is no such range.\n")
        status = "206 Partial Content"
        headers.append(("Content-Range", f"bytes {start}-{end - 1}/{size}"))
    out = head(status, headers)
    if method == "HEAD":
        return
    file.seek(start)
    while start < end and (chunk := file.read(min(CHUNK, end - start))):
        out.write(chunk)
        start += len(chunk)


def is_current(tag, changed):
    """Whether the client has this file: RFC 9110, 13.2.2."""
    tags = os.environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return tags.strip() == "*" or tag in re.findall(r'"[^"]*"', tags)
    since = date(os.environ.get("HTTP_IF_MODIFIED_SINCE"))
    return since is not None and changed <= since


def is_range_current(tag, changed):
    """Whether the range that is asked for is of this file: RFC 9110, 13.1.5."""
    condition = os.environ.get("HTTP_IF_RANGE")
    if condition is None:
        return True
    return condition.strip() == tag or (not condition.lstrip().startswith(('"', "W/")) and date(condition) == changed)


def date(text):
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (TypeError, ValueError, OverflowError):
        return None


def wanted_range(size):
    """Where the range that is asked for begins and ends. Several, and what is none, are answered by the whole."""
    match = re.fullmatch(r"bytes=\s*(\d*)-(\d*)\s*", os.environ.get("HTTP_RANGE", ""), re.ASCII)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    # Of any number of digits; those that int() refuses are beyond every file.
    number = {text: int(text) if len(text) < 20 else size for text in (first, last) if text}
    if not first:
        return max(size - number[last], 0), size
    if last and number[last] < number[first]:
        return None
    return number[first], min(number[last] + 1, size) if last else size


def content_type(name):
    kind, encoding = mimetypes.guess_type(name)
    if kind is None or encoding is not None:
        return "application/octet-stream"
    is_text = kind.startswith("text/") or kind in ("application/javascript", "application/json", "image/svg+xml")
    return f"{kind}; charset=utf-8" if is_text else kind


def head(status, headers):
    out = sys.stdout.buffer
    lines = [("Status", status), *headers]
    out.write("".join(f"{name}: {value}\r\n" for name, value in lines).encode() + b"\r\n")
    return out


def answer(status, headers, text=b""):
    out = head(status, [*headers, ("Content-Type", "text/plain; charset=utf-8")] if text else headers)
    if os.environ.get("REQUEST_METHOD") != "HEAD":
        out.write(text)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("static.py: name the directory: python /code/static.py /static")
    main(sys.argv[1])
