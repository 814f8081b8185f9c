#: stderr   warnings.warn("first")
# What modules that a script does not import leave in those that it does.
import atexit
import copyreg
import sys
import warnings

print(sorted(kind.__name__ for kind in copyreg.dispatch_table), atexit._ncallbacks())
warnings.warn("first")
print(__warningregistry__["version"])
warnings.simplefilter("ignore")
warnings.warn("second")
print(__warningregistry__["version"])
import re

print(sorted(kind.__name__ for kind in copyreg.dispatch_table))
import logging
import weakref

print(atexit._ncallbacks())
