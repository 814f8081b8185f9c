#: run ["/hello/there", "{}"]
# The first argument is the request's path in WAGI without an argv template.
import sys

print(sys.argv, sys.orig_argv, sys.executable, sys._base_executable)
