#: run ["python", "-X", "utf8", "{}", "a"]
#: env PYTHONPATH=/code/lib
"""The docstring."""
import sys

print(sys.flags, sys.argv, sys.orig_argv, sys.path, sys.warnoptions, sys._xoptions)
print(__debug__, __doc__, sys.stdout.line_buffering, sys.stdout.write_through, sys.stdout.encoding, list(sys.modules))
assert sys.flags.optimize or __debug__
