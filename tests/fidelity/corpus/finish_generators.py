#: stderr RuntimeWarning: Enable tracemalloc to get the object allocation traceback
def numbers(name):
    try:
        yield 1
    finally:
        print("closing", name)


async def never():
    pass


a = numbers("a")
next(a)
unstarted = numbers("unstarted")
never()
b = [numbers("b")]
next(b[0])
