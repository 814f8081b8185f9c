"""Modules that are loaded before a script asks for them: loading, hiding and revealing them.

A module that was loaded early is not in `sys.modules` until the script imports it. Revealing it then does everything
that loading it would have done outside of the module itself.
"""

import _frozen_importlib as bootstrap
import _imp
import builtins
import opcode
import os
import sys
import time
from _operator import is_not
from posix import listdir, stat
from time import time_ns

from .startup import Module, changing, get_frame, library_names, modules, names_of, startup

hidden = {}  # name -> module, in the order in which they were loaded
imports = {}  # name -> what it imports while it is loaded, in order, as the keys of a dictionary
closures = {}  # name -> what importing it loads, in the order of `sys.modules`, and what of the start-up it uses
searchable = set()  # the names of those that are looked for in the directories of `sys.path`
effects = {}  # name -> what importing it does outside of the module: functions, each with its arguments
variables_read = {}  # name -> the environment variables read while it is loaded, with their values; a key `None`: all
reads = {}  # name -> the file and line at which each of these variables was read first
watched = {}  # name -> what of other modules loading it may use: namespaces, names and values, as three lists
revealed = set()  # the names of hidden modules that the script has imported
listings = {}  # directory -> (its time when it was listed, the names of modules in it)
never = {"__main__", "antigravity", "this", "idlelib", "lib2to3", "multiprocessing", "test", "tkinter", "turtle"}
# The entries of the search path that hold the standard library: a directory, what is in it, an archive.
library = os.path.dirname(os.__file__)
libraries = {
    entry
    for entry in sys.path
    if entry == library
    or entry.startswith(library + "/")
    or os.path.basename(entry) == "python%d%d.zip" % sys.version_info[:2]
}
plain_import = builtins.__import__
plain_find_and_load = bootstrap._find_and_load
plain_finders = list(sys.meta_path)
plain_call = bootstrap._call_with_frames_removed


class RecordedVariables(dict):
    """The environment while modules are loaded: notes which module reads what of it."""

    def note(self, key):
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


def module_being_loaded(frame):
    while frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame.f_globals.get("__name__")


def is_module(thing):
    """Without asking the thing, whose class may say otherwise."""
    return issubclass(type(thing), Module)


def spec_of(module):
    """The `__spec__` of a module, which may be of a class that loads it when it is asked."""
    return names_of(module).get("__spec__") if is_module(module) else getattr(module, "__spec__", None)


