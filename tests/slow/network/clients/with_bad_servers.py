import socket
import sys
import time
import urllib.error
import urllib.request

server, full = sys.argv[1:]
host, port = server.split(":")


def ask(path, read, timeout=60):
    try:
        with urllib.request.urlopen(f"http://{server}{path}", timeout=timeout) as answer:
            return read(answer)
    except OSError as error:
        return f"{type(error).__name__}: {error}"


def rest(answer):
    return len(answer.read())


print("Content-Type: text/plain\n")
started = time.monotonic()
print(ask("/never", rest, 0.2))
print(ask("/drip", lambda answer: answer.read(3)))
print(ask("/reset", rest))
print(ask("/endless", lambda answer: len(answer.read(3_000_000))))
print(ask("/metadata", rest))
for _ in range(200):
    socket.create_connection((host, port)).close()
print(time.monotonic() - started < 60)
try:
    socket.create_connection(full.split(":"))
except OSError as error:
    print(type(error).__name__)
