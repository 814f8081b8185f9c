"""Runs in a saved interpreter that is to be compared with its twin: reveals all modules, as imports of them would.

What a run refreshes is fresh then. Nothing that follows here draws anything from the surroundings, so that two
interpreters that differed in nothing else are equal when this ends.
"""

import posix
import sys

boot = sys.modules["_frozen_importlib"]._find_and_load.__globals__
for name, module in boot["hidden"].items():
    sys.modules[name] = module
    for function, args, kwds in boot["effects"].get(name, ()):
        function(*args, **kwds)
# It keeps when it was first asked.
boot["time"].process_time()
names_of, Spec = boot["names_of"], boot["bootstrap"].ModuleSpec


def of_library(name, spec):
    """Without asking the module, which may be an object of a class of its own."""
    origin = spec.origin if type(spec) is Spec else None
    return boot["in_library"](origin) if type(origin) is str else name.partition(".")[0] in sys.stdlib_module_names


def line(*fields):
    """Fields of a line; none of them can end it."""
    return "\t".join([field if field.isprintable() else ascii(field)[1:-1] for field in fields]) + "\n"


notes = []
for modules, sort in (boot["startup"], "s"), (boot["hidden"], ""):
    for name, module in modules.items():
        if issubclass(type(module), type(sys)):
            file = names_of(module).get("__file__")
            kind = sort + "l" if of_library(name, names_of(module).get("__spec__")) else sort
            notes.append(line("module", kind, name, file if type(file) is str else ""))
for owner, variables in boot["reads"].items():
    for variable, (file, number) in variables.items():
        variable = variable.decode("ascii", "backslashreplace") if type(variable) is bytes else ""
        notes.append(line("reads", owner or "", variable, file, str(number)))
posix.write(1, "".join(notes).encode("ascii", "backslashreplace"))
# CPython keeps objects that were given up for reuse, floats with their numbers. A collection frees them.
boot["gc"].collect()
# Standard input is empty where the host compares memory as it is now.
if not posix.read(0, 1):
    posix._exit(0)