def names_in(code):
    """The names that a code object and those inside of it use."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            names |= names_in(constant)
    return names


class Recorder:
    """What is replaced while modules are loaded, to note what loading each of them does and uses."""

    def __init__(self):
        import atexit
        import warnings

        self.replaced = [
            (builtins, "__import__", self.import_),
            (bootstrap, "_call_with_frames_removed", self.call),
            (atexit, "register", self.register),
            # Counts changes, and each module's `__warningregistry__` shows the count.
            (warnings, "_filters_mutated", lambda: None),
        ]
        variables = RecordedVariables(os.environ._data)
        self.replaced += [(each, "_data", variables) for each in (os.environ, getattr(os, "environb", None)) if each]
        self.plain = [getattr(owner, name) for owner, name, _ in self.replaced]
        self.warnings = warnings
        self.known = set(sys.modules)
        self.ongoing = []  # the imports that are under way, each with the frame of the module that asked for it
        self.names = {}  # module -> the names that its code uses

    def __enter__(self):
        for owner, name, value in self.replaced:
            setattr(owner, name, value)
        return self

    def __exit__(self, *_):
        for (owner, name, _), value in zip(self.replaced, self.plain):
            setattr(owner, name, value)

    def note(self, owner, name):
        imports.setdefault(owner, {})[name] = None

    def claim(self, owner):
        """Notes what is in `sys.modules` by no import: what `owner` put there."""
        for name in [name for name in sys.modules if name not in self.known]:
            self.known.add(name)
            if getattr(spec_of(sys.modules[name]), "name", None) != name:
                self.note(owner, name)

    def import_(self, name, globals=None, locals=None, fromlist=(), level=0):
        frame = sys._getframe(1)
        while frame.f_code.co_name != "<module>":
            frame = frame.f_back
        # While its import is under way a module can only ask for another from C code: that of what it imports.
        ongoing = self.ongoing
        owner = ongoing[-1][1] if ongoing and ongoing[-1][0] is frame else frame.f_globals.get("__name__")
        full = name
        if level:
            package = ((globals or {}).get("__package__") or "").rsplit(".", level - 1)[0]
            full = package + "." + name if name else package
        self.claim(owner)
        self.note(owner, full)
        for item in fromlist or ():
            if isinstance(item, str):
                self.note(owner, full + "." + item)
        ongoing.append((frame, full))
        try:
            return plain_import(name, globals, locals, fromlist, level)
        finally:
            ongoing.pop()
            self.claim(full)

    def call(self, function, *args, **kwds):
        """As `importlib._bootstrap._call_with_frames_removed`, which gets or executes the code of each module."""
        if function is exec:
            self.names[args[1]["__name__"]] = names_in(args[0])
        result = plain_call(function, *args, **kwds)
        if function is _imp.get_frozen_object:
            self.names[args[0]] = names_in(result)
        return result

    def register(self, function, *args, **kwds):
        """As `atexit.register`, for a module that registers a function each time it is loaded."""
        plain_register = self.plain[2]
        owner = module_being_loaded(sys._getframe(1))
        effects.setdefault(owner, []).append((plain_register, (function, *args), kwds))
        return function

    def forget(self, name):
        forget(name)
        self.known.discard(name)
        for notes in (effects, variables_read, self.names):
            notes.pop(name, None)


def load(names, others=()):
    """Imports `names`, and `others`, which are not of the library; gives back those that cannot be loaded early, with
    the reason: what they say or do when they are loaded is to be said and done in each run."""
    failed = {}
    names = [*names, *others]
    if not names:
        return failed
    lost = set()  # the packages that cannot be loaded early, and so none of their modules
    with Recorder() as recorder:
        for name in names:
            if name in sys.modules:
                continue
            before, loggers = dict(sys.modules), known_loggers()
            top = name.partition(".")[0]
            try:
                is_other = name in others
                if top in never:
                    raise NotEarly("it is never loaded early")
                if not is_other and top in lost:
                    raise NotEarly("its package cannot be loaded early")
                if not is_other and top not in library_names:
                    raise NotEarly("it is not of the standard library")
                with recorder.warnings.catch_warnings(record=True) as caught:
                    recorder.warnings.simplefilter("always")
                    recorder.import_(name)
                if not is_other and caught:
                    raise NotEarly("loading it gives a warning")
                if not is_other and known_loggers() != loggers:
                    raise NotEarly("loading it makes a logger")
                reached = set(load_order(name, sys.modules)[0])
                for extra in [each for each in sys.modules if each not in before and each not in reached]:
                    recorder.note(name, extra)
            except BaseException as error:
                failed[name] = reason_of(error)
                if top not in before and not is_other:
                    lost.add(top)
                for extra in set(sys.modules).difference(before):
                    recorder.forget(extra)
                restore_loggers(loggers)
    for name, names in recorder.names.items():
        watched[name] = uses_of(name, names)
    return failed


class NotEarly(Exception):
    """Says why a module is not loaded early."""


def reason_of(error):
    """What is wrong and where, in one line."""
    if type(error) is NotEarly:
        return error.args[0]
    try:
        text = "%s: %s" % (type(error).__name__, error)
    except BaseException:
        text = type(error).__name__
    place, trace = "", error.__traceback__
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith("<"):
            place = " (%s:%d)" % (file, trace.tb_lineno)
        trace = trace.tb_next
    text += place
    return text if text.isprintable() and text.isascii() else ascii(text)[1:-1]


def uses_of(name, names):
    """What `names`, those in the code of the module `name`, may be in the modules that it imports."""
    dictionaries, keys, values = [], [], []
    seen, of_startup = set(), set(map(id, startup.values()))

    def visit(module):
        if not is_module(module) or id(module) in seen:
            return
        seen.add(id(module))
        namespace = names_of(module)
        all_names = "%s.*" % namespace.get("__name__") in imports[name]
        for key, value in list(namespace.items()):
            if key not in names and not all_names or module is sys and key in never_watched:
                continue
            if is_module(value):
                visit(value)
            # Hiding a module takes it out of its package.
            if not is_module(value) or id(value) in of_startup:
                dictionaries.append(namespace)
                keys.append(key)
                values.append(value)

    for each in imports.get(name, ()):
        if each != name and each != "builtins":
            visit(sys.modules.get(each))
    return dictionaries, keys, values


def known_loggers():
    """The loggers that there are: what the library's modules make outside of themselves when they are loaded."""
    logging = sys.modules.get("logging")
    return {} if logging is None else dict(logging.root.manager.loggerDict)


def restore_loggers(loggers):
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.root.manager.loggerDict = loggers


def settle_warnings():
    """Has the C half of `warnings` use the list of filters that it began with: it keeps the one that it used last."""
    import warnings

    warnings.filters.insert(0, ("ignore", None, Warning, None, 0))
    warnings.warn_explicit("settled", Warning, "<warm>", 1)
    del warnings.filters[0]


