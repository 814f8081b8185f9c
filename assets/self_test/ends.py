"""What runs at the end, and the exit code."""

import atexit
import sys


class Closing:
    def __del__(self):
        print("finalized")


atexit.register(print, "at exit")
kept = Closing()
sys.stdout.write("not flushed by the script\n")
try:
    sys.exit(3)
finally:
    print("finally")
