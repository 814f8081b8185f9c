import os, sqlite3

db = sqlite3.connect("/data/file.db")
db.execute("create table t(a)")
db.execute("insert into t values(1)")
db.commit()
db.execute("insert into t values(2)")
db.close()
db = sqlite3.connect("file:/data/file.db?mode=ro", uri=True)
print(db.execute("select * from t").fetchall())
try:
    db.execute("insert into t values(3)")
except sqlite3.OperationalError as error:
    print(error)
left_open = sqlite3.connect("/data/file.db")
left_open.execute("insert into t values(4)")
print(sorted(os.listdir("/data")))
