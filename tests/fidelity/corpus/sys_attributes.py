import sys

skipped = {"modules", "_git", "_framework", "_home"}
for name in dir(sys):
    value = getattr(sys, name)
    if isinstance(value, (str, int, float, bytes, tuple, list, dict, frozenset, type(None))) and name not in skipped:
        print(name, sorted(value) if isinstance(value, frozenset) else ascii(value))
    else:
        print(name, type(value))
print(vars(sys).keys())
