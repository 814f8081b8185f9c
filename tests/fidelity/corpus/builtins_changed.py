import builtins

builtins.added = 1
print(added)
original = builtins.print
builtins.print = lambda *a, **k: original("(", *a, ")", **k)
print("x")
del builtins.len
try:
    len("")
except NameError as error:
    print(error)
