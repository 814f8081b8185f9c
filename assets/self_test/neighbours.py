"""Modules beside the script, and what there is of `__main__`."""

import importlib
import sys

import neighbour

print(neighbour.NAME, neighbour.__file__, neighbour is importlib.import_module("neighbour"))
print(sorted(name for name in vars(sys.modules["__main__"]) if not name.startswith("__")))
print(sys.argv, sys.orig_argv[-1], sys.flags.isolated, sys.flags.ignore_environment)
try:
    import there_is_no_such_module  # noqa: F401
except ModuleNotFoundError as error:
    print(error)
