"""Running what the host asks for by what an interpreter that is built as a reactor runs programs by: see launch.py."""

import _frozen_importlib as bootstrap
import os
import sys
from _frozen_importlib_external import PathFinder

from .depth import c_depth
from .imports import Watch
from .raised import describe
from .scripts import compile_script, main_module
from .startup import modules, names_of, reactor, traceback_of
from .state import hidden

DEPTHS_OF_REACTOR = """
import sys
import _reactor
_reactor.depth = _reactor.measure()
sys.setrecursionlimit(1)
"""


commands = {}  # the text of a command that is run in each request -> its code
plain_hooks = list(sys.path_hooks)
library_importers = {}  # entry of the search path that is of the library -> what finds modules there


def compile_command(text, *more):
    """As `compile`, for `_reactor.run`."""
    return commands.get(text) or compile(text, *more)


class Program:
    """What a reactor runs: see launch.py."""

    path = code = None  # of a script that is compiled
    has_begun = False  # whether `_reactor.run` has been called by launch.py
    replaced = []  # functions for which others stand in until the script runs: namespace, name, function
    told = ()  # what the host is told of the exception that ended it
    error = None  # that exception, where depths are measured


class KeptEnvironment:
    """Stands for `os` where the environment is what `_reactor.run` would make it."""

    class environ:
        clear = update = staticmethod(lambda *_: None)


def prepare_reactor(kind, words, start):
    """As `prepare`: `_reactor.run` does the rest, as in a plain start."""
    main_module(bootstrap.BuiltinImporter)
    if kind == "depth":
        reactor.measure = c_depth
        return reactor.run, ["python", "-c", DEPTHS_OF_REACTOR], {}
    if kind == "script":
        Program.path, Program.code = words[start], compile_script(words[start])
    reactor.os = KeptEnvironment
    return plain_run, words, {}


def run_of_reactor(arguments, variables):
    """As `_reactor.run`, which imports `runpy` for a script, when launch.py calls it."""
    if Program.has_begun or variables is not os.environ:
        return plain_run(arguments, variables)
    Program.has_begun = True
    # It would see that less is done.
    is_watched = sys.getprofile() is not None or sys.gettrace() is not Watch.tracer
    if Program.code is not None:
        import runpy

        are_plain = sys.path_hooks == plain_hooks and not is_watched
        stand_in(runpy, "_get_code_from_file", find_script)
        if runpy is hidden.get("runpy"):
            if are_plain and "pkgutil" in hidden:
                stand_in(hidden["pkgutil"], "get_importer", find_importer)
            # Loading what it imports has looked in these directories.
            for entry in [*sys.path, *modules["importlib"].__path__]:
                if are_plain and entry in library_importers:
                    sys.path_importer_cache.setdefault(entry, library_importers[entry])
                else:
                    PathFinder._path_importer_cache(entry)
    if is_watched:
        variables = dict(variables)
    else:
        reactor.os = KeptEnvironment
    return plain_run(arguments, variables)


def stand_in(module, name, function):
    namespace = names_of(module)
    Program.replaced.append((namespace, name, namespace[name]))
    namespace[name] = function


def find_importer(*_):
    """As `get_importer` of Lib/pkgutil.py for a script: what could be compiled is no archive."""


def find_script(path, *more):
    """As `_get_code_from_file` of Lib/runpy.py for the script, which runs then."""
    for namespace, name, function in Program.replaced:
        namespace[name] = function
    # A path hook may have taken the script.
    return Program.code if path == Program.path else modules["runpy"]._get_code_from_file(path, *more)


def refresh_of_reactor(*arguments):
    """As `_reactor._refresh`, which `_reactor.run` calls when it has set the environment."""
    reactor.os = os
    return plain_refresh(*arguments)


def report_of_reactor(error, is_script):
    """As `_reactor._report`, which takes the frames of what runs the script off the traceback."""
    if "measure" in names_of(reactor):
        Program.error = error
        return
    runner = {plain_report.__code__.co_filename}
    if is_script and "runpy" in modules:
        runner.add(modules["runpy"].run_path.__code__.co_filename)
    entry = traceback_of(error)
    while entry is not None and entry.tb_frame.f_code.co_filename in runner:
        entry = entry.tb_next
    set_traceback(error, entry)
    entry = None
    Program.told = describe(error)
    # Without streams CPython prints how many references there are to the exception.
    held = [error]
    error = None
    plain_report(held.pop(), is_script)


if reactor:
    set_traceback = BaseException.__dict__["__traceback__"].__set__
    reactor.compile = compile_command
    plain_run, reactor.run = reactor.run, run_of_reactor
    plain_refresh, reactor._refresh = reactor._refresh, refresh_of_reactor
    reactor.is_saved = True
    plain_report, reactor._report = reactor._report, report_of_reactor
