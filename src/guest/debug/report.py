"""Tells of the exception that ends the run, with the variables of its frames, and ends the session there."""

import sys

from .show import message, nowhere, variables
from .watch import apart, boot, end, enters, fail, terminal, wish


def observe(error):
    try:
        with apart:
            sys.stdin = sys.stdout = sys.stderr = nowhere
            lines = boot["tell"](error, message, variables)
        terminal.write("\n".join([wish, *lines]))
        end()
    except BaseException as problem:
        fail(problem)


boot["observers"].append(enters(observe))
