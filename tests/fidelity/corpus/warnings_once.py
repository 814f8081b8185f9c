#: run ["python", "-W", "once", "{}"]
#: stderr   f()
import warnings


def f():
    warnings.warn("one", UserWarning, 2)


f()
f()
f()
print(warnings.onceregistry, warnings.filters[:2])
