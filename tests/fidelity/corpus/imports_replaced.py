# A script may put its own objects in the place of modules before others import them.
import sys, types

fake = types.ModuleType("fnmatch")
fake.fnmatch = lambda *_: "fake"
fake.translate = fake.filter = fake.fnmatchcase = fake.fnmatch
sys.modules["fnmatch"] = fake
sys.modules["heapq"] = None
import glob

print(glob.fnmatch is fake)
try:
    import queue
except ImportError as error:
    print(error)
