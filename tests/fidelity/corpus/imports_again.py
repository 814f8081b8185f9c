#: 3.14+ exit 1
#: 3.14+ stderr KeyError: 're'
# A module that was removed from sys.modules is loaded anew.
import sys

import json, textwrap

first, re = json, sys.modules["re"]
json.mine = textwrap.mine = 1
for name in [name for name in sys.modules if name.startswith("json")]:
    del sys.modules[name]
import json

print(json is first, hasattr(json, "mine"), json.decoder.__name__, json.JSONDecodeError is first.JSONDecodeError)
del sys.modules["re"]
import string

print(sys.modules["re"] is re, string.Template("$a").substitute(a=1), list(sys.modules))
import importlib

print(importlib.reload(textwrap) is textwrap, textwrap.mine, textwrap.dedent("  a"))
