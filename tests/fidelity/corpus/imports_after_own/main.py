# Modules of the app replace names that modules of the library take while they are loaded.
import innocent
import sys

print(innocent.used())

import replaces

print(replaces.sched._time(), replaces.back())
import fnmatch

print(hasattr(fnmatch._compile_pattern, "cache_info"))
try:
    import breaks
except ZeroDivisionError as error:
    print(error)
import glob

print(glob.os.scandir)
try:
    import there_is_none
except ImportError as error:
    print(error)

import zipfile

with zipfile.ZipFile("/data/modules.zip", "w") as archive:
    archive.writestr(zipfile.ZipInfo("zipped.py"), "import time\ntime.perf_counter = len\nimport timeit\n")
sys.path.insert(0, "/data/modules.zip")
import zipped

print(zipped.timeit.default_timer is len, zipped.__loader__.__class__.__name__)
import importlib

print(importlib.import_module("more").fractions.Fraction(1, 3))
