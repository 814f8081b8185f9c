-- Version 1. `user_version` is what connect() looks at: a later version alters these tables and counts it up.
BEGIN;
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    signed TEXT NOT NULL DEFAULT (datetime('now'))
);
PRAGMA user_version = 1;
COMMIT;
