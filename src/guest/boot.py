"""The guest's half of a warm start.

The host runs this with `python -c` once. It loads the modules that earlier requests imported, hides them again, and
stops the interpreter in a call to the host. Memory is saved at that point. In a new instance that starts with this
memory the host calls `resume`, which reads what to run from standard input and runs it as CPython's own
`Py_RunMain` (Modules/main.c) would. Nothing that a script can look at may tell the difference, hence:

- Modules loaded early are not in `sys.modules` until the script imports them; see `find_and_load`.
- The functions that are on the stack while the script runs leave no frame; see `invisible`.
- The interpreter is stopped where no Python frame is on the stack; see `Stop`.

Standard input of the first run holds a line for each thing to make ready: `module NAME` or `script PATH`.
"""
import sys

startup = dict(sys.modules)
startup_importers = set(sys.path_importer_cache)

import atexit
import builtins
import gc
import os
import posix
import time
import _operator
import _weakref
import opcode
import _frozen_importlib as bootstrap
from _frozen_importlib_external import SourceFileLoader

# A script that imports what only this file needed is to get its own.
for name in set(sys.modules).difference(startup):
    del sys.modules[name]
del startup["__main__"]

Module = type(sys)
read = posix.read
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


# --- Modules loaded before they are asked for ------------------------------------------------------------------

hidden = {}  # name -> module, in the order in which they were loaded
closures = {}  # name -> what importing it loads: (names in order, their top-level names)
origins = {}  # name -> where it was found
attributes = {}  # name -> the package that importing it makes it an attribute of, and the attribute
scripts = {}  # path -> (source, code or None where it must be compiled each time)
is_new_script = False
listings = {}  # directory -> (mtime, the names of modules in it)
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


def load(names):
    """Imports `names`, noting which module imports which; gives back those that cannot be loaded early."""
    imported_by = {}
    if not names:
        return [], imported_by
    import warnings

    plain_import = builtins.__import__

    def noting_import(name, globals=None, locals=None, fromlist=(), level=0):
        module = plain_import(name, globals, locals, fromlist, level)
        if globals:
            if level:
                package = (globals.get("__package__") or "").rsplit(".", level - 1)[0]
                name = package + "." + name if name else package
            found = imported_by.setdefault(globals.get("__name__"), set())
            found.add(name)
            found.update(name + "." + item for item in fromlist or () if isinstance(item, str))
        return module

    failed = []
    builtins.__import__ = noting_import
    try:
        for name in names:
            if name in sys.modules:
                continue
            before = list(sys.modules)
            try:
                if name.partition(".")[0] in never:
                    raise ImportError(name)
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    noting_import(name, {"__name__": "__main__"})
                if caught:
                    raise ImportError(name)
            except BaseException:
                failed.append(name)
                for extra in set(sys.modules).difference(before):
                    forget(extra)
    finally:
        builtins.__import__ = plain_import
    return failed, imported_by


def forget(name):
    module = sys.modules.pop(name)
    parent, _, child = name.rpartition(".")
    if parent in sys.modules and getattr(sys.modules[parent], child, None) is module:
        delattr(sys.modules[parent], child)


def hide(imported_by):
    """Takes everything that a plain start does not have out of `sys.modules`."""
    for name, module in sys.modules.items():
        if name not in startup and name != "__main__":
            hidden[name] = module
            origins[name] = getattr(getattr(module, "__spec__", None), "origin", None)
    order = {name: i for i, name in enumerate(hidden)}
    for name in hidden:
        reached, ahead = set(), [name]
        while ahead:
            current = ahead.pop()
            if current in hidden and current not in reached:
                reached.add(current)
                ahead.extend(imported_by.get(current, ()))
                ahead.append(current.rpartition(".")[0])
        names = sorted(reached, key=order.__getitem__)
        closures[name] = names, frozenset(each.partition(".")[0] for each in names)
    for name, module in hidden.items():
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        owner = hidden[parent] if parent in hidden else startup.get(parent)
        # A package that imports a module of its own is never seen without it.
        if owner is not None and getattr(owner, child, None) is module:
            if parent not in hidden or name not in closures[parent][0]:
                delattr(owner, child)
                attributes[name] = owner, child


