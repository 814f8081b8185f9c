"""Has `pdb` ask at the terminal of `pywagi invoke`, while the request is standard input and the answer is standard
output: for `breakpoint()`, `pdb.set_trace()`, `pdb.post_mortem()`. While the first byte of the flag is set, the host
answers reads and writes of these by the terminal: ../calls/breakpoints.rs. This file is run alone, in a run that goes
on."""

import sys
from posix import read, write

flag = boot["debugger_flag"]


class Terminal:
    """The user's terminal, as a text file."""

    encoding, errors = "utf-8", "replace"

    def write(self, text):
        data = text.encode("utf-8", "replace")
        while data:
            data = data[at_terminal(write, 1, data) :]
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return True

    def readline(self, size=-1):
        # A terminal gives a line at a time.
        return at_terminal(read, 0, 1 << 16).decode("utf-8", "replace")


def at_terminal(call, *arguments):
    flag[0] = 1
    try:
        return call(*arguments)
    finally:
        flag[0] = 0


def debugger_class(names):
    """The class of debuggers at the terminal, by the names of the module `pdb`."""
    bdb, Pdb = names["bdb"], names["Pdb"]

    class Debugger(Pdb):
        # Its handler of SIGINT is none of the run's.
        nosigint = property(lambda self: True, lambda self, value: None)

        def trace_dispatch(self, *arguments):
            try:
                return super().trace_dispatch(*arguments)
            except bdb.BdbQuit:
                raise bdb.BdbQuit("the debugger was left at its prompt") from None

        def stop_here(self, frame):
            # What calls the script is none of it.
            return frame.f_globals is not boot and super().stop_here(frame)

        def do_interact(self, argument):
            streams = sys.stdin, sys.stdout, sys.stderr
            sys.stdin = sys.stdout = sys.stderr = terminal
            try:
                return super().do_interact(argument)
            finally:
                sys.stdin, sys.stdout, sys.stderr = streams

    return Debugger


def take(event, arguments):
    """Gives a debugger the terminal while it is made, unless its class or its streams are the script's own. The event
    finds each of them, however it is asked for, and needs no import of `pdb` before."""
    if event != "pdb.Pdb":
        return
    frame = sys._getframe(1)
    names, variables = frame.f_globals, frame.f_locals
    debugger = variables.get("self")
    if type(debugger) is names.get("Pdb") and variables["stdin"] is variables["stdout"] is None:
        debugger.__class__ = debugger_class(names)
        debugger.stdin = debugger.stdout = terminal
        debugger.use_rawinput = False


terminal = Terminal()
sys.addaudithook(take)
