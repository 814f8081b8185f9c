"""State that many modules share and that loading one may change: loggers, filters of warnings, finders, hooks, names.

What loading a module changed is noted when its code ends, undone when everything is loaded, and done again when the
module is revealed.
"""

import sys
from _operator import is_not

from .startup import changing, get_limit, names_of, set_limit
from .state import effects, imports, loggers_made, plain_finders


class Loggers:
    """The loggers that there are."""

    def __init__(self):
        self.before = self.known = self.now()

    @staticmethod
    def now():
        # It may be loaded just now.
        root = getattr(sys.modules.get("logging"), "root", None)
        return {} if root is None else dict(root.manager.loggerDict)

    def claim(self, owner):
        now = self.now()
        for name, logger in now.items():
            if self.known.get(name) is not logger and hasattr(logger, "handlers"):
                note_effect(owner, add_logger, name, logger)
                loggers_made.setdefault(owner, {})[name] = logger
        self.known = now

    def undo(self):
        logging = sys.modules.get("logging")
        if logging is not None:
            logging.root.manager.loggerDict = self.before


def add_logger(name, logger):
    """As `Manager.getLogger` of logging, which made it."""
    manager = logger.manager
    placeholder = manager.loggerDict.get(name)
    manager.loggerDict[name] = logger
    if placeholder is not None:
        manager._fixupChildren(placeholder, logger)
    manager._fixupParents(logger)


class Finders:
    """The lists of what finds modules."""

    def __init__(self):
        self.lists = sys.meta_path, sys.path_hooks
        self.before = self.known = self.now()

    def now(self):
        return [list(each) for each in self.lists]

    def claim(self, owner):
        now = self.now()
        for finders, known in zip(self.lists, self.known):
            for finder in [each for each in finders if not any([each is other for other in known])]:
                note_effect(owner, add_finder, finders, finder, finders[0] is finder)
        self.known = now

    def undo(self):
        for finders, before in zip(self.lists, self.before):
            finders[:] = before


def add_finder(finders, finder, is_first):
    for each in (finders, plain_finders) if finders is sys.meta_path else (finders,):
        each.insert(0 if is_first else len(each), finder)


def counters_of_filters():
    """The functions by which `warnings` counts changes of its filters, for `__warningregistry__`.

    Loads `warnings` before it is noted what modules load, and notes what that loads: in 3.14 most of it is elsewhere.
    """
    before = set(sys.modules)
    import warnings

    for name in sys.modules:
        if name not in before and name != "warnings":
            imports.setdefault("warnings", {})[name] = None
    owners = [warnings, *[sys.modules[name] for name in ("_py_warnings",) if name in sys.modules]]
    names = "_filters_mutated", "_filters_mutated_lock_held"
    return [(owner, name) for owner in owners for name in names if hasattr(owner, name)]


class Warnings:
    """The warnings that were given, and the filters of those to come."""

    def __init__(self, warnings, caught):
        self.warnings, self.caught = warnings, caught
        self.given, self.known = 0, list(warnings.filters)

    def claim(self, owner):
        for message in self.caught[self.given :]:
            note_effect(owner, warn_again, message)
        self.given = len(self.caught)
        now = list(self.warnings.filters)
        if now != self.known:
            is_appended = now[: len(self.known)] == self.known
            for item in [each for each in reversed(now) if each not in self.known]:
                note_effect(owner, add_filter, item, is_appended)
            self.known = now

    def undo(self):
        """Done by the end of `catch_warnings`."""


def warn_again(message):
    import warnings

    given = message.message, message.category, message.filename, message.lineno
    warnings.warn_explicit(*given, source=message.source)


def add_filter(item, is_appended):
    import warnings

    warnings._add_filter(*item, append=is_appended)


class Hooks:
    """The functions that `snapshot_restore_py` calls when a run starts from a saved interpreter."""

    def __init__(self):
        self.known = len(self.now())

    @staticmethod
    def now():
        # It may be loaded just now.
        registered = getattr(sys.modules.get("snapshot_restore_py"), "get_after_restore", list)
        return registered()

    def claim(self, owner):
        """Those that the module registered are called when it is revealed."""
        for function, args, kwds in self.now()[self.known :]:
            effects.setdefault(owner, []).append((function, args, kwds))
        self.known = len(self.now())

    def undo(self):
        """Nobody else calls them."""


class RecursionLimit:
    """How deep calls may go."""

    def __init__(self):
        self.before = self.known = get_limit()

    def claim(self, owner):
        if get_limit() != self.known:
            self.known = get_limit()
            note_effect(owner, set_limit, self.known)

    def undo(self):
        if self.known != self.before:
            set_limit(self.before)


class Names:
    """The names of the modules of the library, which the code of other modules may replace."""

    def __init__(self):
        self.known = {}
        self.replaced = []

    def add(self, module):
        if issubclass(type(module), type(sys)):
            namespace = names_of(module)
            self.known[id(namespace)] = namespace, dict(namespace)

    def claim(self, owner):
        """Notes what has changed; without an owner, it stays as it is."""
        for namespace, known in list(self.known.values()):
            if len(namespace) == len(known) and not any(map(is_not, known.values(), namespace.values())):
                continue
            self.known[id(namespace)] = namespace, dict(namespace)
            if owner is None:
                continue
            for name, value in list(namespace.items()):
                if value is not known.get(name, known) and is_shared(namespace, name, value):
                    self.replaced.append((namespace, name, known.get(name, known), known))
                    note_effect(owner, namespace.__setitem__, name, value)
            for name in known.keys() - namespace.keys():
                self.replaced.append((namespace, name, known[name], known))
                note_effect(owner, namespace.pop, name, None)

    def undo(self):
        for namespace, name, value, nothing in reversed(self.replaced):
            if value is nothing:
                namespace.pop(name, None)
            else:
                namespace[name] = value


def is_shared(namespace, name, value):
    """Whether it is not a module of a package, and not one of the names that the interpreter itself changes."""
    if name.startswith("__") or issubclass(type(value), type(sys)):
        return False
    if namespace.get("__name__") == "uuid" and name in uuid_changes:
        return False
    return namespace is not vars(sys) or name not in changing


# What functions of `uuid` keep there, which is refreshed.
uuid_changes = "_node", "_last_timestamp"


def note_effect(owner, function, *arguments):
    effects.setdefault(owner, []).append((function, arguments, {}))
