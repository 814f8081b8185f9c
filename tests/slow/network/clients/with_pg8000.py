import sys

import pg8000.dbapi

host, port = sys.argv[1].split(":")
print("Content-Type: text/plain\n")
database = pg8000.dbapi.connect("wagi", host=host, port=int(port), database="wagi", password="secret", ssl_context=None)
cursor = database.cursor()
cursor.execute("CREATE TEMPORARY TABLE note (id serial PRIMARY KEY, text text NOT NULL, at timestamptz)")
cursor.executemany("INSERT INTO note (text, at) VALUES (%s, %s)", [("one", "2026-01-31 12:00Z"), ("zwei ü", None)])
database.commit()
cursor.execute("SELECT id, text, at FROM note ORDER BY id")
for row in cursor.fetchall():
    print(*row)
try:
    cursor.execute("SELECT * FROM nothing")
except pg8000.dbapi.DatabaseError as error:
    print(error.args[0]["M"])
database.rollback()
cursor.execute("SELECT sum(length(repeat('x', n))) FROM generate_series(1, 1000) n")
print(*cursor.fetchone())
cursor.execute("SELECT repeat('x', n) FROM generate_series(1, 1000) n")
print(sum(len(text) for text, in cursor))
database.close()
try:
    pg8000.dbapi.connect("wagi", host=host, port=int(port), database="wagi", password="wrong")
except pg8000.dbapi.DatabaseError as error:
    print(error.args[0]["M"])
