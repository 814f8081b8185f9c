#: stdin "0123456789"
import os, select, sys

print(os.fstat(0).st_size, os.isatty(0), os.read(0, 4))
with open(0, "rb", buffering=0, closefd=False) as stream:
    print(stream.read(3))
print(sys.stdin.read(2), sys.stdin.buffer.raw.read(9))
