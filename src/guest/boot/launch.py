# What `python` does before a script, and an isolated interpreter does not: it searches the script's directory and
# PYTHONPATH for modules, and imports `sitecustomize`. See ../launch.rs.
def launch():
    import linecache
    import os
    import sys

    import _reactor

    first, *arguments = sys.argv[1:]
    del sys.modules["__main__"].launch
    # The interpreter keeps the source of a command for tracebacks; this is not the user's.
    linecache._interactive_cache.clear()
    searched = os.environ.get("PYTHONPATH")
    if searched:
        sys.path[:0] = searched.split(os.pathsep)
    if first:
        sys.path.insert(0, first[1:])
    if searched:
        try:
            import sitecustomize  # noqa: F401
        except ModuleNotFoundError as error:
            if error.name != "sitecustomize":
                raise
    # That of a saved interpreter leaves the environment as it is: see reactor.py.
    environ = os.environ if hasattr(_reactor, "is_saved") else dict(os.environ)
    return _reactor.run([sys.orig_argv[0], *arguments], environ)


raise SystemExit(launch())
