# Which modules are the library's own can change while a script runs.
import sys

sys.dont_write_bytecode = True

import colorsys

print(colorsys.__name__, hasattr(colorsys, "mine"))
sys.path.insert(0, "/code/lib")
import keyword, colorsys

print(keyword.mine, hasattr(colorsys, "mine"))
sys.path.remove("/code/lib")
del sys.modules["keyword"]
import keyword

print(hasattr(keyword, "mine"))
with open("/data/bisect.py", "w") as file:
    file.write("mine = 'written now'\n")
sys.path.insert(0, "/data")
import bisect

print(bisect.mine)
library = [entry for entry in sys.path if "python" in entry]
for entry in library:
    sys.path.remove(entry)
sys.path_importer_cache.clear()
try:
    import shelve
except ImportError as error:
    print(error)
