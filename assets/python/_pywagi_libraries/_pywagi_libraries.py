"""What `from pywagi.libraries import NAME` gives: the libraries that modules.toml names, which pywagi runs.

A library that is a command is called itself, with its arguments and its standard input; it gives what it prints:

    html = markdown_c("--smart", input=b"# Hello", environment={"LANG": "C"})

Of others, functions are called: `numbers.add(1, 2)`. Of a component's interface, it is `page.render.to_html(text)`.
"""

import marshal
import operator
import os
import sys
from types import ModuleType

from _pywagi_library_names import NAMES

PLACE = "/.pywagi/lib/"
last_number = 0


class LibraryError(Exception):
    """A library failed, or cannot be called like that.

    `code` is the exit code of a command, `stderr` what the library wrote there, in bytes, and `error` the value of an
    error that its WIT declares.
    """

    code = None
    stderr = b""
    error = None


class Library:
    """A library. Its functions are its attributes."""

    def __init__(self, name, path=None):
        self._name, self._path = name, path

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(self)(self._name, name if self._path is None else self._path + "." + name)

    def __call__(self, *arguments, input=None, environment=None):
        if self._path is not None and (input is not None or environment is not None):
            raise TypeError("only commands have `input` and `environment`")
        return call(self._name, self._path, arguments, input, environment)

    def __repr__(self):
        of = "" if self._path is None else self._path + " of "
        return f"<{of}the library {self._name}>"


def call(name, path, arguments, input, environment):
    if isinstance(input, str):
        raise TypeError("input must be bytes, not str: encode it")
    request = (name, path, arguments, b"" if input is None else input, dict(environment or {}))
    try:
        request = marshal.dumps(request, 2)
    except ValueError:
        request = marshal.dumps(plain(request), 2)
    value, stderr, *failed = marshal.loads(exchange(request))
    if stderr:
        sys.stderr.write(stderr.decode("utf-8", "replace"))
    if not failed:
        return value
    error = LibraryError(failed[0].pop("message"))
    error.stderr = stderr
    vars(error).update(failed[0])
    raise error


def exchange(request):
    """Has pywagi make a call; gives back its answer."""
    global last_number
    last_number += 1
    number = last_number
    descriptor = os.open(f"{PLACE}call/{number}", os.O_RDWR)
    try:
        rest = memoryview(request)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        left = int(os.readlink(f"{PLACE}run/{number}"))
        parts = []
        while left:
            parts.append(os.read(descriptor, left))
            left -= len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)
    except OSError as error:
        raise LibraryError(f"the call or its answer is larger than pywagi passes on: {error}") from None
    finally:
        os.close(descriptor)


def plain(value):
    """The same value made of the types that `marshal` knows."""
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, float):
        if isinstance(value, kind):
            return kind.__str__(value) if kind is str else float(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (tuple, set, frozenset)):
        return tuple(plain(item) for item in value)
    if hasattr(value, "__index__"):
        return operator.index(value)
    if hasattr(value, "__float__"):
        return float(value)
    raise LibraryError(f"a {type(value).__name__} cannot be given to a library: {value!r}")


class Libraries(ModuleType):
    """The module `pywagi.libraries`."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        names = ", ".join(NAMES)
        raise ImportError(f"no [[library]] of modules.toml is called {name!r}; there are: {names}", name=self.__name__)

    def __dir__(self):
        return [*NAMES, "Library", "LibraryError"]


libraries = Libraries("pywagi.libraries", __doc__)
LibraryError.__module__ = Library.__module__ = libraries.__name__
libraries.Library, libraries.LibraryError = Library, LibraryError
for each in NAMES:
    setattr(libraries, each, Library(each))
