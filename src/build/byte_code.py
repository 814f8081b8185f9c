"""Compiles modules for a component, so that requests that import them need not.

Standard input has the paths of their sources, each ended by a NUL byte. For each of them standard output has the name of the file
that an import looks for in `__pycache__`, a NUL byte, how long the byte code is, a NUL byte, and the byte code: none where
each request has to compile the source, to say what it says.
"""

import marshal
import sys
import warnings
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash

# The byte code is known by a hash of its source, which an import is not to look at: neither can change.
UNCHECKED = (1).to_bytes(4, "little")


def byte_code(path):
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with open(path, "rb") as file:
                source = file.read()
            code = compile(source, path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return b""
    return b"" if caught else MAGIC_NUMBER + UNCHECKED + source_hash(source) + marshal.dumps(code)


def main():
    for path in sys.stdin.buffer.read().decode().split("\0")[:-1]:
        data = byte_code(path)
        name = cache_from_source(path).rpartition("/")[2]
        sys.stdout.buffer.write(b"%s\0%d\0%s" % (name.encode(), len(data), data))


if sys.pycache_prefix is None:
    main()
