"""Imports in a run: modules that are loaded early are revealed, unless something could make it load otherwise."""

import builtins
import opcode
import os
import sys
from _operator import is_not
from posix import listdir, stat
from time import time_ns

from .startup import changing, get_frame, modules, startup
from .state import (
    closures,
    effects,
    hidden,
    homes,
    is_of_library,
    libraries,
    listings,
    loggers_made,
    plain_find_and_load,
    plain_finders,
    plain_import,
    revealed,
    searchable,
    variables_read,
    watched,
)


def shadowed(names):
    """Whether a directory that is searched before the one where it was found has a module with one of `names`."""
    pending = set(names)
    for entry in sys.path:
        if entry in libraries:
            pending.intersection_update(homes)
        else:
            try:
                found = module_names(entry or ".") & pending
            except FileNotFoundError:
                continue
            except (OSError, TypeError, ValueError):
                # An archive, perhaps: let the import look into it.
                return True
            if [name for name in found if homes.get(name) != entry]:
                return True
            pending -= found
        if not pending:
            return False
    # Another finder found these, where no directory that is searched has them.
    return any([name not in homes or homes[name] in sys.path for name in pending])


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
CodeType = type(shadowed.__code__)
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


def is_logged(names):
    """Whether the run has made a logger that loading one of the modules `names` makes: it would get that one."""
    if loggers_made.keys().isdisjoint(names) or "logging" not in modules:
        return False
    known = modules["logging"].root.manager.loggerDict
    made = [logger for name in names for logger in loggers_made.get(name, ())]
    return any([hasattr(known.get(logger), "handlers") for logger in made])


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
    if is_logged(missing):
        return load_plainly(name, import_)
    revealed.update(missing)
    for each in missing:
        modules[each] = hidden[each]
        if each in effects:
            for function, args, kwds in effects[each]:
                function(*args, **kwds)
    return modules[name]
