"""A guestbook in an SQLite database."""

import html
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

DATABASE = "/data/guestbook.db"
PER_PAGE = 10
LARGEST_BODY = 1 << 16
HERE = Path(__file__).parent


def main():
    method = os.environ["REQUEST_METHOD"]
    if method not in ("GET", "HEAD", "POST"):
        return respond("405 Method Not Allowed", "This page answers GET and POST.", "text/plain")
    with closing(connect()) as database:
        if method == "POST":
            sign(database)
        else:
            show(database)


def connect():
    database = sqlite3.connect(DATABASE)
    # SQLite cannot make temporary files here.
    database.execute("PRAGMA temp_store = MEMORY")
    if database.execute("PRAGMA user_version").fetchone() == (0,):
        database.executescript((HERE / "schema.sql").read_text())
    return database


def sign(database):
    size = int(os.environ.get("CONTENT_LENGTH") or 0)
    if size > LARGEST_BODY:
        return show(database, "413 Content Too Large", "This is too long for the book.")
    form = parse_qs(sys.stdin.buffer.read(size).decode(errors="replace"))
    name, text = (form.get(field, [""])[0].strip() for field in ("name", "text"))
    if not 0 < len(name) <= 100 or not 0 < len(text) <= 2000:
        error = "Please give a name of up to 100 characters and a text of up to 2000."
        return show(database, "422 Unprocessable Content", error, name, text)
    with database:
        database.execute("INSERT INTO entry (name, text) VALUES (?, ?)", (name, text))
    # So that reloading the page does not sign again.
    print("Status: 303 See Other")
    print(f"Location: {os.environ['SCRIPT_NAME'] or '/'}")
    print()


def show(database, status="200 OK", error="", name="", text=""):
    (count,) = database.execute("SELECT count(*) FROM entry").fetchone()
    pages = max(1, -(-count // PER_PAGE))
    page = asked_page(pages)
    rows = database.execute(
        "SELECT name, text, signed FROM entry ORDER BY id DESC LIMIT ? OFFSET ?", (PER_PAGE, (page - 1) * PER_PAGE)
    )
    entries = "\n".join(
        f"<article><h2>{html.escape(name)}</h2><p>{html.escape(text)}</p><time>{signed} UTC</time></article>"
        for name, text, signed in rows
    )
    numbers = range(1, pages + 1)
    links = " ".join(f"<b>{n}</b>" if n == page else f'<a href="?page={n}">{n}</a>' for n in numbers)
    words = {"error": error, "name": name, "text": text}
    words = {key: html.escape(value) for key, value in words.items()}
    template = Template((HERE / "guestbook.html").read_text())
    respond(status, template.substitute(words, entries=entries, links=links if pages > 1 else ""), "text/html")


def asked_page(pages):
    text = parse_qs(os.environ.get("QUERY_STRING", "")).get("page", ["1"])[0]
    return min(max(int(text), 1), pages) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def respond(status, text, kind):
    print(f"Status: {status}")
    print(f"Content-Type: {kind}; charset=utf-8")
    print()
    print(text)


if __name__ == "__main__":
    main()
