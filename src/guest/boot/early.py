

# --- Modules loaded before they are asked for ------------------------------------------------------------------

hidden = {}  # name -> module, in the order in which they were loaded
imports = {}  # name -> what it imports while it is loaded, in order, as the keys of a dictionary
closures = {}  # name -> what importing it loads, in the order of `sys.modules`, and what of the start-up it uses
searchable = set()  # the names of those that are looked for in the directories of `sys.path`
attributes = {}  # name -> the package that importing it makes it an attribute of, and the attribute
revealed = set()  # the names of hidden modules that the script has imported
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
modules = sys.modules
plain_import = builtins.__import__
plain_find_and_load = bootstrap._find_and_load
plain_finders = list(sys.meta_path)


def load(names):
    """Imports `names`, noting in `imports` which module imports which; gives back those that cannot be loaded early:
    what they say or do when they are loaded is to be said and done in each run."""
    failed = []
    if not names:
        return failed
    import warnings

    known = set(sys.modules)
    lost = set()  # the packages that cannot be loaded early, and so none of their modules
    ongoing = []  # the imports that are under way, each with the frame of the module that asked for it

    def note(owner, name):
        imports.setdefault(owner, {})[name] = None

    def claim(owner):
        """Notes what is in `sys.modules` by no import: what `owner` put there."""
        for name in [name for name in sys.modules if name not in known]:
            known.add(name)
            if getattr(getattr(sys.modules[name], "__spec__", None), "name", None) != name:
                note(owner, name)

    def noting_import(name, globals=None, locals=None, fromlist=(), level=0):
        frame = sys._getframe(1)
        while frame.f_code.co_name != "<module>":
            frame = frame.f_back
        # While its import is under way a module can only ask for another from C code: that of what it imports.
        owner = ongoing[-1][1] if ongoing and ongoing[-1][0] is frame else frame.f_globals.get("__name__")
        full = name
        if level:
            package = ((globals or {}).get("__package__") or "").rsplit(".", level - 1)[0]
            full = package + "." + name if name else package
        claim(owner)
        note(owner, full)
        for item in fromlist or ():
            if isinstance(item, str):
                note(owner, full + "." + item)
        ongoing.append((frame, full))
        try:
            return plain_import(name, globals, locals, fromlist, level)
        finally:
            ongoing.pop()
            claim(full)

    builtins.__import__ = noting_import
    try:
        for name in names:
            if name in sys.modules:
                continue
            before, loggers = dict(sys.modules), known_loggers()
            top = name.partition(".")[0]
            try:
                if top in never or top in lost or top not in library_names:
                    raise ImportError(name)
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    noting_import(name)
                if caught or known_loggers() != loggers:
                    raise ImportError(name)
                reached = set(load_order(name, sys.modules)[0])
                for extra in [each for each in sys.modules if each not in before and each not in reached]:
                    note(name, extra)
            except BaseException:
                failed.append(name)
                if top not in before:
                    lost.add(top)
                for extra in set(sys.modules).difference(before):
                    forget(extra)
                    known.discard(extra)
                restore_loggers(loggers)
    finally:
        builtins.__import__ = plain_import
    return failed


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
    warnings._filters_mutated()


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
            if "." not in name and getattr(getattr(module, "__spec__", None), "origin", None) not in ("built-in", "frozen"):
                searchable.add(name)
    for name in hidden:
        closures[name] = load_order(name, hidden)
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
    """The names of the modules in `directory`. Adding a file changes the directory's time, as importlib relies on; file
    systems keep times in steps of up to two seconds."""
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
    atexit.register(module.shutdown)


def refresh_tempfile(module):
    module.tempdir = module._name_sequence = None


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
        or sys.gettrace() is not None
    ):
        return plain_find_and_load(name, import_)
    names, needs = closure
    if [each for each in needs if modules.get(each) is not startup[each]]:
        return plain_find_and_load(name, import_)
    missing = [each for each in names if modules.get(each) is not hidden[each]]
    searched = []
    for each in missing:
        if each in modules or each in revealed:
            return plain_find_and_load(name, import_)
        if each in searchable:
            searched.append(each)
    if searched and shadowed(searched):
        return plain_find_and_load(name, import_)
    revealed.update(missing)
    for each in missing:
        module = modules[each] = hidden[each]
        if each in attributes:
            setattr(*attributes[each], module)
        if each in refreshers:
            refreshers[each](module)
    return modules[name]
