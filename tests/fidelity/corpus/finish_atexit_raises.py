#: stderr ValueError: in atexit
import atexit


def fail():
    raise ValueError("in atexit")


atexit.register(print, "first registered, last run")
atexit.register(fail)
atexit.register(print, "last registered")
