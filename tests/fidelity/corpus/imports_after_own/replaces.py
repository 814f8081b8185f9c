import functools
import time

plain = time.monotonic
time.monotonic = lambda: 7
import sched

functools.lru_cache = lambda *_, **__: lambda function: function


def back():
    time.monotonic = plain
    return time.monotonic is plain
