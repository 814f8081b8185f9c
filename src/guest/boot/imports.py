"""Imports in a run: modules that are loaded early are revealed, unless something could make it load otherwise."""

import builtins
import opcode
import os
import sys
from _imp import is_builtin, is_frozen
from _operator import is_not
from itertools import compress
from posix import listdir, stat
from time import time_ns

from .startup import changing, get_frame, modules, names_of, reactor, startup
from .state import (
    closures,
    effects,
    hidden,
    homes,
    is_module,
    is_of_library,
    libraries,
    listings,
    loggers_made,
    plain_find_and_load,
    plain_finders,
    plain_import,
    revealed,
    searchable,
    uses,
    uses_by_key,
    variables_read,
    watched,
)


def shadowed(names):
    """Whether a directory that is searched before the one where it was found has a module with one of `names`."""
    pending = set(names)
    for entry in sys.path:
        if entry + "/" in libraries:
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
    """What of the library may have been replaced by code that may have run, so that modules that use it must be loaded
    plainly."""

    names = frozenset()  # the attributes that may have been replaced; `None`: any
    code = None  # the script's
    prefix = 0  # how many bytes of that code do nothing but import
    unseen = frozenset()  # the names of modules that are being loaded plainly, whose code is not known yet
    main = None  # the module that `-m` names, as long as its code is not known
    tracer = None  # the trace function of a debugger, which changes nothing


script_notes = {}  # address of the code of a script that was compiled early -> what `examine` says of it


def examine(code):
    """The attributes of other modules that the code of a script could replace, and how many bytes of it do nothing but
    import."""
    opcodes = code.co_code[::2]
    return replaced_by(code) if starts_plainly else None, (len(opcodes) - len(opcodes.lstrip(importing))) * 2


def watch_script(code):
    """Begins to watch for what `code`, the script's, could replace."""
    Watch.code = code
    Watch.names, Watch.prefix = script_notes.get(id(code)) or examine(code)


def watch_always(main=None):
    """Takes any attribute for replaced, until the code of the module `main` is there, which runs as a script does."""
    Watch.names, Watch.prefix, Watch.main = None, 0, main


def watch_module(name, code):
    """Watches for what `code`, that of the module `name`, could replace as well."""
    if Watch.main is not None and Watch.main in (name, name.removesuffix(".__main__")):
        Watch.main = None
        watch_script(code)
    elif name in Watch.unseen:
        Watch.unseen -= {name}
        add_names(*(script_notes.get(id(code)) or examine(code)))


def add_names(names, _):
    if names != set():
        Watch.names = None if names is None or Watch.names is None else Watch.names | names
        Watch.prefix = 0


def replaced_by(code):
    """The attributes that `code` and the functions in it could replace; `None`: any. What a code object with an
    assignment to an attribute names at all is taken for assigned."""
    if not replacing.isdisjoint(code.co_names):
        return None
    opcodes = code.co_code[::2]
    names = set(code.co_names if store_attribute in opcodes or delete_attribute in opcodes else ())
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            inner = replaced_by(constant)
            if inner is None:
                return None
            names |= inner
    return names


