import sqlite3

with sqlite3.connect("/data/test.sqlite") as database:
    database.execute("create table t (a, b)")
    database.executemany("insert into t values (?, ?)", [(n, str(n) * 100) for n in range(2000)])
assert database.execute("select count(*) from t where a > 999").fetchone() == (1000,)
# A sort that is too large for the memory of SQLite's cache.
database.execute("pragma cache_size = 5")
assert len(database.execute("select b from t order by b desc").fetchall()) == 2000
database.close()
print(sqlite3.sqlite_version)
print("ok")
