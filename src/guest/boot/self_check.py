# Prints what a start of the interpreter leaves, a line for each thing: a saved interpreter must print the same.
import atexit
import builtins
import gc
import os
import sys

modules = list(sys.modules)


def show(what, value):
    print(what, repr(value), sep="\t")


def depth(level):
    try:
        return depth(level + 1)
    except RecursionError:
        return level


def nested():
    """How deep a structure can be shown: a recursion in C."""
    things = [[]]
    for _ in range(1 << 12):
        things.append([things[-1]])
    low, high = 0, len(things)
    while low < high:
        middle = (low + high) // 2
        try:
            repr(things[middle])
            low = middle + 1
        except RecursionError:
            high = middle
    return low


def later():
    """The modules after these were imported, one by one."""
    import warnings

    before = len(sys.modules)
    import logging

    return before, vars(warnings).keys(), list(logging._handlers), list(sys.modules)


def failure():
    import traceback

    try:
        eval(compile("\n\nabsent", "<string>", "exec"))
    except NameError:
        return traceback.format_exc()


show("sys.modules", modules)
for name in ("argv", "orig_argv", "path", "flags", "warnoptions", "meta_path", "path_hooks", "last_exc"):
    show("sys." + name, getattr(sys, name, None))
show("the names in sys", sorted(vars(sys)))
show("the names in builtins", sorted(vars(builtins)))
show("the names in __main__", sorted(globals()))
show("os.environ", sorted(os.environ.items()))
show("the frames below", sys._getframe().f_back)
show("the standard streams", [(each.mode, each.encoding, each.line_buffering) for each in (sys.stdin, sys.stdout)])
show("the collector", (gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks))
show("the recursion limit", sys.getrecursionlimit())
show("the depth of calls", depth(0))
if sys.version_info < (3, 14):
    # Since then it is not counted: the address of the stack decides.
    show("the depth of calls in C", nested())
show("the text of an error", failure())
show("sys.modules after imports", later())
atexit.register(print, "the end", sep="\t")
sys.exit("the exit")
