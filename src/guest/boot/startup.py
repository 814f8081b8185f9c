"""The interpreter as start-up leaves it, noted before anything else is imported.

See README.md for what these files are. What a script could replace is taken here, and by the imports of the other
files, before a script runs.
"""

import builtins
import posix
import sys

from .version import command_has_source, has_last_exception

if not sys.flags.safe_path:
    # What `-c` put there. It must not be searched for what follows either.
    del sys.path[0]
# What runs the program, in an interpreter that is built as a reactor: see launch.py.
reactor = sys.modules.get("_reactor")
if command_has_source and reactor is None:
    # A script starts without it, and without having looked for it in the working directory.
    del sys.modules["linecache"]
    if posix.getcwd() not in sys.path:
        sys.path_importer_cache.pop(posix.getcwd(), None)

startup = {name: module for name, module in sys.modules.items() if name != "__main__"}
startup_importers = set(sys.path_importer_cache)
startup_hook = sys.excepthook

# Functions that are defined after this look built-in names up in this copy, which no script can change.
__builtins__ = dict(vars(builtins))
plain_builtins = {
    # CPython keeps a copy to end with that is older than these names (Python/pylifecycle.c, Lib/site.py).
    name: value
    for name, value in vars(builtins).items()
    if name not in ("open", "exit", "quit", "copyright", "credits", "license", "help")
}

modules = sys.modules
Module = type(sys)
names_of = Module.__dict__["__dict__"].__get__  # as `vars`, but does not trigger the loading of a lazy module
traceback_of = BaseException.__dict__["__traceback__"].__get__  # whatever the class of an exception says
get_limit, set_limit = sys.getrecursionlimit, sys.setrecursionlimit
get_frame = sys._getframe
library_names = sys.stdlib_module_names

last_attributes = ("last_type", "last_value", "last_traceback")
if has_last_exception:
    last_attributes = "last_exc", *last_attributes
ended_attributes = (
    *("path_importer_cache", "path_hooks", "path", "argv", "ps1", "ps2"),
    *last_attributes,
    *("__interactivehook__", "meta_path"),
)
# The attributes of `sys` that each run changes.
changing = {"stdin", "stdout", "stderr", "orig_argv", "is_finalizing", *ended_attributes}


def forget_imports():
    """Removes what only these files imported from `sys.modules`: a script that imports it gets its own."""
    for name in set(modules).difference(startup, ["__main__"]):
        del modules[name]
