"""What is known of the modules that are loaded early."""

import _frozen_importlib as bootstrap
import builtins
import os
import sys

from .startup import Module, library_names, names_of, reactor

hidden = {}  # name -> module, in the order in which they were loaded
imports = {}  # name -> what it imports while it is loaded, in order, as the keys of a dictionary
closures = {}  # name -> what importing it loads, in the order of `sys.modules`, and what of the start-up it uses
searchable = set()  # the names of those that are looked for in the directories of `sys.path`
effects = {}  # name -> what importing it does outside of the module: functions, each with its arguments
variables_read = {}  # name -> the environment variables read while it is loaded, with their values; a key `None`: all
reads = {}  # name -> the file and line at which each of these variables was read first
loggers_made = {}  # name -> the loggers that loading it makes, by name
uses = [], [], []  # what loading a module may use of others: namespaces, names in them, values
uses_by_key = {}  # name in a namespace -> the indexes of its entries in `uses`
watched = {}  # name -> the indexes of what loading it may use, as a set
homes = {}  # name -> the entry of `sys.path` where it was found, of modules that are not of the library
roots = []  # the directories of installed packages, each with a slash at its end
revealed = set()  # the names of hidden modules that the script has imported
listings = {}  # directory -> (its time when it was listed, the names of modules in it)
never = {"__main__", "antigravity", "this", "idlelib", "lib2to3", "multiprocessing", "test", "tkinter", "turtle"}
# The entries of the search path that hold the standard library: a directory, what is in it, an archive; with a slash.
library = os.path.dirname(os.__file__)
libraries = tuple(
    entry + "/"
    for entry in sys.path
    if entry == library
    or entry.startswith(library + "/")
    or os.path.basename(entry) == "python%d%d.zip" % sys.version_info[:2]
)
WARM_UP = "<warm-up>"  # the owner of what the app's warm-up script does: no module has such a name
plain_import = builtins.__import__
plain_find_and_load = bootstrap._find_and_load
plain_load = bootstrap._gcd_import
plain_finders = list(sys.meta_path)
plain_call = bootstrap._call_with_frames_removed


def is_module(thing):
    """Without asking the thing, whose class may say otherwise."""
    return issubclass(type(thing), Module)


def spec_of(module):
    """The `__spec__` of a module, which may be of a class that loads it when it is asked."""
    return names_of(module).get("__spec__") if is_module(module) else getattr(module, "__spec__", None)


def in_library(origin):
    return origin in ("built-in", "frozen") or origin.startswith(libraries)


def is_of_archive(name, origin):
    """Whether a module is part of the interpreter: of the standard library, or of a package that is built into a
    reactor, which nobody installs or changes."""
    return in_library(origin) and (reactor is not None or name.partition(".")[0] in library_names)


def in_roots(origin):
    return isinstance(origin, str) and origin.startswith(tuple(roots))


def home_of(module):
    """The entry of `sys.path` where a module was found."""
    path = list(names_of(module).get("__path__") or ())
    return os.path.dirname(path[0] if path else spec_of(module).origin)


def is_of_library(module):
    origin = getattr(spec_of(module), "origin", None)
    return not isinstance(origin, str) or in_library(origin)


def forget(name):
    module = sys.modules.pop(name)
    parent, _, child = name.rpartition(".")
    if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
        delattr(sys.modules[parent], child)
