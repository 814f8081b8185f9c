"""Runs the app's warm-up script, so that what code makes at its first use is saved with the interpreter.

What the script leaves inside of modules stays: caches, what code in C has allocated. What it changes of the
interpreter is undone: `__main__`, names in modules, the environment, streams, loggers, context variables, what `sys`
keeps. The modules that it imports are loaded early as any others are. The proof looks at the rest: see `../proof`.
"""

import builtins
import gc
import os
import posix
import sys
from _contextvars import copy_context
from _operator import is_not

from .resume import directory_of
from .scripts import main_module, read_script
from .shared import warn_again
from .startup import names_of, reactor
from .state import WARM_UP, effects, is_module, is_of_library, spec_of, variables_read

# The variables that each request has its own of (RFC 3875, 4.1), other than headers.
of_requests = {
    *(b"AUTH_TYPE", b"CONTENT_LENGTH", b"CONTENT_TYPE", b"PATH_INFO", b"PATH_TRANSLATED", b"QUERY_STRING"),
    *(b"REMOTE_ADDR", b"REMOTE_HOST", b"REMOTE_IDENT", b"REMOTE_USER", b"REQUEST_METHOD", b"SCRIPT_NAME"),
    *(b"SERVER_NAME", b"SERVER_PORT", b"X_FULL_URL", b"X_MATCHED_ROUTE", b"X_RAW_PATH_INFO"),
}


def warm_up(path, recorder, denied):
    """Runs the script at `path`; gives back `None`, or why requests may not start from what it has left: an empty text
    where it is an exception, which standard error tells then."""
    before = set(sys.modules)
    undo = Undo(recorder)
    undo.flush()
    posix.write(1, b"\npywagi-warm-up\n")
    posix.write(2, b"\npywagi-warm-up\n")
    recorder.loading.append((WARM_UP, True))
    failure = None
    try:
        run_warm_up(path, recorder)
        failure = refusal(path, before, recorder, denied)
    except SystemExit as error:
        if error.code not in (None, 0):
            failure = complain_of(error, undo)
    except BaseException as error:
        failure = complain_of(error, undo)
    left = undo.undo()
    recorder.claim_shared(WARM_UP, True)
    recorder.loading.pop()
    return left if failure is None else failure


def run_warm_up(path, recorder):
    """As a script is run, but for its context."""
    recorder.wrote = False
    variables_read.pop("__main__", None)
    sys.argv = [path]
    sys.orig_argv = [*sys.orig_argv[:1], path]
    # A reactor is isolated, and searches the directory of its script all the same.
    if not sys.flags.safe_path or reactor:
        sys.path.insert(0, directory_of(path))
    namespace = main_module(None)
    namespace["__file__"] = path
    code = compile(read_script(path, 1 << 16), path, "exec", dont_inherit=True)
    try:
        copy_context().run(exec, code, namespace)
    finally:
        namespace.clear()


def refusal(path, before, recorder, denied):
    """Why what the script has made must not be shared by requests."""
    new = [name for name in sys.modules if name not in before]
    for name in new:
        if name in denied:
            return "it imports %s, which is not loaded early" % name
        for function, arguments, _ in effects.get(name, ()):
            if function is warn_again and arguments[0].filename in (path, "<string>"):
                return "it imports %s, which warns whoever imports it" % name
    if recorder.wrote:
        return "a module that it imports writes to standard output or standard error while it is loaded"
    for key in variables_read.pop("__main__", ()):
        if key is not None and (key in of_requests or key.startswith(b"HTTP_")):
            return "it reads the variable %s, which each request has its own of" % os.fsdecode(key)
    return None


def complain_of(error, undo):
    """Has standard error tell of the exception, without frames of ours."""
    undo.undo()
    traces, trace = [], error.__traceback__
    while trace:
        if trace.tb_frame.f_globals is not globals():
            traces.append(trace)
        trace = trace.tb_next
    for each in reversed(traces):
        each.tb_next, trace = trace, each
    sys.__excepthook__(type(error), error.with_traceback(trace), trace)
    undo.flush()
    return ""


class Undo:
    """What the script may change of the interpreter, as it was before."""

    def __init__(self, recorder):
        self.recorder = recorder
        self.builtins = dict(vars(builtins))
        self.main = sys.modules["__main__"]
        self.attributes = {name: getattr(sys, name) for name in kept_attributes}
        self.streams = [(stream, form_of(stream)) for stream in recorder.streams]
        self.path = sys.path, list(sys.path)
        self.directory = os.getcwd()
        self.variables = dict.copy(os.environ._data)
        self.settings = [(set_, get()) for set_, get in settings()]
        self.collects = gc.isenabled()
        recorder.shared += [KeptLoggers(), KeptFinalizers(), KeptNames(recorder)]

    def flush(self):
        for stream in self.recorder.streams:
            if not stream.closed:
                stream.flush()

    def undo(self):
        """Gives back why not all of it can be undone, if so."""
        # The library's own functions are called by what follows.
        vars(builtins).clear()
        vars(builtins).update(self.builtins)
        sys.settrace(None)
        sys.setprofile(None)
        sys.modules["__main__"] = self.main
        for name, value in self.attributes.items():
            setattr(sys, name, value)
        sys.path = self.path[0]
        sys.path[:] = self.path[1]
        self.undo_variables()
        for set_, value in self.settings:
            set_(value)
        (gc.enable if self.collects else gc.disable)()
        # What the script has left is to be gone before its output ends.
        gc.collect()
        self.flush()
        if [stream for stream, _ in self.streams if stream.closed]:
            return "it closes standard output or standard error"
        for stream, form in self.streams:
            if form != form_of(stream):
                stream.reconfigure(**form)
        # The directory that a run starts in may be one that none can change to.
        return None if os.getcwd() == self.directory else "it changes the working directory"

    def undo_variables(self):
        now = os.environ._data
        for key in {*dict.keys(now), *self.variables}:
            value = self.variables.get(key)
            if dict.get(now, key) == value:
                continue
            if value is None:
                posix.unsetenv(key)
                dict.pop(now, key)
            else:
                posix.putenv(key, value)
                dict.__setitem__(now, key, value)


