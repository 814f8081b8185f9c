"""Calls what start-up code registers to be called before an interpreter is saved, and when a run starts from it: by
`snapshot_restore_py`, the package that AWS Lambda has for this. In a plain start nobody calls it."""

import sys

after_restore = []  # functions, each with its arguments


def call_before_snapshot():
    """The function that was registered last is called first."""
    package = sys.modules.get("snapshot_restore_py")
    if package is not None:
        for function, args, kwds in reversed(package.get_before_snapshot()):
            function(*args, **kwds)
        after_restore.extend(package.get_after_restore())


def call_after_restore():
    for function, args, kwds in after_restore:
        function(*args, **kwds)
