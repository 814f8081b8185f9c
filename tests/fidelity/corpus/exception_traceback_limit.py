#: exit 1
#: stderr ValueError: 0
import sys


def f(n):
    if not n:
        raise ValueError(n)
    f(n - 1)


sys.tracebacklimit = 2
f(5)
