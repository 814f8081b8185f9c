"""Signatures, with the time."""
#: clock 1700000000

from itsdangerous import BadSignature, URLSafeTimedSerializer

tokens = URLSafeTimedSerializer("known", salt="a")
token = tokens.dumps({"id": 1})
print(token, tokens.loads(token, max_age=10, return_timestamp=True))
try:
    tokens.loads(token[:-1] + ("A" if token[-1] != "A" else "B"))
except BadSignature as error:
    print(error)
