"""A search that answers while one types: htmx asks for the list alone, a browser without JavaScript for the page."""

import html
import os
import sys
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

MOST = 20
PAGE = Template((Path(__file__).parent / "page.html").read_text())


def main():
    if os.environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return respond("This page answers GET.", "405 Method Not Allowed")
    word = parse_qs(os.environ.get("QUERY_STRING", "")).get("q", [""])[0].strip()
    found = results(word)
    # What htmx sends with each of its requests.
    if os.environ.get("HTTP_HX_REQUEST") == "true":
        respond(found)
    else:
        respond(PAGE.substitute(word=html.escape(word), results=found))


def results(word):
    names = [name for name in sorted(sys.stdlib_module_names) if word.lower() in name.lower() and name[0] != "_"]
    if not names:
        return f"<p>No module has “{html.escape(word)}” in its name.</p>"
    more = f"<p>and {len(names) - MOST} more</p>" if len(names) > MOST else ""
    return "<ul>" + "".join(f"<li>{html.escape(name)}</li>" for name in names[:MOST]) + "</ul>" + more


def respond(text, status="200 OK"):
    print(f"Status: {status}")
    print("Content-Type: text/html; charset=utf-8")
    # The same URL has two answers, which caches are to tell apart.
    print("Vary: HX-Request")
    print()
    print(text)


if __name__ == "__main__":
    main()
