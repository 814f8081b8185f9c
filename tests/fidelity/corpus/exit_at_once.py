#: exit 3
import atexit, os, sys

atexit.register(print, "never")
print("lost in the buffer")
print("flushed", flush=True)
print("lost too")
os._exit(3)
