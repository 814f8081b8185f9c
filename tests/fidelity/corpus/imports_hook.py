# A replaced __import__ sees the imports inside of the library.
import builtins

plain = builtins.__import__


def noting(name, *rest):
    print("import", name, rest[2:] if len(rest) > 2 else "")
    return plain(name, *rest)


builtins.__import__ = noting
import textwrap
from wsgiref import util
builtins.__import__ = plain
import json