# Names by which code can change a module of the library, or run code that does, without an assignment to an attribute.
replacing = {
    *("setattr", "delattr", "vars", "__dict__", "__setattr__", "__delattr__", "globals", "exec", "eval", "compile"),
    *("exec_module", "load_module", "run_module", "run_path", "patch", "mock"),
    *("catch_warnings", "captureWarnings", "tzset", "reload"),
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


def replaces_nothing_later(module):
    if module is reactor or is_of_library(module):
        return True
    return is_module(module) and names_of(module).get("replaces_nothing_later") is True


# Whether what start-up loads replaces nothing later: the interpreter's own, and what says so of itself.
starts_plainly = all([replaces_nothing_later(module) for module in startup.values()])


def is_replaced(names):
    """Whether something that loading the modules `names` uses is not what it was when they were loaded early."""
    if Watch.names is not None and not Watch.names and not Watch.unseen:
        return False
    frame = get_frame() if Watch.prefix and not Watch.unseen else None
    while frame is not None and frame.f_code is not Watch.code:
        frame = frame.f_back
    if frame is not None and frame.f_lasti < Watch.prefix:
        return False
    if any(map(is_not, builtin_values, vars(builtins).values())):
        return True
    namespaces, keys, values = uses
    if Watch.names is None or Watch.unseen:
        used = set().union(*[watched[name] for name in names if name in watched])
        if len(used) * 2 > len(values) and not any(map(is_not, map(dict.get, namespaces, keys), values)):
            # Looking at all of them took less time than picking those that are used.
            return False
        return any([namespaces[each].get(keys[each]) is not values[each] for each in used])
    suspects = [each for key in Watch.names for each in uses_by_key.get(key, ())]
    changed = {each for each in suspects if namespaces[each].get(keys[each]) is not values[each]}
    return bool(changed) and any([not changed.isdisjoint(watched.get(name, ())) for name in names])


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
    """Whether loading the modules `names` would not make the loggers that it made: the run has one of their names, or
    makes loggers of another class."""
    logging = modules.get("logging")
    if loggers_made.keys().isdisjoint(names) or logging is None:
        return False
    manager = logging.root.manager
    kind, known = manager.loggerClass or logging._loggerClass, manager.loggerDict
    made = [item for name in names for item in loggers_made.get(name, {}).items()]
    return any([type(logger) is not kind or hasattr(known.get(name), "handlers") for name, logger in made])


def load_plainly(name, import_):
    watch_always()
    return plain_find_and_load(name, import_)


def load_watched(name, import_):
    """Loads a module that was not loaded early. `get_code` sees the code of most."""
    Watch.unseen |= {name}
    module = None
    try:
        module = plain_find_and_load(name, import_)
        return module
    finally:
        if name in Watch.unseen:
            Watch.unseen -= {name}
            if module is None or not is_builtin(name) and not is_frozen(name):
                # Not found, perhaps, or by a loader that has run who knows what.
                watch_always()


def find_and_load(name, import_):
    """As `importlib._bootstrap._find_and_load`, which the import statement calls for what is not in `sys.modules`: a
    module that is loaded already is put there with everything that loading it would have put there. Whatever could
    make the library load otherwise, or could watch it, gets a plain import."""
    closure = closures.get(name)
    if (
        name in modules
        or sys.modules is not modules
        or sys.meta_path != plain_finders
        or vars(builtins).get("__import__") is not plain_import
        or sys.getprofile() is not None
        or sys.gettrace() is not Watch.tracer
    ):
        # As load_plainly, whose frame a trace function would be called for.
        Watch.names, Watch.prefix, Watch.main = None, 0, None
        return plain_find_and_load(name, import_)
    if closure is None:
        return load_watched(name, import_)
    names, needs = closure
    # Loops in C: numpy is 150 modules.
    if any(map(is_not, map(modules.get, needs), map(startup.get, needs))):
        return load_plainly(name, import_)
    missing = list(compress(names, map(is_not, map(modules.get, names), map(hidden.get, names))))
    if not modules.keys().isdisjoint(missing) or not revealed.isdisjoint(missing):
        return load_plainly(name, import_)
    searched = searchable.intersection(missing)
    if searched and shadowed(searched) or is_replaced(missing) or variables_differ(missing):
        return load_plainly(name, import_)
    if is_logged(missing):
        return load_plainly(name, import_)
    revealed.update(missing)
    start = 0
    for each in filter(effects.__contains__, missing):
        end = missing.index(each, start) + 1
        put(missing[start:end])
        start = end
        for function, args, kwds in effects[each]:
            function(*args, **kwds)
    put(missing[start:])
    return modules[name]


def put(names):
    modules.update(zip(names, map(hidden.get, names)))
