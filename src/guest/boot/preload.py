"""Modules that are loaded before a script asks for them: loading and hiding them.

A module that was loaded early is not in `sys.modules` until the script imports it. Revealing it then does everything
that loading it would have done outside of the module itself.
"""

import os
import sys
import time
from time import time_ns

from .imports import module_names, never_watched
from .record import Recorder
from .startup import library_names, names_of, reactor, startup
from .state import (
    closures,
    effects,
    hidden,
    home_of,
    homes,
    imports,
    in_roots,
    is_module,
    is_of_library,
    never,
    roots,
    searchable,
    spec_of,
    uses,
    uses_by_key,
    variables_read,
    watched,
)
from .warm_up import warm_up

not_warm = []  # why requests may not start from what the warm-up script has left


def load(names, packages=(), others=(), search=(), denied=(), scripts=()):
    """Imports `names`, of the library, `packages`, which are below `roots`, and `others`, which are looked for in
    `search` first; gives back those that cannot be loaded early, with the reason: what they say or do when they are
    loaded is to be said and done in each run. Modules that lead to one that is `denied` are not loaded early either.
    Then `scripts` are run, to warm up; `not_warm` has why one cannot be."""
    failed = {}
    if not names and not packages and not others and not scripts:
        return failed
    lost = set()  # the packages that cannot be loaded early, and so none of their modules
    with Recorder() as recorder:
        of_others = {}  # the packages that nobody asked for and that cannot be loaded -> the reason
        for name in names:
            # A package is loaded before a module of it, so that it stays where the module cannot be loaded: some can be
            # loaded once alone.
            for each in chain(name)[:-1]:
                if each not in failed and each not in of_others:
                    load_one(recorder, each, load_of_library, lost, of_others)
            failed.update({name: of_others[each] for each in chain(name) if each in of_others})
            if name not in failed:
                load_one(recorder, name, load_of_library, lost, failed)
        for name in packages:
            load_one(recorder, name, load_of_packages, lost, failed, denied)
        sys.path[:0] = search
        for name in others:
            load_one(recorder, name, load_other, set(), failed, denied)
        del sys.path[: len(search)]
        # Some cannot be the first: one of a circle of modules, or one that needs what the app configures.
        again, lost = [name for name in packages if name in failed], set()
        for name in again:
            del failed[name]
            load_one(recorder, name, load_of_packages, lost, failed, denied)
        not_warm.extend([why for why in [warm_up(path, recorder, denied) for path in scripts] if why is not None])
        recorder.settle()
    indexes = {}
    for name, names in recorder.names.items():
        watched[name] = {index_of(use, indexes) for use in uses_of(name, names)}
    return failed


def load_one(recorder, name, load, lost, failed, *more):
    if name in sys.modules:
        return
    before, loggers = dict(sys.modules), known_loggers()
    top = name.partition(".")[0]
    recorder.wrote = recorder.seeds.is_shared_seeded = False
    try:
        if top in never:
            raise NotEarly("it is never loaded early")
        if top in lost:
            raise NotEarly("its package cannot be loaded early")
        load(recorder, name, *more)
        reached = set(load_order(name, sys.modules, {})[0])
        for extra in [each for each in sys.modules if each not in before and each not in reached]:
            recorder.note(name, extra)
    except BaseException as error:
        failed[name] = reason_of(error)
        if top not in before:
            lost.add(top)
        for extra in set(sys.modules).difference(before):
            recorder.forget(extra)
        restore_loggers(loggers)


def load_of_library(recorder, name):
    if reactor is None and name.partition(".")[0] not in library_names:
        raise NotEarly("it is not of the standard library")
    given = len(recorder.caught)
    recorder.import_(name)
    if len(recorder.caught) > given:
        raise NotEarly("loading it gives a warning")


def load_of_packages(recorder, name, denied):
    load_other(recorder, name, denied)
    if not in_roots(getattr(spec_of(sys.modules[name]), "origin", None)):
        raise NotEarly("it is not of an installed package")


def load_other(recorder, name, denied):
    given = len(recorder.caught)
    recorder.import_(name)
    if recorder.wrote:
        raise NotEarly("it writes to standard output or standard error while it is loaded")
    if recorder.seeds.is_shared_seeded:
        raise NotEarly("it seeds the generator behind the functions of `random` while it is loaded")
    if [message for message in recorder.caught[given:] if message.filename == "<string>"]:
        raise NotEarly("it warns whoever imports it")
    for each in load_order(name, sys.modules, {})[0] if denied else ():
        if each in denied and each != name:
            raise NotEarly("it imports %s, which is not loaded early" % each)


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
    found = []
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
                found.append((namespace, key, value))

    for each in imports.get(name, ()):
        if each != name and each != "builtins":
            visit(sys.modules.get(each))
    return found


