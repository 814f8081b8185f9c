#: exhausted
# Each iterator asks the one below it, by calls of C that CPython does not count.
iterator = iter([1])
for _ in range(1_000_000):
    iterator = filter(None, iterator)
print("lost")
next(iterator)