kept_attributes = (
    *("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__", "argv", "orig_argv"),
    *("excepthook", "displayhook", "unraisablehook", "breakpointhook"),
)


def form_of(stream):
    names = "encoding", "errors", "line_buffering", "write_through"
    return {name: getattr(stream, name) for name in names if hasattr(stream, name)}


def settings():
    """What can be set of the interpreter other than by a name in `sys`."""
    yield sys.setswitchinterval, sys.getswitchinterval
    if hasattr(sys, "set_int_max_str_digits"):
        yield sys.set_int_max_str_digits, sys.get_int_max_str_digits
    yield lambda threshold: gc.set_threshold(*threshold), gc.get_threshold


class KeptLoggers:
    """The loggers that there were before, or that a module has made: level, handlers and so on."""

    def __init__(self):
        self.known = {}  # address -> logger, its names, and copies of those that are lists
        self.disabled = 0
        self.note()

    def note(self):
        logging = sys.modules.get("logging")
        if logging is None or not hasattr(logging, "root"):
            return
        if not self.known:
            self.disabled = logging.root.manager.disable
        for logger in [logging.root, *logging.root.manager.loggerDict.values()]:
            if hasattr(logger, "handlers") and id(logger) not in self.known:
                names = dict(vars(logger))
                lists = [(names[name], list(names[name])) for name in ("handlers", "filters")]
                self.known[id(logger)] = logger, names, lists

    def claim(self, owner):
        if owner != WARM_UP:
            self.note()

    def undo(self):
        for logger, names, lists in self.known.values():
            vars(logger).clear()
            vars(logger).update(names)
            logger._cache.clear()
            for items, before in lists:
                items[:] = before
            logger.manager.disable = self.disabled


class KeptFinalizers:
    """The finalizers of `weakref` that there were before, or that a module has registered."""

    def __init__(self):
        self.known = set(getattr(self.kind(), "_registry", ()))
        self.registered = getattr(self.kind(), "_registered_with_atexit", False)

    @staticmethod
    def kind():
        # It may be loaded just now.
        return getattr(sys.modules.get("weakref"), "finalize", None)

    def claim(self, owner):
        registry = getattr(self.kind(), "_registry", {})
        if owner != WARM_UP:
            self.known = set(registry)
        for each in set(registry) - self.known:
            del registry[each]

    def undo(self):
        if self.kind() is not None:
            # What it has registered meanwhile is forgotten: see `Recorder.register`.
            self.kind()._registered_with_atexit = self.registered


class KeptNames:
    """The names of modules, which the script, or a function that it calls, may give something else. Of the modules of
    the library those alone that stand for modules: `Names` keeps the others."""

    def __init__(self, recorder):
        self.recorder = recorder
        self.known = {}
        self.replaced = []
        self.note()

    def note(self):
        for module in list(sys.modules.values()):
            # Of one that is being loaded, such as a frozen one, it is not known yet what is the script's.
            if is_module(module) and not getattr(spec_of(module), "_initializing", False):
                self.known[id(names_of(module))] = module, dict(names_of(module))

    def claim(self, owner):
        if owner == WARM_UP:
            self.compare()
        elif self.recorder.loading[-1][0] == WARM_UP:
            # What loading a module changes is not of the script.
            self.note()

    def compare(self):
        nothing = object()
        for module, known in self.known.values():
            namespace = names_of(module)
            if len(namespace) == len(known) and not any(map(is_not, known.values(), namespace.values())):
                continue
            for name in {*known, *namespace}:
                was, value = known.get(name, nothing), namespace.get(name, nothing)
                if was is not value and is_kept(module, name, was, value):
                    self.replaced.append((namespace, name, name in known, known.get(name)))

    def undo(self):
        for namespace, name, was_there, value in reversed(self.replaced):
            if was_there:
                namespace[name] = value
            else:
                namespace.pop(name, None)


def is_kept(module, name, *values):
    """Whether the name is given back what it stood for. A module within the module is hidden and revealed as others."""
    if not isinstance(name, str) or name.startswith("__"):
        return False
    within = sys.modules.get("%s.%s" % (names_of(module).get("__name__"), name))
    modules = [value for value in values if is_module(value)]
    return not [value for value in modules if value is within] and bool(modules or not is_of_library(module))
