"""How deep calls may go, which the host asks, to correct CPython's counters by how deep a run begins."""

import sys

from .version import deepest

DEPTHS = """
import sys
depth = measure()
sys.setrecursionlimit(1)
"""


def depth_in(error):
    """How deep the calls of Python were when the limit was set too low; the error's text is where CPython tells."""
    return [int(word) for word in str(error).replace(":", " ").split() if word.isdigit()][-1]


def c_depth():
    """How deep calls of C may still go here, as far as is tried: `repr` looks at all that it is in, each time."""
    nested = [[]]
    for _ in range(deepest):
        nested.append([nested[-1]])
    low, high = 0, len(nested) - 1
    while low < high:
        middle = (low + high) // 2
        try:
            repr(nested[middle])
            low = middle + 1
        except RecursionError:
            high = middle
    return low


plain_c_depth = c_depth()
try:
    sys.setrecursionlimit(1)
except RecursionError as error:
    plain_depth = depth_in(error)
plain_limit = sys.getrecursionlimit()
