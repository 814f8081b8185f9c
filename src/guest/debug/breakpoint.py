"""Has `breakpoint()` ask at the terminal of `pywagi invoke`, while the request is standard input and the answer is
standard output. While the first byte of the flag is set, the host answers reads and writes of these by the terminal:
../calls/breakpoints.rs. This file is run alone, in a run that goes on."""

import os
import sys
from posix import read, write

flag = boot["debugger_flag"]
usual_hook = sys.breakpointhook


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


def ask(header, frame):
    import bdb
    import pdb

    class Debugger(pdb.Pdb):
        def __init__(self):
            super().__init__(stdin=terminal, stdout=terminal, nosigint=True, readrc=False)
            self.use_rawinput = False

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

    debugger = Debugger()
    if header is not None:
        debugger.message(header)
    debugger.set_trace(frame)


def breakpointhook(*arguments, header=None, **names):
    if os.environ.get("PYTHONBREAKPOINT", "") not in ("", "pdb.set_trace") or arguments or names:
        return usual_hook(*arguments, **names)
    ask(header, sys._getframe().f_back)


terminal = Terminal()
sys.breakpointhook = sys.__breakpointhook__ = breakpointhook
