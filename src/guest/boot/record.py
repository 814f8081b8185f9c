"""What is noted of each module while it is loaded."""

import _frozen_importlib as bootstrap
import _imp
import builtins
import os
import posix
import sys
from time import time_ns

from .fresh import Seeds, settle_values
from .imports import delete_attribute, replacing, store_attribute
from .shared import Finders, Hooks, Loggers, Names, RecursionLimit, Warnings, counters_of_filters, note_effect
from .state import (
    WARM_UP,
    effects,
    forget,
    imports,
    is_of_library,
    loggers_made,
    plain_call,
    plain_import,
    plain_load,
    reads,
    spec_of,
    variables_read,
)


class RecordedVariables(dict):
    """The environment while modules are loaded: notes which module reads and sets what of it."""

    def __init__(self, plain):
        super().__init__(plain)
        self.set = set()

    def note(self, key):
        if key in self.set:
            return
        frame = sys._getframe(2)
        owner = module_being_loaded(frame)
        variables_read.setdefault(owner, {})[key] = dict.get(self, key)
        while frame.f_globals.get("__name__") != owner:
            frame = frame.f_back
        reads.setdefault(owner, {}).setdefault(key, (frame.f_code.co_filename, frame.f_lineno))

    def __getitem__(self, key):
        self.note(key)
        return dict.__getitem__(self, key)

    def __contains__(self, key):
        self.note(key)
        return dict.__contains__(self, key)

    def __iter__(self):
        self.note(None)
        return dict.__iter__(self)

    def __setitem__(self, key, value):
        self.set.add(key)
        note_effect(module_being_loaded(sys._getframe(1)), set_variable, key, value)
        dict.__setitem__(self, key, value)

    def __delitem__(self, key):
        self.set.add(key)
        note_effect(module_being_loaded(sys._getframe(1)), unset_variable, key)
        dict.__delitem__(self, key)


def set_variable(key, value):
    posix.putenv(key, value)
    os.environ._data[key] = value


def unset_variable(key):
    posix.unsetenv(key)
    os.environ._data.pop(key, None)


def module_being_loaded(frame):
    while frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame.f_globals.get("__name__")


def names_in(code):
    """The names that a code object and those inside of it use."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            names |= names_in(constant)
    return names


def names_at_once(code):
    """The names that a module's code uses while it is loaded, but for those in functions that are called then."""
    names = set(code.co_names)
    for constant in code.co_consts:
        # The body of a class, or of a comprehension.
        if isinstance(constant, type(code)) and (not constant.co_flags & 1 or constant.co_name.endswith("comp>")):
            names |= names_at_once(constant)
    return names


def changes_names(code):
    """Whether the code of a module could change names of others between two imports: looking at all takes long."""
    opcodes = code.co_code[::2]
    return store_attribute in opcodes or delete_attribute in opcodes or not replacing.isdisjoint(code.co_names)


