# Names that modules of the library take while they are loaded, replaced by assignments to attributes and by no other way.
import os
import time


class Own:
    def __init__(self):
        self.monotonic = 1


Own()
import sched

print(sched._time is time.monotonic)


def replace(module):
    module.scandir = len


import glob

replace(os)
import shutil

print(glob.os.scandir is len, shutil._use_fd_functions)

del os.path.samestat
try:
    import zipfile

    print(zipfile.__name__)
    import tempfile

    print(tempfile._os.path is os.path)
except (ImportError, AttributeError) as error:
    print(error)

import functools

functools.lru_cache = lambda *_, **__: lambda function: function
import fnmatch

print(hasattr(fnmatch._compile_pattern, "cache_info"))
