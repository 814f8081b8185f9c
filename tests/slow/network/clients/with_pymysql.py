import sys

import pymysql

host, port = sys.argv[1].split(":")
print("Content-Type: text/plain\n")
account = {"host": host, "port": int(port), "user": "wagi", "database": "wagi"}
with pymysql.connect(password="secret", **account) as database, database.cursor() as cursor:
    cursor.execute("CREATE TEMPORARY TABLE note (id INT AUTO_INCREMENT PRIMARY KEY, text TEXT NOT NULL) CHARACTER SET utf8mb4")
    print(cursor.executemany("INSERT INTO note (text) VALUES (%s)", [("one",), ("zwei ü",)]))
    cursor.execute("SELECT id, text FROM note ORDER BY id")
    print(cursor.fetchall())
    try:
        cursor.execute("SELECT * FROM nothing")
    except pymysql.MySQLError as error:
        print(*error.args)
    cursor.execute("SELECT REPEAT('x', 1000000)")
    print(len(cursor.fetchone()[0]))
try:
    pymysql.connect(password="wrong", **account)
except pymysql.MySQLError as error:
    print(error.args[0])
