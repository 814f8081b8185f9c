#: exit 2
import sys

print(exit, quit, sys.stdin.closed)
try:
    exit(1)
except SystemExit as error:
    print(repr(error), sys.stdin.closed)
quit(2)
