"""The guest's half of a warm start, in the order of these files: start, early, run, end, stop.

The host runs this with `python -c` once. It loads the modules that earlier requests imported, hides them again, and
stops the interpreter in a call to the host. Memory is saved at that point. In a new instance that starts with this
memory the host calls `resume`, which reads what to run from standard input and runs it as CPython's own
`Py_RunMain` (Modules/main.c) would. Nothing that a script can look at may tell the difference, hence:

- Modules loaded early are not in `sys.modules` until the script imports them; see `find_and_load`.
- The functions that are on the stack while the script runs leave no frame; see `invisible`.
- The interpreter is stopped where no Python frame is on the stack; see `Stop`.

Standard input of the first run holds a line for each thing to make ready: `module NAME` or `script PATH`.

These files are ASCII alone: an interpreter in the C locale decodes them so.
"""
import sys

if not sys.flags.safe_path:
    # What `-c` put there. It must not be searched for what follows either.
    del sys.path[0]

startup = dict(sys.modules)
startup_importers = set(sys.path_importer_cache)

import atexit
import builtins
import gc
import os
import posix
import time
import _operator
import opcode
import _frozen_importlib as bootstrap
from _frozen_importlib_external import SourceFileLoader
from _functools import partial
from _weakref import ref
from gc import collect, get_objects, isenabled
from posix import listdir, read, stat
from time import time_ns

# A script that imports what only this file needed is to get its own.
for name in set(sys.modules).difference(startup):
    del sys.modules[name]
del startup["__main__"]

# What a script does to the built-in names must not reach the functions here.
__builtins__ = dict(vars(builtins))
plain_builtins = {
    # CPython keeps a copy to end with that is older than these names (Python/pylifecycle.c, Lib/site.py).
    name: value
    for name, value in vars(builtins).items()
    if name not in ("open", "exit", "quit", "copyright", "credits", "license", "help")
}
# The rest, too, is taken before a script can replace it.
Module = type(sys)
names_of = Module.__dict__["__dict__"].__get__  # as `vars`, without what a lazy module makes of being asked
write = posix.write
get_limit, set_limit = sys.getrecursionlimit, sys.setrecursionlimit
library_names = sys.stdlib_module_names
run_exit_functions = atexit._run_exitfuncs


def invisible(function):
    """A copy of `function` whose frames CPython takes for ones that have not begun: no traceback, `f_back` or
    `sys._getframe` shows them. It tells by the code's first RESUME instruction, so the copy has none."""
    code = function.__code__
    resume_instruction, nop = opcode.opmap["RESUME"], opcode.opmap["NOP"]
    units = bytearray(code.co_code)
    for i in range(0, len(units), 2):
        if units[i] == resume_instruction:
            units[i] = nop
    function.__code__ = code.replace(co_code=bytes(units))
