#: exit 1
#: stderr ValueError: I/O operation on closed file.
import sys

sys.stdout.close()
print("after")
