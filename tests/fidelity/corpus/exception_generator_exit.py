#: exit 1
#: stderr GeneratorExit: outside
def numbers():
    try:
        yield 1
        yield 2
    except GeneratorExit:
        print("closed")
        raise
    finally:
        print("finally")


g = numbers()
next(g)
g.close()
h = numbers()
next(h)
del h
raise GeneratorExit("outside")
