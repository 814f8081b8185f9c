import builtins, sys

for name, value in list(globals().items()):
    print(name, "a module" if value is builtins or value is sys else ascii(value))
main = sys.modules["__main__"]
print(main, vars(main) is globals(), type(main))
loader = __loader__
print(type(loader), vars(loader), loader.get_filename("__main__"), loader.is_package("__main__"))
print(__loader__.get_source("__main__")[:12])
