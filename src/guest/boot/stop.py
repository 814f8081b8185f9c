

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


def site_directories():
    """Where the module `site` looks for files that say what is in the search path."""
    site = startup.get("site")
    if site is None:
        return []
    user = site.USER_SITE if site.ENABLE_USER_SITE is not None else None
    return [name for name in [*site.getsitepackages(), user] if isinstance(name, str)]


def setup():
    wanted = b""
    while chunk := read(0, 1 << 16):
        wanted += chunk
    wanted = [line.split(" ", 1) for line in wanted.decode().splitlines()]
    # The first compilation of a process makes the types of the syntax tree.
    compile("import a\ndef f(x, *y, z=1):\n    return [x for x in y]\n", "<warm>", "exec")
    failed = load([name for what, name in wanted if what == "module"])
    for path in [name for what, name in wanted if what == "script"]:
        compile_early(path)
        try:
            module_names(os.path.dirname(path))
        except OSError:
            pass
    if "warnings" in sys.modules:
        settle_warnings()
    hide()
    ready.update(startup)
    ready.update(hidden)
    # What registered itself does so again when it is imported.
    atexit._clear()
    for entry in list(sys.path_importer_cache):
        if entry not in startup_importers:
            del sys.path_importer_cache[entry]
    files = []
    for module in [*startup.values(), *hidden.values()]:
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        if isinstance(origin, str) and origin.startswith("/"):
            files.append(origin)
            if in_library(origin):
                # A file that is added beside it may be found before it.
                files.append(os.path.dirname(origin))
    bootstrap._find_and_load = find_and_load
    for thing in [*globals().values(), *refreshers.values()]:
        if isinstance(thing, type(setup)) and thing.__globals__ is globals() and thing is not setup:
            invisible(thing)
    lines = ["pywagi-image", str(id(resume)), str(id(no_arguments)), str(sys.hexversion)]
    lines += ["failed " + name for name in failed]
    lines += ["loaded " + name for name in hidden]
    lines += ["file " + name for name in sorted(set(files))]
    lines += ["path " + name for name in sys.path if isinstance(name, str)]
    lines += ["library " + name for name in libraries]
    lines += ["site " + name for name in site_directories()]
    gc.collect()
    gc.freeze()
    posix.write(1, ("\n".join(lines) + "\npywagi-stop\n").encode())


Unraisable = unraisable_type()
last_attributes = ("last_type", "last_value", "last_traceback")
if sys.version_info >= (3, 12):
    last_attributes = "last_exc", *last_attributes
ended_attributes = (
    *("path_importer_cache", "path_hooks", "path", "argv", "ps1", "ps2"),
    *last_attributes,
    *("__interactivehook__", "meta_path"),
)
plain_streams = sys.stdout, sys.stderr
# What each run changes in `sys`, and the values of the rest.
changing = {"stdin", "stdout", "stderr", "orig_argv", "is_finalizing", *ended_attributes}
plain_system = {name: value for name, value in vars(sys).items() if name not in changing}
ready = {}  # name -> module, of all that the image has
no_arguments = ()
plain_c_depth = c_depth()
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