def forget(name):
    module = sys.modules.pop(name)
    parent, _, child = name.rpartition(".")
    if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
        delattr(sys.modules[parent], child)


def load_order(name, among):
    """The names of the modules of `among` that importing `name` loads where none is loaded, in the order in which
    `sys.modules` gets them, and those that start-up has loaded already."""
    names, needs, begun = [], {}, set()

    def visit(name):
        parent = name.rpartition(".")[0]
        if parent:
            visit(parent)
        if name in begun:
            return
        begun.add(name)
        if name in startup:
            needs[name] = None
        elif name in among:
            for each in list(imports.get(name, ())):
                visit(each)
            names.append(name)

    visit(name)
    return names, list(needs)


def hide():
    """Takes everything that a plain start does not have out of `sys.modules`."""
    for name, module in sys.modules.items():
        if name not in startup and name != "__main__":
            hidden[name] = module
            origin = getattr(spec_of(module), "origin", None)
            if "." not in name and origin not in ("built-in", "frozen"):
                searchable.add(name)
    for name in hidden:
        closures[name] = load_order(name, hidden)
    for name, module in hidden.items():
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        owner = hidden[parent] if parent in hidden else startup.get(parent)
        # A package that imports a module of its own is never seen without it.
        if is_module(owner) and names_of(owner).get(child) is module:
            if parent not in hidden or name not in closures[parent][0]:
                delattr(owner, child)
                effects.setdefault(name, []).insert(0, (setattr, (owner, child, module), {}))
    hide_pickling()
    for name, module in hidden.items():
        if name in refreshers and is_of_library(module):
            variables_read.pop(name, None)
            effects.setdefault(name, []).insert(0, (refreshers[name], (module,), {}))


def hide_pickling():
    """Takes what hidden modules told `copyreg` out of it."""
    copyreg = startup.get("copyreg") or hidden.get("copyreg")
    for kind, function in list(copyreg.dispatch_table.items()) if copyreg else ():
        owner = function.__module__
        if owner in hidden and owner != "copyreg":
            del copyreg.dispatch_table[kind]
            effects.setdefault(owner, []).append((copyreg.dispatch_table.__setitem__, (kind, function), {}))


def in_library(origin):
    return origin in ("built-in", "frozen") or origin.startswith(tuple(entry + "/" for entry in libraries))


def is_of_library(module):
    origin = getattr(spec_of(module), "origin", None)
    return not isinstance(origin, str) or in_library(origin)


def shadowed(names):
    """Whether a directory that is searched before the standard library has a module with one of `names`."""
    for entry in sys.path:
        if entry in libraries:
            return False
        try:
            if not module_names(entry or ".").isdisjoint(names):
                return True
        except FileNotFoundError:
            continue
        except (OSError, TypeError, ValueError):
            # An archive, perhaps: let the import look into it.
            return True
    return True


def module_names(directory):
    """The names of the modules in `directory`, which is listed once in each run and again when its time changes, as the
    finders of importlib do."""
    mtime = stat(directory).st_mtime_ns
    known = listings.get(directory)
    if known is not None and known[0] == mtime:
        return known[1]
    names = frozenset([file.partition(".")[0] for file in listdir(directory)])
    if abs(time_ns() - mtime) > 2_000_000_000:
        listings[directory] = mtime, names
    return names


def refresh_logging(module):
    module._startTime = time_ns() if isinstance(module._startTime, int) else time.time()


def refresh_tempfile(module):
    module._name_sequence = None


def refresh_handlers(module):
    module.BaseHandler.os_environ = module.read_environ()


def refresh_sax(module):
    if not sys.flags.ignore_environment and "PY_SAX_PARSER" in os.environ:
        module.default_parser_list = os.environ["PY_SAX_PARSER"].split(",")


# What loading a module reads of the request, or draws at random.
refreshers = {
    "logging": refresh_logging,
    "random": lambda module: module.seed(),
    "tempfile": refresh_tempfile,
    "wsgiref.handlers": refresh_handlers,
    "xml.sax": refresh_sax,
}


def refresh_startup():
    """Refreshes the modules that start-up itself loads, as hidden ones are when they are revealed."""
    for name in startup_refreshed:
        refreshers[name](startup[name])


startup_refreshed = [name for name in refreshers if name in startup and is_of_library(startup[name])]
never_watched = {*changing, "_getframe"}


class Watch:
    """Whether code that could have replaced a name of the library may have run, so that modules that use the name must
    be loaded plainly."""

    active = False
    code = None  # the script's
    prefix = 0  # how many bytes of that code do nothing but import
    tracer = None  # the trace function of a debugger, which changes nothing


