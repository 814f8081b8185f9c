"""As the package snapshot-restore-py, where the app does not have it: keeps what is to be called before an interpreter
is saved, and when a run starts from it. A host that saves none calls nothing of that."""

__all__ = ["register_before_snapshot", "register_after_restore"]

_before_snapshot, _after_restore = [], []


def register_before_snapshot(func, *args, **kwargs):
    _before_snapshot.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    _after_restore.append((func, args, kwargs))
    return func


def get_before_snapshot():
    return _before_snapshot


def get_after_restore():
    return _after_restore
