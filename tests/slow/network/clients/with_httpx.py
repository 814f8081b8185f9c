import sys

import httpx

print("Content-Type: text/plain\n")
with httpx.Client(base_url=f"http://{sys.argv[1]}", follow_redirects=True) as client:
    for path in "/hello", "/chunked", "/moved":
        answer = client.get(path)
        print(answer.status_code, len(answer.history), answer.text)
    print(client.post("/echo", json={"a": [1, "ü"]}).json())
    with client.stream("GET", "/bytes/1000000") as answer:
        print(sum(len(part) for part in answer.iter_bytes()))
    try:
        client.get("/never", timeout=0.1)
    except httpx.ReadTimeout as error:
        print(type(error).__name__)
