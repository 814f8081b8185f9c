"""Running what the host asks for, as `Py_RunMain` (Modules/main.c) does."""

import _frozen_importlib as bootstrap
import atexit
import builtins
import os
import posix
import sys
from _codecs import utf_32_le_encode
from _frozen_importlib_external import PathFinder, SourceFileLoader
from _io import TextIOWrapper
from posix import read
from time import time_ns

from .finalize import finalize, flush_io, ready, report
from .hooks import call_after_restore
from .imports import Watch, examine, script_notes, watch_always, watch_module, watch_script
from .preload import refresh_startup
from .raised import observers, tell
from .shared import counters_of_filters
from .startup import (
    Module,
    last_attributes,
    modules,
    names_of,
    reactor,
    set_limit,
    startup_hook,
    traceback_of,
)
from .state import hidden, in_library, in_roots, is_module, is_of_archive, spec_of
from .version import command_has_source, deepest, has_real_path, knows_first_directory, main_has_annotations

scripts = {}  # path of a script or a module -> (source, code or None where it must be compiled each time)
is_new_script = False
left_out = set()  # the names of modules that cannot be loaded early
new_modules = []  # the paths of modules that the next image should have among `scripts`
plain_get_code, plain_source_to_code = SourceFileLoader.get_code, SourceFileLoader.source_to_code
plain_compile = compile
no_arguments = ()
reserve = [bytearray(1 << 16)]  # what it takes to end a run that leaves no memory
first_directory = bytearray(4096)  # what C takes for `sys.path[0]`: a text of wide characters, the last of them 0
startup_variables = {}  # name -> what an environment variable was before start-up set it, and is since; or `None`


def receive():
    """What the host wrote at the start of standard input: its size in eight digits, then fields that end in NUL."""
    size = int(read(0, 8))
    data = read(0, size)
    while len(data) < size:
        data += read(0, size - len(data))
    return data.split(b"\0")


def set_environment(new):
    # One dictionary on every platform but Windows; the loop does not count on it.
    for current in (posix.environ, os.environ._data):
        for name in current:
            if name not in new:
                posix.unsetenv(name)
        current.clear()
        current.update(new)
    for name, value in new.items():
        posix.putenv(name, value)


def main_module(loader):
    """A `__main__` as `python` makes it."""
    module = Module("__main__")
    namespace = module.__dict__
    namespace["__loader__"] = loader
    if main_has_annotations:
        namespace["__annotations__"] = {}
    namespace["__builtins__"] = builtins
    sys.modules["__main__"] = module
    return namespace


def read_script(path, guess):
    descriptor = posix.open(path, posix.O_RDONLY)
    try:
        source = read(descriptor, guess)
        if len(source) == guess:
            while chunk := read(descriptor, 1 << 16):
                source += chunk
        return source
    finally:
        posix.close(descriptor)


class Held:
    """Standard error of a compilation: its warnings are to be seen only if the script is then run."""

    def __init__(self):
        self.texts = []

    def write(self, text):
        self.texts.append(text)

    def flush(self):
        pass


def compile_held(source, path):
    """The code, or `None` for what only a plain start reports rightly: a syntax error, a null byte, ..."""
    stream, held = sys.stderr, Held()
    sys.stderr = held
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None
    finally:
        sys.stderr = stream
    for text in held.texts:
        stream.write(text)
    return code


def compile_script(path):
    """The script's code, or `None` for what only a plain start reports rightly: a directory, no such file, ..."""
    global is_new_script
    known, code = scripts.get(path, (b"", None))
    try:
        source = read_script(path, max(8191, len(known)) + 1)
    except OSError:
        return None
    is_new_script = source != known
    return code if code and not is_new_script else compile_held(source, path)


def get_code(self, fullname):
    """As `SourceLoader.get_code` of importlib."""
    code = find_code(self, fullname)
    watch_module(fullname, code)
    return code


def find_code(self, fullname):
    """The code of a module outside of the library is known by its content, not by the time and the size of its
    file."""
    global is_new_script
    if (
        type(self) is not SourceFileLoader
        or in_library(self.path)
        or SourceFileLoader.source_to_code is not plain_source_to_code
        or vars(builtins).get("compile") is not plain_compile
        or sys.flags.verbose
        or sys.getprofile() is not None
        or sys.gettrace() is not Watch.tracer
    ):
        return plain_get_code(self, fullname)
    path = self.path
    if path not in scripts:
        new_modules.append(path)
        return plain_get_code(self, fullname)
    known, code = scripts[path]
    try:
        is_known = self.get_data(self.get_filename(fullname)) == known
    except OSError:
        return plain_get_code(self, fullname)
    is_new_script = is_new_script or not is_known
    return code if code and is_known else plain_get_code(self, fullname)


