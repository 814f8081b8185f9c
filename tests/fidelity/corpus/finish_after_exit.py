#: exit 3
import atexit, sys


class Said:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


def f():
    local = Said("local")
    sys.exit(3)


thing = Said("global")
atexit.register(print, "at exit")
f()
