#: exit 1
#: stderr ValueError: uncaught
import atexit


class Said:
    def __del__(self):
        print("del")


def f():
    local = Said()
    raise ValueError("uncaught")


atexit.register(print, "at exit")
f()
