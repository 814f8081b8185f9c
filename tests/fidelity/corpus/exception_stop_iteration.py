#: exit 1
#: stderr RuntimeError: generator raised StopIteration
def g():
    yield next(iter(()))


list(g())