def compile_early(path):
    """Compiles a script or a module for later runs, unless it says something that each run is to say."""
    source, code, caught = b"", None, []
    counters = [(owner, name, getattr(owner, name)) for owner, name in counters_of_filters()]
    import warnings

    for owner, name, _ in counters:
        setattr(owner, name, lambda: None)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            source = read_script(path, 1 << 16)
            code = compile(source, path, "exec", dont_inherit=True)
    except Exception:
        pass
    for counter in counters:
        setattr(*counter)
    if code and not caught:
        script_notes[id(code)] = examine(code)
    scripts[path] = source, None if caught else code


def prepare(kind, target, arguments):
    """Sets up `sys` for the run and gives back what to call with which arguments, or `None`."""
    safe = sys.flags.safe_path
    if kind == "script":
        sys.argv = [target, *arguments]
        # As config_run_filename_abspath of Python/initconfig.c, which does not look for slashes that are there.
        path = target if target.startswith("/") else os.getcwd() + "/" + target
        code = compile_script(path)
        if code is None:
            return None
        sys.path_importer_cache[path] = None
        namespace = main_module(None)
        namespace["__loader__"] = SourceFileLoader("__main__", path)
        namespace["__file__"] = path
        namespace["__cached__"] = None
        if not safe:
            search_first(directory_of(os.path.realpath(path) if has_real_path else target))
        return exec, code, namespace
    if kind == "depth":
        return exec, compile(DEPTHS, "<depths>", "exec"), {"measure": c_depth}
    if kind == "command":
        sys.argv = ["-c", *arguments]
        namespace = main_module(bootstrap.BuiltinImporter)
        if not safe:
            search_first("")
        code = compile_held(target + "\n", "<string>")
        if code and command_has_source:
            give_source(code, target + "\n")
        return code and (exec, code, namespace)
    sys.argv = ["-m", *arguments]
    main_module(bootstrap.BuiltinImporter)
    if not safe:
        search_first(os.getcwd() if has_real_path else ".")
    import runpy

    return runpy._run_module_as_main, target, True


def search_first(directory):
    """What _PyPathConfig_ComputeSysPath0 of Python/pathconfig.c gives is the first to be searched."""
    sys.path.insert(0, directory)
    if knows_first_directory:
        # The codec itself: to look for it by its name would import it.
        wide, _ = utf_32_le_encode(directory, "surrogatepass")
        if len(wide) <= len(first_directory) - 4:
            first_directory[: len(wide)] = wide


def give_source(code, text):
    """As `run_mod` of Python/pythonrun.c does with the text of a command."""
    import linecache

    # Until 3.13.3 it takes a name.
    first = linecache._register_code.__code__.co_varnames[0]
    linecache._register_code(code if first == "code" else "<string>", text, "<string>")


def directory_of(path):
    """As _PyPathConfig_ComputeSysPath0 of Python/pathconfig.c: what is before the last slash."""
    end = path.rfind("/") + 1
    return path[: end - 1] if end > 1 else path[:end]


class Program:
    """What a reactor runs: see launch.py."""

    path = code = None  # of a script that is compiled
    find_script = None  # the function of `runpy` that `find_script` stands for
    told = ()  # what the host is told of the exception that ended it
    error = None  # that exception, where depths are measured


def prepare_reactor(kind, words, start):
    """As `prepare`: `_reactor.run` does the rest, as in a plain start."""
    main_module(bootstrap.BuiltinImporter)
    if kind == "depth":
        reactor.measure = c_depth
        return reactor.run, ["python", "-c", DEPTHS_OF_REACTOR], {}
    if kind == "script":
        Program.path, Program.code = words[start], compile_script(words[start])
    return plain_run, words, dict(os.environ)


def run_of_reactor(arguments, variables):
    """As `_reactor.run`, which imports `runpy` for a script."""
    if Program.code is not None:
        import runpy

        if runpy is hidden.get("runpy"):
            # Loading what it imports has looked in these directories.
            for entry in [*sys.path, *modules["importlib"].__path__]:
                PathFinder._path_importer_cache(entry)
        Program.find_script, runpy._get_code_from_file = runpy._get_code_from_file, find_script
    return plain_run(arguments, variables)


def find_script(path, *more):
    """As `_get_code_from_file` of Lib/runpy.py."""
    return Program.code if path == Program.path else Program.find_script(path, *more)


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
    plain_run, reactor.run = reactor.run, run_of_reactor
    plain_report, reactor._report = reactor._report, report_of_reactor

DEPTHS = """
import sys
depth = measure()
sys.setrecursionlimit(1)
"""
DEPTHS_OF_REACTOR = """
import sys
import _reactor
_reactor.depth = _reactor.measure()
sys.setrecursionlimit(1)
"""


def depth_in(error):
    """How deep the calls of Python were when the limit was set too low; the error's text is where CPython tells."""
    return [int(word) for word in str(error).replace(":", " ").split() if word.isdigit()][-1]


