import sys


class Said:
    def __init__(self, name):
        self.name = name

    def __del__(self, sys=sys):
        print("del", self.name, sys.is_finalizing())


a = Said("global a")
_b = Said("private b")
c = Said("global c")
__d = Said("double underscore d")
d = Said("global d")
items = [Said("in a list"), Said("in a list too")]


class Holder:
    thing = Said("class attribute")


def function(default=Said("default value")):
    pass


sys.mine = Said("attribute of sys")
sys.modules["mine"] = Said("in sys.modules")
c = None
del a
print("end")
