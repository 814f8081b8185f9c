import hashlib
import http.client
import sys

SIZE = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000

print("Content-Type: text/plain\n")
connection = http.client.HTTPConnection(sys.argv[1])
ports = set()
for _ in range(3):
    connection.request("GET", "/hello")
    print(connection.getresponse().read())
    ports.add(connection.sock.getsockname()[1])
print(len(ports), "connection")
connection.request("GET", f"/bytes/{SIZE}")
answer = connection.getresponse()
digest, size = hashlib.sha256(), 0
while part := answer.read(1 << 16):
    digest.update(part)
    size += len(part)
connection.request("GET", f"/digest/{SIZE}")
print(size, connection.getresponse().read().decode() == digest.hexdigest())
connection.request("POST", "/digest", b"y" * SIZE)
print(connection.getresponse().read().decode() == hashlib.sha256(b"y" * SIZE).hexdigest())
connection.request("POST", "/digest", iter([b"one ", b"two"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
print(connection.getresponse().read().decode() == hashlib.sha256(b"one two").hexdigest())