def c_depth():
    """How deep calls of C may still go here, as far as is tried: `repr` looks at all that it is in, each time."""
    nested = [[]]
    for _ in range(deepest):
        nested.append([nested[-1]])
    low, high = 0, len(nested) - 1
    while low < high:
        middle = (low + high) // 2
        try:
            repr(nested[middle])
            low = middle + 1
        except RecursionError:
            high = middle
    return low


def is_own(namespace, name):
    """Whether a standard stream is the one that the interpreter made."""
    stream = getattr(namespace, name)
    return type(stream) is TextIOWrapper and stream is getattr(namespace, "__%s__" % name)


def resume():
    """Runs one request. The host gets the exit code and the names of modules that the next image should have."""
    pending = []
    set_limit(plain_limit)
    sys.excepthook = startup_hook
    for name in last_attributes:
        if hasattr(sys, name):
            delattr(sys, name)
    count, start, kind, *fields = receive()
    count, start = int(count), int(start)
    kind, *terminals = kind.decode().split()
    if not all([is_own(sys, name) for name in terminals]):
        return b"cold: start-up replaced a stream that is a terminal"
    words = [os.fsdecode(field) for field in fields[:count]]
    variables = dict(zip(fields[count:-1:2], fields[count + 1 :: 2]))
    for name, (at_start, value) in startup_variables.items():
        if variables.get(name) != at_start:
            return b"cold: start-up sets a variable that the request has, too"
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value
    set_environment(variables)
    refresh_startup()
    for name in terminals:
        # As create_stdio of Python/pylifecycle.c.
        getattr(sys, name).reconfigure(line_buffering=True)
    sys.orig_argv = words
    if reactor:
        atexit.unregister(time_ns)
        run = prepare_reactor(kind, words, start)
    else:
        run = prepare(kind, words[start], words[start + 1 :])
    if run is None:
        return b"cold: its script is one that only a plain start reports rightly"
    function, first, second = run
    run = None
    code = 0
    if reactor:
        if Program.code is not None:
            watch_script(Program.code)
        else:
            watch_always()
    elif kind == "script" or kind == "command":
        watch_script(first)
    else:
        watch_always(first)
    try:
        if kind != "depth":
            call_after_restore()
        if reactor:
            code = function(first, second)
        else:
            function(first, second)
    except BaseException as error:
        pending.append(error)
    reserve.clear()
    if kind == "depth":
        if reactor:
            pending, second = [Program.error], names_of(reactor)
        return b"%d %d" % (depth_in(pending.pop()) - plain_depth, plain_c_depth - second["depth"])
    function = first = None
    if kind == "script" and not reactor:
        flush_io()
    told, exits = Program.told, False
    if pending:
        told = describe(pending[0])
        code, exits = report(pending.pop())
    if kind == "script" and not exits and not reactor:
        # As _PyRun_SimpleFile of Python/pythonrun.c.
        for name in ("__file__", "__cached__"):
            second.pop(name, None)
    second = None
    learnt = worth_loading()
    learnt += ["source " + path for path in worth_compiling(learnt)]
    if not finalize():
        code = 120
    lines = [str(code), *learnt]
    if is_new_script:
        lines.append("script")
    if told and not exits:
        lines += told
    return "\n".join(lines).encode("utf-8", "replace")


def describe(error):
    """What the host is told of an exception that ends the run, unless it is the one of `sys.exit`."""
    if issubclass(type(error), SystemExit):
        return ()
    for observe in observers:
        observe(error)
    try:
        return ["raised", *tell(error)]
    except (MemoryError, RecursionError):
        # The run has left too little; its standard error says what it can.
        return ("raised",)


def worth_loading():
    """The modules that were loaded and that the image could have: `module` and the name of one of the library,
    `package` and the name of one of an installed package."""
    found = []
    for name in [name for name, module in modules.items() if ready.get(name) is not module]:
        module = modules[name]
        if isinstance(name, str) and name not in ready and is_module(module):
            spec = names_of(module).get("__spec__")
            origin = getattr(spec, "origin", None)
            if not isinstance(origin, str):
                continue
            if in_roots(origin):
                if name not in left_out and getattr(spec, "name", None) == name:
                    found.append("package " + name)
            elif is_of_archive(name, origin):
                found.append("module " + name)
    return found


def worth_compiling(learnt):
    """The paths of modules that were compiled and that the image could have as code, other than those that it has
    loaded or could have loaded."""
    if not new_modules:
        return new_modules
    packages = [modules[each.partition(" ")[2]] for each in learnt if each.startswith("package ")]
    origins = [getattr(spec_of(module), "origin", None) for module in [*packages, *hidden.values()]]
    return [path for path in new_modules if path not in origins]


plain_c_depth = c_depth()
try:
    sys.setrecursionlimit(1)
except RecursionError as error:
    plain_depth = depth_in(error)
plain_limit = sys.getrecursionlimit()
