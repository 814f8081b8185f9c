# A script may replace what the interpreter's end seems to need.
import builtins, gc, os, posix, sys, time

for module, name in [
    (gc, "collect"), (gc, "isenabled"), (gc, "get_objects"), (posix, "write"), (time, "time_ns"), (time, "time"),
    (os, "fsdecode"), (sys, "setrecursionlimit"), (sys, "getrecursionlimit"), (builtins, "reversed"),
]:
    setattr(module, name, None)
import keyword
import sqlite3

print(keyword.iskeyword("for"))
del sys.stdlib_module_names, sys.flags, builtins.sorted


class Said:
    def __del__(self):
        print("del")


thing = Said()