def in_library(origin):
    return origin in ("built-in", "frozen") or origin.startswith(tuple(entry + "/" for entry in libraries))


def shadowed(name, names):
    """Whether a directory that is searched before the standard library has a module with one of `names`."""
    if len(closures[name][0]) == 1 and origins[name] in ("built-in", "frozen"):
        # Found before any path is searched, and imports nothing.
        return False
    for entry in sys.path:
        if entry in libraries:
            return False
        try:
            if not names.isdisjoint(module_names(entry or ".")):
                return True
        except FileNotFoundError:
            continue
        except (OSError, TypeError, ValueError):
            # An archive, perhaps: let the import look into it.
            return True
    return True


def module_names(directory):
    """The names of the modules in `directory`. Adding a file changes the directory's time, as importlib relies on."""
    mtime = posix.stat(directory).st_mtime_ns
    known = listings.get(directory)
    if known is None or known[0] != mtime:
        known = listings[directory] = mtime, frozenset([file.partition(".")[0] for file in posix.listdir(directory)])
    return known[1]


refreshers = {
    "random": lambda module: module.seed(),
    "logging": lambda module: setattr(module, "_startTime", start_time(module._startTime)),
    "tempfile": lambda module: (setattr(module, "tempdir", None), setattr(module, "_name_sequence", None)),
}


def start_time(old):
    return time.time_ns() if isinstance(old, int) else time.time()


plain_find_and_load = bootstrap._find_and_load
plain_finders = list(sys.meta_path)


def find_and_load(name, import_):
    """As `importlib._bootstrap._find_and_load`, which the import statement calls for what is not in `sys.modules`: a
    module that is loaded already is put there with everything that loading it would have put there."""
    closure = closures.get(name)
    modules = sys.modules
    if closure is None or name in modules or sys.meta_path != plain_finders:
        return plain_find_and_load(name, import_)
    names, tops = closure
    parent = name.rpartition(".")[0]
    if parent in modules:
        if modules[parent] is not (hidden[parent] if parent in hidden else startup.get(parent)):
            return plain_find_and_load(name, import_)
    if not (parent and parent in modules) and shadowed(name, tops):
        return plain_find_and_load(name, import_)
    for each in names:
        if each not in modules:
            module = modules[each] = hidden[each]
            if each in attributes:
                setattr(*attributes[each], module)
            if each in refreshers:
                refreshers[each](module)
    return modules[name]


# --- Running what the host asks for ----------------------------------------------------------------------------


def receive():
    """What the host wrote at the start of standard input: its size in eight digits, then fields that end in NUL."""
    size = int(read(0, 8))
    data = read(0, size)
    while len(data) < size:
        data += read(0, size - len(data))
    return data.split(b"\0")


def set_environment(names, values):
    new = dict(zip(names, values))
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


