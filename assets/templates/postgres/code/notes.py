"""Notes that a PostgreSQL server keeps: a page that lists them and adds one."""

import html
import os
import sys
from contextlib import closing
from urllib.parse import parse_qs, unquote, urlsplit

from pg8000.native import Connection, Error

PAGE = """<!doctype html><meta charset="utf-8"><title>Notes</title><h1>Notes</h1>
<form method="post"><input name="text" maxlength="500" required autofocus> <button>Add</button></form><ul>{}</ul>"""
TABLE = "CREATE TABLE IF NOT EXISTS note (id serial PRIMARY KEY, text text, made timestamptz DEFAULT now())"


def connect():
    url = urlsplit(os.environ["DATABASE_URL"])
    user, password = unquote(url.username or "postgres"), unquote(url.password or "")
    return Connection(user, url.hostname, url.path[1:], url.port or 5432, password, timeout=5)


def answer(database):
    database.run(TABLE)
    if os.environ["REQUEST_METHOD"] == "POST":
        text = parse_qs(sys.stdin.read()).get("text", [""])[0]
        database.run("INSERT INTO note (text) VALUES (:text)", text=text[:500])
        return respond("303 See Other", "", f"Location: {os.environ['SCRIPT_NAME'] or '/'}")
    rows = database.run("SELECT text, to_char(made, 'YYYY-MM-DD HH24:MI') FROM note ORDER BY id DESC LIMIT 50")
    respond("200 OK", PAGE.format("".join(f"<li>{html.escape(text)} <time>{made}</time>" for text, made in rows)))


def respond(status, text, *headers):
    print(f"Status: {status}", *headers, "Content-Type: text/html; charset=utf-8", "", text, sep="\n")


try:
    with closing(connect()) as database:
        answer(database)
except (Error, OSError) as error:
    why = error.__cause__ or error
    print(why, file=sys.stderr)
    respond("503 Service Unavailable", f"<h1>The database does not answer</h1><p>{html.escape(str(why))}</p>")
