"""Calls what is registered with `snapshot_restore_py`, the package that AWS Lambda has for this: to be called before an
interpreter is saved, and, by start-up code, when a run starts from it. In a plain start nobody calls it. What modules
register that are loaded early is called when they are revealed: see `shared.py`."""

import sys

after_restore = []  # functions, each with its arguments


def note_hooks_of_startup():
    package = sys.modules.get("snapshot_restore_py")
    if package is not None:
        after_restore.extend(package.get_after_restore())


def call_before_snapshot():
    """The function that was registered last is called first."""
    package = sys.modules.get("snapshot_restore_py")
    if package is not None:
        for function, args, kwds in reversed(package.get_before_snapshot()):
            function(*args, **kwds)


def call_after_restore():
    for function, args, kwds in after_restore:
        function(*args, **kwds)
