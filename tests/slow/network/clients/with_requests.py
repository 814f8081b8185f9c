import sys

import requests

base = f"http://{sys.argv[1]}"
print("Content-Type: text/plain\n")
with requests.Session() as session:
    for path in "/hello", "/chunked", "/moved":
        answer = session.get(base + path, timeout=30)
        print(answer.status_code, len(answer.history), answer.text)
    print(session.post(base + "/echo", json={"a": [1, "ü"]}).json())
    print(session.get(base + "/none"))
    try:
        session.get(base + "/reset")
    except requests.RequestException as error:
        print(type(error).__name__)
