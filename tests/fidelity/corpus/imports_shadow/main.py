# Modules of the app that have names of the standard library's are found first.
import sys

import token, calendar, random

print(token.mine, calendar.mine, random.mine)
import tokenize_copy
import json

print(json.dumps({"a": 1}))
try:
    import inspect
except Exception as error:
    print(type(error), error)
try:
    import tempfile
except Exception as error:
    print(type(error), error)
try:
    import http.cookiejar
except Exception as error:
    print(type(error), error)
print([name for name in sys.modules if not name.startswith("encodings")])
import time, math

print(time, math)
