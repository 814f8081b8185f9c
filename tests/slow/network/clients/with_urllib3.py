import sys

import urllib3

base = f"http://{sys.argv[1]}"
print("Content-Type: text/plain\n")
pool = urllib3.PoolManager(retries=urllib3.Retry(2, backoff_factor=0.01))
for path in "/hello", "/chunked", "/moved":
    answer = pool.request("GET", base + path)
    print(answer.status, answer.data)
print(pool.request("POST", base + "/echo", fields={"name": "value"}, encode_multipart=False).data)
try:
    pool.request("GET", base + "/never", timeout=0.1, retries=False)
except urllib3.exceptions.ReadTimeoutError as error:
    print(type(error).__name__)
