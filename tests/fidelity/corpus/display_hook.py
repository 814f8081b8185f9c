import builtins, sys

code = compile("1 + 1", "<input>", "single")
exec(code)
print(builtins._)
sys.displayhook = lambda value: print("shown", value)
exec(code)
del sys.displayhook
try:
    exec(code)
except RuntimeError as error:
    print(error)
