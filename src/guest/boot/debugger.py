"""The way in for a debugger, whose code the host sends before it calls `resume`: see ../debug/README.md."""

import gc

from .resume import receive

# The first byte tells the host whose calls are made: those of the run, or those of the debugger. In the second the host
# tells that the user interrupts. The third is how many objects the debugger has made for the run to free.
debugger_flag = bytearray(3)
boot = globals()  # which an invisible function cannot ask for


def install_debugger():
    """Runs a debugger's code, which has it called in the run that follows. Gives back what is wrong, if anything."""
    try:
        source, *fields = receive()
        names = {"__name__": "debugger", "__builtins__": __builtins__, "boot": boot, "fields": fields}
        exec(compile(source, "<debugger>", "exec"), names)
        # As it was when the image was saved: lists of free objects empty, and nothing of a debugger in the generations.
        gc.collect()
        gc.freeze()
    except BaseException as error:
        return ("%s: %s" % (type(error).__name__, error)).encode("utf-8", "replace")
    return b""
