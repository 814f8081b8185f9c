# Not a byte is left when it ends.
import atexit

atexit.register(print, "at exit")
kept = []
size = 64 << 20
while size >= 16:
    try:
        kept.append(bytes(size))
    except MemoryError:
        size //= 2
