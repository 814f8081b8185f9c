import sys

for size in (1 << 30, (1 << 31) - 100):
    try:
        bytearray(size)
    except MemoryError as error:
        print(repr(error))
kept = []
try:
    while True:
        kept.append(bytearray(64 << 20))
except MemoryError:
    count = len(kept)
    kept.clear()
print(10 < count <= 16)
try:
    "x" * sys.maxsize
except MemoryError as error:
    print(repr(error))
