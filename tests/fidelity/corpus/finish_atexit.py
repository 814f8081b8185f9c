import atexit, sys


def say(*what):
    print("exit", *what, sys.modules["__main__"].value, sys.exc_info())


value = 1
atexit.register(say, 1)
atexit.register(say, 2)
atexit.unregister(print)
handle = atexit.register(lambda: (say(3), atexit.register(say, "late")))
value = 2
print(atexit._ncallbacks())