class Recorder:
    """What is replaced while modules are loaded, to note what loading each of them does and uses."""

    def __init__(self):
        import atexit

        counters = counters_of_filters()
        import warnings

        self.replaced = [
            (builtins, "__import__", self.import_),
            (bootstrap, "_gcd_import", self.import_absolute),
            (bootstrap, "_call_with_frames_removed", self.call),
            (atexit, "register", self.register),
            *[(owner, name, lambda: None) for owner, name in counters],
        ]
        variables = RecordedVariables(os.environ._data)
        self.replaced += [(each, "_data", variables) for each in (os.environ, getattr(os, "environb", None)) if each]
        self.plain = [getattr(owner, name) for owner, name, _ in self.replaced]
        self.streams = [stream for stream in (sys.stdout, sys.stderr) if stream]
        self.names = {}  # module -> the names that its code uses
        self.names_at_once = {}  # module that is not of the library -> those that it uses while it is loaded
        self.catching = warnings.catch_warnings(record=True)
        self.caught = []
        self.wrote = False  # whether a module wrote to standard output or standard error
        self.known = set(sys.modules)
        self.noted = set()  # the names of modules that were imported, and of the packages that they are in
        self.size = len(self.known)
        self.ongoing = []  # the imports that are under way, each with the frame of the module that asked for it
        self.loading = []  # the names of the modules whose code runs
        self.began = time_ns()
        self.seeds = Seeds(self.loading)
        self.library = Names()
        self.shared = [Loggers(), Finders(), Hooks(), RecursionLimit(), self.library]

    def __enter__(self):
        for owner, name, value in self.replaced:
            setattr(owner, name, value)
        import warnings

        self.caught = self.catching.__enter__()
        warnings.simplefilter("always")
        self.shared.append(Warnings(warnings, self.caught))
        for stream in self.streams:
            stream.write = self.writing(stream.write)
        for module in sys.modules.values():
            self.library.add(module)
        self.seeds.begin()
        return self

    def settle(self):
        """Has drawn again, when modules are revealed, what can be."""
        self.seeds.settle()
        settle_values(self.began, self.names_at_once)

    def __exit__(self, *_):
        self.seeds.end()
        for stream in self.streams:
            del stream.write
        self.catching.__exit__(None, None, None)
        for (owner, name, _), value in zip(self.replaced, self.plain):
            setattr(owner, name, value)
        for state in self.shared:
            state.undo()
        # It keeps the function that was `__import__` when it was loaded.
        configurator = getattr(sys.modules.get("logging.config"), "BaseConfigurator", None)
        if configurator is not None:
            configurator.importer = staticmethod(plain_import)

    def writing(self, write):
        def noted(text):
            # What the warm-up script itself writes is not to be written in each run.
            self.wrote = self.wrote or not self.loading or self.loading[-1][0] != WARM_UP
            return write(text)

        return noted

    def note(self, owner, name):
        imports.setdefault(owner, {})[name] = None
        while name:
            self.noted.add(name)
            name = name.rpartition(".")[0]

    def claim(self, owner):
        """Notes what is in `sys.modules` by no import: what `owner` put there."""
        if len(sys.modules) == self.size:
            return
        self.size = len(sys.modules)
        for name in [name for name in sys.modules if name not in self.known]:
            self.known.add(name)
            if name not in self.noted or getattr(spec_of(sys.modules[name]), "name", None) != name:
                self.note(owner, name)

    def import_(self, name, globals=None, locals=None, fromlist=(), level=0):
        frame = sys._getframe(1)
        while frame.f_code.co_name != "<module>":
            frame = frame.f_back
        full = name
        if level:
            package = ((globals or {}).get("__package__") or "").rsplit(".", level - 1)[0]
            full = package + "." + name if name else package
        return self.importing(frame, full, fromlist, plain_import, name, globals, locals, fromlist, level)

    def import_absolute(self, name, package=None, level=0):
        """As `importlib._bootstrap._gcd_import`, which `importlib.import_module` calls."""
        frame = sys._getframe(1)
        while frame.f_code.co_name != "<module>":
            frame = frame.f_back
        full = bootstrap._resolve_name(name, package, level) if level else name
        return self.importing(frame, full, (), plain_load, name, package, level)

    def importing(self, frame, full, fromlist, import_, *arguments):
        package = full.rpartition(".")[0]
        if package and package not in sys.modules:
            # By itself, so that what it loads is known to be loaded by it.
            self.importing(frame, package, (), plain_load, package)
        # While its import is under way a module can only ask for another from C code: that of what it imports.
        ongoing = self.ongoing
        owner = ongoing[-1][1] if ongoing and ongoing[-1][0] is frame else frame.f_globals.get("__name__")
        self.claim(owner)
        self.note(owner, full)
        for item in fromlist or ():
            if isinstance(item, str):
                self.note(owner, full + "." + item)
        ongoing.append((frame, full))
        try:
            return import_(*arguments)
        finally:
            ongoing.pop()
            self.claim(full)

    def call(self, function, *args, **kwds):
        """As `importlib._bootstrap._call_with_frames_removed`, which gets or executes the code of each module."""
        if function is not exec:
            result = plain_call(function, *args, **kwds)
            if function is _imp.get_frozen_object:
                self.names[args[0]] = names_in(result)
            return result
        owner = args[1]["__name__"]
        self.names[owner] = names_in(args[0])
        self.names_at_once[owner] = names_at_once(args[0])
        if self.loading:
            self.claim_shared(*self.loading[-1])
        self.loading.append((owner, changes_names(args[0])))
        try:
            return plain_call(function, *args, **kwds)
        finally:
            self.loading.pop()
            self.claim_shared(owner, True)
            if owner == "random":
                self.seeds.begin()

    def claim_shared(self, owner, names):
        """Notes what `owner` changed of what many modules share; with `names`, also which names of the library."""
        module = sys.modules.get(owner)
        is_library = module is not None and is_of_library(module)
        for state in self.shared:
            if state is not self.library:
                state.claim(owner)
            elif names:
                # The library's modules keep much in each other's names.
                state.claim(None if is_library else owner)
        if is_library:
            self.library.add(module)

    def register(self, function, *args, **kwds):
        """As `atexit.register`, for a module that registers a function each time it is loaded."""
        plain_register = self.plain[3]
        owner = module_being_loaded(sys._getframe(1))
        effects.setdefault(owner, []).append((plain_register, (function, *args), kwds))
        return function

    def forget(self, name):
        forget(name)
        self.known.discard(name)
        for notes in (effects, loggers_made, variables_read, self.names, self.names_at_once):
            notes.pop(name, None)
