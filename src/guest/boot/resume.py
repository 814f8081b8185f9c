"""Running what the host asks for, as `Py_RunMain` (Modules/main.c) does."""

import _frozen_importlib as bootstrap
import atexit
import os
import posix
import sys
from _codecs import utf_32_le_encode
from _frozen_importlib_external import SourceFileLoader
from _io import TextIOWrapper
from posix import read
from time import time_ns

from .depth import DEPTHS, c_depth, depth_in, plain_c_depth, plain_depth, plain_limit
from .finalize import finalize, flush_io, new_names, ready, report
from .hooks import call_after_restore
from .imports import watch_always, watch_script
from .preload import refresh_startup
from .raised import describe
from .reactor import Program, prepare_reactor
from .scripts import compile_held, compile_script, is_new_script, main_module, new_modules
from .startup import last_attributes, modules, names_of, reactor, set_limit, startup_hook
from .state import hidden, in_roots, is_module, is_of_archive, spec_of
from .version import command_has_source, has_real_path, knows_first_directory

left_out = set()  # the names of modules that cannot be loaded early
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


def worth_loading():
    """The modules that were loaded and that the image could have: `module` and the name of one of the library,
    `package` and the name of one of an installed package."""
    found = []
    for name in new_names():
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
