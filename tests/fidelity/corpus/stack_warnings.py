#: stderr sys:1: UserWarning: level 9
#: 3.13+ stderr <sys>:0: UserWarning: level 9
import warnings


def f(level):
    warnings.warn(f"level {level}", stacklevel=level)


for level in (1, 2, 3, 9):
    f(level)
