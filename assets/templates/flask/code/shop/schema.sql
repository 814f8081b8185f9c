BEGIN;
CREATE TABLE good (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    price INTEGER NOT NULL CHECK (price > 0), -- cents
    picture TEXT -- the name of a file in data/
);
INSERT INTO good (name, price) VALUES ('Tea', 450), ('Mug', 1200), ('Biscuits', 290);
PRAGMA user_version = 1;
COMMIT;
