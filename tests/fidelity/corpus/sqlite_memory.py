import sqlite3

db = sqlite3.connect(":memory:")
db.row_factory = sqlite3.Row
db.execute("create table t(a integer primary key, b text unique)")
with db:
    db.executemany("insert into t(b) values(?)", [("x",), ("ü",), ("z",)])
print([tuple(row) for row in db.execute("select * from t order by b desc")])
try:
    db.execute("insert into t(b) values('x')")
except sqlite3.IntegrityError as error:
    print(error, error.sqlite_errorname)
try:
    db.execute("select nothing")
except sqlite3.OperationalError as error:
    print(error)
db.create_function("twice", 1, lambda x: x * 2)
print(db.execute("select twice(b), typeof(a) from t").fetchall()[0][0], db.total_changes, db.in_transaction)