script_notes = {}  # address of the code of a script that was compiled early -> what `examine` says of it


def examine(code):
    """Whether the code of a script could replace a name of another module, and how many bytes of it do nothing but
    import."""
    if not starts_plainly:
        return True, 0
    opcodes = code.co_code[::2]
    return replaces(code), (len(opcodes) - len(opcodes.lstrip(importing))) * 2


def watch_script(code):
    """Begins to watch where `code`, the script's, could replace a name of another module."""
    Watch.code = code
    Watch.active, Watch.prefix = script_notes.get(id(code)) or examine(code)


def watch_always():
    Watch.active = True
    Watch.prefix = 0


def replaces(code):
    opcodes = code.co_code[::2]
    if store_attribute in opcodes or delete_attribute in opcodes or not replacing.isdisjoint(code.co_names):
        return True
    return any([replaces(constant) for constant in code.co_consts if isinstance(constant, CodeType)])


# Names by which code can change a module of the library, or run code that does, without an assignment to an attribute.
replacing = {
    *("setattr", "delattr", "vars", "__dict__", "__setattr__", "__delattr__", "globals", "exec", "eval", "compile"),
    *("exec_module", "load_module", "run_module", "run_path", "import_module", "patch", "mock"),
    *("redirect_stdout", "redirect_stderr", "catch_warnings", "captureWarnings", "tzset", "reload"),
}
CodeType = type(load.__code__)
store_attribute, delete_attribute = opcode.opmap["STORE_ATTR"], opcode.opmap["DELETE_ATTR"]
importing = bytes(
    opcode.opmap[name]
    for name in (
        *("CACHE", "NOP", "RESUME", "LOAD_CONST", "IMPORT_NAME", "IMPORT_FROM", "STORE_NAME", "POP_TOP"),
        *("IMPORT_STAR", "CALL_INTRINSIC_1", "EXTENDED_ARG"),
    )
    if name in opcode.opmap
)
builtin_values = list(vars(builtins).values())


# Whether start-up loads nothing but the library.
starts_plainly = all([is_of_library(module) for module in startup.values()])


def is_replaced(names):
    """Whether something that loading the modules `names` uses is not what it was when they were loaded early."""
    if not Watch.active:
        return False
    frame = get_frame() if Watch.prefix else None
    while frame is not None and frame.f_code is not Watch.code:
        frame = frame.f_back
    if frame is not None and frame.f_lasti < Watch.prefix:
        return False
    if any(map(is_not, builtin_values, vars(builtins).values())):
        return True
    for name in names:
        if name in watched:
            dictionaries, keys, values = watched[name]
            if any(map(is_not, map(dict.get, dictionaries, keys), values)):
                return True
    return False


def variables_differ(names):
    """Whether an environment variable that loading the modules `names` reads is not what it was then."""
    if variables_read.keys().isdisjoint(names):
        return False
    variables = os.environ._data
    for name in names:
        for key, value in variables_read.get(name, {}).items():
            if key is None or variables.get(key) != value:
                return True
    return False


def load_plainly(name, import_):
    watch_always()
    return plain_find_and_load(name, import_)


def find_and_load(name, import_):
    """As `importlib._bootstrap._find_and_load`, which the import statement calls for what is not in `sys.modules`: a
    module that is loaded already is put there with everything that loading it would have put there. Whatever could
    make the library load otherwise, or could watch it, gets a plain import."""
    closure = closures.get(name)
    if (
        closure is None
        or name in modules
        or sys.modules is not modules
        or sys.meta_path != plain_finders
        or vars(builtins).get("__import__") is not plain_import
        or sys.getprofile() is not None
        or sys.gettrace() is not Watch.tracer
    ):
        # As load_plainly, whose frame a trace function would be called for.
        Watch.active, Watch.prefix = True, 0
        return plain_find_and_load(name, import_)
    names, needs = closure
    if [each for each in needs if modules.get(each) is not startup[each]]:
        return load_plainly(name, import_)
    missing = [each for each in names if modules.get(each) is not hidden[each]]
    searched = []
    for each in missing:
        if each in modules or each in revealed:
            return load_plainly(name, import_)
        if each in searchable:
            searched.append(each)
    if searched and shadowed(searched) or is_replaced(missing) or variables_differ(missing):
        return load_plainly(name, import_)
    revealed.update(missing)
    for each in missing:
        modules[each] = hidden[each]
        if each in effects:
            for function, args, kwds in effects[each]:
                function(*args, **kwds)
    return modules[name]