def compile_script(path):
    """The script's code, or `None` for what only a plain start reports rightly: no such file, a syntax error, …"""
    global is_new_script
    known, code = scripts.get(path, (b"", None))
    try:
        source = read_script(path, max(8191, len(known)) + 1)
        is_new_script = source != known
        return code if code and not is_new_script else compile(source, path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def compile_early(path):
    """Compiles a script for later runs, unless it says something that each run is to say."""
    import warnings

    source, code, caught = b"", None, []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            source = read_script(path, 1 << 16)
            code = compile(source, path, "exec", dont_inherit=True)
    except Exception:
        pass
    scripts[path] = source, None if caught else code


def prepare(kind, target, arguments):
    """Sets up `sys` for the run and gives back what to call with which arguments, or `None`."""
    safe = sys.flags.safe_path
    if kind == b"script":
        sys.argv = [target, *arguments]
        path = target if target.startswith("/") else os.path.join(os.getcwd(), target)
        code = compile_script(path)
        if code is None:
            return None
        sys.path_importer_cache[path] = None
        namespace = main_module(None)
        namespace["__loader__"] = SourceFileLoader("__main__", path)
        namespace["__file__"] = path
        namespace["__cached__"] = None
        if not safe:
            sys.path.insert(0, os.path.dirname(path))
        return exec, code, namespace
    if kind == b"depth":
        return exec, compile("import sys\nsys.setrecursionlimit(1)", "<depth>", "exec"), {}
    if kind == b"command":
        sys.argv = ["-c", *arguments]
        namespace = main_module(bootstrap.BuiltinImporter)
        if not safe:
            sys.path.insert(0, "")
        try:
            code = compile(target + "\n", "<string>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return None
        return exec, code, namespace
    sys.argv = ["-m", *arguments]
    main_module(bootstrap.BuiltinImporter)
    if not safe:
        sys.path.insert(0, os.getcwd())
    import runpy

    return runpy._run_module_as_main, target, True


def exit_code(value):
    """As `handle_system_exit` of Python/pythonrun.c: the code, and what it says on standard error."""
    code = value.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code if -0x80000000 <= code <= 0x7FFFFFFF else -1
    try:
        if sys.stderr is not None:
            sys.stderr.write(str(code))
    except BaseException:
        pass
    complain("\n")
    return 1


def complain(text):
    """As `PySys_WriteStderr`: to `sys.stderr`, and what cannot be written there to the descriptor."""
    try:
        sys.stderr.write(text)
    except BaseException:
        posix.write(2, text.encode("utf-8", "backslashreplace"))


def report(error):
    """As `_PyErr_PrintEx` of Python/pythonrun.c: the exit code after an uncaught exception."""
    if isinstance(error, SystemExit):
        return exit_code(error)
    kind, trace = type(error), error.__traceback__
    if "last_exc" in last_attributes:
        sys.last_exc = error
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    second = None
    hook = getattr(sys, "excepthook", None)
    if hook is None:
        complain("sys.excepthook is missing\n")
        sys.__excepthook__(kind, error, trace)
    else:
        try:
            hook(kind, error, trace)
        except BaseException as raised:
            second = raised
        if second is not None:
            if isinstance(second, SystemExit):
                return exit_code(second)
            complain("Error in sys.excepthook:\n")
            sys.__excepthook__(type(second), second, second.__traceback__)
            complain("\nOriginal exception was:\n")
            sys.__excepthook__(kind, error, trace)
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def flush(name, say=True):
    stream = getattr(sys, name, None)
    if stream is None:
        return True
    try:
        if not stream.closed:
            stream.flush()
    except BaseException as error:
        if say and name == "stdout":
            unraisable(error, stream)
        return False
    return True


def unraisable(error, thing):
    try:
        hook = sys.unraisablehook
        hook(Unraisable((type(error), error, error.__traceback__, None, thing)))
    except BaseException:
        pass


def finalize():
    """What a script can notice of `Py_FinalizeEx` of Python/pylifecycle.c; gives back whether output was flushed."""
    threading = sys.modules.get("threading")
    if threading is not None:
        try:
            threading._shutdown()
        except BaseException as error:
            unraisable(error, threading)
    run_exit_functions()
    flushed = flush("stdout") & flush("stderr")
    modules = sys.modules
    builtins._ = None
    for name in ("path", "argv", "ps1", "ps2", *last_attributes, "path_importer_cache", "meta_path"):
        setattr(sys, name, None)
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__
    left = []
    for name in list(modules):
        module = modules[name]
        modules[name] = None
        if name not in startup and name not in hidden and isinstance(module, Module):
            left.append(_weakref.ref(module))
    module = None
    gc.collect()
    for each in reversed(left):
        module = each()
        if module is not None:
            clear(module.__dict__)
            module = None
    return flush("stdout") & flush("stderr") & flushed


def clear(namespace):
    """As `_PyModule_ClearDict`: first the names that begin with one underscore, then all but `__builtins__`."""
    for private in (True, False):
        for name in list(namespace):
            if isinstance(name, str) and name != "__builtins__" and namespace[name] is not None:
                if not private or (name[:1] == "_" and name[1:2] != "_"):
                    namespace[name] = None


def depth_in(error):
    """How deep the calls of Python were when the limit was set too low; the error's text is where CPython tells."""
    return [int(word) for word in str(error).replace(":", " ").split() if word.isdigit()][-1]


def resume():
    """Runs one request. The host gets the exit code and the names of modules that the next image should have."""
    error = None
    sys.setrecursionlimit(plain_limit)
    sys.excepthook = sys.__excepthook__
    for name in last_attributes:
        if hasattr(sys, name):
            delattr(sys, name)
    count, start, kind, *fields = receive()
    count, start = int(count), int(start)
    words = [os.fsdecode(field) for field in fields[:count]]
    set_environment(fields[count:-1:2], fields[count + 1 :: 2])
    sys.orig_argv = words
    run = prepare(kind, words[start], words[start + 1 :])
    if run is None:
        return b"cold"
    function, first, second = run
    run = None
    try:
        function(first, second)
    except BaseException as raised:
        error = raised
    if kind == b"depth":
        return str(depth_in(error) - plain_depth).encode()
    first = second = function = None
    flush("stderr", say=False)
    flush("stdout", say=False)
    code = 0 if error is None else report(error)
    error = None
    learnt = worth_loading()
    if not finalize():
        code = 120
    lines = [str(code), *["module " + name for name in learnt]]
    if is_new_script:
        lines.append("script")
    return "\n".join(lines).encode("utf-8", "replace")


def worth_loading():
    modules = sys.modules
    if not modules.keys() - startup.keys() - hidden.keys() - {"__main__"}:
        return []
    names = []
    for name, module in modules.items():
        if isinstance(name, str) and name not in startup and name not in hidden and name != "__main__":
            origin = getattr(getattr(module, "__spec__", None), "origin", None)
            if name.partition(".")[0] in sys.stdlib_module_names and isinstance(origin, str):
                if in_library(origin):
                    names.append(name)
    return names


# --- Stopping --------------------------------------------------------------------------------------------------


class Stop:
    """An exception hook that stops the interpreter. CPython calls the hook of an uncaught exception when all Python
    frames are gone. Looking up `__call__` calls the property's getter, that calls `time_ns`, all of it C, and there
    the host ends the run."""

    halt = time.time_ns
    __call__ = property(_operator.methodcaller("halt"))


def unraisable_type():
    """The type of what `sys.unraisablehook` is called with, which has no name of its own."""
    seen = []

    class Broken:
        def __del__(self):
            raise ValueError

    plain_hook, sys.unraisablehook = sys.unraisablehook, lambda info: seen.append(type(info))
    Broken()
    sys.unraisablehook = plain_hook
    return seen[0]


def setup():
    wanted = b""
    while chunk := read(0, 1 << 16):
        wanted += chunk
    wanted = [line.split(" ", 1) for line in wanted.decode().splitlines()]
    # The first compilation of a process makes the types of the syntax tree.
    compile("import a\ndef f(x, *y, z=1):\n    return [x for x in y]\n", "<warm>", "exec")
    failed, imported_by = load([name for what, name in wanted if what == "module"])
    for path in [name for what, name in wanted if what == "script"]:
        compile_early(path)
        try:
            module_names(os.path.dirname(path))
        except OSError:
            pass
    hide(imported_by)
    for entry in list(sys.path_importer_cache):
        if entry not in startup_importers and not in_library(entry):
            del sys.path_importer_cache[entry]
    files = []
    for module in [*startup.values(), *hidden.values()]:
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        if isinstance(origin, str) and origin.startswith("/"):
            files.append(origin)
    bootstrap._find_and_load = find_and_load
    for thing in [*globals().values(), *refreshers.values()]:
        if isinstance(thing, type(setup)) and thing is not setup:
            invisible(thing)
    lines = ["pywagi-image", str(id(resume)), str(id(no_arguments)), str(sys.hexversion)]
    lines += ["failed " + name for name in failed]
    lines += ["loaded " + name for name in hidden]
    lines += ["file " + name for name in files]
    lines += ["path " + name for name in sys.path if isinstance(name, str)]
    lines += ["library " + name for name in libraries]
    gc.collect()
    gc.freeze()
    posix.write(1, ("\n".join(lines) + "\npywagi-stop\n").encode())


Unraisable = unraisable_type()
last_attributes = ("last_type", "last_value", "last_traceback") + (("last_exc",) if sys.version_info >= (3, 12) else ())
no_arguments = ()
try:
    sys.setrecursionlimit(1)
except RecursionError as error:
    plain_depth = depth_in(error)
plain_limit = sys.getrecursionlimit()
setup()
sys.excepthook = Stop()
# The host finds CPython's counter of calls by it.
sys.setrecursionlimit(987653)
raise Warning("the host did not stop the interpreter")
