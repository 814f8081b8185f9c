"""Makes everything ready and stops the interpreter where the host saves it.

Standard input of the first run holds a line for each thing to make ready: `module NAME` of the library, `package NAME`
of what is installed in a directory `root PATH/`, `other NAME`, which is looked for in `search PATH` first, `script
PATH`, `command HEX` that each run begins with; a script to run once, `warm-up PATH`; what must not be loaded early,
`deny NAME`; and `variable HEX`, an environment variable that the interpreter was started with.
"""

import _frozen_importlib as bootstrap
import _operator
import atexit
import gc
import opcode
import os
import posix
import sys
import time
from _frozen_importlib_external import SourceFileLoader
from posix import read

from .debugger import debugger_flag, install_debugger
from .finalize import ready
from .fresh import generators, refreshed
from .hooks import call_before_snapshot, note_hooks_of_startup
from .imports import find_and_load
from .preload import hide, load, not_warm, refreshers, settle_warnings
from .reactor import commands, library_importers
from .resume import first_directory, left_out, no_arguments, resume, startup_variables
from .scripts import compile_early, get_code
from .startup import forget_imports, reactor, startup, startup_importers
from .state import hidden, in_library, is_of_library, roots


def invisible(function):
    """A copy of `function` whose frames CPython takes for ones that have not begun: no traceback, `f_back` or
    `sys._getframe` shows them. It tells by the code's first RESUME instruction, so the copy has none."""
    code = function.__code__
    resume_instruction, nop, cache = [opcode.opmap[name] for name in ("RESUME", "NOP", "CACHE")]
    units = bytearray(code.co_code)
    resumes = False
    for i in range(0, len(units), 2):
        # Since 3.15 the instruction has a cache behind it (Python/bytecodes.c), which is no instruction by itself.
        resumes = units[i] == resume_instruction or resumes and units[i] == cache
        if resumes:
            units[i] = nop
    function.__code__ = code.replace(co_code=bytes(units))


class Stop:
    """An exception hook that stops the interpreter. CPython calls the hook of an uncaught exception when all Python
    frames are gone. Looking up `__call__` calls the property's getter, that calls `time_ns`, all of it C, and there
    the host ends the run."""

    halt = time.time_ns
    __call__ = property(_operator.methodcaller("halt"))


def note_variables(given):
    """Notes what start-up changed in the environment that it was `given`."""
    now = os.environ._data
    for name in {*given, *now}:
        if given.get(name) != now.get(name):
            startup_variables[name] = given.get(name), now.get(name)


def setup():
    forget_imports()
    wanted = b""
    while chunk := read(0, 1 << 16):
        wanted += chunk
    wanted = [line.split(" ", 1) for line in wanted.decode().splitlines()]
    given = {what: [value for each, value in wanted if each == what] for what, _ in wanted}.get
    pairs = [bytes.fromhex(pair).partition(b"=") for pair in given("variable", ())]
    note_variables({name: value for name, _, value in pairs})
    # The first compilation of a process makes the types of the syntax tree.
    compile("import a\ndef f(x, *y, z=1):\n    return [x for x in y]\n", "<warm>", "exec")
    roots.extend(given("root", ()))
    # A reactor extends the path in each run: see launch.py.
    searched = os.environ.get("PYTHONPATH", "").split(os.pathsep) if reactor and "PYTHONPATH" in os.environ else []
    sys.path[:0] = searched
    left_out.update(given("deny", ()))
    note_hooks_of_startup()
    others = given("other", ()), given("search", ())
    failed = load(given("module", ()), given("package", ()), *others, left_out, given("warm-up", ()))
    # What is read from here on is looked at again in each run.
    posix.write(1, b"\npywagi-loaded\n")
    for path in given("script", ()):
        compile_early(path)
    for text in [bytes.fromhex(text).decode() for text in given("command", ())]:
        commands[text] = compile(text, "<string>", "exec")
    if "warnings" in sys.modules:
        settle_warnings()
    call_before_snapshot()
    hide()
    ready.update(startup)
    ready.update(hidden)
    for entry, finder in list(sys.path_importer_cache.items()):
        if in_library(entry + "/"):
            library_importers[entry] = finder
        if entry not in startup_importers:
            del sys.path_importer_cache[entry]
    for entry, finder in sys.path_importer_cache.items():
        if hasattr(finder, "_path_mtime") and not in_library(entry + "/"):
            # Its list of the directory may be older than the directory's time tells.
            finder._path_mtime = -1
    bootstrap._find_and_load = find_and_load
    SourceFileLoader.get_code = get_code
    for thing in [*globals().values(), *refreshers.values()]:
        if isinstance(thing, type(setup)) and thing.__globals__ is globals() and thing is not setup:
            invisible(thing)
    names = {name.partition(".")[0] for name in [*startup, *hidden, *failed]}
    addresses = map(id, (resume, no_arguments, install_debugger, debugger_flag, first_directory))
    lines = ["pywagi-image", *map(str, addresses), str(sys.hexversion)]
    lines += ["failed %s %s" % each for each in failed.items()]
    lines += ["not-warm " + why for why in not_warm]
    lines += [("loaded " if is_of_library(module) else "other ") + name for name, module in hidden.items()]
    lines += ["refreshed " + name for name in refreshed]
    lines += ["generator %d %s %s" % each for each in generators]
    lines += ["name " + name for name in names]
    lines += ["path " + name for name in sys.path if isinstance(name, str)]
    del sys.path[: len(searched)]
    gc.collect()
    gc.freeze()
    if reactor:
        # A run that needs little memory finds it here, as others do: growing costs system calls and page faults.
        bytes(1 << 19)
    posix.write(1, ("\n".join(lines) + "\npywagi-stop\n").encode())


setup()
# The host finds CPython's counter of calls by it.
sys.setrecursionlimit(987653)
if reactor:
    # Which calls the hook with frames of its own on the stack, and has none where it ends.
    atexit.register(Stop.halt)
else:
    sys.excepthook = Stop()
    raise Warning("the host did not stop the interpreter")
