#: exit 1
#: stderr MemoryError
def f():
    return b"x" * (2**31 - 100)


f()
