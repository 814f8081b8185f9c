"""The goods, in an SQLite database."""

import sqlite3
from pathlib import Path

from flask import current_app, g

SCHEMA = Path(__file__).parent / "schema.sql"


def connect():
    """The connection of this request."""
    if "database" not in g:
        g.database = sqlite3.connect(current_app.config["DATABASE"])
        g.database.row_factory = sqlite3.Row
        # SQLite cannot make temporary files here.
        g.database.execute("PRAGMA temp_store = MEMORY")
        if g.database.execute("PRAGMA user_version").fetchone()[0] == 0:
            g.database.executescript(SCHEMA.read_text())
    return g.database


def close(_):
    if "database" in g:
        g.database.close()


def goods():
    return connect().execute("SELECT id, name, price, picture FROM good ORDER BY name").fetchall()


def good(number):
    """One of them, else `None`."""
    return connect().execute("SELECT id, name, price, picture FROM good WHERE id = ?", (number,)).fetchone()


def add(name, price, picture):
    with connect() as database:
        database.execute("INSERT INTO good (name, price, picture) VALUES (?, ?, ?)", (name, price, picture))
