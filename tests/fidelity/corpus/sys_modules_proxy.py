# An object that says to be a module, as zope.deprecation puts into `sys.modules`.
import fractions
import sys


class Proxy:
    def __init__(self, module):
        object.__setattr__(self, "module", module)

    def __getattribute__(self, name):
        module = object.__getattribute__(self, "module")
        return type(module) if name == "__class__" else getattr(module, name)


sys.modules["fractions"] = Proxy(fractions)
print(isinstance(sys.modules["fractions"], type(sys)), sys.modules["fractions"].Fraction(1, 2))
