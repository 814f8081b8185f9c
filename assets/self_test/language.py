"""Classes, generators, pattern matching, exceptions, coroutines."""

import contextlib
import dataclasses
import enum
import functools
import itertools


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


@dataclasses.dataclass(frozen=True, order=True)
class Point:
    x: int
    y: int = 0


@contextlib.contextmanager
def closing(log):
    try:
        yield log
    finally:
        log.append("closed")


def describe(value):
    match value:
        case Point(x=0, y=y):
            return f"on the axis at {y}"
        case {"name": str(name), **rest}:
            return f"{name} and {len(rest)} more"
        case [first, *_]:
            return f"begins with {first}"
    return "something else"


@functools.lru_cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


async def coroutine():
    return "awaited"


print([describe(value) for value in (Point(0, 2), {"name": "x", "y": 1}, [1, 2], None)])
print(Colour(2), sorted([Point(2), Point(1, 5)]), fibonacci(80))
print(list(itertools.islice(itertools.accumulate(itertools.count(1)), 5)))
with closing([]) as log:
    log.append("open")
print(log)
try:
    coroutine().send(None)
except StopIteration as stop:
    print(stop.value)
