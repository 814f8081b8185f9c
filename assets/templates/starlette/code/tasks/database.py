"""The tasks, in an SQLite database."""

import sqlite3

SCHEMA = """
BEGIN;
CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 200),
    done INTEGER NOT NULL DEFAULT FALSE CHECK (done IN (FALSE, TRUE))
);
PRAGMA user_version = 1;
COMMIT;
"""


def connect(path):
    # Each statement is a transaction.
    database = sqlite3.connect(path, isolation_level=None)
    # SQLite cannot make temporary files here.
    database.execute("PRAGMA temp_store = MEMORY")
    if database.execute("PRAGMA user_version").fetchone() == (0,):
        database.executescript(SCHEMA)
    return database


def tasks(database):
    return [as_dict(row) for row in database.execute("SELECT id, text, done FROM task ORDER BY id")]


def add(database, text):
    """The new task; raises ValueError, with what is wrong with the text."""
    if not isinstance(text, str) or not 0 < len(text := text.strip()) <= 200:
        raise ValueError("Please give a text of up to 200 characters.")
    return as_dict(database.execute("INSERT INTO task (text) VALUES (?) RETURNING id, text, done", (text,)).fetchone())


def set_done(database, number, done):
    """The task as it is then, else `None`."""
    row = database.execute("UPDATE task SET done = ? WHERE id = ? RETURNING id, text, done", (done, number)).fetchone()
    return row and as_dict(row)


def remove(database, number):
    """Whether there was such a task."""
    return database.execute("DELETE FROM task WHERE id = ?", (number,)).rowcount > 0


def as_dict(row):
    number, text, done = row
    return {"id": number, "text": text, "done": bool(done)}