def index_of(use, indexes):
    """Where `use` is in `uses`. `indexes` has those of what is there."""
    namespace, key, _ = use
    index = indexes.setdefault((id(namespace), key), len(indexes))
    if index == len(uses[0]):
        for values, value in zip(uses, use):
            values.append(value)
        uses_by_key.setdefault(key, []).append(index)
    return index


def known_loggers():
    """The loggers that there are."""
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


def chain(name):
    """A module's name and the names of the packages that it is in, the outermost first."""
    parts = name.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


def loaded_by(name, among):
    """The modules of `among` and of start-up that `name` imports while it is loaded, in order."""
    found = [each for imported in imports.get(name, ()) for each in chain(imported)]
    return list(dict.fromkeys([each for each in found if each in among or each in startup]))


def load_order(name, among, known):
    """The names of the modules of `among` that importing `name` loads where none is loaded, in the order in which
    `sys.modules` gets them, and those that start-up has loaded already. `known` keeps what each of them loads."""
    names, needs, begun = [], [], set()
    ongoing = [(None, iter(chain(name)))]
    while ongoing:
        owner, pending = ongoing[-1]
        for each in pending:
            if each in begun:
                continue
            begun.add(each)
            if each in startup:
                needs.append(each)
            elif each in among:
                if each not in known:
                    known[each] = loaded_by(each, among)
                ongoing.append((each, iter(known[each])))
                break
        else:
            ongoing.pop()
            if owner:
                names.append(owner)
    return names, needs


def hide():
    """Takes everything that a plain start does not have out of `sys.modules`."""
    for name, module in sys.modules.items():
        if name not in startup and name != "__main__":
            hidden[name] = module
            origin = getattr(spec_of(module), "origin", None)
            if "." not in name and origin not in ("built-in", "frozen"):
                searchable.add(name)
                if not is_of_library(module):
                    homes[name] = home_of(module)
    known = {}
    for name in hidden:
        closures[name] = load_order(name, hidden, known)
    for name, module in hidden.items():
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        owner = hidden[parent] if parent in hidden else startup.get(parent)
        # A package that imports a module of its own is never seen without it.
        if is_module(owner) and names_of(owner).get(child) is module:
            if parent not in hidden or name not in closures[parent][0]:
                delattr(owner, child)
                effects.setdefault(name, []).insert(0, (setattr, (owner, child, module), {}))
    for root in roots:
        # The directory's time tells whether it is still so.
        module_names(root.rstrip("/"))
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


def refresh_logging(module):
    module._startTime = time_ns() if isinstance(module._startTime, int) else time.time()


def refresh_tempfile(module):
    module._name_sequence = None


def refresh_handlers(module):
    module.BaseHandler.os_environ = module.read_environ()


def refresh_uuid(module):
    module._node = module._last_timestamp = None


def refresh_sax(module):
    if not sys.flags.ignore_environment and "PY_SAX_PARSER" in os.environ:
        module.default_parser_list = os.environ["PY_SAX_PARSER"].split(",")


def refresh_dateutil(module):
    # Years of two digits are those near the year in which it was loaded.
    info = module.DEFAULTPARSER.info
    info._year = time.localtime().tm_year
    info._century = info._year // 100 * 100


# What loading a module reads of the request, or draws at random; also of packages that are part of an interpreter.
refreshers = {
    "dateutil.parser._parser": refresh_dateutil,
    "logging": refresh_logging,
    "numpy.random.mtrand": lambda module: module.set_bit_generator(module._MT19937()),
    "random": lambda module: module.seed(),
    "tempfile": refresh_tempfile,
    "uuid": refresh_uuid,
    "wsgiref.handlers": refresh_handlers,
    "xml.sax": refresh_sax,
}


def refresh_startup():
    """Refreshes the modules that start-up itself loads, as hidden ones are when they are revealed."""
    for name in startup_refreshed:
        refreshers[name](startup[name])


startup_refreshed = [name for name in refreshers if name in startup and is_of_library(startup[name])]
