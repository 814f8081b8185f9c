import sys


class Said:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


thing = Said("global")
sys.modules["odd"] = Said("in sys.modules")
sys.modules[5] = None
sys.modules = {}
import colorsys

print(sorted(sys.modules), colorsys.__name__)
