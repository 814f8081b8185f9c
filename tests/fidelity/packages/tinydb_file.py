"""A database in a file of JSON."""

from tinydb import Query, TinyDB

db = TinyDB("/data/db.json")
db.insert_multiple({"n": n} for n in range(4))
print(db.search(Query().n > 1), db.update({"n": 9}, Query().n == 0))
print(open("/data/db.json").read())
