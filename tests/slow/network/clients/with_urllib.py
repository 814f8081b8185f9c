import hashlib
import sys
import urllib.error
import urllib.request

base = f"http://{sys.argv[1]}"
print("Content-Type: text/plain\n")
for path in "/hello", "/chunked", "/moved":
    with urllib.request.urlopen(base + path) as answer:
        print(answer.status, answer.url.removeprefix(base), answer.read())
with urllib.request.urlopen(urllib.request.Request(base + "/digest", b"x" * 100_000, method="PUT")) as answer:
    print(answer.read().decode() == hashlib.sha256(b"x" * 100_000).hexdigest())
try:
    urllib.request.urlopen(base + "/none")
except urllib.error.HTTPError as error:
    print(error, error.read())
