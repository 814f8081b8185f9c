"""The end of a run: what CPython does after a script, as far as the script can notice."""

import atexit
import builtins
import sys
from _functools import partial
from _operator import is_not
from _weakref import ref
from gc import collect, get_objects, isenabled
from itertools import compress
from posix import write

from .startup import (
    changing,
    ended_attributes,
    get_limit,
    modules,
    names_of,
    plain_builtins,
    set_limit,
    traceback_of,
)
from .state import is_module
from .version import (
    exit_code_is_long,
    has_last_exception,
    ignored_while,
    reports_leftover_error,
    says_what_was_ignored,
)

run_exit_functions = atexit._run_exitfuncs
plain_streams = sys.stdout, sys.stderr
plain_system = {name: value for name, value in vars(sys).items() if name not in changing}
ready = {}  # name -> module, of all that the image has
absent = object()
leftover = []  # an error that CPython leaves behind, and reports later than it happens


def exit_code(value):
    """As `_Py_HandleSystemExit` of Python/pythonrun.c: the code, and what it says on standard error."""
    try:
        code = value.code
    except BaseException:
        code = value
    if code is None:
        return 0
    if isinstance(code, int):
        number = int.__add__(code, 0)
        if -0x80000000 <= number <= 0x7FFFFFFF:
            return number
        if not exit_code_is_long:
            leftover.append(OverflowError("Python int too large to convert to C long"))
        elif -1 << 63 <= number < 1 << 63:
            return (number + 0x80000000) % 0x100000000 - 0x80000000
        return -1
    try:
        stream = getattr(sys, "stderr", None)
        if stream is None:
            write(2, str(code).encode("utf-8", "backslashreplace"))
        else:
            say = stream.write
            say(str(code))
    except BaseException as error:
        if not exit_code_is_long:
            leftover.append(error)
    complain("\n")
    return 1


def complain(text):
    """As `PySys_WriteStderr`: to `sys.stderr`, and what cannot be written there to the descriptor."""
    try:
        sys.stderr.write(text)
    except BaseException:
        write(2, text.encode("utf-8", "backslashreplace"))


def report(error):
    """As `_PyErr_PrintEx` of Python/pythonrun.c: the exit code after an uncaught exception, and whether that ends the
    process at once."""
    if issubclass(type(error), SystemExit):
        return exit_code(error), True
    code = 130 if issubclass(type(error), KeyboardInterrupt) else 1
    if has_last_exception:
        sys.last_exc = error
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, traceback_of(error)
    hook = getattr(sys, "excepthook", absent)
    # A hook that cannot be called is to fail when it is.
    call = sys.__excepthook__ if hook is absent else hook if callable(hook) else partial(invoke, hook)
    call = partial(call, type(error), error, traceback_of(error))
    # Without streams CPython prints how many references there are to the exception.
    error = None
    if hook is absent:
        complain("sys.excepthook is missing\n")
        call()
        return code, False
    try:
        call()
    except SystemExit as second:
        return exit_code(second), True
    except BaseException as second:
        complain("Error in sys.excepthook:\n")
        sys.__excepthook__(type(second), second, traceback_of(second))
        complain("\nOriginal exception was:\n")
        sys.__excepthook__(*call.args[-3:])
    return code, False


def invoke(function, *arguments):
    function(*arguments)


def flush_io():
    """As `flush_io` of Python/pythonrun.c, after a script."""
    for name in ("stderr", "stdout"):
        try:
            getattr(sys, name).flush()
        except BaseException:
            pass


def flush_std_files():
    """As `flush_std_files` of Python/pylifecycle.c; gives back whether it worked."""
    flushed = True
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        if stream is None:
            continue
        try:
            if stream.closed:
                continue
        except BaseException:
            pass
        try:
            stream.flush()
        except BaseException as error:
            flushed = False
            if name == "stdout":
                unraisable(error, "Exception ignored %s flushing sys.stdout" % ignored_while, stream)
    return flushed


def unraisable(error, message, thing):
    told = (message, None) if says_what_was_ignored else (None, thing)
    try:
        hook = sys.unraisablehook
        hook(Unraisable((type(error), error, traceback_of(error), *told)))
    except BaseException:
        pass


def is_finalizing():
    return True


def finalize():
    """What a script can notice of `Py_FinalizeEx` of Python/pylifecycle.c; gives back whether output was flushed."""
    if get_limit() < 100:
        # The C code that this stands for calls no Python.
        set_limit(100)
    threading = modules.get("threading")
    if threading is not None:
        try:
            threading._shutdown()
        except BaseException as error:
            unraisable(error, "Exception ignored on threading shutdown", threading)
    elif leftover and reports_leftover_error:
        unraisable(leftover.pop(), None, None)
    leftover.clear()
    threading = None
    run_exit_functions()
    sys.is_finalizing = is_finalizing
    flushed = flush_std_files()
    if isenabled():
        # It also brings objects into an order in which what refers comes before what is referred to, so that the next
        # collection finalizes a file's text layer before the file.
        collect()
    end_modules()
    return flushed


def end_modules():
    """As `finalize_modules` of Python/pylifecycle.c."""
    system = vars(sys)
    for name in ended_attributes:
        system[name] = None
    builtins._ = None
    for name in ("stdin", "stdout", "stderr"):
        system[name] = system.get("__" + name + "__")
    left = []
    for name in new_names():
        if is_module(modules[name]):
            left.append(ref(modules[name]))
        modules[name] = None
    modules.clear()
    vars(builtins).clear()
    vars(builtins).update(plain_builtins)
    collect()
    for module in reversed(left):
        module = module()
        if module is not None:
            clear(names_of(module))
    module = None
    for name in changing:
        system.pop(name, None)
    if any_differs(system, plain_system):
        clear(system, plain_system)
        collect()
    # The modules of the image live on; what they hold of the script's would end with them.
    try:
        ending = [each for each in get_objects() if hasattr(type(each), "__del__")]
    except BaseException:
        # A metaclass of the script's that answers no questions.
        ending = []
    for each in ending:
        try:
            each.__del__()
        except BaseException:
            pass
    for stream in plain_streams:
        try:
            stream.flush()
        except BaseException:
            pass


def new_names():
    """The names in `sys.modules` of what the image does not have."""
    return list(compress(modules, map(is_not, map(ready.get, modules), modules.values())))


def any_differs(values, plain):
    try:
        return values != plain
    except BaseException:
        return True


def clear(namespace, kept={}):
    """As `_PyModule_ClearDict`: first the names that begin with one underscore, then all but `__builtins__`. Values
    that `kept` has are left alone."""
    names = [name for name, value in namespace.items() if isinstance(name, str) and kept.get(name) is not value]
    names = [name for name in names if name != "__builtins__"]
    for name in [name for name in names if name[:1] == "_" and name[1:2] != "_"] + names:
        if namespace.get(name) is not None:
            namespace[name] = None


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


Unraisable = unraisable_type()
