"""Docstring."""
from __future__ import annotations

x: undefined = 1


def f(a: also_undefined) -> nothing:
    pass


print(__annotations__, f.__annotations__, annotations)
exec("y: undefined2 = 2")
print(__annotations__, compile("z: q = 1", "", "exec").co_flags, compile("z: q = 1", "", "exec", 0, True).co_flags)
